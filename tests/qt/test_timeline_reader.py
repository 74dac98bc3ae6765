"""What the reader looks at stays where it is; the end is followed only when the reader wants it."""

import random

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QScrollEvent, QScrollPrepareEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.message import ReasoningPart
from desktop.ui.timeline.heights import Heights
from desktop.ui.timeline.page import KEPT_ITEMS
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

PARAGRAPHS = "\n\n".join(f"Paragraph {number} " + "has some words. " * 14 for number in range(40))


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    made = shown_timeline(qtbot)
    made.set_reduced_motion(True)
    return made


def begin(timeline: WatchedTimeline, text: str = "", above: int = 6) -> None:
    timeline.open([*conversation(above), prompt(1000), streaming(1000)])
    timeline.begin_reply("r1000")
    if text:
        timeline.stream([text])


class TestReleased:
    def test_wheel_up_frees_the_view_and_text_below_moves_nothing(self, timeline: WatchedTimeline) -> None:
        begin(timeline, PARAGRAPHS)
        assert timeline.is_followed
        timeline.wheel(30)
        assert not timeline.is_followed
        timeline.wheel(600)
        before = timeline.picture()
        y = timeline.line_y("r1000", "Paragraph 34 ")
        timeline.stream(cut(MARKDOWN))
        assert timeline.line_y("r1000", "Paragraph 34 ") == y
        button = timeline.end_button.geometry()
        after = timeline.picture()
        for part in (
            (0, 0, after.width(), button.top() - 4),
            (0, button.top() - 4, button.left() - 4, 40),
        ):
            assert after.copy(*part) == before.copy(*part)

    def test_view_that_is_far_above_is_not_painted(self, timeline: WatchedTimeline) -> None:
        begin(timeline, PARAGRAPHS)
        timeline.wheel(800)
        timeline.stream(["one " * 2000])
        timeline.settle()
        timeline.paints.clear()
        timeline.stream(["more text "] * 10)
        assert timeline.paints == []

    @pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home])
    def test_keys_up_free_the_view(self, timeline: WatchedTimeline, key: Qt.Key) -> None:
        begin(timeline, PARAGRAPHS)
        QTest.keyClick(timeline, key)
        assert not timeline.is_followed
        top = timeline.page.spots[0]
        timeline.stream(cut(MARKDOWN))
        assert (timeline.page.spots[0].index, timeline.page.spots[0].y) == (top.index, top.y)

    def test_finger_frees_and_holds_the_view(self, timeline: WatchedTimeline) -> None:
        begin(timeline, PARAGRAPHS)
        y = timeline.line_y("r1000", "Paragraph 39 ")
        prepare = QScrollPrepareEvent(QPointF(100, 100))
        QApplication.sendEvent(timeline.viewport(), prepare)
        assert prepare.isAccepted()
        at = prepare.contentPos().y()
        move = QScrollEvent(QPointF(0, at - 130), QPointF(), QScrollEvent.ScrollState.ScrollUpdated)
        QApplication.sendEvent(timeline.viewport(), move)
        assert not timeline.is_followed
        assert timeline.line_y("r1000", "Paragraph 39 ") == y + 130
        back = QScrollEvent(QPointF(0, at), QPointF(), QScrollEvent.ScrollState.ScrollFinished)
        QApplication.sendEvent(timeline.viewport(), back)
        assert timeline.is_followed

    def test_scroll_bar_frees_and_holds_the_view(self, timeline: WatchedTimeline) -> None:
        begin(timeline, PARAGRAPHS)
        bar = timeline.verticalScrollBar()
        bar.setValue(bar.maximum() // 2)
        assert not timeline.is_followed
        bar.setValue(bar.maximum())
        assert timeline.is_followed

    def test_wheel_down_to_the_end_holds_the_view_again(
        self, timeline: WatchedTimeline, qtbot: QtBot
    ) -> None:
        begin(timeline, PARAGRAPHS)
        heard: list[bool] = []
        timeline.followed_changed.connect(heard.append)
        timeline.wheel(200)
        timeline.wheel(-100)
        assert not timeline.is_followed
        timeline.wheel(-120)
        assert timeline.is_followed
        assert heard == [False, True]
        timeline.gaps.clear()
        timeline.stream(cut(MARKDOWN))
        assert set(timeline.gaps) == {0}

    def test_button_says_what_is_new_and_goes_back(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        begin(timeline, PARAGRAPHS)
        assert not timeline.end_button.isVisible()
        timeline.wheel(900)
        assert timeline.end_button.isVisible()
        assert timeline.end_button.accessibleName() == "Go to the end"
        timeline.stream(["word " * 120])
        assert timeline.end_button.accessibleName() == "100 new words"
        QTest.mouseClick(timeline.end_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: timeline.is_followed)
        assert not timeline.end_button.isVisible()

    def test_button_has_room_for_its_words_at_every_zoom(self, timeline: WatchedTimeline) -> None:
        begin(timeline, PARAGRAPHS)
        for zoom in (1.5, 0.8, 2.0):
            timeline.theme.set_zoom(zoom)
            timeline.wheel(600)
            button = timeline.end_button
            words = button.fontMetrics().horizontalAdvance(button.text())
            assert button.width() >= words + 2 * timeline.theme.px(14), zoom
            timeline.go_to_end()

    def test_glide_to_the_end_is_short_and_arrives(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        begin(timeline, PARAGRAPHS)
        timeline.set_reduced_motion(False)
        timeline.wheel(400)
        timeline.go_to_end()
        timeline.stream(["more "])
        qtbot.waitUntil(lambda: timeline.is_followed)
        assert timeline.page.value == timeline.page.most

    def test_own_prompt_brings_the_view_to_the_end(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(20))
        timeline.wheel(1500)
        timeline.append(reply(1000, "Something came in."))
        assert not timeline.is_followed
        timeline.append(prompt(1001))
        assert timeline.is_followed


class TestHeld:
    def test_resizing_keeps_the_line(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(1000), reply(1000, PARAGRAPHS), *conversation(20)])
        timeline.show_message("r1000")
        timeline.wheel(-900)
        mark = timeline.page.mark()
        assert mark is not None
        assert mark.place is not None
        for width in (700, 560, 480, 640, 900, 1200, 800):
            timeline.resize(width, 600)
            timeline.settle()
            spot = timeline.page.spot_of(mark.message_id)
            assert spot is not None
            assert spot.y + int(spot.item.rect_of(mark.place).top()) == mark.y, width

    def test_resizing_at_the_end_stays_at_the_end(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(20))
        for width in (480, 1000):
            timeline.resize(width, 500)
            timeline.settle()
            assert timeline.page.value == timeline.page.most
            assert timeline.is_followed

    def test_zoom_keeps_the_line_at_the_top(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(1000), reply(1000, PARAGRAPHS), *conversation(6)])
        timeline.show_message("r1000")
        timeline.wheel(-900)
        mark = timeline.page.mark()
        assert mark is not None
        timeline.theme.set_zoom(1.3)
        fresh = timeline.page.mark()
        assert fresh is not None
        assert (fresh.message_id, fresh.place, fresh.y) == (mark.message_id, mark.place, mark.y)

    def test_change_of_a_message_above_moves_nothing(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "Short."), prompt(1), reply(1, PARAGRAPHS)])
        timeline.show_message("r1")
        assert timeline.page.spots[0].index == 2
        y = timeline.line_y("r1", "Paragraph 1 ")
        timeline.update_message(reply(0, PARAGRAPHS))
        assert timeline.line_y("r1", "Paragraph 1 ") == y
        timeline.remove("r0")
        assert timeline.line_y("r1", "Paragraph 1 ") == y

    def test_folding_keeps_the_line_that_was_clicked(self, timeline: WatchedTimeline) -> None:
        parts = (ReasoningPart(PARAGRAPHS, 6000), "The answer. " * 20)
        timeline.open([*conversation(6), prompt(1000), reply(1000, *parts), *conversation(20)[-2:]])
        timeline.show_message("r1000")
        timeline.wheel(60)
        spot = timeline.page.spot_of("r1000")
        assert spot is not None
        thought = spot.item.sections[1]
        assert isinstance(thought, Thought)
        y = spot.y + thought.top
        at = QPoint(timeline.page.left + 40, y + 10)
        for folded in (False, True):
            QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
            assert thought.is_folded is folded
            spot = timeline.page.spot_of("r1000")
            assert spot is not None
            assert spot.y + thought.top == y

    def test_reasoning_that_is_read_does_not_fold_by_itself(self, timeline: WatchedTimeline) -> None:
        begin(timeline)
        timeline.stream([PARAGRAPHS], "reasoning")
        timeline.wheel(500)
        before = timeline.line_y("r1000", "Paragraph 35 ")
        timeline.stream(["The answer."])
        thought = timeline.page.growing.sections[1]  # type: ignore[union-attr]
        assert isinstance(thought, Thought)
        assert not thought.is_folded
        assert timeline.line_y("r1000", "Paragraph 35 ") == before
        timeline.end_reply(reply(1000, ReasoningPart(PARAGRAPHS, 6000), "The answer."))
        assert timeline.line_y("r1000", "Paragraph 35 ") == before

    def test_folds_are_kept_for_messages_that_were_forgotten(self, timeline: WatchedTimeline) -> None:
        first = reply(9000, ReasoningPart("Hidden thoughts", 6000), "The answer.")
        timeline.open([first, *conversation(400)])
        timeline.page.item(0).toggle_fold(0)
        for index in range(300):
            timeline.page.show(index, 0)
        assert timeline.page.laid_out("r9000") is None
        fresh = timeline.page.item(0).sections[1]
        assert isinstance(fresh, Thought)
        assert not fresh.is_folded


class TestScrolling:
    def test_every_step_moves_by_exactly_what_was_asked(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(300))
        chance = random.Random(7)
        page = timeline.page
        for _ in range(300):
            step = chance.choice((-500, -120, -66, -3, 40, 200, 900))
            old = {spot.index: spot.y for spot in page.spots}
            timeline.scroll_by(step)
            moved = {old[spot.index] - spot.y for spot in page.spots if spot.index in old}
            at_an_edge = page.is_at_end or page.value == 0
            assert moved <= {step} or at_an_edge, (step, moved)
        assert len(page._items) <= KEPT_ITEMS + len(page.spots)

    def test_blitted_scrolling_looks_like_painting_anew(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(60))
        for step in (-70, -300, 45, -1, -550, 220):
            timeline.scroll_by(step)
            moved = timeline.picture()
            timeline.viewport().repaint()
            assert timeline.picture() == moved, step

    def test_ends_are_reached_and_not_passed(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(30))
        timeline.scroll_by(-10_000_000)
        assert timeline.page.spots[0].index == 0
        assert timeline.page.spots[0].y == 32
        assert timeline.verticalScrollBar().value() == 0
        timeline.scroll_by(10_000_000)
        assert timeline.is_followed
        assert timeline.verticalScrollBar().value() == timeline.verticalScrollBar().maximum()

    def test_short_conversation_stands_at_the_top(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "Short.")])
        assert timeline.page.spots[0].y == 32
        assert timeline.verticalScrollBar().maximum() == 0
        timeline.wheel(200)
        timeline.wheel(-200)
        assert timeline.page.spots[0].y == 32
        assert timeline.is_followed

    def test_empty_conversation_takes_keys_and_wheel(self, timeline: WatchedTimeline) -> None:
        timeline.open([])
        timeline.wheel(100)
        for key in (Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_Tab):
            QTest.keyClick(timeline, key)
        QTest.keyClick(timeline, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(timeline, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert timeline.page.spots == []

    def test_ten_thousand_messages_lay_out_only_what_is_seen(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(10_000))
        assert len(timeline.page._items) < 20
        assert timeline.page.spots[-1].index == 9_999
        timeline.show_message("p2500")
        assert [(spot.index, spot.y) for spot in timeline.page.spots][1] == (5000, 24)

    def test_column_is_centred_and_narrows(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(4))
        timeline.resize(1400, 600)
        timeline.settle()
        assert timeline.page.column_width == 760
        assert abs(timeline.page.left - (timeline.viewport().width() - 760 - timeline.page.left)) <= 1
        timeline.resize(480, 600)
        timeline.settle()
        assert timeline.page.column_width == timeline.viewport().width() - 40


class TestHeights:
    def test_agree_with_plain_sums(self) -> None:
        chance = random.Random(3)
        values = [chance.randint(1, 50) for _ in range(70)]
        heights = Heights(values)
        for _ in range(300):
            if chance.random() < 0.2:
                values.append(chance.randint(1, 50))
                heights.append(values[-1])
            else:
                at = chance.randrange(len(values))
                values[at] = chance.randint(1, 50)
                heights.set(at, values[at])
            at = chance.randrange(len(values) + 1)
            assert heights.before(at) == sum(values[:at])
            assert heights.total == sum(values)
            y = chance.randrange(sum(values))
            index, into = heights.find(y)
            assert sum(values[:index]) + into == y
            assert 0 <= into < values[index]

    def test_beyond_the_ends(self) -> None:
        heights = Heights([10, 20])
        assert heights.find(-5) == (0, -5)
        assert heights.find(45) == (1, 35)
        assert Heights().find(7) == (0, 7)
