"""The order of a start: the window is on screen first, then what fills it is imported and built.

Imports little, because everything imported here is waited for before the first frame.
"""

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtWidgets import QApplication

from desktop.base.imports import import_asyncio_without_tls
from desktop.base.paths import Paths
from desktop.domain.wish import Wish, WishKind
from desktop.store.preferences import PreferencesFile
from desktop.ui.doorbell import Doorbell, ring
from desktop.ui.language import Language, users_language
from desktop.ui.preferences import LANGUAGE, Preferences
from desktop.ui.shell import Shell
from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.app import Core
    from desktop.ui.window import MainWindow

logger = logging.getLogger(__name__)

OnBuilt = Callable[["Core", "MainWindow"], None]
"""What is to be done once the program stands behind the window."""

APP_ID = "chat.weir.Weir"


def run_window(paths: Paths, on_built: OnBuilt | None = None, wish: Wish | None = None) -> int:
    """Show the window and run until it is closed; return the exit status.

    A Weir that uses the same folder already should have been asked before; see `desktop.base.bell`. With a
    quick question the window is not shown until it is asked for.
    """
    wish = wish or Wish()
    # Said before there is an application, lest Qt loads the desktop's own style first.
    QApplication.setStyle("fusion")
    application = _application()
    application.setApplicationName("Weir")
    application.setDesktopFileName(APP_ID)
    # Closing the last window must not end the loop before what had come is stored.
    application.setQuitOnLastWindowClosed(False)
    preferences = PreferencesFile(paths.preferences)
    preferences.read()
    language = Language(users_language(preferences.get(LANGUAGE, "")))
    language.put_in_force(application)
    theme = Theme()
    shell = Shell(theme, Preferences(preferences.get, preferences.put))
    if wish.kind is not WishKind.QUICK:
        shell.show_at_once()
    doorbell: Doorbell | None = None
    try:
        # Another start may have been faster while the first frame was made.
        if shell.is_closed or ring(paths.data, wish):
            return 0
        doorbell = Doorbell(paths.data)
        return _fill(application, paths, preferences, theme, shell, on_built, wish, doorbell)
    finally:
        if doorbell is not None:
            doorbell.close()
            shiboken6.delete(doorbell)
        # While there is still an application: what is left for the interpreter's end goes in any order.
        shiboken6.delete(shell)


def _application() -> QApplication:
    if sys.platform == "darwin":
        from desktop.ui.outside.mac import MacApplication

        return MacApplication(sys.argv[:1])
    # Under X11 that is the name by which docks and task bars find the desktop file.
    return QApplication([APP_ID])


def _fill(
    application: QApplication,
    paths: Paths,
    preferences: PreferencesFile,
    theme: Theme,
    shell: Shell,
    on_built: OnBuilt | None,
    wish: Wish,
    doorbell: Doorbell,
) -> int:
    """Build the program behind the window and run it. A failure ends it with one line and a log entry."""
    from desktop import __version__
    from desktop.base.crash import CrashWatch
    from desktop.base.log import redact, start_log

    try:
        paths.create()
        handler = start_log(paths.log_file)
    except OSError as error:
        _say(f"Weir can't write to its folder {error.filename}: {error.strerror}.")
        return 1
    watch = CrashWatch(paths.crashes)
    report = watch.start(__version__)
    _log_the_uncaught(watch.note)
    try:
        import_asyncio_without_tls()
        from desktop.app import run

        return run(application, paths, preferences, theme, shell, report, on_built, wish, doorbell)
    except Exception as error:
        logger.critical("Weir had to end", exc_info=True)
        watch.note(error)
        _say(redact(f"Weir had to end: {_line_about(error)} The log says more: {paths.log_file}"))
        return 1
    finally:
        watch.stop()
        logging.getLogger().removeHandler(handler)
        handler.close()


def _line_about(error: Exception) -> str:
    if isinstance(error, ImportError):
        from desktop.base.system import explain_import_error

        line = explain_import_error(error)
        if line is not None:
            return f"{line}."
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}." if words else f"{type(error).__name__}."


def _say(line: str) -> None:
    # There is no standard error where a desktop starts the program without a terminal on Windows.
    if sys.stderr is not None:
        sys.stderr.write(f"{line}\n")


def _log_the_uncaught(note: Callable[[BaseException], None]) -> None:
    """Send what no code catches, in any thread, to the log and to the report of this run."""

    def on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.error("an exception was not caught", exc_info=(kind, error, trace))
        note(error)

    def on_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    sys.excepthook = on_exception
    threading.excepthook = on_thread
