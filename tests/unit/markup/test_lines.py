"""Columns, tabs and half-read tabs of a line."""

from desktop.markup.lines import UNDECIDED, Line


def test_a_tab_reaches_to_the_next_stop() -> None:
    line = Line("  \tx")
    line.look()
    assert (line.indent, line.mark, line.char) == (4, 3, "x")
    assert line.is_indented


def test_a_tab_can_be_read_in_part() -> None:
    line = Line("\tx")
    line.skip_columns(2)
    assert line.rest == "  x"
    line.look()
    assert line.indent == 2
    state = line.state()
    line.skip_columns(2)
    assert line.rest == "x"
    line.rewind(state)
    assert line.rest == "  x"


def test_a_blank_line_has_no_mark() -> None:
    line = Line(" \t ")
    line.look()
    assert line.is_blank
    assert line.char == ""


def test_beginnings_of_marks_are_undecided() -> None:
    for start in ("-", "--", "#", "##", "1.", "12", "`", "```", "=", "$", "|", "|--", "- [", "- [x"):
        assert UNDECIDED.match(start), start
    for text in ("-x", "#tag", "1.5", "a", "`code", "| a", "- [a"):
        assert not UNDECIDED.match(text), text
