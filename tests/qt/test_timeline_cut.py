"""The line above which nothing goes to the model any more: seen, heard, folded, and moved."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.cut import Cut
from desktop.domain.delta import Timing, Usage
from desktop.ui.timeline.cut import CUT, CutLine, summary_words
from tests.support.transcript import WatchedTimeline, prompt, reply, shown_timeline


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    shown = shown_timeline(qtbot)
    shown.open([prompt(0, "One?"), reply(0, "One."), prompt(1, "Two?"), reply(1, "Two.")])
    return shown


def line(timeline: WatchedTimeline, index: int) -> CutLine | None:
    section = timeline.page.item(index).section(CUT)
    assert section is None or isinstance(section, CutLine)
    return section


def cut_after(timeline: WatchedTimeline, index: int, **fields: object) -> Cut:
    return replace(Cut(after_id=timeline.page.messages[index].id, count=2), **fields)  # type: ignore[arg-type]


def test_it_stands_above_the_first_message_that_goes(timeline: WatchedTimeline) -> None:
    before = timeline.page.item(2).height
    timeline.show_cut(cut_after(timeline, 1))
    assert line(timeline, 2) is not None
    assert line(timeline, 0) is line(timeline, 1) is line(timeline, 3) is None
    assert timeline.page.item(2).height > before
    timeline.show_cut(None)
    assert timeline.page.item(2).height == before


def test_it_moves(timeline: WatchedTimeline) -> None:
    timeline.show_cut(cut_after(timeline, 1))
    timeline.append(prompt(2, "Three?"))
    timeline.show_cut(cut_after(timeline, 3))
    assert line(timeline, 2) is None
    assert line(timeline, 4) is not None


def test_it_stands_there_as_soon_as_the_message_below_it_comes(timeline: WatchedTimeline) -> None:
    timeline.show_cut(cut_after(timeline, 3))
    timeline.append(prompt(2, "Three?"))
    assert line(timeline, 4) is not None


def test_the_summary_opens_with_a_click(timeline: WatchedTimeline) -> None:
    timeline.show_cut(cut_after(timeline, 1, summary="They spoke of **one**.", model="alpha"))
    found = line(timeline, 2)
    assert found is not None
    assert not found.has_text
    spot = timeline.page.spot_of(timeline.page.messages[2].id)
    assert spot is not None
    at = QPoint(timeline.page.left + 40, spot.y + found.top + timeline.page.look.px(28 + 11))
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert found.has_text
    opened = spot.item.height
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert spot.item.height < opened
    assert not timeline.grab().isNull()


def test_a_summary_says_what_it_took() -> None:
    cut = Cut(
        after_id="a", count=12, summary="S", model="alpha", usage=Usage(input=900, output=100, cost=0.01)
    )
    assert summary_words(cut) == "Summary of 12 messages · alpha · 1,000 tokens · $0.0100"
    assert (
        summary_words(replace(cut, missed=3, usage=None)) == "Summary without the 3 oldest messages · alpha"
    )


def test_a_screen_reader_hears_the_line_and_all_figures(timeline: WatchedTimeline) -> None:
    timeline.show_cut(cut_after(timeline, 1))
    counted = replace(
        reply(1, "Two."), usage=Usage(input=7, output=5), timing=Timing(first_ms=500, total_ms=1_500)
    )
    timeline.update_message(counted)
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    name = found.child(2).text(QAccessible.Text.Name)
    assert name.startswith("You: The model no longer sees what is above this line")
    said = found.child(3).text(QAccessible.Text.Description)
    assert "Tokens in: 7" in said
    assert "Speed: 5.0 tokens per second" in said
    assert said.endswith("Cost: unknown")
