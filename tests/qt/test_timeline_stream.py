"""A reply that grows: the result, the frames, the end in view."""

import time

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.message import MessageState, ReasoningPart, RefusalPart
from desktop.ui.theme import Theme
from desktop.ui.timeline.below import Waiting
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.pacer import FRAME_MS, Glide, Pacer
from desktop.ui.timeline.section import Thought
from tests.support.transcript import (
    MARKDOWN,
    WatchedTimeline,
    conversation,
    cut,
    prompt,
    reply,
    shown_timeline,
    streaming,
)


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    return shown_timeline(qtbot)


def begin(timeline: WatchedTimeline, above: int = 0) -> None:
    """Show `above` messages and a prompt, and begin a reply with the id r1000."""
    timeline.open([*conversation(above), prompt(1000), streaming(1000)])
    timeline.begin_reply("r1000")


class TestResult:
    def test_streamed_text_is_the_same_as_the_whole(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(cut(MARKDOWN))
        timeline.end_reply(reply(1000, MARKDOWN))
        timeline.settle()
        streamed = timeline.page.item(1).section(0)
        whole = Flow(timeline.page.look.theme)
        whole.set_source(MARKDOWN)
        whole.set_width(float(timeline.page.column_width))
        assert streamed is not None
        assert streamed.flow is not None
        assert streamed.flow.height == whole.height
        assert streamed.flow.end == whole.end
        begin_at = Position(0, 0)
        assert streamed.flow.text_between(begin_at, whole.end) == whole.text_between(begin_at, whole.end)

    def test_streamed_text_looks_the_same_as_the_whole(self, timeline: WatchedTimeline) -> None:
        begin(timeline, above=4)
        timeline.stream(cut(MARKDOWN))
        timeline.end_reply(reply(1000, MARKDOWN))
        timeline.settle()
        streamed = timeline.picture()
        timeline.open([*conversation(4), prompt(1000), reply(1000, MARKDOWN)])
        assert timeline.picture() == streamed

    def test_what_was_moved_on_screen_equals_what_is_painted_anew(self, timeline: WatchedTimeline) -> None:
        begin(timeline, above=4)
        for number, piece in enumerate(cut(MARKDOWN * 2, seed=3)):
            timeline.stream([piece])
            if number % 60 == 0:
                moved = timeline.picture()
                timeline.viewport().repaint()
                assert timeline.picture() == moved, f"after {number} pieces"

    def test_kinds_become_sections_in_their_order(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(["Let me ", "think."], "reasoning")
        thought = timeline.page.item(1).sections[1]
        assert isinstance(thought, Thought)
        assert not thought.is_folded
        timeline.stream(["Here it is."])
        assert thought.is_folded
        parts = (ReasoningPart("Let me think.", 6000), "Here it is.")
        timeline.end_reply(reply(1000, *parts))
        assert timeline.page.item(1).sections[1] is thought
        assert thought.duration_ms == 6000
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["Here it is."]

    def test_refusal_is_shown_as_it_is(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(["I can’t *do* ", "that <b>."], "refusal")
        section = timeline.page.item(1).section(0)
        assert section is not None
        assert section.flow is not None
        whole = section.flow.text_between(Position(0, 0), section.flow.end)
        assert whole == "I can’t *do* that <b>."
        timeline.end_reply(reply(1000, RefusalPart("I can’t *do* that <b>.")))
        assert timeline.page.growing is None

    def test_final_message_that_differs_wins(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(["one"])
        timeline.end_reply(reply(1000, "another", state=MessageState.STOPPED))
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["another"]

    def test_word_of_its_state_does_not_end_a_reply(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(["one"])
        timeline.update_message(streaming(1000, "on"))
        timeline.stream([" two"])
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["one two"]
        timeline.feed("text", " three")
        timeline.update_message(reply(1000, "one two three", state=MessageState.STOPPED))
        assert timeline.page.growing is None
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["one two three"]

    def test_reply_is_continued_where_it_ended(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(1), reply(1, "It goes on", state=MessageState.STOPPED)])
        timeline.begin_reply("r1")
        timeline.stream([" and on."])
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["It goes on and on."]

    @pytest.mark.parametrize("kind", ["text", "reasoning"])
    @pytest.mark.parametrize("above", [0, 6])
    def test_reply_that_goes_on_says_below_its_text_that_it_waits(
        self, timeline: WatchedTimeline, above: int, kind: str
    ) -> None:
        timeline.open([*conversation(above), prompt(1000), streaming(1000, "It goes on")])
        timeline.begin_reply("r1000", waits=True)
        item = timeline.page.growing
        assert item is not None
        timeline.set_waiting("Trying again in 3 s")
        assert item.waiting is not None
        assert item.waiting.text == "Trying again in 3 s"
        assert item.waiting.top > list(item.text_sections())[-1].top
        timeline.settle()
        timeline.feed(kind, " and on.")
        timeline.settle()
        assert item.waiting is None
        assert "".join(s.source for s in item.text_sections()) in ("It goes on and on.", "It goes on")
        grown = timeline.picture()
        timeline.viewport().update()
        timeline.settle()
        assert timeline.picture() == grown

    def test_reasoning_is_continued_where_the_reader_came_back_to_it(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(1), streaming(1, ReasoningPart("Let me "))])
        timeline.begin_reply("r1")
        timeline.stream(["think."], "reasoning")
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["Let me think."]
        timeline.stream(["So it is."])
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["So it is."]

    def test_reply_that_began_before_the_window_was_shown(self, qtbot: QtBot) -> None:
        made = WatchedTimeline(Theme())
        qtbot.addWidget(made)
        made.resize(800, 600)
        made.set_messages([prompt(1), streaming(1)])
        made.begin_reply("r1")
        made.feed("text", MARKDOWN)
        made.feed("text", "The end.")
        made.pacer.flush()
        with qtbot.waitExposed(made):
            made.show()
        made.feed("text", " Really.")
        made.end_reply(reply(1, MARKDOWN + "The end. Really."))
        assert made.page.spots[-1].item.width == made.page.column_width
        assert made.page.value == made.page.most > 0

    def test_reply_that_is_not_there_is_refused(self, timeline: WatchedTimeline) -> None:
        with pytest.raises(KeyError):
            timeline.begin_reply("nowhere")

    def test_late_text_of_another_reply_changes_nothing(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream(["one"])
        timeline.end_reply(reply(1000, "one"))
        timeline.feed("text", "late")
        timeline.settle()
        assert [s.source for s in timeline.page.item(1).text_sections()] == ["one"]


class TestFrames:
    def test_first_text_is_painted_at_once(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.settle()
        timeline.paints.clear()
        timeline.feed("text", "First")
        assert timeline.paints
        timeline.feed("text", " second")
        assert len(timeline.paints) == 1

    def test_flood_paints_once_a_frame(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.settle()
        timeline.feed("text", "Begin ")
        timeline.paints.clear()
        began = time.monotonic()
        pieces = cut(MARKDOWN * 60)[:10_000]
        assert len(pieces) == 10_000
        for number, piece in enumerate(pieces):
            timeline.feed("text", piece)
            if number % 20 == 0:
                QApplication.processEvents()
        while timeline.pacer.is_waiting:
            QApplication.processEvents()
        frames = (time.monotonic() - began) * 1000 / FRAME_MS
        assert 1 <= len(timeline.paints) <= frames + 2
        section = timeline.page.item(1).section(0)
        assert section is not None
        assert section.source == "Begin " + "".join(pieces)

    def test_pinned_frames_are_at_the_end(self, timeline: WatchedTimeline) -> None:
        begin(timeline, above=20)
        timeline.settle()
        timeline.gaps.clear()
        timeline.stream(cut(MARKDOWN * 3, seed=5))
        assert len(timeline.gaps) > 300
        assert set(timeline.gaps) == {0}

    def test_only_what_changed_is_painted(self, timeline: WatchedTimeline) -> None:
        begin(timeline, above=20)
        timeline.stream(["Some words to begin with. "] * 40)
        timeline.paints.clear()
        timeline.stream(["more "] * 100)
        assert max(timeline.paints) < timeline.viewport().height() // 2

    def test_slow_frame_makes_the_next_one_later(self) -> None:
        clock = [100.0]
        costs = iter([0.002, 0.050, 1.0])

        def draw() -> None:
            clock[0] += next(costs)

        owner = QObject()
        pacer = Pacer(draw, owner, now=lambda: clock[0], spent=lambda: clock[0])
        pacer.flush()
        assert pacer.wait_ms == 14
        pacer.flush()
        assert pacer.wait_ms == 150
        pacer.flush()
        assert pacer.wait_ms == 0

    def test_frame_is_asked_for_once(self) -> None:
        drawn = []
        owner = QObject()
        pacer = Pacer(lambda: drawn.append(1), owner)
        pacer.request()
        pacer.request()
        assert pacer.is_waiting
        pacer.flush()
        assert drawn == [1]
        assert not pacer.is_waiting

    def test_glide_without_motion_arrives_at_once(self) -> None:
        steps: list[int] = []
        owner = QObject()
        glide = Glide(steps.append, owner)
        glide.is_still = True
        glide.start(120, lambda: steps.append(-1))
        assert steps == [120, -1]
        assert not glide.is_moving

    def test_glide_goes_the_whole_way(self, qtbot: QtBot) -> None:
        steps: list[int] = []
        owner = QObject()
        glide = Glide(steps.append, owner)
        glide.start(-90)
        qtbot.waitUntil(lambda: not glide.is_moving, timeout=5000)
        assert sum(steps) == -90


class TestWaiting:
    def test_says_what_happens_until_the_first_word(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.set_waiting("Starting the model…", 0.4)
        waiting = timeline.page.item(1).waiting
        assert isinstance(waiting, Waiting)
        assert waiting.text == "Starting the model… 40\N{NARROW NO-BREAK SPACE}%"
        timeline.set_waiting("Connecting", None)
        assert waiting.text == "Connecting"
        waiting.elapsed = 2
        assert waiting.text == "Connecting"
        waiting.elapsed = 5
        assert waiting.text == "Connecting · 5 s"
        timeline.feed("text", "Yes")
        assert timeline.page.item(1).waiting is None

    def test_first_word_stands_where_it_was_waited_for(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        waiting = timeline.page.item(1).waiting
        assert waiting is not None
        top, height = waiting.top, timeline.page.item(1).height
        timeline.feed("text", "Yes")
        assert timeline.page.item(1).section(0).top == top  # type: ignore[union-attr]
        assert timeline.page.item(1).height == height

    def test_word_on_waiting_after_the_end_is_ignored(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.end_reply(reply(1000, "Done"))
        timeline.set_waiting("Connecting", None)
        assert timeline.page.item(1).waiting is None
