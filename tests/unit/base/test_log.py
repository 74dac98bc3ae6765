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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x-api-key: abc123def", "x-api-key: •••"),
        (
            "headers {'x-goog-api-key': 'q9w8e7', 'accept': 'x'}",
            "headers {'x-goog-api-key': '•••', 'accept': 'x'}",
        ),
        ('{"api_key": "plainwords"}', '{"api_key": "•••"}'),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic •••"),
        ("authorization: Token-1234", "authorization: •••"),
        ("OPENAI_API_KEY=verysecret", "OPENAI_API_KEY=•••"),
        ("proxy http://anna:geheim@proxy.example:8080", "proxy http://•••@proxy.example:8080"),
        ("pplx-0123456789abcdef", "•••"),
        ("the secret of the password field", "the secret of the password field"),
        (
            "mail anna@example.org about https://example.org/a",
            "mail anna@example.org about https://example.org/a",
        ),
    ],
)
def test_headers_fields_and_addresses_lose_what_they_carry(text: str, shown: str):
    assert redact(text) == shown


def test_the_log_turns_over_and_keeps_a_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("desktop.base.log._MAX_BYTES", 2_000)
    root = logging.getLogger()
    level = root.level
    handler = start_log(tmp_path / "weir.log")
    try:
        for number in range(200):
            handler.handle(
                logging.makeLogRecord({"msg": f"line {number} sk-abcdefgh0123", "levelname": "INFO"})
            )
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["weir.log", "weir.log.1", "weir.log.2", "weir.log.3"]
    assert all(file.stat().st_size <= 2_000 and "abcdefgh" not in file.read_text() for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
