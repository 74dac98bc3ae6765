"""The program imports as Python does."""

import subprocess
import sys

_PROGRAM = """
import builtins, linecache
import PySide6.QtCore
from desktop.base.imports import stop_watching_imports
if {stops}:
    stop_watching_imports()
linecache.clearcache()
import wave
print(len(linecache.cache))
"""


def _sources_kept(*, stops: bool) -> int:
    program = _PROGRAM.format(stops=stops)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(told.stdout)


def test_the_sources_of_modules_are_not_read() -> None:
    # The other way round it is what this is there for; where PySide6 has given it up, it can go.
    assert _sources_kept(stops=False) > 0
    assert _sources_kept(stops=True) == 0


def test_nothing_happens_where_python_imports_itself() -> None:
    program = "from desktop.base.imports import stop_watching_imports as s; s(); import wave"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
