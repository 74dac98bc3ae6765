"""Texts from right to left, and mixed ones: where they stand, what the keys do, what is mirrored."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.ui.composer import Composer
from desktop.ui.controls import ElidedLabel
from desktop.ui.shelf.edge import ShelfHandle
from desktop.ui.sides import Room
from desktop.ui.theme import Theme
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.flow_text import word_in
from desktop.ui.timeline.matching import Needle
from desktop.ui.timeline.section import Bubble, Head, Notice, Thought
from tests.support.chatting import until
from tests.support.composing import ACCENT, FAMILY, FLAG, SYLLABLE, compose
from tests.support.transcript import prompt, reply, shown_timeline
from tests.support.windows import add_conversation, breathe, open_window, press

Key = Qt.Key
LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
SHIFT = Qt.KeyboardModifier.ShiftModifier
ARABIC = "هذا سطر عربي"
HEBREW = "זוהי שורה בעברית"


@pytest.fixture
def mirrored(qapp: QApplication):
    """A program that reads from right to left."""
    qapp.setLayoutDirection(RIGHT)
    yield
    qapp.setLayoutDirection(LEFT)


@pytest.fixture
def composer(qtbot):
    made = Composer(Theme())
    qtbot.addWidget(made)
    made.resize(700, 260)
    made.show()
    made.activateWindow()
    made.edit.setFocus()
    qtbot.waitUntil(made.edit.hasFocus)
    return made


def starts(edit) -> list[bool]:
    """Return for each paragraph whether its beginning is in the right half of the field."""
    QApplication.processEvents()
    found = []
    block = edit.document().firstBlock()
    while block.isValid():
        cursor = QTextCursor(block)
        found.append(edit.cursorRect(cursor).x() > edit.viewport().width() / 2)
        block = block.next()
    return found


# Writing


def test_each_paragraph_begins_at_its_own_side(composer):
    composer.set_text(f"{ARABIC}\nEnglish\n{HEBREW} and English\nEnglish {HEBREW}\n- {ARABIC}\n1. one\n123\n")
    assert starts(composer.edit) == [True, False, True, False, True, False, False, False]


def test_the_side_changes_with_what_is_typed_first(composer):
    edit = composer.edit
    edit.insertPlainText("- ")
    assert starts(edit) == [False]
    edit.insertPlainText(ARABIC)
    assert starts(edit) == [True]
    QTest.keyClick(edit, Key.Key_Return, SHIFT)
    QTest.keyClicks(edit, "Hello")
    assert starts(edit) == [True, False]
    cursor = edit.textCursor()
    cursor.setPosition(0)
    edit.setTextCursor(cursor)
    QTest.keyClicks(edit, "A")
    assert starts(edit) == [False, False]
    edit.undo()
    assert starts(edit)[0] is True


def test_what_is_composed_has_its_side_too(composer):
    compose(composer.edit, ARABIC)
    assert composer.edit.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).x() > 350
    compose(composer.edit, "", commit=ARABIC)
    assert starts(composer.edit) == [True]
    assert composer.text() == ARABIC


def test_paragraphs_keep_their_sides_at_another_width_and_size(composer):
    composer.set_text(f"{ARABIC}\nEnglish")
    composer.resize(420, 260)
    assert starts(composer.edit) == [True, False]
    composer._theme.set_zoom(2.0)
    assert starts(composer.edit) == [True, False]


def test_home_and_end_lead_to_the_ends_of_mixed_text(composer):
    edit = composer.edit
    composer.set_text(f"{HEBREW} with English")
    QTest.keyClick(edit, Key.Key_Home)
    assert edit.textCursor().position() == 0
    assert edit.cursorRect().x() > edit.viewport().width() / 2
    QTest.keyClick(edit, Key.Key_End)
    assert edit.textCursor().atEnd()
    QTest.keyClick(edit, Key.Key_Home, SHIFT)
    assert edit.textCursor().selectedText() == composer.text()
    QTest.keyClick(edit, Key.Key_Home)
    QTest.keyClick(edit, Key.Key_Left)
    assert edit.textCursor().position() == 1


def test_the_candidates_are_put_where_the_caret_is(composer):
    edit = composer.edit
    composer.set_text("\n".join(f"line {number}" for number in range(30)))
    for zoom in (1.0, 2.0):
        composer._theme.set_zoom(zoom)
        for at in (QTextCursor.MoveOperation.Start, QTextCursor.MoveOperation.End):
            edit.moveCursor(at)
            QApplication.processEvents()
            rect = edit.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).toRect()
            assert edit.rect().contains(rect)
            inside = edit.viewport().mapFrom(edit, rect.center())
            assert edit.cursorForPosition(inside).position() == edit.textCursor().position()


def test_paragraphs_without_words_begin_where_the_window_does(mirrored, composer):
    composer.set_text("123\n\nEnglish")
    assert starts(composer.edit) == [True, True, False]
    composer.clear()
    assert starts(composer.edit) == [True]


# Reading


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.choose("light")
    return theme


def flow_of(theme: Theme, source: str, width: float = 600.0) -> Flow:
    flow = Flow(theme)
    flow.set_width(width)
    flow.set_source(source)
    return flow


def x_of(flow: Flow, text: str, block: int = 0) -> float:
    start, _end = flow.find(text)[0]
    assert start.block == block
    return flow.rect_of(start).x()


def test_code_in_prose_from_right_to_left_reads_from_left_to_right(theme):
    flow = flow_of(theme, f"{ARABIC} `call(a, b)` {ARABIC}")
    code = "call(a, b)"
    start = flow.find(code)[0][0]
    places = [flow.rect_of(Position(0, start.char + at)).x() for at in range(1, len(code))]
    assert places == sorted(places)
    assert flow.text_between(Position(0, 0), flow.end) == f"{ARABIC} {code} {ARABIC}"
    for at in range(1, len(code) - 1):
        rect = flow.rect_of(Position(0, start.char + at))
        assert flow.hit(QPointF(rect.x() + 1, rect.center().y())) == Position(0, start.char + at)


def test_several_codes_side_by_side_and_at_the_ends_keep_their_places(theme):
    source = f"`a()` {ARABIC} `b[1]``c` 🎉 `d.e();`"
    flow = flow_of(theme, source)
    text = flow.text_between(Position(0, 0), flow.end)
    for at in range(len(text)):
        place = Position(0, at)
        rect = flow.rect_of(place)
        assert 0 <= rect.x() <= 600
    assert flow.find("b[1]")
    assert flow.find("d.e();")[0][1] == flow.end


def test_code_from_right_to_left_in_english_prose_is_kept_apart_too(theme):
    flow = flow_of(theme, f"Print `{HEBREW}` (now)")
    assert x_of(flow, "Print") < x_of(flow, "(now)")


def test_a_table_that_begins_in_arabic_has_its_first_column_at_the_right(theme):
    flow = flow_of(theme, f"| {ARABIC} | two |\n|---|---|\n| قلم | pencil |")
    first, second = x_of(flow, "قلم"), x_of(flow, "pencil")
    assert first > second
    assert first > 500
    for text in ("قلم", "pencil"):
        start, end = flow.find(text)[0]
        middle = (flow.rect_of(start).x() + flow.rect_of(end).x()) / 2
        hit = flow.hit(QPointF(middle, flow.rect_of(start).center().y()))
        assert start <= hit <= end


def test_a_wide_one_is_scrolled_from_the_right(theme):
    head = " | ".join([ARABIC] * 12)
    flow = flow_of(theme, f"| {head} |\n|{'---|' * 12}\n| {'س | ' * 12}", 400.0)
    before = flow.rect_of(Position(0, 0)).x()
    assert 300 < before <= 401
    assert flow.scroll_sideways(QPointF(20, 5), 40) is None
    flow.scroll_sideways(QPointF(20, 5), -40)
    assert flow.rect_of(Position(0, 0)).x() == pytest.approx(before + 40, abs=1)


def test_the_keyboard_selects_whole_characters_the_way_they_are_seen(qtbot):
    timeline = shown_timeline(qtbot)
    timeline.open([prompt(1, "Hi"), reply(2, f"{FAMILY}{FLAG}{ACCENT}{SYLLABLE}.")])
    timeline.setFocus()
    section = timeline.page.item(1).sections[1]
    timeline.selection.begin(timeline.page, (1, section.key, Position(0, 0)))
    for expected in (FAMILY, FAMILY + FLAG, FAMILY + FLAG + ACCENT, FAMILY + FLAG + ACCENT + SYLLABLE):
        press(timeline, Key.Key_Right, SHIFT)
        assert timeline.selection.text(timeline.page) == expected
    press(timeline, Key.Key_Left, SHIFT)
    assert timeline.selection.text(timeline.page) == FAMILY + FLAG + ACCENT
    timeline.open([prompt(1, "Hi"), reply(2, ARABIC)])
    section = timeline.page.item(1).sections[1]
    timeline.selection.begin(timeline.page, (1, section.key, Position(0, 0)))
    press(timeline, Key.Key_Left, SHIFT)
    press(timeline, Key.Key_Left, SHIFT)
    assert timeline.selection.text(timeline.page) == ARABIC[:2]
    press(timeline, Key.Key_Right, SHIFT)
    assert timeline.selection.text(timeline.page) == ARABIC[:1]


@pytest.mark.parametrize("word", ["cafe\N{COMBINING ACUTE ACCENT}s", "क्षमता", "நிலா", "مُحَمَّد"])
def test_a_word_is_chosen_with_its_marks(word):
    text = f"a {word} b"
    for at in range(2, 2 + len(word)):
        assert word_in(text, at) == (2, 2 + len(word))


def test_what_is_found_never_splits_a_character():
    text = f"x{FAMILY}y"
    assert list(Needle("👩").spans(text)) == [(1, 1 + len(FAMILY))]
    assert list(Needle("क").spans(f"a{SYLLABLE}")) == [(1, 1 + len(SYLLABLE))]
    assert list(Needle("cafe").spans("cafe\N{COMBINING ACUTE ACCENT}")) == [(0, 5)]


# A window from right to left


def test_a_row_gives_its_room_away_from_both_sides(qapp):
    image = QImage(100, 20, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for way, start, end in ((LEFT, QRect(0, 0, 10, 20), QRect(80, 0, 20, 20)),
                            (RIGHT, QRect(90, 0, 10, 20), QRect(0, 0, 20, 20))):  # fmt: skip
        painter.setLayoutDirection(way)
        room = Room(painter, QRect(0, 0, 100, 20))
        assert room.from_start(10, 5) == start
        assert room.from_end(20, 5) == end
        assert room.rect.width() == 60
    painter.end()


def ink(widget) -> tuple[int, int]:
    """Return the first and last column in which anything is painted."""
    image = widget.grab().toImage()
    ground = image.pixel(0, 0)
    found = [
        x for x in range(image.width())
        if any(image.pixel(x, y) != ground for y in range(image.height()))
    ]  # fmt: skip
    return found[0], found[-1]


@pytest.mark.parametrize("text", ["English", ARABIC])
@pytest.mark.parametrize(("way", "is_right"), [(LEFT, False), (RIGHT, True)])
def test_a_title_stands_where_the_window_begins(qtbot, text, way, is_right):
    label = ElidedLabel(text)
    qtbot.addWidget(label)
    label.setLayoutDirection(way)
    label.resize(400, 30)
    first, last = ink(label)
    assert (first > 200) is is_right
    assert (last > 200) is is_right


def test_a_transcript_is_mirrored_but_for_its_texts(mirrored, qtbot):
    timeline = shown_timeline(qtbot)
    code = "Words.\n\n```\ncode\n```"
    timeline.open([prompt(1, "Hi"), reply(2, "Hm", code)], {reply(2, code).id: (1, 2)})
    item = timeline.page.item(0)
    bubble = next(section for section in item.sections if isinstance(section, Bubble))
    assert bubble.flow_at.x() < 100
    answer = timeline.page.item(1)
    head = next(section for section in answer.sections if isinstance(section, Head))
    assert head.look.is_mirrored
    body = answer.sections[-2]
    assert body.flow_at.x() == 0
    assert body.flow.rect_of(Position(0, 0)).x() == 0
    foot = answer.foot
    middle = foot.middle
    assert foot.control_at(QPointF(foot.width - 1, middle)) == "previous"
    assert foot.control_at(QPointF(foot.width - foot.branch_width + 10, middle)) == ""
    assert foot.control_at(QPointF(5, middle)) == ""
    assert foot.meters_rect().left() == 0


def test_what_folds_and_what_is_said_of_a_failure_is_mirrored(mirrored, qtbot):
    timeline = shown_timeline(qtbot)
    look = timeline.page.look
    thought = Thought(0, look, "why", 900, is_open=False)
    thought.lay_out(500)
    assert thought.control_at(QPointF(490, 5)) == "fold"
    assert thought.control_at(QPointF(10, 5)) == ""
    thought.is_folded = False
    thought.lay_out(500)
    assert thought.flow_at.x() == 0
    notice = Notice(1, look, "It failed.", "bad", ("retry",))
    notice.lay_out(500)
    button = notice._buttons.rects[0]
    assert button.right() == 500 - look.px(16)
    assert notice.control_at(button.center()) == "retry"


def test_a_transcript_that_is_turned_later_is_laid_out_anew(qtbot):
    timeline = shown_timeline(qtbot)
    timeline.open([prompt(1, "Hi"), reply(2, "Hello")])
    before = next(each for each in timeline.page.item(0).sections if isinstance(each, Bubble)).flow_at.x()
    timeline.setLayoutDirection(RIGHT)
    timeline.settle()
    after = next(each for each in timeline.page.item(0).sections if isinstance(each, Bubble)).flow_at.x()
    assert after < 100 < before


@pytest.fixture
async def turned(qloop, mirrored, room):
    """A window that reads from right to left, with one conversation."""
    add_conversation(room, ARABIC)
    async for opened in open_window(room):
        yield opened.window


async def test_a_window_is_mirrored(turned, room):
    window = turned
    first = next(iter(room.history.conversations))
    await breathe()
    middle = window.width() / 2
    assert window.sidebar.geometry().left() > middle
    assert window.sidebar.geometry().right() == window.width() - 1
    assert window._stack.geometry().left() == 0
    assert window._stack.geometry().right() == window.sidebar.geometry().left() - 2
    header = window.page.header
    assert header.more.mapTo(window, QPoint(0, 0)).x() < middle
    window.open_conversation(first)
    await until(lambda: bool(room.desk.current.transcript))
    window.actions_.run("find")
    bar = window.page.timeline.open_find_bar
    assert bar is not None
    assert bar.geometry().left() < 40
    window.toggle_models()
    await breathe()
    assert window.rect().contains(window.popup.geometry())
    handle = window.findChild(ShelfHandle)
    handle.dragged.emit(window.width() - 300)
    await breathe()
    assert abs(window.sidebar.width() - 300) < 3
    QApplication.instance().setLayoutDirection(LEFT)
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutDirectionChange)
    await until(lambda: window.sidebar.geometry().left() == 0)
