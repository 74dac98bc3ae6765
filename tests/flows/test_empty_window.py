"""What a window that nobody writes in yet holds in memory, and what it gets once somebody does."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.program import ROOT

# Looks at what is loaded when a start is over, then writes a letter and looks again. Nothing of the program
# is imported before the program does it.
_LOOKS = """
import json, sys
from pathlib import Path
from desktop.base import memory
from desktop.base.paths import user_paths
from desktop.cli import _open_window

data, *names = sys.argv[1:]
freed = []
gives_back = memory.give_back
memory.give_back = lambda: freed.append(gives_back())

def look(*more):
    print(json.dumps([[name for name in names if name in sys.modules], *more]), flush=True)

def on_built(core, window):
    from PySide6.QtCore import QTimer
    from desktop.ui.warm_up import WarmUp

    imported = WarmUp._on_imported

    def on_imported(warm_up):
        imported(warm_up)
        look(window.page._timeline is not None)
        window.close_window()

    def write():
        if not freed:
            QTimer.singleShot(100, window, write)
            return
        look()
        window.page.composer.edit.insertPlainText("h")

    WarmUp._on_imported = on_imported
    write()

sys.exit(_open_window(user_paths(Path(data)), on_built))
"""
TRANSCRIPT = "desktop.ui.timeline.view"
# The keyring's, the network's, the settings' and the transcript's.
LATE = (
    *("keyring", "secretstorage", "cryptography", "jeepney"),
    *("ssl", "_hashlib", "httpx", "truststore", "desktop.wire.client", "PySide6.QtNetwork", "PySide6.QtDBus"),
    *("tomlkit", "pygments", "ijson", "desktop.ui.settings.window"),
    TRANSCRIPT,
)


def test_an_empty_window_holds_nothing_of_what_comes_later(tmp_path: Path) -> None:
    program = [sys.executable, "-c", _LOOKS, str(tmp_path / "weir"), *LATE]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    (empty,), (written, has_transcript) = (json.loads(line) for line in ended.stdout.splitlines())
    assert empty == []
    # The transcript is there before anything can be sent.
    assert TRANSCRIPT in written
    assert has_transcript
