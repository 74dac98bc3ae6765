"""What one start hands over to another, and what is no wish."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.wish import MOST_BYTES, MOST_FILES, Wish, WishKind, read_wish


@pytest.mark.parametrize("kind", WishKind)
def test_a_wish_comes_through_as_it_is(kind: WishKind):
    wish = Wish(kind, "Où est «Weir»?\nZweite Zeile\u2028" + "😀", ("/tmp/a b.gguf",), True, "token_TIME12")
    assert read_wish(wish.written()) == wish


def test_half_a_surrogate_pair_is_no_trouble():
    assert read_wish(Wish(WishKind.QUICK, "a\udc80b").written()) == Wish(WishKind.QUICK, "a\udc80b")


def test_a_wish_that_is_too_long_is_not_written():
    with pytest.raises(ValueError, match="too long"):
        Wish(WishKind.QUICK, "x" * MOST_BYTES).written()
    assert read_wish(b" " * MOST_BYTES + Wish().written()) is None


def line(**changes: object) -> bytes:
    members = {"wish": "open", "text": "", "files": ["/a"], "sends": False, "token": ""}
    return json.dumps({**members, **changes}).encode()


def test_what_is_left_out_is_empty():
    assert read_wish(b'{"wish": "show"}') == Wish()
    assert read_wish(line()) == Wish(WishKind.OPEN, files=("/a",))


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"GET / HTTP/1.1\r\n",
        b"\xff\xfe\x00",
        b"[]",
        b"[" * 100_000,
        b'{"wish": ["show"]}',
        line(wish="delete"),
        line(text=5),
        line(files="/a"),
        line(files=[5]),
        line(files=["a\0b"]),
        line(files=[""]),
        line(files=["/a"] * (MOST_FILES + 1)),
        line(token=None),
    ],
)
def test_garbage_is_no_wish(garbage: bytes):
    assert read_wish(garbage) is None


@pytest.mark.parametrize("token", ["a\nb", "é", "x" * 1001])
def test_what_can_be_no_token_is_left_out(token: str):
    assert read_wish(line(token=token)) == Wish(WishKind.OPEN, files=("/a",))


@given(st.binary(max_size=200))
def test_nothing_that_comes_makes_it_fall(data: bytes):
    assert read_wish(data) is None or isinstance(read_wish(data), Wish)
