"""Replies side by side in the real window: models chosen, streams stopped, one reply gone on with."""

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop.domain.delta import FinishDelta, StopReason, TextDelta, Usage, UsageDelta
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import MessageState
from desktop.domain.secret import Secret
from tests.support.chatting import SERVICE, until
from tests.support.windows import breathe, cut_controls, press

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
X, Y = ModelRef("service", "model-x"), ModelRef("service", "model-y")
Z, W = ModelRef("other", "model-z"), ModelRef("other", "model-w")


def whole(text, output=None):
    usage = [] if output is None else [[UsageDelta(Usage(output=output, cost=0.0021))]]
    return [[TextDelta(text)], *usage, [FinishDelta(StopReason.STOP)]]


@pytest.fixture
async def window(qloop, opened, room):
    """A window with four models that answer in their own ways."""
    room.vault.hold(SERVICE.key, Secret("sk-test"))
    room.endpoints.add(Endpoint(id="other", name="Other", models=("model-z", "model-w")))
    room.endpoints.choose(X)
    room.gate = asyncio.Event()
    room.sender.by_model = {
        "model-x": whole("From **x**", 120),
        "model-y": whole("From y"),
        "model-z": [TurnFailedError(Failure(kind=FailureKind.KEY_REFUSED, endpoint="Other", status=401))],
        "model-w": [[TextDelta("Half of w")], room.gate, *whole(", and the rest")],
    }
    await breathe()
    return opened.window


async def ask(window, text="Question"):
    window.page.composer.edit.setFocus()
    QTest.keyClicks(window.page.composer.edit, text)
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await breathe()


async def compared(window, room, *refs):
    """Send a prompt to some models, and wait until every one has said or failed what it can."""
    room.desk.lineup.take(refs)
    await ask(window)
    view = window.page.compare.view
    live = room.desk.current

    def is_settled():
        replies = live.replies_to(view.prompt_id)
        return len(replies) == len(refs) and all(
            reply.state is not MessageState.STREAMING or "Half" in reply.text for reply in replies
        )

    await until(is_settled)
    await breathe()
    return view


def shown(column):
    """Return what a screen reader finds in a column."""
    tree = QAccessible.queryAccessibleInterface(column.timeline)
    children = [tree.child(at) for at in range(tree.childCount())]
    found = [item for item in children if item is not None and item.role() == QAccessible.Role.ListItem]
    return [item.text(QAccessible.Text.Value) for item in found]


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def on_screen(window):
    return [message.text for message in window.page.timeline.page.messages]


async def test_models_are_chosen_by_keys_alone_and_asked_at_once(window, room):
    press(window, Qt.Key.Key_M, CONTROL | SHIFT)
    popup = window.page.compare._popup
    assert popup.isVisible()
    assert popup.filter.hasFocus()
    assert room.desk.lineup.refs == (X,)
    assert not popup.done.isEnabled()
    QTest.keyClicks(popup.filter, "model-y")
    press(popup.filter, Qt.Key.Key_Return)
    assert popup.filter.text() == ""
    QTest.keyClicks(popup.filter, "model-y")
    press(popup.filter, Qt.Key.Key_Return)
    QTest.keyClicks(popup.filter, "model-z")
    press(popup.filter, Qt.Key.Key_Return)
    press(popup.filter, Qt.Key.Key_Return)
    assert room.desk.lineup.refs == (X, Y, Y, Z)
    press(popup.filter, Qt.Key.Key_Backspace)
    press(popup.filter, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    bar = window.page.compare._bar
    assert [chip.name.text() for chip in bar.chips] == ["model-x", "model-y", "model-y"]
    assert window.page.composer.edit.hasFocus()
    assert "3 models" in window.page.header.picker.accessibleName()
    room.desk.lineup.remove(2)
    await ask(window)
    await until(lambda: not room.desk.current.turns)
    await breathe()
    columns = window.page.compare.view.columns
    assert [column.name.text() for column in columns] == ["model-x", "model-y"]
    assert [shown(column) for column in columns] == [["From x"], ["From y"]]
    assert window.page._stack.currentWidget() is window.page.compare.view


async def test_a_single_model_compares_nothing(window, room):
    click(window.page.header.compare)
    assert room.desk.lineup.refs == (X,)
    press(window.page.compare._popup.filter, Qt.Key.Key_Escape)
    assert room.desk.lineup.refs == ()
    assert not window.page.compare.shelf.isVisible()
    assert "model-x" in window.page.header.picker.accessibleName()


async def test_a_chip_is_taken_out_by_key_and_the_next_one_has_the_keyboard(window, room):
    room.desk.lineup.take((X, Y, Z))
    await breathe()
    bar = window.page.compare._bar
    bar.chips[1].remove.setFocus(Qt.FocusReason.TabFocusReason)
    press(bar.chips[1].remove, Qt.Key.Key_Space)
    await breathe()
    assert room.desk.lineup.refs == (X, Z)
    assert bar.chips[1].remove.hasFocus()
    click(bar.clear)
    assert room.desk.lineup.refs == ()
    press(window, Qt.Key.Key_M, CONTROL | SHIFT)
    assert room.desk.lineup.refs == (X,)
    press(window.page.compare._popup.filter, Qt.Key.Key_Escape)


async def test_what_was_compared_last_is_offered_again(window, room):
    await compared(window, room, Y, X)
    room.desk.lineup.clear()
    press(window, Qt.Key.Key_M, CONTROL | SHIFT)
    assert room.desk.lineup.refs == (Y, X)
    press(window.page.compare._popup.filter, Qt.Key.Key_Escape)


async def test_the_same_model_twice_is_told_apart(window, room):
    view = await compared(window, room, X, X)
    assert [column.name.text() for column in view.columns] == ["model-x", "model-x (2)"]


async def test_figures_failure_and_waiting_stand_in_their_own_columns(window, room):
    view = await compared(window, room, X, Z, W)
    done, failed, waiting = view.columns
    assert "120 tokens" in done.figures.text()
    assert "$0.0021" in done.figures.text()
    assert "key" in shown(failed)[0].lower()
    assert not done.stop.isVisible()
    assert waiting.stop.isVisible()
    assert waiting.is_streaming
    room.gate.set()
    await until(lambda: not waiting.is_streaming)
    assert shown(waiting) == ["Half of w, and the rest"]


async def test_each_column_is_stopped_alone_by_its_button_and_all_by_the_composers(window, room):
    room.sender.by_model["model-y"] = [[TextDelta("Half of y")], room.gate]
    room.sender.by_model["model-x"] = [[TextDelta("Half of x")], room.gate]
    view = await compared(window, room, X, Y, W)
    live = room.desk.current
    assert window.page.composer.action.text() == "Stop all"
    click(view.columns[1].stop)
    await until(lambda: len(live.turns) == 2)
    assert live.message(view.columns[1].reply_id).state is MessageState.STOPPED
    assert not view.columns[1].stop.isVisible()
    assert window.page.composer.action.text() == "Stop all"
    click(window.page.composer.action)
    await until(lambda: not live.turns)
    assert window.page.composer.action.text() == "Send"
    assert [live.message(column.reply_id).text for column in view.columns] == [
        "Half of x",
        "Half of y",
        "Half of w",
    ]


async def test_escape_stops_the_column_with_the_keyboard_else_all(window, room):
    room.sender.by_model["model-y"] = [[TextDelta("Half of y")], room.gate]
    view = await compared(window, room, Y, W)
    live = room.desk.current
    assert view.columns[0].stop.text() == "Stop"
    view.columns[0].timeline.setFocus(Qt.FocusReason.TabFocusReason)
    await breathe()
    assert view.columns[0].stop.text() == "Stop (Esc)"
    assert view.focused is view.columns[0]
    press(view.columns[0].timeline, Qt.Key.Key_Escape)
    await until(lambda: len(live.turns) == 1)
    assert live.turns[0].reply_id == view.columns[1].reply_id
    assert window.page.composer.action.text() == "Stop"
    window.page.composer.edit.setFocus()
    press(window.page.composer.edit, Qt.Key.Key_Escape)
    await until(lambda: not live.turns)
    assert view.isVisible()


async def test_one_goes_on_with_a_reply_and_the_others_stay_beside_it(window, room):
    view = await compared(window, room, X, Y, W)
    live = room.desk.current
    waiting = view.columns[2].reply_id
    click(view.columns[1].choose)
    await breathe()
    assert not window.page.compare.is_open
    assert on_screen(window) == ["Question", "From y"]
    assert window.page.timeline.page.siblings(live.transcript[-1].id) == (1, 3)
    assert room.endpoints.choice == Y
    assert room.desk.lineup.refs == ()
    assert window.page.composer.action.text() == "Send"
    await ask(window, "Go on")
    await until(lambda: live.turn is None and len(live.transcript) == 4)
    assert [item.text for item in room.sender.prompts[-1].messages] == ["Question", "From y", "Go on"]
    room.gate.set()
    await until(lambda: not live.turns)
    assert live.message(waiting).text == "Half of w, and the rest"
    assert on_screen(window) == ["Question", "From y", "Go on", "From y"]


async def test_a_reply_that_still_comes_goes_on_in_the_conversation(window, room):
    view = await compared(window, room, X, W)
    click(view.columns[1].choose)
    await breathe()
    assert on_screen(window)[-1] == "Half of w"
    assert window.page.composer.action.text() == "Stop"
    room.gate.set()
    await until(lambda: not room.desk.current.turns)
    await breathe()
    assert on_screen(window) == ["Question", "Half of w, and the rest"]


async def test_siblings_come_side_by_side_again_from_the_message_and_escape_leaves(window, room):
    view = await compared(window, room, X, Y)
    live = room.desk.current
    click(view.back)
    await breathe()
    assert on_screen(window) == ["Question", "From **x**"]
    timeline = window.page.timeline
    timeline.pointer.menu.open_more(live.transcript[-1].id, QPoint(10, 10))
    menu = timeline.findChild(QMenu)
    action = next(item for item in menu.actions() if item.text() == "Compare replies")
    action.trigger()
    menu.close()
    await breathe()
    assert [shown(column) for column in view.columns] == [["From x"], ["From y"]]
    view.columns[0].timeline.setFocus()
    press(view.columns[0].timeline, Qt.Key.Key_Escape)
    await breathe()
    assert not window.page.compare.is_open
    window.actions_.run("compare_replies")
    await breathe()
    assert window.page.compare.is_open


async def test_older_siblings_made_by_another_try_can_be_compared(window, room):
    await ask(window)
    live = room.desk.current
    await until(lambda: not live.turns)
    for text in ("second", "third", "fourth", "fifth"):
        room.sender.by_model["model-x"] = whole(text)
        room.desk.try_again(live.transcript[-1].id)
        await until(lambda: not live.turns)
    first = live.replies_to(live.transcript[0].id)[0]
    room.desk.go_on_with(first.id)
    window.page.timeline.marker.act("compare", first.id)
    await breathe()
    columns = window.page.compare.view.columns
    assert [shown(column) for column in columns] == [["From x"], ["third"], ["fourth"], ["fifth"]]


async def test_another_try_takes_its_column_while_others_come(window, room):
    view = await compared(window, room, Z, W)
    room.sender.by_model["model-z"] = whole("Now it works")
    failed = view.columns[0].reply_id
    view.columns[0].timeline.marker.act("retry", failed)
    await until(lambda: shown(view.columns[0]) == ["Now it works"])
    assert len(view.columns) == 2
    assert room.desk.current.message(failed).state is MessageState.FAILED
    assert view.columns[1].is_streaming
    view.columns[0].timeline.marker.act("retry_with", view.columns[0].reply_id)
    question = window.page.compare._question
    QTest.keyClicks(question.filter, "model-y")
    press(question.filter, Qt.Key.Key_Return)
    await until(lambda: shown(view.columns[0]) == ["From y"])
    assert view.columns[0].name.text() == "model-y"
    assert len(room.desk.current.replies_to(view.prompt_id)) == 4


async def test_try_again_with_another_model_from_the_conversation(window, room):
    await ask(window)
    live = room.desk.current
    await until(lambda: not live.turns)
    first = live.transcript[-1]
    window.page.timeline.marker.act("retry_with", first.id)
    question = window.page.compare._question
    assert question.isVisible()
    QTest.keyClicks(question.filter, "model-y")
    press(question.filter, Qt.Key.Key_Return)
    await until(lambda: not live.turns and live.transcript[-1].id != first.id)
    await breathe()
    assert on_screen(window) == ["Question", "From y"]
    assert live.siblings(live.transcript[-1].id) == (1, 2)


async def test_deleting_all_but_one_reply_leads_back_and_can_be_undone(window, room):
    view = await compared(window, room, X, Y)
    view.columns[0].timeline.marker.act("delete", view.columns[0].reply_id)
    await until(lambda: not window.page.compare.is_open)
    await breathe()
    assert on_screen(window) == ["Question", "From y"]
    window.notices.shown[-1].action.click()
    await until(lambda: on_screen(window) == ["Question", "From **x**"])


async def test_the_streams_go_on_behind_another_conversation_and_come_back_side_by_side(window, room):
    room.sender.by_model["model-y"] = [[TextDelta("Half of y")], room.gate, *whole(" now whole")]
    await compared(window, room, Y, W)
    live = room.desk.current
    room.desk.open(room.shelf.index(1).data(room.shelf.Role.ID))
    await until(lambda: room.desk.current is not live)
    await breathe()
    assert not window.page.compare.is_open
    assert window.page.composer.action.text() == "Send"
    assert room.desk.streaming == (live.conversation.id,)
    room.desk.open(live.conversation.id)
    await breathe()
    view = window.page.compare.view
    assert [shown(column) for column in view.columns] == [["Half of y"], ["Half of w"]]
    room.gate.set()
    await until(lambda: not live.turns)
    await breathe()
    assert [shown(column) for column in view.columns] == [
        ["Half of y now whole"],
        ["Half of w, and the rest"],
    ]


async def test_a_further_prompt_is_compared_under_the_reply_on_the_branch(window, room):
    view = await compared(window, room, X, Y)
    live = room.desk.current
    assert window.page.composer.edit.placeholderText() == "Reply to model-x…"
    first = view.prompt_id
    await ask(window, "More")
    await until(lambda: not live.turns)
    await breathe()
    assert window.page.compare.is_open
    assert view.prompt_id != first
    assert [message.text for message in live.transcript] == ["Question", "From **x**", "More", "From **x**"]
    assert [shown(column) for column in view.columns] == [["From x"], ["From y"]]
    room.desk.lineup.clear()
    await ask(window, "To one alone")
    await until(lambda: not live.turns)
    await breathe()
    assert not window.page.compare.is_open
    assert on_screen(window)[-2:] == ["To one alone", "From **x**"]


async def test_every_column_scrolls_by_itself_and_obeys_its_reader(window, room):
    long = "\n\n".join(f"Paragraph {number}" for number in range(200))
    room.sender.by_model["model-x"] = [[TextDelta(long)], room.gate, *whole("\n\nThe end")]
    room.sender.by_model["model-w"] = [[TextDelta(f"Half {long}")], room.gate, *whole("\n\nThe end")]
    room.desk.lineup.take((X, W))
    await ask(window)
    view = window.page.compare.view
    await until(lambda: all(column.timeline.page.most > 1000 for column in view.columns))
    reader, other = (column.timeline for column in view.columns)
    reader.set_reduced_motion(True)
    reader.scroll_by(-500)
    before = reader.page.value
    assert not reader.is_followed
    room.gate.set()
    await until(lambda: not room.desk.current.turns)
    await breathe()
    assert reader.page.value == before
    assert other.page.is_at_end


@pytest.mark.parametrize(("width", "zoom"), [(480, 1.0), (700, 1.0), (1300, 1.0), (1300, 2.0), (900, 0.8)])
async def test_columns_share_the_room_there_is(opened, window, room, width, zoom):
    view = await compared(window, room, X, Y, Z)
    opened.theme.set_zoom(zoom)
    window.resize(width, 800)
    await breathe(6)
    is_scrolled = view._scroll.horizontalScrollBar().maximum() > 0
    assert [item for item in cut_controls(window) if not (is_scrolled and "'Continue with" in item)] == []
    least = min(opened.theme.px(290), view.width() - 60)
    assert all(column.width() >= least for column in view.columns)
    room_there_is = view._scroll.viewport().width()
    tops = {column.mapTo(window, QPoint(0, 0)).y() for column in view.columns}
    reach = max(column.geometry().right() for column in view.columns)
    assert len(tops) > 1 or (reach >= room_there_is) == (view._scroll.horizontalScrollBar().maximum() > 0)
    for column in view.columns:
        column.timeline.setFocus(Qt.FocusReason.TabFocusReason)
        await breathe()
        left = column.mapTo(view._scroll.viewport(), QPoint(0, 0)).x()
        assert 0 <= left < room_there_is


async def test_tab_reaches_the_columns_and_their_buttons(window, room):
    view = await compared(window, room, X, Y)
    view.back.setFocus(Qt.FocusReason.TabFocusReason)
    reached = []
    for _ in range(12):
        press(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    for column in view.columns:
        assert column.timeline in reached
        assert column.choose in reached


async def test_finding_is_about_the_column_with_the_keyboard(window, room):
    view = await compared(window, room, X, Y)
    view.columns[1].timeline.setFocus()
    press(window, Qt.Key.Key_F, CONTROL)
    await breathe()
    assert view.columns[1].timeline.open_find_bar is not None
    assert view.columns[0].timeline.open_find_bar is None


async def test_the_chips_stand_beside_each_other_whatever_came_and_went(window, room):
    room.desk.lineup.take((X, Y))
    await breathe()
    bar = window.page.compare._bar
    for change in (
        lambda: room.desk.lineup.add(Z),
        lambda: room.desk.lineup.add(W),
        lambda: room.desk.lineup.remove(0),
    ):
        change()
        await breathe()
        shown_parts = [*bar.chips, *(part for part in (bar.add, bar.clear) if part.isVisible())]
        places = [part.geometry() for part in shown_parts]
        assert not any(one.intersects(other) for one in places for other in places if one is not other)


@pytest.mark.parametrize("size", [(1000, 700), (1240, 820), (760, 640), (1240, 1100)])
async def test_every_column_is_seen_whole_from_its_head_to_its_foot(window, room, size):
    view = await compared(window, room, X, Y, Z, W)
    window.resize(*size)
    await breathe(6)
    seen = view._scroll.viewport().height()
    for column in view.columns:
        assert column.geometry().bottom() < seen
        assert column.timeline.viewport().height() > 60


async def test_a_prompt_that_is_changed_is_compared_anew(window, room):
    view = await compared(window, room, X, Y)
    first = view.prompt_id
    press(window.page.composer.edit, Qt.Key.Key_Up)
    assert window.page.composer.text() == "Question"
    QTest.keyClicks(window.page.composer.edit, " again")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: view.prompt_id not in ("", first) and not room.desk.current.turns)
    await breathe()
    assert [shown(column) for column in view.columns] == [["From x"], ["From y"]]
    assert window.page.compare.is_open
    assert room.desk.current.siblings(view.prompt_id) == (1, 2)


async def test_a_stopped_reply_is_continued_in_its_column(window, room):
    view = await compared(window, room, X, W)
    stopped = view.columns[1].reply_id
    click(view.columns[1].stop)
    await until(lambda: not room.desk.current.turns)
    room.sender.by_model["model-w"] = whole(" and the rest of it")
    view.columns[1].timeline.marker.act("continue", stopped)
    await until(lambda: shown(view.columns[1]) == ["Half of w and the rest of it"])
    assert len(view.columns) == 2
    assert view.columns[1].reply_id != stopped
    assert room.desk.current.message(stopped).text == "Half of w"
    assert room.sender.prompts[-1].continues.id == stopped


async def test_a_further_attempt_is_said_in_the_column_that_waits_for_it(window, room):
    said = []
    room.sender.refusals = [Failure(kind=FailureKind.OVERLOADED, endpoint="Test service", status=503)]
    room.desk.lineup.take((X, Y))
    room.desk.current.turn_started.connect(
        lambda turn: turn.progress_changed.connect(lambda words, _: said.append((turn.reply.model, words)))
    )
    await ask(window)
    await until(lambda: not room.desk.current.turns)
    await breathe()
    assert len({model for model, words in said if words.startswith("Trying again")}) == 1
    assert [shown(column) for column in window.page.compare.view.columns] == [["From x"], ["From y"]]


async def test_f6_goes_from_column_to_column(window, room):
    view = await compared(window, room, X, Y)
    press(window, Qt.Key.Key_F6, SHIFT)
    assert view.focused is view.columns[1]
    press(window, Qt.Key.Key_F6, SHIFT)
    assert view.focused is view.columns[0]
    press(window, Qt.Key.Key_F6)
    press(window, Qt.Key.Key_F6)
    assert window.page.composer.edit.hasFocus()


async def test_an_endpoint_can_be_added_from_the_list(window, room):
    press(window, Qt.Key.Key_M, CONTROL | SHIFT)
    click(window.page.compare._popup.add)
    assert window.settings.isVisible()
    assert not window.page.compare._popup.isVisible()
    window.settings.hide()
