from hypothesis import given
from hypothesis import strategies as st

from desktop.wire.plaintext import PlaintextFramer


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.integers(1, 7))
def test_text_comes_through_as_it_is(text: str, size: int) -> None:
    framer = PlaintextFramer()
    body = text.encode()
    records = [r for start in range(0, len(body), size) for r in framer.feed(body[start : start + size])]
    assert "".join(record.data for record in (*records, *framer.close())) == text


def test_half_a_character_at_the_end_shows() -> None:
    framer = PlaintextFramer()
    assert [record.data for record in framer.feed("a€".encode()[:-1])] == ["a"]
    assert [record.data for record in framer.close()] == ["\ufffd"]
