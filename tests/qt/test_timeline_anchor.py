"""The line that the reader looks at moves by nothing, whatever happens around it while a reply comes."""

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import ImagePart, MessageState, ReasoningPart, TextPart
from desktop.ui.timeline.spots import Mark
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

PARAGRAPHS = "\n\n".join(f"Paragraph {number} " + "has some words. " * 14 for number in range(30))
CODE = "```python\n" + "\n".join(f"value_{number} = {number}" for number in range(120)) + "\n```\n"
FORMULAS = "\n\n".join(
    f"$$\\frac{{\\sum_{{k=0}}^{{{number}}} x_k}}{{\\sqrt{{y}}}}$$" for number in range(2, 8)
)
ABOVE = 4
Change = Callable[[WatchedTimeline], None]


def picture() -> ImagePart:
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return ImagePart("image/png", base64.b64decode(buffer.data().toBase64().data()), "sea.png")


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    """A reply comes at the end; the reader has gone up to the middle of what stood there before."""
    made = shown_timeline(qtbot)
    made.set_reduced_motion(True)
    made.open(
        [
            *conversation(ABOVE),
            prompt(500),
            reply(500, ReasoningPart(PARAGRAPHS, 3000), CODE),
            prompt(600),
            reply(600, PARAGRAPHS),
            prompt(1000),
            streaming(1000),
        ]
    )
    made.begin_reply("r1000")
    made.stream(cut(PARAGRAPHS[:2000]))
    return made


def look_at(timeline: WatchedTimeline, message_id: str = "r600") -> Mark:
    """Go up by real wheel events until the middle of a message is read; return the line at the top."""
    timeline.show_message(message_id)
    timeline.wheel(-400)
    timeline.wheel(37)
    assert not timeline.is_followed
    mark = timeline.page.mark()
    assert mark is not None
    assert mark.message_id == message_id
    return mark


def y_of(timeline: WatchedTimeline, mark: Mark) -> int:
    spot = timeline.page.spot_of(mark.message_id)
    assert spot is not None
    assert mark.place is not None
    return spot.y + int(spot.item.rect_of(mark.place).top())


def change_above(timeline: WatchedTimeline) -> None:
    timeline.update_message(reply(500, PARAGRAPHS, MARKDOWN))


def picture_above(timeline: WatchedTimeline) -> None:
    timeline.update_message(reply(500, picture(), TextPart("A picture.")))


def picture_in_a_prompt_above(timeline: WatchedTimeline) -> None:
    message = replace(prompt(600), parts=(picture(), TextPart("Why?")))
    timeline.update_message(message)


def fold_reasoning_above(timeline: WatchedTimeline) -> None:
    index = timeline.page.index_of("r500")
    assert index is not None
    with timeline.page.held():
        timeline.page.item(index).toggle_fold(0)
        timeline.page.remeasure(timeline.page.item(index))
    timeline.refresh()


def remove_above(timeline: WatchedTimeline) -> None:
    timeline.remove("r1")


def change_below(timeline: WatchedTimeline) -> None:
    timeline.update_message(prompt(1000, "Changed. " * 200))


def resize(timeline: WatchedTimeline) -> None:
    for width, height in ((700, 600), (520, 500), (480, 700), (1100, 640), (800, 600)):
        timeline.resize(width, height)
        timeline.settle()


def find(timeline: WatchedTimeline) -> None:
    timeline.open_find()
    timeline.find_bar.leave()


def end_with_failure(timeline: WatchedTimeline) -> None:
    failure = Failure(kind=FailureKind.CUT, words="It broke off.")
    timeline.end_reply(reply(1000, PARAGRAPHS[:2000], state=MessageState.FAILED, failure=failure))


def another_theme(timeline: WatchedTimeline) -> None:
    timeline.theme.choose("dark")
    timeline.theme.choose("light")


@pytest.mark.parametrize(
    "change",
    [
        change_above,
        picture_above,
        picture_in_a_prompt_above,
        fold_reasoning_above,
        remove_above,
        change_below,
        resize,
        another_theme,
        find,
        end_with_failure,
    ],
)
def test_line_stays(timeline: WatchedTimeline, change: Change) -> None:
    mark = look_at(timeline)
    pieces = cut(MARKDOWN)
    half = len(pieces) // 2
    timeline.stream(pieces[:half])
    assert y_of(timeline, mark) == mark.y
    change(timeline)
    assert y_of(timeline, mark) == mark.y
    if timeline.page.growing is not None:
        timeline.stream(pieces[half:])
    timeline.settle()
    assert y_of(timeline, mark) == mark.y
    assert not timeline.is_followed


def test_line_stays_in_every_frame_of_a_long_stream(timeline: WatchedTimeline) -> None:
    mark = look_at(timeline)
    seen = set()
    for piece in cut(MARKDOWN * 3):
        timeline.stream([piece])
        seen.add(y_of(timeline, mark))
    assert seen == {mark.y}


def test_line_within_the_growing_reply_stays(timeline: WatchedTimeline) -> None:
    timeline.stream(cut(PARAGRAPHS))
    timeline.wheel(90)
    timeline.wheel(41)
    mark = timeline.page.mark()
    assert mark is not None
    assert mark.message_id == "r1000"
    seen = set()
    for piece in cut(MARKDOWN):
        timeline.stream([piece])
        seen.add(y_of(timeline, mark))
    assert seen == {mark.y}


def test_line_stays_when_formulas_above_it_are_set(timeline: WatchedTimeline, qtbot: QtBot) -> None:
    timeline.update_message(reply(500, FORMULAS))
    index = timeline.page.index_of("r500")
    assert index is not None
    mark = look_at(timeline)
    height = timeline.page.item(index).height
    qtbot.waitUntil(lambda: timeline.page.item(index).height != height, timeout=20_000)
    assert y_of(timeline, mark) == mark.y
    timeline.stream(cut(MARKDOWN))
    timeline.settle()
    assert y_of(timeline, mark) == mark.y


def test_line_stays_when_formulas_below_it_are_set(timeline: WatchedTimeline, qtbot: QtBot) -> None:
    mark = look_at(timeline)
    with qtbot.waitSignal(timeline.inlays.arrived, timeout=20_000):
        timeline.stream(cut("\n\n" + FORMULAS + "\n\nDone.\n\n"))
    timeline.settle()
    assert y_of(timeline, mark) == mark.y


def test_folding_code_moves_nothing_above_it(timeline: WatchedTimeline) -> None:
    timeline.show_message("r500")
    spot = timeline.page.spot_of("r500")
    assert spot is not None
    section = spot.item.sections[2]
    assert section.flow is not None
    code = section.flow.code_at(section.flow.rect_of(section.flow.end).topLeft())
    assert code is not None
    at = code.fold.center()
    y = spot.y + section.top
    place = QPoint(timeline.page.left + int(at.x()), y + int(at.y()))
    height = spot.item.height
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=place)
    fresh = timeline.page.spot_of("r500")
    assert fresh is not None
    assert fresh.item.height != height
    assert fresh.y + section.top == y
    timeline.stream(cut(MARKDOWN))
    again = timeline.page.spot_of("r500")
    assert again is not None
    assert again.y == fresh.y


@pytest.mark.parametrize("key", [Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_Space])
def test_keys_release_and_the_line_stays(timeline: WatchedTimeline, key: Qt.Key) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_Space else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(timeline, key, shift)
    assert not timeline.is_followed
    spots = [(one.index, one.y) for one in timeline.page.spots if one.item is not timeline.page.growing]
    timeline.stream(cut(MARKDOWN))
    after = [(one.index, one.y) for one in timeline.page.spots if one.item is not timeline.page.growing]
    assert after == spots


def test_dragging_the_bar_releases_and_the_line_stays(timeline: WatchedTimeline) -> None:
    bar = timeline.verticalScrollBar()
    bar.setSliderDown(True)
    bar.setSliderPosition(bar.maximum() // 2)
    assert not timeline.is_followed
    spots = [(one.index, one.y) for one in timeline.page.spots]
    timeline.stream(cut(MARKDOWN))
    assert [(one.index, one.y) for one in timeline.page.spots] == spots
    bar.setSliderDown(False)
    timeline.stream(["And more."])
    assert [(one.index, one.y) for one in timeline.page.spots] == spots


def test_drag_that_selects_upward_releases(timeline: WatchedTimeline, qtbot: QtBot) -> None:
    view = timeline.viewport()
    start = QPoint(timeline.page.left + 60, view.height() - 60)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, QPoint(start.x(), 40))
    QTest.mouseMove(view, QPoint(start.x(), -30))
    qtbot.waitUntil(lambda: not timeline.is_followed)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), 40))
    mark = timeline.page.mark()
    assert mark is not None
    timeline.stream(cut(MARKDOWN))
    assert y_of(timeline, mark) == mark.y


def test_another_branch_begins_where_the_old_one_stood(timeline: WatchedTimeline) -> None:
    timeline.show_message("r600")
    timeline.wheel(100)
    spot = timeline.page.spot_of("r600")
    assert spot is not None
    messages = timeline.page.messages
    at = next(index for index, message in enumerate(messages) if message.id == "r600")
    timeline.change_messages([*messages[:at], reply(601, PARAGRAPHS)], {"r601": (1, 2)})
    fresh = timeline.page.spot_of("r601")
    assert fresh is not None
    assert fresh.y == spot.y
