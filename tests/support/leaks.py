"""A thread, running timer or animation, or window left behind fails a test and says where it began.

Tasks are watched by `tests.support.loops`.
"""

import gc
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QAbstractAnimation, QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

THREAD_SECONDS = 2.0
"""How long a thread that was told to end may take."""

# Qt's own pop-ups, which it keeps for the next use.
_KEPT_BY_QT = frozenset({"QTipLabel", "QComboBoxPrivateContainer", "QWhatsThat", "QShapedPixmapWidget"})

_births: dict[int, tuple["weakref.ref[Any]", str]] = {}


def _stack() -> str:
    return "".join(traceback.format_stack(limit=10)[:-2])


def _remember(thing: Any) -> None:
    key = id(thing)
    _births[key] = (weakref.ref(thing, lambda _: _births.pop(key, None)), _stack())


def _watch(owner: type, name: str) -> None:
    """Let a method of a Qt or Python class note the stack of its caller."""
    original = getattr(owner, name)

    def noting(self: Any, *args: Any, **options: Any) -> Any:
        _remember(self)
        return original(self, *args, **options)

    noting.__name__ = name
    setattr(owner, name, noting)


def pytest_configure() -> None:
    _watch(threading.Thread, "start")
    _watch(QTimer, "start")
    _watch(QAbstractAnimation, "start")
    for name in ("show", "setVisible"):
        _watch(QWidget, name)


def birthplace(thing: Any) -> str:
    """Return the stack that started or first showed a thing."""
    return _births[id(thing)][1] if id(thing) in _births else "(not seen)\n"


def _threads() -> list[threading.Thread]:
    # A dummy stands for a thread that Python did not start and stays listed after it ended.
    return [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]


def _left_threads(before: list[threading.Thread]) -> list[threading.Thread]:
    deadline = time.monotonic() + THREAD_SECONDS
    left = [thread for thread in _threads() if thread not in before]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread for thread in left if thread.is_alive()]


def _running() -> list[Any]:
    """Return the live timers and animations that run."""
    found = []
    for reference, _ in list(_births.values()):
        thing = reference()
        if thing is not None and shiboken6.isValid(thing) and _is_running(thing):
            found.append(thing)
    return found


def _is_running(thing: Any) -> bool:
    if isinstance(thing, QTimer):
        return thing.isActive()
    return isinstance(thing, QAbstractAnimation) and thing.state() == QAbstractAnimation.State.Running


def _windows() -> list[QWidget]:
    if not isinstance(QCoreApplication.instance(), QApplication):
        return []
    return [window for window in QApplication.topLevelWidgets() if type(window).__name__ not in _KEPT_BY_QT]


def _settle() -> None:
    """Let what is marked for deletion go."""
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _describe(thing: Any) -> str:
    if isinstance(thing, QWidget):
        return f"the window {type(thing).__name__} {thing.objectName()!r} {thing.windowTitle()!r}"
    if isinstance(thing, threading.Thread):
        return f"the thread {thing.name!r}"
    return f"the running {type(thing).__name__} {getattr(thing, 'objectName', str)()!r}"


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    threads, running, windows = _threads(), _running(), _windows()
    yield
    _settle()
    finders: list[Callable[[], list[Any]]] = [
        lambda: [thing for thing in _running() if not any(thing is old for old in running)],
        lambda: [window for window in _windows() if not any(window is old for old in windows)],
    ]
    if any(find() for find in finders):
        # Things that only wait for the cycle collector are nobody's leak.
        gc.collect()
        _settle()
    left = [thing for find in finders for thing in find()] + _left_threads(threads)
    if not left:
        return
    report = "\n".join(f"{_describe(thing)}\nbegan at:\n{birthplace(thing)}" for thing in left)
    for thing in left:
        _end(thing)
    pytest.fail(f"This test left behind {report}", pytrace=False)


def _end(thing: Any) -> None:
    """Keep one test's leak from failing the next."""
    if isinstance(thing, QWidget):
        shiboken6.delete(thing)
    elif not isinstance(thing, threading.Thread):
        thing.stop()
