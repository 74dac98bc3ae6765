"""Rows and delimiter rows of tables."""

import pytest

from desktop.markup.tables import aligns_of, cells_of, head_fits


@pytest.mark.parametrize(
    ("line", "aligns"),
    [
        ("|---|---|", ("", "")),
        (":-|-:|:-:", ("left", "right", "center")),
        ("| - |", ("",)),
        (":--", ("left",)),
        ("---", None),
        ("| a |", None),
        ("", None),
        ("|", None),
        ("|-" * 500 + "|", None),
    ],
)
def test_delimiter_rows(line: str, aligns: tuple[str, ...] | None) -> None:
    assert aligns_of(line) == aligns


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a|b", ["a", "b"]),
        ("| a | |", ["a", ""]),
        ("| a \\| b | `c\\|d` |", ["a | b", "`c|d`"]),
        ("| a \\n | b", ["a \\n", "b"]),
        ("|", [""]),
    ],
)
def test_cells(row: str, cells: list[str]) -> None:
    assert cells_of(row) == cells


def test_a_head_has_as_many_cells_as_its_delimiter_row() -> None:
    assert head_fits("| a | b |", ("", ""))
    assert not head_fits("| a |", ("", ""))
    assert not head_fits("a", ("",))
