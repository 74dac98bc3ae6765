"""The window on a loopback server, its plain counterpart, and what tells when they were painted."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from qasync import QEventLoop

from desktop.domain.endpoint import Endpoint, ModelRef
from tests.support.stage import Stage

SIZE = (900, 800)


def reply_pieces(count: int, seed: int = 1) -> list[str]:
    """Return a reply as a model would write it, cut into `count` pieces of a token's size."""
    chance = random.Random(seed)
    words = ["the", "river", "flows", "over", "a", "low", "dam", "and", "keeps", "its", "level", "while"]

    def sentence() -> str:
        text = " ".join(chance.choice(words) for _ in range(chance.randint(6, 18)))
        return text.capitalize() + ". "

    def paragraph() -> str:
        return "".join(sentence() for _ in range(chance.randint(2, 5))) + "\n\n"

    def section(number: int) -> str:
        code = "\n".join(
            f"    total += weigh(item_{line}, scale={line * 3})  # {sentence()}" for line in range(9)
        )
        items = "\n".join(f"- **{chance.choice(words)}**: {sentence()}" for _ in range(5))
        listing = f"```python\ndef part_{number}():\n{code}\n```"
        return f"## Part {number}\n\n{paragraph()}{items}\n\n{listing}\n\n{paragraph()}"

    pieces: list[str] = []
    number = 0
    while len(pieces) < count:
        number += 1
        text = section(number)
        while text and len(pieces) < count:
            size = chance.randint(2, 6)
            pieces.append(text[:size])
            text = text[size:]
    return pieces


class PaintWatch(QObject):
    """Emits `painted` once a widget's paint event has been handled and what was painted is flushed."""

    painted = Signal()
    _DONE = QEvent.Type(QEvent.registerEventType())

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask to be called when control is back in the event loop, before anything else is painted."""
        if event.type() == QEvent.Type.Paint:
            QCoreApplication.postEvent(self, QEvent(self._DONE), Qt.EventPriority.HighEventPriority.value)
        return False

    def event(self, event: QEvent) -> bool:
        """Emit."""
        if event.type() == self._DONE:
            self.painted.emit()
            return True
        return super().event(event)

    def look(self) -> None:
        """Emit now if there was a paint: one that is over within a step need not wait for the step's end."""
        QCoreApplication.sendPostedEvents(self, self._DONE.value)

    async def wait(self) -> float:
        """Wait for the next paint and return the monotonic time after it, in seconds."""
        done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def on_painted() -> None:
            if not done.done():
                done.set_result(time.monotonic())

        self.painted.connect(on_painted)
        try:
            return await done
        finally:
            self.painted.disconnect(on_painted)


async def open_stage(folder: Path, base_url: str) -> Stage:
    """Return a settled window with an endpoint at `base_url` chosen."""
    stage = Stage.open(folder, size=SIZE)
    await stage.core.endpoints.read()
    stage.core.endpoints.add(Endpoint(id="loop", name="Loopback", base_url=base_url, models=("alpha",)))
    stage.core.endpoints.choose(ModelRef("loop", "alpha"))
    await asyncio.sleep(0.5)
    return stage


def plain_window() -> QPlainTextEdit:
    """Return an empty, shown window that is a plain text view, as large as the transcript."""
    edit = QPlainTextEdit()
    edit.setReadOnly(True)
    edit.setUndoRedoEnabled(False)
    edit.resize(*SIZE)
    edit.show()
    return edit


def insert(edit: QPlainTextEdit, text: str) -> None:
    """Add text at the end, keep the end in view, and repaint the whole viewport."""
    cursor = edit.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText(text)
    bar = edit.verticalScrollBar()
    bar.setValue(bar.maximum())
    edit.viewport().repaint()


def on_qt_loop(main: Callable[[Path], Awaitable[Any]]) -> Any:
    """Run a coroutine on Qt's event loop with a folder of its own, and return what it returns."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    application.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    try:
        with tempfile.TemporaryDirectory(prefix="weir-stage-") as folder:
            return loop.run_until_complete(main(Path(folder)))
    finally:
        loop.close()
        asyncio.set_event_loop(None)
