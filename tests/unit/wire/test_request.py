import datetime

import pytest

from desktop.domain.failure import TurnFailedError
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest, check_headers, check_url, is_loopback


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:11434", True),
        ("http://LOCALHOST", True),
        ("http://app.localhost", True),
        ("http://127.0.0.1:1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:80", True),
        ("http://0.0.0.0:8000", True),
        ("http://192.168.1.2", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("https://example.com", False),
        ("", False),
    ],
)
def test_this_computer(url: str, near: bool) -> None:
    assert is_loopback(url) is near


def test_a_url_is_trimmed() -> None:
    assert check_url("  https://Example.com/v1 \n", Place()) == "https://Example.com/v1"


def test_a_body_with_a_date_from_a_settings_file() -> None:
    request = WireRequest(url="x", body={"day": datetime.date(2026, 1, 2)})
    assert request.encode_body() == b'{"day":"2026-01-02"}'


def test_no_repr_shows_headers_or_body() -> None:
    request = WireRequest(url="https://x", headers={"Authorization": "Bearer abc"}, body={"t": "words"})
    assert "abc" not in repr(request)
    assert "words" not in repr(request)


def test_ordinary_headers_pass() -> None:
    check_headers({"X-Title": "Weir, a client\t(1)", "x_under": "", "HTTP-Referer": "https://x"}, Place())


@pytest.mark.parametrize("name", ["", "X:Y", "X Y", "Ü"])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(TurnFailedError):
        check_headers({name: "a"}, Place())
