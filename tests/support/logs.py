"""A log record at WARNING or above that a test did not announce fails it, and so does a Qt warning.

    def test_full_disk(expect_log):
        expect_log("history.*could not be written")
        ...

A test that looks at `caplog` itself calls `caplog.clear()` when it has seen what it wanted.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest


class _Collector(logging.Handler):
    """Keeps what a test logs. Handlers run in whatever thread logs; list.append is atomic."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def verdict(self) -> str:
        """Return what is wrong with the records that came, or nothing."""
        lines: list[str] = []
        unseen = list(self.expected)
        for record in self.records:
            text = f"{record.name}: {record.getMessage()}"
            matching = [pattern for pattern in self.expected if pattern.search(text)]
            if not matching:
                lines.append(f"Unexpected {record.levelname} from {record.pathname}:{record.lineno}: {text}")
                if record.exc_info:
                    lines.append(logging.Formatter().formatException(record.exc_info))
            unseen = [pattern for pattern in unseen if pattern not in matching]
        lines += [f"Expected a log record that never came: {pattern.pattern}" for pattern in unseen]
        return "\n".join(lines)


_COLLECTOR = pytest.StashKey[_Collector]()


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    collector = _Collector()
    request.node.stash[_COLLECTOR] = collector
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logger.level for name, logger in _loggers()}
    root.addHandler(collector)
    yield
    root.removeHandler(collector)
    _restore(root, handlers, level, levels)
    verdict = collector.verdict()
    if verdict:
        verdict += "\n(the fixture expect_log announces a record that belongs to a test)"
        pytest.fail(verdict, pytrace=False)


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = logging.Logger.manager.loggerDict
    return [(name, logger) for name, logger in known.items() if isinstance(logger, logging.Logger)]


def _restore(root: logging.Logger, handlers: list[Any], level: int, levels: dict[str, int]) -> None:
    """Take away the program's log file and the levels it set."""
    for handler in list(root.handlers):
        # pytest's own handlers come and go with each phase.
        if handler not in handlers and not type(handler).__module__.startswith("_pytest"):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)
    for name, logger in _loggers():
        logger.setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
def expect_log(request: pytest.FixtureRequest, _quiet_log: None) -> Callable[[str], None]:
    """Call with a regular expression for "logger: message"; the test fails if no such record comes."""
    collector = request.node.stash[_COLLECTOR]
    return lambda pattern: collector.expected.append(re.compile(pattern))


@pytest.fixture
def caplog(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest, _quiet_log: None
) -> pytest.LogCaptureFixture:
    """pytest's own, whose `clear` also takes the records off this guard's list."""
    collector, clear = request.node.stash[_COLLECTOR], caplog.clear

    def clear_both() -> None:
        collector.records.clear()
        clear()

    caplog.clear = clear_both  # type: ignore[method-assign]
    return caplog


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail on Qt warnings of fixtures too: pytest-qt itself looks no further than the test's body."""
    from pytestqt.logging import _QtMessageCapture

    # pytest-qt's own capture ends with the body; this one takes over for the teardown.
    capture = _QtMessageCapture(item.config.getini("qt_log_ignore"))
    capture._start()
    try:
        yield
    finally:
        capture._stop()
    warnings = [
        record for record in capture.records if record.matches_level("WARNING") and not record.ignored
    ]
    if warnings:
        told = "\n".join(f"{record.type_name}: {record.message}" for record in warnings)
        pytest.fail(f"Qt warned while the test was taken down:\n{told}", pytrace=False)
