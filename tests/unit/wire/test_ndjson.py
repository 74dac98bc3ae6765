import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.wire.ndjson import JsonFramer, NdjsonFramer
from desktop.wire.records import RecordTooLargeError


def read(framer: NdjsonFramer | JsonFramer, body: bytes, size: int) -> list[str]:
    records = [r for start in range(0, len(body), size) for r in framer.feed(body[start : start + size])]
    return [record.data for record in (*records, *framer.close())]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_one_record_a_line(size: int) -> None:
    body = '{"a": "é"}\n\r\n{"b": "😀"}\r\n  \n{"c": 3}'.encode()
    assert read(NdjsonFramer(), body, size) == ['{"a": "é"}', '{"b": "😀"}', '{"c": 3}']


def test_only_cr_and_lf_end_lines() -> None:
    line = json.dumps({"t": "a\u2028b\u0085c"}, ensure_ascii=False)
    assert read(NdjsonFramer(), f"{line}\n".encode(), 3) == [line]


def test_half_a_last_line_does_not_count() -> None:
    assert read(NdjsonFramer(), b'{"a": 1}\n{"b": ', 4) == ['{"a": 1}']


def test_a_line_comes_out_with_the_read_that_ends_it() -> None:
    framer = NdjsonFramer()
    assert not framer.feed(b'{"a": 1}')
    assert [record.data for record in framer.feed(b"\n{")] == ['{"a": 1}']


def test_a_line_without_end_is_refused() -> None:
    framer = NdjsonFramer(limit=1000)
    framer.feed(b"x" * 900)
    with pytest.raises(RecordTooLargeError):
        framer.feed(b"x" * 101)


@given(
    st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=3), max_size=6),
    st.integers(1, 12),
)
def test_any_objects_in_any_pieces(objects: list[dict[str, str]], size: int) -> None:
    body = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in objects).encode()
    assert [json.loads(line) for line in read(NdjsonFramer(), body, size)] == objects
    assert [json.loads(line) for line in read(JsonFramer(), body, size)] == objects


class TestJsonFramer:
    @pytest.mark.parametrize("size", [1, 3, 1000])
    def test_one_document_is_one_record(self, size: int) -> None:
        body = json.dumps({"a": {"b": "é"}}, indent=2, ensure_ascii=False).encode()
        (data,) = read(JsonFramer(), b"\xef\xbb\xbf" + body + b"\n", size)
        assert json.loads(data) == {"a": {"b": "é"}}

    def test_a_list_is_one_record_for_each_element(self) -> None:
        body = b'[{\n  "a": 1\n}\n,\r\n{\n  "b": 2\n}\n]'
        assert [json.loads(data) for data in read(JsonFramer(), body, 4)] == [{"a": 1}, {"b": 2}]

    def test_lines_come_out_as_they_arrive(self) -> None:
        framer = JsonFramer()
        assert not framer.feed(b'\n{"a"')
        assert [record.data for record in framer.feed(b': 1}\n{"b": 2}\n{')] == ['{"a": 1}', '{"b": 2}']
        assert [record.data for record in framer.feed(b'"c": 3}\n')] == ['{"c": 3}']

    def test_a_document_that_was_cut_gives_nothing(self) -> None:
        assert read(JsonFramer(), b'{\n "a": [1, 2', 5) == []

    def test_a_document_without_end_is_refused(self) -> None:
        framer = JsonFramer(limit=1000)
        framer.feed(b"{" + b"a" * 900)
        with pytest.raises(RecordTooLargeError):
            framer.feed(b"a" * 100)

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    def test_quotes_brackets_and_backslashes_in_texts_end_nothing(self, size: int) -> None:
        elements = [{"a": 'x"]}\\'}, {"b": ["[", {"c": "\\\\"}]}, {"d": "é\n"}]
        for indent in (None, 2):
            body = json.dumps(elements, indent=indent, ensure_ascii=False).encode()
            assert [json.loads(data) for data in read(JsonFramer(), body, size)] == elements

    def test_an_element_comes_out_with_the_read_that_ends_it(self) -> None:
        framer = JsonFramer()
        assert not framer.feed(b'[{"a": [1')
        assert [record.data for record in framer.feed(b']}, {"b"')] == ['{"a": [1]}']
        assert [record.data for record in framer.feed(b": 2}")] == ['{"b": 2}']

    def test_a_list_that_was_cut_gives_what_is_whole(self) -> None:
        assert read(JsonFramer(), b'[{"a": 1}, {"b": ', 5) == ['{"a": 1}']

    def test_an_element_without_end_is_refused(self) -> None:
        framer = JsonFramer(limit=1000)
        framer.feed(b'[{"a": 1}, {"b": "')
        framer.feed(b"x" * 900)
        with pytest.raises(RecordTooLargeError):
            framer.feed(b"x" * 101)

    def test_a_long_list_of_small_elements_is_not_too_large(self) -> None:
        framer = JsonFramer(limit=100)
        framer.feed(b"[")
        assert sum(len(framer.feed(b'{"a": "0123456789"},')) for _ in range(100)) == 100
