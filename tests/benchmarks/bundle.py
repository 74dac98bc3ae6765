"""The bundle: how large it is, how soon its window is there, and what it weighs in memory.

Measured against the smallest PySide6 bundle that shows an empty window, built in the same run
(packaging/hello.spec). WEIR_BUNDLE names a bundle that is there already.
"""

import asyncio
import functools
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.benchmarks.figures import Figure, alternately, measures, median
from tests.support.bundle import ROOT, built_bundle, shown_window, xdo

CONVERSATIONS = 200
_SETTLE_S = 3.0
_DEADLINE_S = 60.0


@functools.cache
def _weir() -> Path:
    return built_bundle()


@functools.cache
def _hello() -> Path:
    """Build the smallest bundle of a window and return its folder."""
    build = ROOT / "build"
    python = build / "venv" / "bin" / "python"
    if not python.exists():
        # A bundle that was named was built elsewhere; its environment is made as for ours.
        subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; sys.path.insert(0, 'packaging')\nimport build\nbuild.make_environment()",
            ],
            cwd=ROOT,
            check=True,
        )
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(build / "hello"), "--workpath", str(build / "hello-work")]
    subprocess.run(
        [*command, str(ROOT / "packaging" / "hello.spec")],
        cwd=ROOT,
        env={**os.environ, "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0"},
        check=True,
        capture_output=True,
    )
    return build / "hello" / "hello"


@measures("bundle.size")
def size() -> Figure:
    """Measure the compressed archive without weights against that of an empty window."""
    ours, floor = _packed_mb(_weir()), _packed_mb(_hello())
    return Figure("bundle.size", ours / floor, 1.5, {"weir_mb": ours, "empty_window_mb": floor})


def _packed_mb(folder: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="weir-size-") as name:
        file = Path(name) / "packed.tar.xz"
        with tarfile.open(file, "w:xz", preset=6) as archive:
            archive.add(
                folder, "weir", filter=lambda item: None if item.name == "weir/_internal/models" else item
            )
        return round(file.stat().st_size / 1e6, 1)


@measures("bundle.start")
def start() -> Figure:
    """Measure process start to a window on the screen against the same program run from source."""
    source = [sys.executable, "-m", "desktop"]
    program = [str(_weir() / "weir")]
    ours, floor = alternately(7, lambda: _shows_ms(program), lambda: _shows_ms(source))
    return Figure("bundle.start", ours / floor, 1.5, {"bundle_ms": ours, "source_ms": floor})


def _shows_ms(command: list[str]) -> float:
    with tempfile.TemporaryDirectory(prefix="weir-start-") as data:
        began = time.monotonic()
        with _running(command, Path(data)) as process:
            _shown(process)
            return (time.monotonic() - began) * 1000


@measures("bundle.memory")
def memory() -> Figure:
    """Measure resident memory with an empty window against that of an empty PySide6 window.

    `grown` is what 200 conversations, opened in turn, make of the memory after the start; at most 1.3.
    """
    weir, hello = str(_weir() / "weir"), str(_hello() / "hello")
    ours, floor = alternately(3, lambda: _weight_mb([weir]), lambda: _weight_mb([hello]))
    before, after = _weights_over_conversations(weir)
    grown = after / before
    detail = {
        "weir_mb": ours,
        "empty_window_mb": floor,
        "after_start_mb": before,
        "after_200_conversations_mb": after,
        "grown": round(grown, 3),
    }
    return Figure("bundle.memory", ours / floor, 1.6, detail, also=grown <= 1.3)


def _weight_mb(command: list[str]) -> float:
    with tempfile.TemporaryDirectory(prefix="weir-memory-") as data, _running(command, Path(data)) as process:
        _shown(process)
        time.sleep(_SETTLE_S)
        return _resident_mb(process)


def _weights_over_conversations(program: str) -> tuple[float, float]:
    """Return the memory after a start with many conversations, and after each was opened by keys."""
    with tempfile.TemporaryDirectory(prefix="weir-memory-") as name:
        data = Path(name)
        asyncio.run(_fill(data))
        with _running([program], data) as process:
            window = _shown(process)
            time.sleep(_SETTLE_S)
            before = _resident_mb(process)
            xdo("windowfocus", "--sync", window)
            for number in range(CONVERSATIONS):
                # From the composer to the shelf: the field of the search, its button, then the list.
                xdo("key", "ctrl+shift+f", "Tab", "Tab", "Down" if number else "Home", "Return")
                time.sleep(0.1)
            time.sleep(_SETTLE_S)
            return before, _resident_mb(process)


async def _fill(data: Path) -> None:
    """Write conversations of ten messages each: prose, a list, code and a table."""
    from desktop.app import build_core
    from desktop.base.clock import now_ms
    from desktop.base.paths import user_paths
    from desktop.domain.message import Conversation, Message, Role, TextPart

    text = "Some *prose* about rivers and weirs. " * 12
    text += "\n\n- one\n- two\n\n```python\nprint('weir')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    core = build_core(user_paths(data))
    core.paths.create()
    for number in range(CONVERSATIONS):
        when, row = now_ms() - number, f"c{number}"
        title = f"Conversation {number}"
        await core.store.history.write_conversation(
            Conversation(id=row, title=title, created=when, updated=when)
        )
        parent = None
        for index in range(10):
            role = Role.ASSISTANT if index % 2 else Role.USER
            made = f"{row}m{index}"
            await core.store.history.write_message(
                Message(
                    id=made,
                    conversation_id=row,
                    parent_id=parent,
                    role=role,
                    parts=(TextPart(text),),
                    created=when + index,
                )
            )
            parent = made
    await core.close()


@contextmanager
def _running(command: list[str], data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {**os.environ, "WEIR_DATA_DIR": str(data)}
    # Both sides show their window on the same screen and without a desktop's portal.
    environment["QT_NO_XDG_DESKTOP_PORTAL"] = "1"
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _shown(process: "subprocess.Popen[bytes]") -> str:
    """Return the window of a process as soon as it is on the screen."""
    return _first(lambda: shown_window(process.pid))


def _first(look: Callable[[], str]) -> str:
    end = time.monotonic() + _DEADLINE_S
    while not (found := look()):
        if time.monotonic() > end:
            raise TimeoutError("no window came")
    return found


def _resident_mb(process: "subprocess.Popen[bytes]") -> float:
    """Return the resident memory, the median of a few looks."""
    looks = [psutil.Process(process.pid).memory_info().rss / 1e6 for _ in range(5)]
    return round(median(looks), 1)
