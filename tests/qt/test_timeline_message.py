"""One message: its marks, what it offers, and that none of it moves the text."""

import struct
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.delta import StopReason, Timing, Usage
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import (
    FilePart,
    ImagePart,
    Message,
    MessageState,
    PlaceholderPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)
from desktop.ui.theme import Theme
from desktop.ui.timeline import words
from desktop.ui.timeline.below import Ending
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.pieces import Picture
from desktop.ui.timeline.section import AFTER, Notice, Section
from tests.support.transcript import (
    WatchedTimeline,
    conversation,
    prompt,
    reply,
    shown_timeline,
    streaming,
)

LEFT = Qt.MouseButton.LeftButton
CUT = Failure(kind=FailureKind.CUT, endpoint="Alpha", words="reset <b>by</b> *peer*\n# no heading")


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    return shown_timeline(qtbot)


def section_of(timeline: WatchedTimeline, message_id: str, kind: type[Section]) -> Section:
    spot = timeline.page.spot_of(message_id)
    assert spot is not None
    return next(section for section in spot.item.sections if isinstance(section, kind))


def control(timeline: WatchedTimeline, message_id: str, name: str) -> QPoint:
    """Return the middle of a painted control, found as a hand would: by trying the places."""
    spot = timeline.page.spot_of(message_id)
    assert spot is not None
    found = [
        QPoint(x, y)
        for y in range(max(0, spot.y), min(timeline.page.height, spot.y + spot.item.height), 3)
        for x in range(0, timeline.page.width, 3)
        if timeline.pointer.under(QPoint(x, y).toPointF()).control == name
    ]
    assert found, f"{name} is not offered"
    return found[len(found) // 2]


def has_color(timeline: WatchedTimeline, name: str) -> bool:
    picture = timeline.picture()
    wanted = QColor(timeline.page.look.color(name)).rgb()
    return any(
        picture.pixel(x, y) == wanted
        for y in range(0, picture.height(), 2)
        for x in range(0, picture.width(), 2)
    )


class TestMarks:
    def test_failure_stands_under_the_text_in_words(self, timeline: WatchedTimeline) -> None:
        assert not has_color(timeline, "bad_soft")
        timeline.open([prompt(0), reply(0, "It began", state=MessageState.FAILED, failure=CUT)])
        notice = section_of(timeline, "r0", Notice)
        assert notice.top > section_of(timeline, "r0", type(timeline.page.item(1).sections[1])).top
        assert notice.flow is not None
        text = notice.flow.text_between(Position(0, 0), notice.flow.end)
        assert "The connection to Alpha ended before the reply did." in text
        assert "reset <b>by</b> *peer*" in text
        assert "# no heading" in text
        assert has_color(timeline, "bad_soft")

    @pytest.mark.parametrize(
        ("failure", "names"),
        [
            (CUT, ["continue", "retry"]),
            (Failure(kind=FailureKind.KEY_REFUSED), ["settings", "retry"]),
            (Failure(kind=FailureKind.RATE_LIMIT), ["retry"]),
            (Failure(kind=FailureKind.PROVIDER), ["continue", "retry"]),
            (Failure(kind=FailureKind.OVERLOADED), ["continue", "retry"]),
        ],
    )
    def test_failure_offers_what_helps(
        self, timeline: WatchedTimeline, qtbot: QtBot, failure: Failure, names: list[str]
    ) -> None:
        timeline.open([prompt(0), reply(0, "It began", state=MessageState.FAILED, failure=failure)])
        assert list(words.failure_actions(timeline.page.messages[1])) == names
        for name in names:
            with qtbot.waitSignal(getattr(timeline, f"{name}_requested")) as heard:
                QTest.mouseClick(timeline.viewport(), LEFT, pos=control(timeline, "r0", name))
            assert heard.args == ["r0"]

    def test_wait_that_the_service_asks_for_is_named(self) -> None:
        failure = Failure(kind=FailureKind.RATE_LIMIT, endpoint="Alpha", retry_after=12.0)
        assert words.failure_text(failure) == "Alpha asks you to slow down. It asks to wait 12 s."

    @pytest.mark.parametrize(
        ("fields", "text", "action"),
        [
            ({"state": MessageState.STOPPED}, "Stopped", "continue"),
            ({"state": MessageState.INTERRUPTED}, "Interrupted when Weir ended", "continue"),
            ({"stop_reason": StopReason.LENGTH}, "The reply reached its length limit", "continue"),
            (
                {"stop_reason": StopReason.CONTENT_FILTER},
                "The service’s content filter ended the reply",
                "retry",
            ),
            ({"stop_reason": StopReason.REFUSAL}, "The model declined to answer", "retry"),
            (
                {"stop_reason": StopReason.TOOL_USE},
                "The model asked for a tool; Weir has none to offer",
                "retry",
            ),
            ({"stop_reason": StopReason.PAUSE}, "The service paused the reply", "continue"),
            (
                {"stop_reason": StopReason.OTHER},
                "The service ended the reply for a reason of its own",
                "continue",
            ),
        ],
    )
    def test_early_ends_are_marked(
        self,
        timeline: WatchedTimeline,
        qtbot: QtBot,
        fields: dict[str, object],
        text: str,
        action: str,
    ) -> None:
        timeline.open([prompt(0), reply(0, "It began", **fields)])
        ending = section_of(timeline, "r0", Ending)
        assert isinstance(ending, Ending)
        assert ending.text == text
        assert ending.height > 0
        with qtbot.waitSignal(getattr(timeline, f"{action}_requested")):
            QTest.mouseClick(timeline.viewport(), LEFT, pos=control(timeline, "r0", action))

    def test_a_limit_that_left_no_room_offers_another_try(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "", stop_reason=StopReason.LENGTH)])
        found = words.ending(timeline.page.messages[1])
        assert found == ("The length limit was reached before there was any text", ("retry",))

    def test_finished_reply_has_no_mark(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "Done.", stop_reason=StopReason.STOP)])
        keys = [section.key for section in timeline.page.item(1).sections]
        assert keys == [-1, 0, AFTER + 2]

    def test_stop_in_mid_reply_leaves_its_mark(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), streaming(0)])
        timeline.begin_reply("r0")
        timeline.stream(["It began"])
        timeline.end_reply(reply(0, "It began", state=MessageState.STOPPED))
        ending = section_of(timeline, "r0", Ending)
        assert isinstance(ending, Ending)
        assert ending.text == "Stopped"

    def test_other_parts_are_named(self, timeline: WatchedTimeline) -> None:
        parts = (
            ToolCallPart("get_weather", '{"city": "Rome"}'),
            PlaceholderPart("audio"),
            FilePart("notes.txt", "text/plain", b"12345"),
        )
        timeline.open([prompt(0), reply(0, *parts)])
        sources = [section.source for section in timeline.page.item(1).sections if section.key >= 0]
        assert sources[:3] == ["[Tool call: get_weather]", "[audio]", "[notes.txt]"]


def png(width: int, height: int) -> bytes:
    """Return a red picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\x10\x20" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class TestPictures:
    def message(self, data: bytes) -> Message:
        part = ImagePart("image/png", data, "red.png")
        return Message(
            id="p0",
            conversation_id="c",
            parent_id=None,
            role=prompt(0).role,
            parts=(part, TextPart("What is it?")),
        )

    def test_picture_is_shown_scaled_down(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([self.message(png(1000, 500))])
        picture = section_of(timeline, "p0", Picture)
        assert 0 < picture.height <= 250
        spot = timeline.page.spots[0]
        place = QPoint(timeline.page.left + timeline.page.column_width - 40, spot.y + picture.top + 40)
        red = QColor(0xFF, 0x10, 0x20).rgb()
        qtbot.waitUntil(lambda: timeline.picture().pixel(place) == red)

    @pytest.mark.parametrize("data", [b"", b"no picture", png(40, 40)[:50], png(9000, 9000)])
    def test_what_is_no_picture_is_named(self, timeline: WatchedTimeline, data: bytes) -> None:
        timeline.open([self.message(data)])
        timeline.picture()
        assert section_of(timeline, "p0", Picture).source == "[red.png]"


class TestActions:
    @pytest.fixture
    def hover(self, timeline: WatchedTimeline, qtbot: QtBot) -> Callable[[str], None]:
        def hover(message_id: str) -> None:
            spot = timeline.page.spot_of(message_id)
            assert spot is not None
            timeline.point_at(qtbot, QPoint(timeline.page.left + 30, spot.y + 12))

        return hover

    def names(self, timeline: WatchedTimeline) -> list[str]:
        return [button.accessibleName() for button in timeline.marker.row.buttons]

    def test_actions_appear_on_hover_and_move_nothing(
        self, timeline: WatchedTimeline, hover: Callable[[str], None]
    ) -> None:
        timeline.open([prompt(0), reply(0, "The answer.")])
        before = timeline.picture()
        places = [(spot.y, spot.item.height) for spot in timeline.page.spots]
        hover("r0")
        row = timeline.marker.row
        assert row.isVisible()
        assert self.names(timeline) == ["Copy", "Try again", "More actions"]
        assert [(spot.y, spot.item.height) for spot in timeline.page.spots] == places
        after = timeline.picture()
        assert after != before
        assert after.copy(0, 0, after.width(), row.y()) == before.copy(0, 0, before.width(), row.y())
        hover("p0")
        assert self.names(timeline) == ["Copy", "Edit", "More actions"]

    def test_hover_buttons_do_what_they_say(
        self, timeline: WatchedTimeline, qtbot: QtBot, hover: Callable[[str], None]
    ) -> None:
        timeline.open([prompt(0), reply(0, "The answer.")])
        hover("r0")
        with qtbot.waitSignal(timeline.retry_requested) as heard:
            timeline.marker.row.buttons[1].click()
        assert heard.args == ["r0"]
        timeline.marker.row.buttons[0].click()
        assert QGuiApplication.clipboard().text() == "The answer."
        hover("p0")
        with qtbot.waitSignal(timeline.edit_requested) as heard:
            timeline.marker.row.buttons[1].click()
        assert heard.args == ["p0"]

    def test_reply_that_grows_offers_to_copy_alone(
        self, timeline: WatchedTimeline, hover: Callable[[str], None]
    ) -> None:
        timeline.open([prompt(0), streaming(0)])
        timeline.begin_reply("r0")
        hover("r0")
        assert self.names(timeline) == ["Copy"]
        timeline.feed("text", "Done")
        timeline.end_reply(reply(0, "Done"))
        assert self.names(timeline) == ["Copy", "Try again", "More actions"]

    def test_row_moves_with_its_message(self, timeline: WatchedTimeline) -> None:
        timeline.open(conversation(20))
        spot = timeline.page.spots[-1]
        timeline.marker.mark(spot.item.message.id)
        y = timeline.marker.row.y()
        timeline.scroll_by(-37)
        assert timeline.marker.row.y() == y + 37

    def test_meters_stand_beside_the_actions(
        self, timeline: WatchedTimeline, hover: Callable[[str], None]
    ) -> None:
        usage = {
            "usage": Usage(output=312, cost=0.0047),
            "timing": Timing(first_ms=410, total_ms=4038),
        }
        message = reply(0, "The answer.", **usage)
        assert words.meters(message) == "first token 0.41 s · 86 tok/s · 312 tokens · $0.0047"
        timeline.open([prompt(0), message])
        foot = timeline.page.item(1).foot
        top = timeline.page.spots[1].y + foot.top
        quiet = timeline.picture().copy(500, top, 280, foot.height)
        hover("r0")
        assert timeline.picture().copy(500, top, 280, foot.height) != quiet

    def test_branches_are_counted_and_switched(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0), reply(0, "The answer.")], {"r0": (1, 3)})
        for name, step in (("previous", -1), ("next", 1)):
            with qtbot.waitSignal(timeline.branch_requested) as heard:
                QTest.mouseClick(timeline.viewport(), LEFT, pos=control(timeline, "r0", name))
            assert heard.args == ["r0", step]
        timeline.open([prompt(0), reply(0, "The answer.")], {"r0": (0, 2)})
        assert control(timeline, "r0", "next")
        with pytest.raises(AssertionError):
            control(timeline, "r0", "previous")

    def test_keyboard_reaches_every_action(self, qtbot: QtBot) -> None:
        window = QWidget()
        box = QVBoxLayout(window)
        timeline = WatchedTimeline(Theme())
        before, after = QPushButton("before"), QPushButton("after")
        for widget in (before, timeline, after):
            box.addWidget(widget)
        window.resize(800, 700)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
        timeline.open([prompt(0), reply(0, "The answer.")], {"r0": (1, 2)})
        before.setFocus()
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert timeline.hasFocus()
        assert timeline.marker.message_id == "r0"
        beside = QPoint(timeline.page.left - 11, timeline.page.spots[1].y + 20)
        accent = timeline.page.look.color("accent").rgb()
        assert timeline.picture().pixel(beside) == accent
        heard: list[int] = []
        timeline.branch_requested.connect(lambda _, step: heard.append(step))
        QTest.keyClick(timeline, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert heard == [-1]
        QTest.keyClick(timeline, Qt.Key.Key_Tab)
        row = timeline.marker.row
        assert row.buttons[0].hasFocus()
        QTest.keyClick(row.buttons[0], Qt.Key.Key_Right)
        assert row.buttons[1].hasFocus()
        with qtbot.waitSignal(timeline.retry_requested):
            QTest.keyClick(row.buttons[1], Qt.Key.Key_Space)
        QTest.keyClick(row.buttons[1], Qt.Key.Key_Up)
        assert timeline.marker.message_id == "p0"
        assert row.buttons[0].hasFocus()
        with qtbot.waitSignal(timeline.edit_requested) as edited:
            QTest.keyClick(row.buttons[1], Qt.Key.Key_Space)
        assert edited.args == ["p0"]
        QTest.keyClick(row.buttons[0], Qt.Key.Key_Escape)
        assert timeline.hasFocus()
        after.setFocus()
        qtbot.waitUntil(lambda: not row.isVisible())
        assert timeline.picture().pixel(beside) != accent

    def test_menu_offers_the_rest(
        self, timeline: WatchedTimeline, qtbot: QtBot, hover: Callable[[str], None]
    ) -> None:
        timeline.open([prompt(0), reply(0, "It began", state=MessageState.STOPPED)], {"r0": (0, 2)})
        hover("r0")
        timeline.marker.row.buttons[2].click()
        menu = timeline.findChild(QMenu)
        assert menu is not None
        texts = [action.text() for action in menu.actions()]
        copies = ["Copy message", "Copy message as plain text", "Copy message as rich text"]
        assert texts[:6] == [*copies, "Try again", "Continue", "Next version"]
        with qtbot.waitSignal(timeline.continue_requested):
            menu.actions()[4].trigger()
        menu.close()

    def test_delete_is_offered_where_someone_listens(self, timeline: WatchedTimeline) -> None:
        heard: list[str] = []
        timeline.delete_requested.connect(heard.append)
        timeline.open([prompt(0), reply(0, "The answer.")])
        timeline.pointer.menu.open_more("r0", QPoint(300, 300))
        menu = timeline.findChild(QMenu)
        assert menu is not None
        next(action for action in menu.actions() if action.text() == "Delete").trigger()
        menu.close()
        assert heard == ["r0"]
        timeline.marker.enter()
        QTest.keyClick(timeline, Qt.Key.Key_Delete)
        assert heard == ["r0", "r0"]

    def test_keyboard_stays_at_its_place_through_branches_and_deletion(self, qtbot: QtBot) -> None:
        timeline = shown_timeline(qtbot)
        first, second = [prompt(0), reply(0, "One")], [prompt(0), reply(7, "Two")]
        siblings = {"r0": (0, 2), "r7": (1, 2)}
        timeline.open(first, siblings)
        timeline.branch_requested.connect(lambda _id, _by: timeline.change_messages(second, siblings))
        timeline.delete_requested.connect(lambda _id: timeline.change_messages(second[:1], {}))
        timeline.setFocus()
        timeline.marker.enter()
        timeline.marker.enter_row()
        row = timeline.marker.row
        QTest.keyClick(row.buttons[0], Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        timeline.settle()
        assert timeline.marker.message_id == "r7"
        assert row.has_focus
        QTest.keyClick(row.buttons[0], Qt.Key.Key_Delete)
        timeline.settle()
        assert timeline.marker.message_id == "p0"
        assert row.has_focus

    def test_failure_can_be_answered_from_the_menu(self, timeline: WatchedTimeline) -> None:
        failure = Failure(kind=FailureKind.NO_KEY)
        timeline.open([prompt(0), reply(0, state=MessageState.FAILED, failure=failure)])
        timeline.pointer.menu.open_more("r0", QPoint(300, 300))
        menu = timeline.findChild(QMenu)
        assert menu is not None
        assert "Open settings" in [action.text() for action in menu.actions()]
        menu.close()

    def test_context_menu_over_a_link(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "[the notes](https://example.com/n) and more")])
        spot = timeline.page.spots[1]
        body = spot.item.sections[1]
        place = QPoint(timeline.page.left + 10, spot.y + body.top + 10)
        event_place = timeline.viewport().mapToGlobal(place)
        from PySide6.QtGui import QContextMenuEvent
        from PySide6.QtWidgets import QApplication

        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, event_place)
        QApplication.sendEvent(timeline.viewport(), event)
        menu = timeline.findChild(QMenu)
        assert menu is not None
        texts = [action.text() for action in menu.actions()]
        assert texts[:2] == ["Copy link address", "Copy message"]
        menu.actions()[0].trigger()
        menu.close()
        assert QGuiApplication.clipboard().text() == "https://example.com/n"


class TestLook:
    def test_colours_follow_the_theme_at_once(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, ReasoningPart("Thoughts", 10), "The answer.")])
        assert has_color(timeline, "prompt")
        light = timeline.picture()
        timeline.theme.choose("dark")
        timeline.settle()
        assert timeline.picture().pixel(2, 2) == timeline.theme.color("bg").rgb()
        assert has_color(timeline, "prompt")
        timeline.theme.choose("light")
        timeline.settle()
        assert timeline.picture() == light

    def test_zoom_makes_everything_larger(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, "The answer.")])
        height = timeline.page.item(1).height
        timeline.theme.set_zoom(1.5)
        timeline.settle()
        assert timeline.page.item(1).height >= height * 1.4

    def test_theme_changes_while_text_comes(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), streaming(0)])
        timeline.begin_reply("r0")
        timeline.stream(["Some **bold", " words** and"])
        timeline.theme.choose("dark")
        timeline.stream([" more."])
        timeline.end_reply(reply(0, "Some **bold words** and more."))
        streamed = timeline.picture()
        timeline.open([prompt(0), reply(0, "Some **bold words** and more.")])
        assert timeline.picture() == streamed
        timeline.theme.choose("light")


class TestWords:
    def test_markup_of_others_is_shown_as_it_is(self) -> None:
        assert words.literal("  # *a* <b>\n    code ") == "\\# \\*a\\* \\<b\\>\ncode"

    def test_times(self) -> None:
        now = datetime(2026, 5, 20, 18, 0).astimezone()

        def ms(moment: datetime) -> int:
            return int(moment.timestamp() * 1000)

        assert words.when(0) == ""
        today = words.when(ms(now - timedelta(hours=4)), now)
        assert "May" not in today
        assert "14" in today or "2" in today
        assert words.when(ms(now - timedelta(days=3)), now).startswith("17 May, ")
        assert words.when(ms(now - timedelta(days=365)), now).startswith("20 May 2025, ")

    @pytest.mark.parametrize(
        ("milliseconds", "text"),
        [(410, "0.41 s"), (1500, "1.5 s"), (6000, "6 s"), (42_400, "42 s"), (125_000, "2 min 5 s")],
    )
    def test_durations(self, milliseconds: int, text: str) -> None:
        assert words.seconds(milliseconds) == text

    def test_new_text_is_counted_coarsely(self) -> None:
        assert words.new_text(0, has_message=False) == "Go to the end"
        assert words.new_text(0, has_message=True) == "New text"
        assert words.new_text(7, has_message=False) == "New text"
        assert words.new_text(30, has_message=False) == "20 new words"
        assert words.new_text(199, has_message=False) == "150 new words"
        assert words.new_text(2300, has_message=False) == "2,000 new words"
