"""A run that falls leaves a report; one that ends in order, or is killed from outside, leaves none."""

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.base.crash import KEPT_REPORTS, RUNNING, CrashWatch, reports

_RUN = """
import ctypes, os, sys
from pathlib import Path
from desktop.base.crash import CrashWatch
watch = CrashWatch(Path(sys.argv[1]))
watch.start("9.9")
def inner():
    {what}
inner()
watch.stop()
"""


@pytest.fixture(autouse=True)
def _faulthandler() -> Iterator[None]:
    """The tests' own stays as it was."""
    was_enabled = faulthandler.is_enabled()
    yield
    if was_enabled:
        faulthandler.enable(sys.__stderr__ or 2)


def run(folder: Path, what: str) -> int:
    return subprocess.run(
        [sys.executable, "-c", _RUN.format(what=what), str(folder)],
        check=False,
        capture_output=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ).returncode


def next_start(folder: Path) -> Path | None:
    watch = CrashWatch(folder)
    report = watch.start("9.9")
    watch.stop()
    return report


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
@pytest.mark.parametrize(
    ("what", "number"), [("ctypes.string_at(0)", signal.SIGSEGV), ("os.abort()", signal.SIGABRT)]
)
def test_a_fault_of_the_process_leaves_its_stack(tmp_path: Path, what: str, number: int):
    assert run(tmp_path, what) == -number
    report = next_start(tmp_path)
    assert report is not None
    text = report.read_text(encoding="utf-8")
    assert "Weir 9.9, Python 3" in text
    assert "nothing was sent" in text
    assert "in inner" in text
    assert report.stat().st_mode & 0o077 == 0
    assert next_start(tmp_path) is None, "a report is offered once"
    assert reports(tmp_path) == [report]


def test_an_end_in_order_leaves_nothing(tmp_path: Path):
    assert run(tmp_path, "pass") == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_a_run_killed_from_outside_is_no_crash(tmp_path: Path):
    assert run(tmp_path, "os.kill(os.getpid(), 9)") == -signal.SIGKILL
    assert (tmp_path / RUNNING).exists()
    assert next_start(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_exception_that_ends_the_program_is_kept_without_keys(tmp_path: Path):
    watch = CrashWatch(tmp_path)
    assert watch.start("9.9") is None
    try:
        raise RuntimeError("no answer for sk-abcdefgh01234567")
    except RuntimeError as error:
        watch.note(error)
    watch.stop()
    report = next_start(tmp_path)
    assert report is not None
    text = report.read_text(encoding="utf-8")
    assert "RuntimeError: no answer for •••" in text
    assert "abcdefgh" not in text


def test_only_the_newest_reports_stay(tmp_path: Path):
    for number in range(KEPT_REPORTS + 3):
        (tmp_path / f"crash-20260101-00000{number}.txt").write_text("old", encoding="utf-8")
    watch = CrashWatch(tmp_path)
    watch.start("9.9")
    watch.note(RuntimeError("new"))
    watch.stop()
    newest = next_start(tmp_path)
    assert reports(tmp_path)[0] == newest
    assert len(reports(tmp_path)) == KEPT_REPORTS


def test_a_folder_that_cannot_be_written_stops_no_start(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    watch = CrashWatch(tmp_path / "file")
    assert watch.start("9.9") is None
    watch.note(RuntimeError("x"))
    watch.stop()
