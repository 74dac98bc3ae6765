"""Wishes: what starts of the program, the desktop and the tray ask for, done in the windows."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop.domain.wish import Wish, WishKind
from desktop.ui.forward import insist
from desktop.ui.window import MainWindow

if TYPE_CHECKING:
    from desktop.ui.quick.window import QuickWindow

ARCHIVE_ENDINGS = frozenset({".weir", ".json", ".zip", ".db"})
MODEL_ENDING = ".gguf"


class _Windows(Protocol):
    @property
    def all(self) -> tuple[MainWindow, ...]: ...

    def front(self) -> MainWindow: ...

    def new(self) -> MainWindow: ...

    def show(self, conversation_id: str, message_id: str = "") -> MainWindow: ...

    def quit(self) -> None: ...


def use_token(token: str) -> None:
    """Let the next window that comes forward do so by a token of whoever asked for it.

    Qt takes an activation token from the environment (xdg-activation); on X11 a window manager decides.
    """
    if token and QGuiApplication.platformName().startswith("wayland"):
        os.environ["XDG_ACTIVATION_TOKEN"] = token


class Wishes(QObject):
    """Does what is wished, and knows when nothing is left on the screen.

    `make_quick` makes the quick window when it is first wanted. The program ends when the last window is
    closed, unless `keeps_running` says that it stays without one.
    """

    def __init__(
        self,
        windows: _Windows,
        make_quick: "Callable[[], QuickWindow]",
        import_file: Callable[[Path], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._windows = windows
        self._make_quick = make_quick
        self._import_file = import_file
        self._quick: QuickWindow | None = None
        self.keeps_running: Callable[[], bool] = lambda: False
        self.before_shown: Callable[[], object] | None = None
        """Called once, before a main window is shown for the first time, where none was at the start."""

    @property
    def quick(self) -> "QuickWindow":
        """The quick window, made when it is first wanted."""
        if self._quick is None:
            self._quick = self._make_quick()
            self._quick.opened_in_weir.connect(self.show_conversation)
            self._quick.endpoint_wanted.connect(self._on_endpoint_wanted)
            self._quick.put_away.connect(self.look)
        return self._quick

    @property
    def is_anything_shown(self) -> bool:
        """Whether a window is on the screen, minimised or not."""
        if self._quick is not None and self._quick.isVisible():
            return True
        return any(window.window().isVisible() for window in self._windows.all)

    def do(self, wish: Wish) -> None:
        """Do what is wished."""
        use_token(wish.token)
        match wish.kind:
            case WishKind.QUICK:
                self.quick.come_up(wish.text, sends=wish.sends)
                insist(self.quick)
            case WishKind.OPEN:
                self.open_files(wish.files)
            case WishKind.NEW_WINDOW:
                self._prepare()
                insist(self._windows.new().window())
            case WishKind.NEW_CONVERSATION:
                self.start_new(wish.text)
            case _:
                self.show_window()

    def show_window(self) -> MainWindow:
        """Bring the window that was used last forward, and return it."""
        self._prepare()
        window = self._windows.front()
        window.come_forward()
        insist(window.window())
        return window

    def start_new(self, text: str = "") -> None:
        """Put an empty conversation on screen, with a text where it is written."""
        window = self.show_window()
        window.start_new()
        if text:
            window.page.composer.set_text(text)

    def show_conversation(self, conversation_id: str, message_id: str = "") -> None:
        """Bring the window with a conversation forward."""
        self._prepare()
        insist(self._windows.show(conversation_id, message_id).window())

    def open_files(self, files: tuple[str, ...]) -> None:
        """Offer what can be done with files: a model is used, an archive is read, once the user says so."""
        window = self.show_window()
        for file in map(Path, files):
            ending = file.suffix.lower()
            if ending == MODEL_ENDING:
                window.settings.show_local()
                window.settings.local.show_file(str(file))
            elif ending in ARCHIVE_ENDINGS:
                self._offer_import(window, file)
            else:
                words = self.tr(
                    "Weir can't open “{name}”. "
                    "It opens models (.gguf) and archives (.zip, .json, .weir, .db)."
                )
                key = f"open {file}"
                window.notices.show_notice(key, words.format(name=file.name), tone="warn")

    def _prepare(self) -> None:
        prepare, self.before_shown = self.before_shown, None
        if prepare is not None:
            prepare()

    def stays(self) -> bool:
        """Whether the program goes on when the last main window is closed."""
        return self.keeps_running() or (self._quick is not None and self._quick.isVisible())

    def look(self) -> None:
        """End the program if nothing is left on the screen and nothing keeps it running."""
        if not self.is_anything_shown and not self.keeps_running():
            self._windows.quit()

    def close(self) -> None:
        """Take the quick window off the screen, at the program's end."""
        quick, self._quick = self._quick, None
        if quick is not None:
            quick.release()
            quick.hide()
            quick.deleteLater()

    def _offer_import(self, window: MainWindow, file: Path) -> None:
        key = f"open {file}"
        words = self.tr("Read the conversations in “{name}” into your history? What is there stays as it is.")
        window.notices.show_notice(
            key,
            words.format(name=file.name),
            action=self.tr("Import"),
            do=partial(self._import_file, file),
        )

    def _on_endpoint_wanted(self) -> None:
        self.show_window().settings.show_new_endpoint()
