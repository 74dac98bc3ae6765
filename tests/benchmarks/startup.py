"""How long until the window is painted, and what it weighs then."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, alternately, measures

ROOT = Path(__file__).resolve().parents[2]

# Both sides are timed by the same code: a thread waits for the application object and watches for the first
# paint event of a top-level window.
_WATCH = """
import sys, threading, time
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
def watch():
    class Eye(QObject):
        begin = Signal()
        def open(self):
            QCoreApplication.instance().installEventFilter(self)
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and getattr(watched, "isWindow", bool)():
                QCoreApplication.instance().removeEventFilter(self)
                sys.stdout.write(f"{time.monotonic()}\\n")
                sys.stdout.flush()
            return False
    while QCoreApplication.instance() is None:
        time.sleep(0.0005)
    global eye
    eye = Eye()
    eye.moveToThread(QCoreApplication.instance().thread())
    eye.begin.connect(eye.open)
    eye.begin.emit()
threading.Thread(target=watch, daemon=True).start()
"""
_WEIR = _WATCH + "from desktop.__main__ import main\nmain()\n"
_EMPTY = (
    _WATCH
    + """
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.resize(1240, 820)
window.show()
application.exec()
"""
)


def _first_paint(code: str) -> float:
    """Return the milliseconds from the start of a process to its first painted window."""
    with tempfile.TemporaryDirectory(prefix="weir-start-") as folder:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "WEIR_DATA_DIR": folder},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
        finally:
            process.kill()
            process.communicate()
    return (float(line) - started) * 1000


@measures("startup.paint")
def paint() -> Figure:
    """Measure process start to first painted window, against an empty window."""
    ours, floor = alternately(9, lambda: _first_paint(_WEIR), lambda: _first_paint(_EMPTY))
    return Figure("startup.paint", ours / floor, 2.0, {"weir_ms": ours, "empty_window_ms": floor})
