import logging
from pathlib import Path

import pytest

from desktop.base.log import redact, start_log


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-abcdefgh1234 refused", "key ••• refused"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer •••"),
        ("GET https://h/v1?key=AIzaSyA1234567890123456789&alt=sse", "GET https://h/v1?key=•••&alt=•••"),
        ("AIzaSyA12345678901234567890", "•••"),
        ("r8_0123456789abcdef and gsk_0123456789", "••• and •••"),
        ("a task-list of well-known words", "a task-list of well-known words"),
    ],
)
def test_keys_are_put_out_of_sight(text: str, shown: str):
    assert redact(text) == shown


def test_a_traceback_in_the_log_holds_no_key(tmp_path: Path):
    root = logging.getLogger()
    level = root.level
    handler = start_log(tmp_path / "log" / "weir.log")
    try:
        try:
            raise ValueError("header Bearer sk-live-0123456789abcdef")
        except ValueError:
            handler.handle(
                logging.LogRecord(
                    "w", logging.ERROR, "f", 1, "failed", (), exc_info=__import__("sys").exc_info()
                )
            )
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    text = (tmp_path / "log" / "weir.log").read_text()
    assert "ValueError" in text
    assert "0123456789abcdef" not in text
    assert (tmp_path / "log" / "weir.log").stat().st_mode & 0o077 == 0
