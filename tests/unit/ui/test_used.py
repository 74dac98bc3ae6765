"""Every figure of a reply in words, and what nobody said as unknown."""

from desktop.domain.delta import Timing, Usage
from desktop.ui.used import lines_tip, used_lines


def test_all_that_is_known_is_said() -> None:
    usage = Usage(input=1_240, output=410, cached=320, reasoning=100, cost=0.00123)
    lines = used_lines(usage, Timing(first_ms=420, total_ms=9_420))
    assert lines == (
        "First token: 0.42 s",
        "Whole reply: 9.42 s",
        "Speed: 45.6 tokens per second",
        "Tokens in: 1,240",
        "of them from a cache: 320",
        "Tokens out: 410",
        "of them for reasoning: 100",
        "Cost: $0.0012",
    )


def test_what_nobody_said_is_unknown_and_not_nothing() -> None:
    lines = used_lines(Usage(input=0, output=5), None)
    assert "Tokens in: 0" in lines
    assert [line for line in lines if line.endswith("unknown")] == [
        "First token: unknown",
        "Whole reply: unknown",
        "Speed: unknown",
        "of them from a cache: unknown",
        "of them for reasoning: unknown",
        "Cost: unknown",
    ]
    assert used_lines(None, None) == ()


def test_a_tiny_cost_is_not_nothing() -> None:
    assert "Cost: $0.000012" in used_lines(Usage(cost=0.000012), None)
    assert "Cost: $0" in used_lines(Usage(cost=0.0), None)


def test_no_markup_comes_out_of_a_line() -> None:
    assert lines_tip(("<b>&", "b")) == "<span>&lt;b&gt;&amp;<br>b</span>"
    assert lines_tip(()) == ""
