"""The two commands of the README and what they do before anything is installed."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN = ROOT / "packaging" / "run.py"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"weir_packaging_{name}", RUN.with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", list(sys.path))
    return _load("run")


def test_the_readme_starts_with_exactly_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert [block.strip() for block in blocks[:2]] == [
        "python3 packaging/run.py",
        "python3 packaging/run.py tests",
    ]


def test_an_old_python_is_told_so(tmp_path: Path) -> None:
    code = (
        "import runpy, shutil, sys; sys.version_info = (3, 8, 10); shutil.which = lambda name: None;"
        f"runpy.run_path({str(RUN)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Weir needs Python 3.11 or newer; this is Python 3.8.10.")
    assert done.stderr.count("\n") == 1


def test_an_old_parser_can_read_it() -> None:
    import ast

    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_without_pip_it_says_what_to_install(run: ModuleType, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(python))
        patch.setattr(sys, "_base_executable", str(python))
        with pytest.raises(run.SetupError, match="has no pip"):
            run._install_uv()


def test_uv_that_runs_it_is_the_one_that_is_used(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "uv"
    program.write_text("#!/bin/sh\necho 'uv 0.13.8 (x)'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("UV", str(program))
    monkeypatch.setattr(run.shutil, "which", lambda _name: None)
    assert run.find_uv() == str(program)


@pytest.mark.parametrize(("told", "version"), [("uv 0.13.8 (x)", (0, 13)), ("nonsense", (0,))])
def test_the_version_of_uv_is_read(
    run: ModuleType, tmp_path: Path, told: str, version: tuple[int, ...]
) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho '{told}'\n", encoding="utf-8")
    program.chmod(0o755)
    assert run._uv_version(str(program)) == version


def test_uv_downloads_no_python_and_hears_of_pips_mirror(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.invalid/root")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    environment = run.uv_environment()
    assert environment["UV_PYTHON_DOWNLOADS"] == "never"
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.invalid/root"
    assert "VIRTUAL_ENV" not in environment


def test_the_users_own_setting_for_uv_wins(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.invalid/root")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.invalid/root")
    assert run.uv_environment()["UV_DEFAULT_INDEX"] == "https://own.invalid/root"


def test_missing_packages_without_root_are_one_line(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    if not run.shutil.which("dpkg-query"):
        pytest.skip("not Debian")
    monkeypatch.setattr(run, "TEST_PACKAGES", ("weir-ghost",))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(run.SetupError) as caught:
        run.install_system_packages(for_tests=True)
    assert str(caught.value) == (
        "System packages are missing: sudo apt-get install --no-install-recommends weir-ghost"
    )


def test_a_signal_ends_it_as_a_shell_would_say(run: ModuleType) -> None:
    assert run.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]) == 143


def test_new_pins_replace_the_old_ones_and_nothing_else() -> None:
    pins = _load("pins")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = 'constraint-dependencies = [\n    "a==1",\n]\nbuild-constraint-dependencies = [\n    "b==2",\n]\n'
    once = pins.replaced(text, block)
    assert pins.replaced(once, block) == once
    before, after = tomllib.loads(text), tomllib.loads(once)
    assert after["tool"]["uv"].pop("constraint-dependencies") == ["a==1"]
    assert after["tool"]["uv"].pop("build-constraint-dependencies") == ["b==2"]
    del before["tool"]["uv"]["constraint-dependencies"], before["tool"]["uv"]["build-constraint-dependencies"]
    assert before == after


def test_every_package_that_is_used_is_pinned() -> None:
    lock = ROOT / "uv.lock"
    if not lock.exists():
        pytest.skip("nothing was resolved here")
    used = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    pinned = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]
    names = {line.partition("==")[0] for line in pinned["constraint-dependencies"]}
    assert {package["name"] for package in used} - names == {"weir-chat"}


def test_tidy_notices_what_it_is_for(tmp_path: Path) -> None:
    tidy = _load("tidy")
    (tmp_path / "desktop").mkdir()
    (tmp_path / "desktop" / "long.py").write_text("x = 1\n" * 501, encoding="utf-8")
    host = "pypi" + ".org"
    (tmp_path / "a.md").write_text(f"see https://{host}/x\nin {tmp_path}/a\n", encoding="utf-8")
    (tmp_path / "desktop" / "task.py").write_text("loop.create_task(work())\n", encoding="utf-8")
    names = ("desktop/long.py", "a.md", "desktop/task.py")
    faults = [fault for name in names for fault in tidy.faults_of(tmp_path, name)]
    assert faults == [
        "desktop/long.py: 501 lines, more than 500",
        "a.md:1: names a package registry",
        "a.md:2: names the folder of this checkout",
        "desktop/task.py:1: starts a task without chat.tasks.TaskOwner",
    ]
