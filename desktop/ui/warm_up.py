"""WarmUp: what the first prompt and transcript need, made in good time beside the window's thread."""

import importlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.chat.desk import Desk
from desktop.ui.window import MainWindow

# The window is on screen and drawn by then.
_AFTER_MS = 300
_TRANSCRIPT = "desktop.ui.timeline.view"
# Making a lexer takes several frames; these are what most replies need.
_LANGUAGES = ("python", "bash", "javascript")


class WarmUp(QObject):
    """Gets a transcript ready on a thread once there is something to read, and `prepare` for a prompt.

    Not before: a window that nobody writes in need not hold an HTTP client in memory.
    """

    _imported = Signal()

    def __init__(self, window: MainWindow, desk: Desk, prepare: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._prepare = prepare
        self._begun: set[Callable[[], None]] = set()
        self._is_closed = False
        # An end may come while the thread imports; nothing may be emitted after it.
        self._closing = threading.Lock()
        self._imported.connect(self._on_imported)
        window.page.composer.text_changed.connect(self._on_written)
        desk.current_changed.connect(self._on_current)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_shown)
        self._timer.start(_AFTER_MS)

    def close(self) -> None:
        """Begin nothing any more."""
        with self._closing:
            self._is_closed = True
        self._timer.stop()

    def _on_shown(self) -> None:
        # Written before the window was filled, or kept from the last time.
        self._on_written()
        self._on_current()

    def _on_written(self) -> None:
        # Another conversation on the screen is told of as a change too.
        if self._window.page.composer.text():
            self._begin(self._make_transcript, self._make_client)

    def _on_current(self) -> None:
        if not self._desk.current.is_empty:
            self._begin(self._make_transcript)

    def _begin(self, *parts: Callable[[], None]) -> None:
        new = tuple(part for part in parts if part not in self._begun)
        if new and not self._is_closed:
            self._begun.update(new)
            # Importing any of it takes longer than a frame.
            threading.Thread(target=self._run, args=new, name="weir-warm-up", daemon=True).start()

    def _run(self, *parts: Callable[[], None]) -> None:
        for part in parts:
            if not self._is_closed:
                part()

    def _make_transcript(self) -> None:
        importlib.import_module(_TRANSCRIPT)
        with self._closing:
            if self._is_closed:
                return
            self._imported.emit()
        from desktop.markup.code import lexer_for

        for language in _LANGUAGES:
            lexer_for(language)

    def _make_client(self) -> None:
        from desktop.chat import retries

        self._prepare()
        retries.prepare()

    def _on_imported(self) -> None:
        if not self._is_closed:
            self._window.prepare()
