"""Options as people write them."""

import pytest

from desktop.ui.options.text import (
    OptionTextError,
    read_count,
    read_decimal,
    read_seed,
    read_stops,
    stops_text,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("  ", None),
        ("0", 0.0),
        ("0.7", 0.7),
        ("0,7", 0.7),
        (" 1. ", 1.0),
        (".5", 0.5),
        ("2", 2.0),
    ],
)
def test_numbers(text: str, value: float | None) -> None:
    assert read_decimal(text, 2.0) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [("warm", "not a number"), ("nan", "not a number"), ("1e3", "not a number"), ("0.5.1", "not a number"),
     ("2.1", "from 0 to 2"), ("-1", "from 0 to 2")],
)  # fmt: skip
def test_what_is_no_number_is_said(text: str, words: str) -> None:
    with pytest.raises(OptionTextError, match=words):
        read_decimal(text, 2.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("1", 1), ("8000", 8000), ("8 000", 8000), ("8,000", 8000), ("8.000", 8000),
     ("128_000", 128000)],
)  # fmt: skip
def test_counts_with_the_thousands_as_one_writes_them(text: str, value: int | None) -> None:
    assert read_count(text, 1) == value


@pytest.mark.parametrize(
    ("text", "least", "words"),
    [("0", 1, "1 or more"), ("1000", 1024, "1,024 or more"), ("1.5", 1, "whole number"),
     ("many", 1, "whole number"), ("1" * 30, 1, "whole number"), ("999999999", 1, "No model")],
)  # fmt: skip
def test_what_is_no_count_is_said(text: str, least: int, words: str) -> None:
    with pytest.raises(OptionTextError, match=words):
        read_count(text, least)


def test_seeds() -> None:
    assert [read_seed(text) for text in ("", "0", "-7", str(2**63 - 1))] == [None, 0, -7, 2**63 - 1]
    for text in (str(2**63), "x", "1.0"):
        with pytest.raises(OptionTextError):
            read_seed(text)


@pytest.mark.parametrize("stops", [(), ("END",), ("\n\n", "a\tb", "\\n", " # "), ("###", "Stop here")])
def test_stop_texts_survive_being_written_and_read(stops: tuple[str, ...]) -> None:
    assert read_stops(stops_text(stops)) == stops


def test_empty_lines_and_repetitions_are_left_out() -> None:
    assert read_stops("END\n\nEND\n\\n\n") == ("END", "\n")
