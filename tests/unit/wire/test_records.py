import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.wire.records import LineEnds, Utf8Decoder


@given(st.binary(max_size=40), st.integers(1, 6))
def test_bytes_in_pieces_decode_as_the_whole_does(body: bytes, size: int) -> None:
    decoder = Utf8Decoder()
    text = "".join(decoder.decode(body[start : start + size]) for start in range(0, len(body), size))
    assert text + decoder.flush() == body.decode(errors="replace")


@given(st.text(alphabet="a\r\n\u2028", max_size=30), st.integers(1, 6))
def test_line_ends_in_pieces_become_what_the_whole_does(text: str, size: int) -> None:
    ends = LineEnds()
    unified = "".join(ends.unify(text[start : start + size]) for start in range(0, len(text), size))
    assert unified == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", ["", "a", "\r", "\n"])
def test_an_empty_read_does_not_part_a_cr_from_its_lf(text: str) -> None:
    ends = LineEnds()
    assert ends.unify("x\r") + ends.unify("") + ends.unify("\n" + text) == "x\n" + text.replace("\r", "\n")
