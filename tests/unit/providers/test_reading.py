"""What all readers share: counts, halves of characters, and records that are no JSON."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.delta import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from desktop.domain.failure import FailureKind
from desktop.providers.reading import Reader, number, read_records
from desktop.wire.records import Record


class EchoReader(Reader):
    """Makes of {"text": ..., "reasoning": ..., "arguments": ...} what their names say."""

    def read(self, record: Record) -> Sequence[Delta]:
        if record.data == "[DONE]":
            self.finish()
            return ()
        payload = self.parse(record.data)
        made: list[Delta] = []
        for name, text in (payload or {}).items():
            match name:
                case "text":
                    made.append(TextDelta(text))
                case "reasoning":
                    made.append(ReasoningDelta(text))
                case "arguments":
                    made.append(ToolCallDelta(0, arguments=text))
        return made


def texts(*records: str) -> list[str]:
    reader = EchoReader()
    return [delta.text for record in records for delta in read_records(reader, [Record(record)])]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "count"),
    [
        *[(3, 3), (0, 0), (3.0, 3), (2**53 - 1, 2**53 - 1)],
        *[(-1, None), (2**53, None), (10**30, None), (float("nan"), None), (float("inf"), None)],
        *[(True, None), ("3", None), (None, None), ([3], None)],
    ],
)
def test_counts(value: Any, count: int | None) -> None:
    assert number(value) == count


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (['{"text":"a\\ud83d\\ude00b"}'], ["a😀b"]),
        (['{"text":"a\\ud83d"}', '{"text":"\\ude00b"}'], ["a", "😀b"]),
        (['{"text":"a\\uD83D"}', '{"text":"b"}'], ["a", "\ufffdb"]),
        (['{"text":"\\uDE00b"}'], ["\ufffdb"]),
        (['{"text":"a\\ud83d"}', '{"reasoning":"x"}', '{"text":"\\ude00"}'], ["a", "x", "😀"]),
        (['{"text":"\\ud83d"}', '{"text":""}', '{"text":"\\ude00"}'], ["😀"]),
        (['{"text":"a"}', '{"text":"\\ud83d"}'], ["a"]),
    ],
)
def test_halves_of_characters_are_joined_or_replaced(records: list[str], expected: list[str]) -> None:
    assert texts(*records) == expected


@given(st.text(alphabet="a😀é𝒳", max_size=12), st.lists(st.integers(0, 24), max_size=5))
def test_escaped_text_is_whole_wherever_it_is_cut(text: str, places: list[int]) -> None:
    units = text.encode("utf-16-le")
    ends = sorted({2 * place for place in places if 2 * place < len(units)} | {len(units)})
    pieces = [units[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    records = [json.dumps({"text": piece.decode("utf-16-le", "surrogatepass")}) for piece in pieces]
    assert "".join(texts(*records)) == text


def test_an_error_in_plain_words_is_the_services() -> None:
    reader = EchoReader()
    read_records(reader, [Record("upstream timeout", "error")])
    assert reader.failure is not None
    assert (reader.failure.kind, reader.failure.words) == (FailureKind.PROVIDER, "upstream timeout")


def test_events_that_came_as_one_are_read_one_by_one() -> None:
    reader = EchoReader()
    deltas = read_records(reader, [Record('{"text":"a"}\n{"text":"b"}\n[DONE]')])
    assert deltas == [TextDelta("a"), TextDelta("b")]
    assert reader.is_complete
    assert reader.failure is None


@pytest.mark.parametrize("data", ["no json", '{"text":"a"}\nno json', '{"text":', "[DONE] \nx"])
def test_what_is_no_json_is_quoted(data: str) -> None:
    reader = EchoReader()
    assert read_records(reader, [Record(data), Record('{"text":"after"}')]) == []
    assert reader.failure is not None
    assert reader.failure.kind is FailureKind.GARBLED
    assert reader.failure.words == data.strip()
