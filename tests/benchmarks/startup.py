"""How long until the window is painted, and what it weighs then."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, alternately, measures, median

ROOT = Path(__file__).resolve().parents[2]

# Both sides are timed by the same code: a thread waits for the application object, watches for the first
# paint event of a top-level window, and then for that of what is put into it. The second line is written
# when that paint is over.
_WATCH = """
import sys, threading, time
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
def say():
    sys.stdout.write(f"{time.monotonic()}\\n")
    sys.stdout.flush()
def watch():
    class Eye(QObject):
        begin = Signal()
        window = None
        def open(self):
            QCoreApplication.instance().installEventFilter(self)
        def eventFilter(self, watched, event):
            kind = event.type()
            if kind == QEvent.Type.ChildAdded and watched is self.window:
                event.child().installEventFilter(self)
            elif kind == QEvent.Type.Paint and self.window is None:
                if getattr(watched, "isWindow", bool)():
                    self.window = watched
                    QCoreApplication.instance().removeEventFilter(self)
                    watched.installEventFilter(self)
                    say()
            elif kind == QEvent.Type.Paint and watched is not self.window:
                self.window.removeEventFilter(self)
                watched.removeEventFilter(self)
                QTimer.singleShot(0, say)
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
WEIR_PAINTS = _WATCH + "from desktop.__main__ import main\nmain()\n"
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


def paints(code: str, count: int, data: str = "") -> list[float]:
    """Return the milliseconds from the start of a process to each of its first paints.

    The program's data is in the folder `data`, or in one that is new and empty.
    """
    with tempfile.TemporaryDirectory(prefix="weir-start-") as folder:
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "WEIR_DATA_DIR": data or folder},
        )
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(count)]
        finally:
            process.kill()
            process.communicate()
    return [(float(line) - started) * 1000 for line in lines]


@measures("startup.paint")
def paint() -> Figure:
    """Measure process start to first painted window, against an empty window.

    `ready_ms` is when all that the window holds has been painted too.
    """
    ready: list[float] = []

    def weir() -> float:
        first, whole = paints(WEIR_PAINTS, 2)
        ready.append(whole)
        return first

    ours, floor = alternately(9, weir, lambda: paints(_EMPTY, 1)[0])
    detail = {"weir_ms": ours, "empty_window_ms": floor, "ready_ms": median(ready[1:])}
    return Figure("startup.paint", ours / floor, 2.0, detail)
