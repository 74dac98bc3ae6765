"""WarmUp: what the first prompt and transcript need, made beside the window's thread in good time."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.chat import retries
from desktop.chat.desk import Desk
from desktop.markup.code import lexer_for
from desktop.ui.window import MainWindow

# The window is on screen and drawn by then.
_AFTER_MS = 300
# Making a lexer takes several frames; these are what most replies need.
_LANGUAGES = ("python", "bash", "javascript")


class WarmUp(QObject):
    """Runs `prepare` on a thread once a prompt is being written or a conversation is open.

    Not before: a window that nobody writes in need not hold an HTTP client in memory.
    """

    def __init__(self, window: MainWindow, desk: Desk, prepare: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._prepare = prepare
        self._has_begun = False
        window.page.composer.text_changed.connect(self._begin)
        desk.current_changed.connect(self._on_current)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_shown)
        self._timer.start(_AFTER_MS)

    def close(self) -> None:
        """Begin nothing any more."""
        self._has_begun = True
        self._timer.stop()

    def _on_shown(self) -> None:
        self._window.prepare()
        self._on_current()

    def _on_current(self) -> None:
        if not self._desk.current.is_empty:
            self._begin()

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            # Importing the HTTP client takes longer than a frame.
            threading.Thread(target=self._run, name="weir-warm-up", daemon=True).start()

    def _run(self) -> None:
        self._prepare()
        retries.prepare()
        for language in _LANGUAGES:
            lexer_for(language)
