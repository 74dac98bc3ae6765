"""`weir import` and `weir export`, and the same by the window: dialogs, menu, notices, settings."""

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support import exports

ROOT = Path(__file__).parents[2]


def weir(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_export_goes_in_once_and_out_in_every_form(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    archive = exports.chatgpt_zip(tmp_path / "g.zip", 12)
    first = weir("import", str(archive), *data)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("12 conversations came in from ChatGPT")
    assert "12 were here already" in weir("import", str(archive), *data).stdout

    out = tmp_path / "all.json"
    assert weir("export", str(out), *data).returncode == 0
    elsewhere = ("--data-dir", str(tmp_path / "other"))
    assert weir("import", str(out), *elsewhere).stdout.startswith("12 conversations came in from Weir")
    assert weir("export", str(tmp_path / "again.json"), *elsewhere).returncode == 0
    assert (tmp_path / "again.json").read_bytes() == out.read_bytes()

    made = weir("export", str(tmp_path / "pages.zip"), "--format", "pdf", *data)
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(tmp_path / "pages.zip") as pages:
        assert len(pages.namelist()) == 12
        assert all(pages.read(name).startswith(b"%PDF-") for name in pages.namelist())


def test_what_can_not_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    for arguments, status in (
        (("import", str(tmp_path / "none.zip")), 1),
        (("import", __file__), 1),
        (("export", str(tmp_path / "none" / "a.json")), 1),
        (("export", str(tmp_path / "a.zip")), 2),
    ):
        ended = weir(*arguments, *data)
        assert (ended.returncode, ended.stdout) == (status, "")
        assert ended.stderr.endswith(".\n"), ended.stderr
        assert ended.stderr.count("\n") == 1


def test_a_copy_of_a_history_can_be_brought_in(tmp_path: Path) -> None:
    weir("import", str(exports.chatgpt_zip(tmp_path / "g.zip", 5)), "--data-dir", str(tmp_path / "data"))
    ended = weir("import", str(tmp_path / "data" / "history.db"), "--data-dir", str(tmp_path / "other"))
    assert ended.stdout.startswith("5 conversations came in from Weir"), ended.stderr
    assert [file.name for file in (tmp_path / "other").glob(".recovery-*")] == []
