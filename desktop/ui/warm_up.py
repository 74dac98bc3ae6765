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
    """Imports and runs `prepare` on a thread once a prompt is being written or a conversation is open.

    Not before: a window that nobody writes in need not hold a transcript and an HTTP client in memory.
    """

    _imported = Signal()

    def __init__(self, window: MainWindow, desk: Desk, prepare: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._prepare = prepare
        self._has_begun = False
        self._is_closed = False
        # An end may come while the thread imports; nothing may be emitted after it.
        self._closing = threading.Lock()
        self._imported.connect(self._on_imported)
        window.page.composer.text_changed.connect(self._begin)
        desk.current_changed.connect(self._on_current)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_shown)
        self._timer.start(_AFTER_MS)

    def close(self) -> None:
        """Begin nothing any more."""
        with self._closing:
            self._has_begun = self._is_closed = True
        self._timer.stop()

    def _on_shown(self) -> None:
        # Written before the window was filled, or kept from the last time.
        if self._window.page.composer.text():
            self._begin()
        self._on_current()

    def _on_current(self) -> None:
        if not self._desk.current.is_empty:
            self._begin()

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            # Importing all of it takes longer than a frame.
            threading.Thread(target=self._run, name="weir-warm-up", daemon=True).start()

    def _run(self) -> None:
        importlib.import_module(_TRANSCRIPT)
        with self._closing:
            if self._is_closed:
                return
            self._imported.emit()
        self._prepare()
        from desktop.chat import retries
        from desktop.markup.code import lexer_for

        retries.prepare()
        for language in _LANGUAGES:
            lexer_for(language)

    def _on_imported(self) -> None:
        if not self._is_closed:
            self._window.prepare()
