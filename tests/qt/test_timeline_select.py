"""Selecting and copying by mouse and keys, across blocks and messages; links and code."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.domain.message import FilePart, ReasoningPart
from desktop.ui.timeline.flow_place import Position
from tests.support.transcript import WatchedTimeline, conversation, prompt, reply, shown_timeline

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    made = shown_timeline(qtbot)
    made.set_reduced_motion(True)
    QGuiApplication.clipboard().clear()
    made.open(
        [
            prompt(0, "First question here"),
            reply(0, "Alpha **beta** gamma.\n\nSecond paragraph with [a link](https://example.com/a)."),
            prompt(1, "Next question"),
            reply(1, "```python\nprint('code')\n```\n\nLast words."),
        ]
    )
    return made


def at(timeline: WatchedTimeline, message_id: str, text: str, *, behind: bool = False) -> QPoint:
    """Return the point before (or behind) a text, in the middle of its line."""
    spot = timeline.page.spot_of(message_id)
    assert spot is not None
    for section in spot.item.text_sections():
        assert section.flow is not None
        found = section.flow.find(text)
        if found:
            rect = spot.item.rect_of((section.key, found[0][1 if behind else 0]))
            return QPoint(timeline.page.left + round(rect.left()), spot.y + round(rect.center().y()))
    raise AssertionError(f"“{text}” is not in {message_id}")


def drag(timeline: WatchedTimeline, start: QPoint, end: QPoint) -> None:
    view = timeline.viewport()
    QTest.mousePress(view, LEFT, pos=start)
    QTest.mouseMove(view, (start + end) / 2)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, LEFT, pos=end)


def press(timeline: WatchedTimeline, kind: QEvent.Type, place: QPoint) -> None:
    """Press a moment after the last press, which QTest never does."""
    view = timeline.viewport()
    event = QMouseEvent(
        kind, QPointF(place), view.mapToGlobal(QPointF(place)), LEFT, LEFT, Qt.KeyboardModifier.NoModifier
    )
    event.setTimestamp(timeline.pointer._last_press[0] + 100)
    QApplication.sendEvent(view, event)


def copied(timeline: WatchedTimeline) -> str:
    timeline.setFocus()
    QTest.keyClick(timeline, Qt.Key.Key_C, CONTROL)
    return QGuiApplication.clipboard().text()


class TestMouse:
    def test_drag_within_a_paragraph(self, timeline: WatchedTimeline) -> None:
        drag(timeline, at(timeline, "r0", "Alpha"), at(timeline, "r0", "Alpha", behind=True))
        assert copied(timeline) == "Alpha"

    def test_drag_across_messages_either_way(self, timeline: WatchedTimeline) -> None:
        start = at(timeline, "p0", "question")
        end = at(timeline, "p1", "Next", behind=True)
        for one, other in ((start, end), (end, start)):
            drag(timeline, one, other)
            text = copied(timeline)
            assert text.startswith("question here\n\nAlpha **beta** gamma.")
            assert "[a link](https://example.com/a)." in text
            assert text.endswith("\n\nNext")

    def test_copy_brings_html_too(self, timeline: WatchedTimeline) -> None:
        drag(timeline, at(timeline, "r0", "Alpha"), at(timeline, "r0", "gamma", behind=True))
        copied(timeline)
        mime = QGuiApplication.clipboard().mimeData()
        assert mime.hasHtml()
        assert "beta" in mime.html()
        assert mime.text() == "Alpha **beta** gamma"

    def test_double_click_takes_the_word_and_drags_by_words(self, timeline: WatchedTimeline) -> None:
        view = timeline.viewport()
        inside = at(timeline, "r0", "Second") + QPoint(8, 0)
        QTest.mouseDClick(view, LEFT, pos=inside)
        assert copied(timeline) == "Second"
        press(timeline, QEvent.Type.MouseButtonDblClick, inside)
        QTest.mouseMove(view, at(timeline, "r0", "paragraph") + QPoint(8, 0))
        assert copied(timeline) == "Second paragraph"
        QTest.mouseMove(view, at(timeline, "r0", "gamma") + QPoint(8, 0))
        QTest.mouseRelease(view, LEFT, pos=at(timeline, "r0", "gamma") + QPoint(8, 0))
        assert copied(timeline) == "gamma.\n\nSecond"

    def test_triple_click_takes_the_paragraph(self, timeline: WatchedTimeline) -> None:
        inside = at(timeline, "r0", "Alpha") + QPoint(8, 0)
        QTest.mouseDClick(timeline.viewport(), LEFT, pos=inside)
        press(timeline, QEvent.Type.MouseButtonPress, inside)
        QTest.mouseRelease(timeline.viewport(), LEFT, pos=inside)
        assert copied(timeline) == "Alpha **beta** gamma."

    def test_click_elsewhere_selects_nothing(self, timeline: WatchedTimeline) -> None:
        drag(timeline, at(timeline, "r0", "Alpha"), at(timeline, "r0", "gamma"))
        QTest.mouseClick(timeline.viewport(), LEFT, pos=at(timeline, "r0", "paragraph"))
        assert timeline.selection.bounds is None
        QGuiApplication.clipboard().setText("before")
        assert copied(timeline) == "before"

    def test_shift_click_extends(self, timeline: WatchedTimeline) -> None:
        QTest.mouseClick(timeline.viewport(), LEFT, pos=at(timeline, "r0", "Alpha"))
        end = at(timeline, "r0", "paragraph", behind=True)
        QTest.mouseClick(timeline.viewport(), LEFT, SHIFT, end)
        assert copied(timeline) == "Alpha **beta** gamma.\n\nSecond paragraph"

    def test_selection_is_painted(self, timeline: WatchedTimeline) -> None:
        drag(timeline, at(timeline, "p0", "First"), at(timeline, "r1", "words"))
        picture = timeline.picture()
        color = timeline.page.look.color("selection").rgb()
        middle = at(timeline, "r0", "Second") + QPoint(1, 8)
        assert picture.pixel(middle) == color

    def test_drag_beyond_the_edge_scrolls(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        timeline.open([prompt(0, "Start here"), *conversation(30, seed=4)[1:]])
        timeline.go_to_top()
        view = timeline.viewport()
        QTest.mousePress(view, LEFT, pos=at(timeline, "p0", "here"))
        QTest.mouseMove(view, QPoint(200, view.height() + 60))
        qtbot.waitUntil(lambda: timeline.page.value > 200)
        QTest.mouseRelease(view, LEFT, pos=QPoint(200, view.height() + 60))
        value = timeline.page.value
        qtbot.wait(80)
        assert timeline.page.value == value
        assert copied(timeline).startswith("here\n\n")

    @pytest.mark.skipif(not hasattr(QClipboard, "supportsSelection"), reason="there is no middle-click paste")
    def test_selection_is_offered_to_the_middle_button(self, timeline: WatchedTimeline) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard.supportsSelection()
        drag(timeline, at(timeline, "r0", "Alpha"), at(timeline, "r0", "Alpha", behind=True))
        assert clipboard.text(QClipboard.Mode.Selection) == "Alpha"
        assert clipboard.text() != "Alpha"


class TestKeys:
    def test_select_all_copies_every_message(self, timeline: WatchedTimeline) -> None:
        timeline.setFocus()
        QTest.keyClick(timeline, Qt.Key.Key_A, CONTROL)
        assert copied(timeline) == (
            "First question here\n\nAlpha **beta** gamma.\n\nSecond paragraph with [a link](https://example.com/a)."
            "\n\nNext question\n\n```python\nprint('code')\n```\n\nLast words."
        )

    def test_select_all_of_a_long_conversation_lays_out_nothing_more(self, timeline: WatchedTimeline) -> None:
        messages = conversation(2000)
        timeline.open(messages)
        laid_out = len(timeline.page._items)
        timeline.select_all()
        text = copied(timeline)
        assert text.startswith(messages[0].text)
        assert text.endswith(messages[-1].text.strip())
        assert len(timeline.page._items) == laid_out

    def test_keyboard_alone_selects_from_the_marked_message(self, timeline: WatchedTimeline) -> None:
        timeline.marker.enter()
        timeline.marker.mark("r0")
        QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT | CONTROL)
        assert copied(timeline) == "Alpha"

    def test_keyboard_alone_selects_from_the_first_line_on_screen(self, timeline: WatchedTimeline) -> None:
        timeline.setFocus()
        QTest.keyClick(timeline, Qt.Key.Key_End, SHIFT)
        assert copied(timeline) == "First question here"

    def test_shift_and_arrows(self, timeline: WatchedTimeline) -> None:
        QTest.mouseClick(timeline.viewport(), LEFT, pos=at(timeline, "r0", "gamma"))
        for _ in range(3):
            QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT)
        assert copied(timeline) == "gam"
        QTest.keyClick(timeline, Qt.Key.Key_Left, SHIFT)
        assert copied(timeline) == "ga"
        QTest.keyClick(timeline, Qt.Key.Key_End, SHIFT)
        assert copied(timeline) == "gamma."
        QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT)
        for _ in range(6):
            QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT)
        assert copied(timeline) == "gamma.\n\nSecond"
        QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT | CONTROL)
        QTest.keyClick(timeline, Qt.Key.Key_Right, SHIFT | CONTROL)
        assert copied(timeline).strip() == "gamma.\n\nSecond paragraph"

    def test_shift_and_down_goes_on_in_the_next_message(self, timeline: WatchedTimeline) -> None:
        QTest.mouseClick(timeline.viewport(), LEFT, pos=at(timeline, "p0", "First"))
        for _ in range(2):
            QTest.keyClick(timeline, Qt.Key.Key_Down, SHIFT)
        assert copied(timeline).startswith("First question here")
        assert timeline.selection.head is not None
        assert timeline.selection.head[0] == 1
        QTest.keyClick(timeline, Qt.Key.Key_Up, SHIFT)
        assert copied(timeline).startswith("First question")

    def test_end_that_drew_back_is_no_trap(self, timeline: WatchedTimeline) -> None:
        timeline.selection.begin(timeline.page, (1, 0, Position(0, 0)))
        timeline.selection.move_head((1, 0, Position(40, 7)))
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_End):
            timeline.selection.move_head((1, 0, Position(40, 7)))
            QTest.keyClick(timeline, key, SHIFT)
            assert copied(timeline).startswith("Alpha")

    def test_escape_lets_go(self, timeline: WatchedTimeline) -> None:
        timeline.select_all()
        QTest.keyClick(timeline, Qt.Key.Key_Escape)
        assert timeline.selection.bounds is None


class TestWhatIsCopied:
    def test_folded_reasoning_is_not(self, timeline: WatchedTimeline) -> None:
        timeline.open([reply(0, ReasoningPart("Secret thoughts", 100), "The answer.")])
        timeline.select_all()
        assert copied(timeline) == "The answer."
        drag(timeline, QPoint(60, 20), at(timeline, "r0", "answer", behind=True))
        assert "Secret" not in copied(timeline)

    def test_message_is_copied_as_markdown(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        with qtbot.waitSignal(timeline.message_copied) as heard:
            timeline.copying.message("r0")
        assert heard.args == ["r0"]
        assert QGuiApplication.clipboard().text().startswith("Alpha **beta**")

    def test_message_is_copied_as_plain_and_as_rich_text(self, timeline: WatchedTimeline) -> None:
        clipboard = QGuiApplication.clipboard()
        timeline.copying.message("r0", "plain")
        assert clipboard.text() == "Alpha beta gamma.\n\nSecond paragraph with a link."
        assert not clipboard.mimeData().hasHtml()
        timeline.copying.message("r0", "rich")
        assert clipboard.text().startswith("Alpha **beta**")
        assert "<strong>beta</strong>" in clipboard.mimeData().html()
        timeline.copying.message("r1", "plain")
        assert clipboard.text() == "print('code')\n\nLast words."

    def test_reasoning_is_copied_when_asked_for_alone(self, timeline: WatchedTimeline) -> None:
        timeline.open([prompt(0), reply(0, ReasoningPart("Secret\nthoughts", 100), "The answer.")])
        timeline.page.item(1).toggle_fold(0)
        for form in ("markdown", "plain", "rich"):
            timeline.copying.message("r0", form)
            mime = QGuiApplication.clipboard().mimeData()
            assert "Secret" not in mime.text() + mime.html(), form
        timeline.select_all()
        copied(timeline)
        mime = QGuiApplication.clipboard().mimeData()
        assert "Secret" not in mime.text() + mime.html()
        timeline.copying.message("r0", "thoughts")
        assert QGuiApplication.clipboard().text() == "> Secret\n> thoughts\n\nThe answer."

    def test_selection_is_copied_as_plain_text(self, timeline: WatchedTimeline) -> None:
        drag(timeline, at(timeline, "r0", "Alpha"), at(timeline, "r0", "link", behind=True))
        timeline.copying.plain_selection()
        assert QGuiApplication.clipboard().text() == "Alpha beta gamma.\n\nSecond paragraph with a link"

    def test_message_without_text_can_be_selected_over(self, timeline: WatchedTimeline) -> None:
        timeline.open(
            [prompt(0, "Before"), reply(0, FilePart("a.txt", "text/plain", b"x")), prompt(1, "After")]
        )
        drag(timeline, at(timeline, "p0", "Before"), at(timeline, "p1", "After", behind=True))
        assert copied(timeline) == "Before\n\nAfter"


class TestLinks:
    def test_click_hands_the_address_on(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        place = at(timeline, "r0", "a link") + QPoint(8, 0)
        with qtbot.waitSignal(timeline.link_hovered) as hovered:
            timeline.point_at(qtbot, place)
        assert hovered.args == ["https://example.com/a"]
        assert timeline.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
        with qtbot.waitSignal(timeline.link_activated) as opened:
            QTest.mouseClick(timeline.viewport(), LEFT, pos=place)
        assert opened.args == ["https://example.com/a"]

    def test_selecting_over_a_link_does_not_open_it(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        with qtbot.assertNotEmitted(timeline.link_activated):
            drag(timeline, at(timeline, "r0", "a link"), at(timeline, "r0", "a link", behind=True))
        assert timeline.selection.bounds is not None

    @pytest.mark.parametrize(
        "address",
        ["javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/", "data:text/html,x", "/x"],
    )
    def test_nothing_else_is_handed_on(self, timeline: WatchedTimeline, qtbot: QtBot, address: str) -> None:
        timeline.open([reply(0, f"[press me]({address}) and <{address}>")])
        with qtbot.assertNotEmitted(timeline.link_activated):
            QTest.mouseClick(timeline.viewport(), LEFT, pos=at(timeline, "r0", "press") + QPoint(8, 0))
            timeline.pointer.open_link(address)


class TestCode:
    def point(self, timeline: WatchedTimeline, name: str) -> QPoint:
        spot = timeline.page.spot_of("r1")
        assert spot is not None
        section = next(spot.item.text_sections())
        assert section.flow is not None
        rect = section.flow.rect_of(section.flow.find("print")[0][0])
        code = section.flow.code_at(rect.center())
        assert code is not None
        button = getattr(code, name).center()
        return QPoint(
            timeline.page.left + round(button.x() + section.flow_at.x()),
            spot.y + section.top + round(button.y() + section.flow_at.y()),
        )

    def test_copy_button_copies_the_code(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        with qtbot.waitSignal(timeline.code_copied):
            QTest.mouseClick(timeline.viewport(), LEFT, pos=self.point(timeline, "copy"))
        assert QGuiApplication.clipboard().text().strip() == "print('code')"
        assert timeline.selection.bounds is None

    def test_save_button_asks(self, timeline: WatchedTimeline, qtbot: QtBot) -> None:
        with qtbot.waitSignal(timeline.code_save_requested) as heard:
            QTest.mouseClick(timeline.viewport(), LEFT, pos=self.point(timeline, "save"))
        assert heard.args is not None
        assert heard.args[0].strip() == "print('code')"
        assert heard.args[1] == "python"

    def test_wrap_button_keeps_the_message_in_place(self, timeline: WatchedTimeline) -> None:
        timeline.open(
            [*conversation(10), reply(1, f"```python\nprint('{'long ' * 80}')\n```\n\nLast words.")]
        )
        timeline.scroll_by(-40)
        spot = timeline.page.spot_of("r1")
        assert spot is not None
        y, height = spot.y, spot.item.height
        QTest.mouseClick(timeline.viewport(), LEFT, pos=self.point(timeline, "wrap"))
        spot = timeline.page.spot_of("r1")
        assert spot is not None
        assert spot.item.height > height
        assert spot.y == y
