"""Finding text in a conversation: counted, marked, walked through, in what is laid out and what is not."""

import time

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import MessageState, ReasoningPart, RefusalPart
from desktop.ui.timeline.find import source_hits
from desktop.ui.timeline.hits import rects
from desktop.ui.timeline.matching import Needle
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

LONG_CODE = "```python\n" + "\n".join(f"value_{number} = {number}" for number in range(200)) + "\n```\n"


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    made = shown_timeline(qtbot)
    made.set_reduced_motion(True)
    return made


def search(timeline: WatchedTimeline, qtbot: QtBot, text: str) -> None:
    QTest.keyClick(timeline, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    timeline.find_bar.edit.clear()
    QTest.keyClicks(timeline.find_bar.edit, text) if text.isascii() else timeline.find_bar.edit.setText(text)
    timeline.find_bar._look()
    qtbot.waitUntil(lambda: not timeline.finder.is_busy, timeout=20_000)


def state(timeline: WatchedTimeline) -> str:
    return timeline.find_bar.count.text()


def press(timeline: WatchedTimeline, key: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(timeline.find_bar.edit, key, modifier)


def current_y(timeline: WatchedTimeline) -> float:
    current = timeline.finder._current
    assert current is not None
    spot = timeline.page.spot_of(current[0])
    assert spot is not None
    hit = timeline.finder._hits[current[0]][current[1]]
    return spot.y + spot.item.rect_of((hit.key, hit.start)).top()


class TestNeedle:
    @pytest.mark.parametrize(
        ("needle", "text", "found"),
        [
            ("cafe", "Café CAFÉ cafe\u0301!", ["Café", "CAFÉ", "cafe\u0301"]),
            ("CAFÉ", "cafe", ["cafe"]),
            ("strasse", "Die Straße, STRASSE", ["Straße", "STRASSE"]),
            ("東京", "私は東京へ、東京から", ["東京", "東京"]),
            ("が", "かがか", ["が"]),
            ("か", "かがか", ["か", "か"]),
            ("كتاب", "هذا كِتَابٌ وكتــاب", ["كِتَابٌ", "كتــاب"]),
            ("الاحد", "يوم الأحد", ["الأحد"]),
            ("한국", "한국어", ["한국"]),
            ("abc", "ＡＢＣ abc", ["ＡＢＣ", "abc"]),
            ("a b", "a\nb a\tb", ["a\nb", "a\tb"]),
            ("aa", "aaaaa", ["aa", "aa"]),
            ("soft", "so\u00adft", ["so\u00adft"]),
            ("🎉", "x🎉y🎉", ["🎉", "🎉"]),
            ("", "anything", []),
        ],
    )
    def test_finds_what_a_reader_means(self, needle: str, text: str, found: list[str]) -> None:
        assert [text[start:end] for start, end in Needle(needle).spans(text)] == found

    @pytest.mark.parametrize(
        ("needle", "source"),
        [
            ("bold word", "a **bold** word"),
            ("inword", "in**wo**rd"),
            ("foo_bar", "`foo_bar` and foo\\_bar"),
            ("a & b", "a &amp; b"),
            ("été", "l’&eacute;t&eacute;"),
            ("text behind", "[text](https://example.org) behind"),
        ],
    )
    def test_source_that_shows_it_is_looked_at(self, needle: str, source: str) -> None:
        assert Needle(needle).may_be_in(source)
        assert any(hit is not None for hit in source_hits(Needle(needle), source, False))

    def test_marks_and_addresses_are_not_text(self) -> None:
        assert [
            hit for hit in source_hits(Needle("example"), "[text](https://example.org)", False) if hit
        ] == []


class TestHits:
    @pytest.mark.parametrize(
        "needle", ["the", "wait", "429", "attempt", "nested", "東京", "e", "server named"]
    )
    def test_source_and_layout_agree(self, timeline: WatchedTimeline, needle: str) -> None:
        timeline.open([prompt(0), reply(0, MARKDOWN)])
        flow = timeline.page.item(1).sections[1].flow
        assert flow is not None
        from_source = [hit for hit in source_hits(Needle(needle), MARKDOWN, False) if hit is not None]
        assert from_source
        assert from_source == flow.find(needle)

    def test_every_part_of_a_message_is_searched(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        failed = reply(
            1,
            "An otter.",
            state=MessageState.FAILED,
            failure=Failure(kind=FailureKind.PROVIDER, words="no otter today"),
        )
        timeline.open(
            [
                prompt(0, "Where is the otter?"),
                reply(
                    0, ReasoningPart("The otter hides.", 900), "| Otter | x |\n|---|---|\n| an otter | y |"
                ),
                prompt(1, "`otter`"),
                failed,
                prompt(2),
                reply(2, RefusalPart("No otter for you.")),
            ]
        )
        search(timeline, qtbot, "OTTER")
        assert timeline.finder.count == 8

    def test_ten_thousand_messages_are_counted_without_laying_them_out(
        self, timeline: WatchedTimeline, qtbot: QtBot
    ) -> None:
        timeline.open(conversation(10_000))
        before = len(timeline.page._items)
        slowest = 0.0
        QTest.keyClick(timeline, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        timeline.find_bar.edit.setText("Question 4321:")
        timeline.find_bar._look()
        while timeline.finder.is_busy:
            began = time.thread_time()
            QApplication.processEvents()
            slowest = max(slowest, time.thread_time() - began)
        assert state(timeline) == "1 of 1"
        assert timeline.page.spot_of("p4321") is not None
        assert len(timeline.page._items) < before + 20
        assert slowest < 0.1

    def test_hits_come_in_order_and_go_round(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open(conversation(60))
        timeline.go_to_top()
        search(timeline, qtbot, "Question")
        assert state(timeline) == "1 of 30"
        press(timeline, Qt.Key.Key_Return)
        assert state(timeline) == "2 of 30"
        press(timeline, Qt.Key.Key_Return, shift=True)
        press(timeline, Qt.Key.Key_Return, shift=True)
        assert state(timeline) == "30 of 30"
        assert timeline.page.spot_of("p29") is not None
        timeline.find_bar.go_on()
        assert state(timeline) == "1 of 30"

    def test_search_begins_where_the_reader_is(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open(conversation(60))
        timeline.show_message("p10")
        search(timeline, qtbot, "Question")
        assert state(timeline) == "11 of 30"

    def test_nothing_is_found(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open(conversation(6))
        search(timeline, qtbot, "xylophone")
        assert state(timeline) == "No matches"
        assert not timeline.find_bar.next.isEnabled()
        press(timeline, Qt.Key.Key_Return)

    def test_folded_reasoning_and_code_are_opened_for_a_hit(
        self, timeline: WatchedTimeline, qtbot: QtBot
    ) -> None:
        thoughts = "\n\n".join(f"Thought {number}." for number in range(40))
        timeline.open([*conversation(8), prompt(100), reply(100, ReasoningPart(thoughts, 900), LONG_CODE)])
        search(timeline, qtbot, "thought 31")
        assert state(timeline) == "1 of 1"
        thought = timeline.page.item(9).sections[1]
        assert isinstance(thought, Thought)
        assert not thought.is_folded
        assert 0 < current_y(timeline) < timeline.page.height
        search(timeline, qtbot, "value_171")
        assert 0 < current_y(timeline) < timeline.page.height

    def test_wide_code_is_moved_until_the_hit_is_seen(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0), reply(0, "```\n" + "x " * 400 + "needle " + "y " * 100 + "\n```")])
        search(timeline, qtbot, "needle")
        spot = timeline.page.spot_of("r0")
        assert spot is not None
        hit = timeline.finder._hits["r0"][0]
        rect = spot.item.rect_of((hit.key, hit.start))
        assert 0 < rect.x() < timeline.page.column_width - 40


class TestBar:
    def test_keys_open_walk_and_close(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open(conversation(20))
        top = timeline.page.spots[0].y
        search(timeline, qtbot, "Question")
        bar = timeline.find_bar
        assert bar.isVisible()
        assert bar.edit.hasFocus()
        override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        override.ignore()
        QApplication.sendEvent(bar.edit, override)
        assert override.isAccepted()
        press(timeline, Qt.Key.Key_Escape)
        assert not bar.isVisible()
        assert timeline.hasFocus()
        assert timeline.finder.count == 0
        assert isinstance(top, int)

    @pytest.mark.parametrize("count", [2, 20])
    @pytest.mark.parametrize("wheel", [0, 100])
    def test_opening_moves_no_text(self, timeline: WatchedTimeline, count: int, wheel: int) -> None:
        timeline.open([prompt(0, "Short"), reply(0, "Short.")] if count == 2 else conversation(count))
        timeline.wheel(wheel)
        spots = list(timeline.page.spots)
        timeline.open_find()
        timeline.settle()
        assert timeline.page.spots == spots
        timeline.find_bar.leave()
        assert timeline.page.spots == spots

    def test_hit_at_the_top_of_a_short_page_is_seen(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0, "The heron"), reply(0, "Short.")])
        search(timeline, qtbot, "heron")
        bar = timeline.find_bar
        assert current_y(timeline) >= bar.y() + bar.height()

    def test_hit_at_the_very_top_comes_out_from_under_the_bar(
        self, timeline: WatchedTimeline, qtbot: QtBot
    ) -> None:
        timeline.open([prompt(0, "The heron"), *conversation(20)])
        timeline.go_to_top()
        search(timeline, qtbot, "heron")
        bar = timeline.find_bar
        assert current_y(timeline) >= bar.y() + bar.height()
        bar.leave()
        assert timeline.page.spots[0].y == 32
        assert timeline.page.value == 0

    def test_selected_words_are_looked_for(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0), reply(0, "A heron stands here.\n\nThe heron flies.")])
        at = timeline.page.spot_of("r0")
        assert at is not None
        rect = at.item.rect_of((0, at.item.sections[1].flow.find("heron")[0][0]))  # type: ignore[union-attr]
        place = QPoint(timeline.page.left + int(rect.x()) + 8, at.y + int(rect.center().y()))
        QTest.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.keyClick(timeline, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda: timeline.finder.count == 2)
        assert timeline.find_bar.edit.text() == "heron"

    def test_controls_have_names(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(2))
        timeline.open_find()
        bar = timeline.find_bar
        for widget in (bar, bar.edit, bar.previous, bar.next, bar.close_button):
            assert widget.accessibleName()
        assert bar.focusWidget() is bar.edit


class TestMarks:
    def test_hits_are_marked_and_the_current_one_stronger(
        self, timeline: WatchedTimeline, qtbot: QtBot
    ) -> None:
        timeline.open(
            [prompt(0), reply(0, "A heron stands.\n\nThe heron flies.\n\n```\nheron = 1\n```\n\n- heron")]
        )
        timeline.page.scroll_by(-1)
        search(timeline, qtbot, "heron")
        assert state(timeline) == "1 of 4"
        picture = timeline.picture()
        spot = timeline.page.spot_of("r0")
        assert spot is not None
        section = spot.item.sections[1]
        assert section.flow is not None
        corners = []
        for start, end in section.flow.find("heron"):
            rect = next(rects(section.flow, start, end))
            at = rect.topLeft() + section.flow_at
            corners.append(
                QColor(
                    picture.pixel(
                        timeline.page.left + int(at.x()) + 1, spot.y + section.top + int(at.y()) + 2
                    )
                ).name()
            )
        assert corners[0] == "#ffb74d"
        assert corners[1:] == ["#ffe58f", "#f5e58f", "#ffe58f"]

    def test_hit_over_two_lines_is_marked_on_both(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "word " * 60)])
        flow = timeline.page.item(1).sections[1].flow
        assert flow is not None
        start, end = flow.find("word " * 30)[0]
        found = list(rects(flow, start, end))
        assert len(found) == 2
        assert found[0].y() < found[1].y()

    def test_growing_reply_is_searched_as_it_grows(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([*conversation(6), prompt(1000), streaming(1000)])
        timeline.begin_reply("r1000")
        search(timeline, qtbot, "heron")
        timeline.stream(cut("One heron. Two heron. " * 20))
        qtbot.waitUntil(lambda: timeline.finder.count == 40)
        timeline.end_reply(reply(1000, "One heron. Two heron. " * 20 + "Three heron."))
        qtbot.waitUntil(lambda: timeline.finder.count == 41)

    def test_stream_moves_the_current_hit_by_nothing(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([*conversation(6), prompt(1000), streaming(1000)])
        timeline.begin_reply("r1000")
        timeline.stream(["A heron. " + "And more text. " * 100])
        search(timeline, qtbot, "heron")
        y = current_y(timeline)
        timeline.stream(cut(MARKDOWN))
        assert current_y(timeline) == y

    def test_other_messages_are_searched_anew(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0, "heron"), reply(0, "heron")])
        search(timeline, qtbot, "heron")
        assert timeline.finder.count == 2
        timeline.remove("r0")
        qtbot.waitUntil(lambda: timeline.finder.count == 1)
        timeline.append(reply(5, "heron heron"))
        qtbot.waitUntil(lambda: timeline.finder.count == 3)
        timeline.open(conversation(4))
        qtbot.waitUntil(lambda: not timeline.finder.is_busy)
        assert timeline.finder.count == 0
