"""What keeps a window from opening is said in one line, before Qt aborts."""

import os
import subprocess
import sys

import pytest

from desktop.base import system

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is asked")

GHOST = system.Library("libweir-ghost.so.9", ("libweir-ghost9t64", "libweir-ghost9"), "weir-ghost")


def test_this_screen_will_do() -> None:
    assert system.obstacle_to_window() is None


def test_no_screen_names_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    line = system.obstacle_to_window()
    assert line is not None
    assert 'weir ask "…"' in line
    assert "\n" not in line


@pytest.mark.parametrize("platform", ["", "xcb"])
def test_a_screen_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setenv("DISPLAY", ":9999")
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert system.obstacle_to_window() == system.NO_SCREEN


def test_a_dead_wayland_beside_a_living_x_uses_x(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-99")
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    assert system.obstacle_to_window() is None
    assert os.environ["QT_QPA_PLATFORM"] == "xcb"


def test_offscreen_needs_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert system.obstacle_to_window() is None


def test_only_what_the_linker_misses_is_missing() -> None:
    assert system.missing_libraries((*system.CORE, *system.XCB, *system.ENGINE, GHOST)) == (GHOST,)


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ({"ubuntu", "debian"}, "sudo apt-get install libweir-ghost9"),
        ({"fedora"}, "sudo dnf install weir-ghost"),
        ({"arch"}, "libweir-ghost.so.9 (Fedora's names: weir-ghost)"),
    ],
)
def test_a_missing_library_names_its_package(
    monkeypatch: pytest.MonkeyPatch, family: set[str], expected: str
) -> None:
    monkeypatch.setattr(system, "CORE", (GHOST,))
    monkeypatch.setattr(system, "_distribution", lambda: frozenset(family))
    error = ImportError("libweir-ghost.so.9: cannot open shared object file: No such file or directory")
    line = system.explain_import_error(error)
    assert line is not None
    assert "libweir-ghost.so.9" in line
    assert expected in line
    assert "\n" not in line


def test_another_import_error_is_not_explained() -> None:
    assert system.explain_import_error(ImportError("No module named 'desktop.moved'")) is None


def test_the_program_says_it_and_ends_with_1() -> None:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DISPLAY", "QT_QPA_PLATFORM"}
    }
    done = subprocess.run(
        [sys.executable, "-m", "desktop"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"{system.NO_SCREEN}\n"
    assert done.stdout == ""


def test_nothing_of_qt_is_loaded_to_find_out() -> None:
    code = (
        "import sys; from desktop.base import system; system.obstacle_to_window();"
        "sys.exit(any(name.startswith(('PySide6', 'shiboken6')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
