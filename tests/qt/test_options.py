"""The sheet with a conversation's options."""

import itertools
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.domain.abilities import Abilities
from desktop.domain.endpoint import ModelInfo, ModelRef
from desktop.domain.message import FilePart, ImagePart
from desktop.domain.options import Option, Options
from tests.support.chatting import ChatRoom, until
from tests.support.windows import breathe, open_window, press

NO_SEED = Abilities(title="Anthropic", options=frozenset(Option) - {Option.SEED}, efforts=("none", "low"))


@pytest.fixture
async def panel(qloop, opened):
    """The open sheet over the empty conversation of a new window."""
    opened.window.page.header.tune.click()
    return opened.window.page.options


def field(panel, option):
    return panel.field(option).edit


def write(panel, option, text):
    """Type into a field and leave it, as by Tab."""
    edit = field(panel, option)
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    press(edit, Qt.Key.Key_Tab)


def note(panel, option):
    words = panel.field(option).note
    return words.text() if words.isVisible() else ""


def live(opened):
    return opened.room.desk.current


async def test_everything_is_left_to_the_service_and_says_so(panel, opened):
    assert panel.isVisible()
    assert field(panel, Option.SYSTEM).hasFocus()
    assert field(panel, Option.TEMPERATURE).placeholderText() == "Left to the service"
    assert field(panel, Option.REASONING_EFFORT).currentText() == "Left to the service"
    assert field(panel, Option.STREAM).currentText() == "As it comes"
    assert not panel.reset.isEnabled()
    assert all(item.edit.accessibleName() for item in panel.fields)
    assert {item.option for item in panel.fields} == set(Option)
    panel.close_panel()
    assert live(opened).options == Options()


async def test_what_is_written_goes_with_the_next_prompt_and_into_the_history(panel, opened, room):
    field(panel, Option.SYSTEM).setPlainText("Be brief.\n")
    write(panel, Option.TEMPERATURE, "0,5")
    write(panel, Option.TOP_P, "0.9")
    write(panel, Option.MAX_TOKENS, "8 000")
    write(panel, Option.SEED, "-7")
    write(panel, Option.REASONING_BUDGET, "2048")
    field(panel, Option.STOP).setPlainText("END\n\\n\n")
    field(panel, Option.REASONING_EFFORT).setCurrentIndex(3)
    field(panel, Option.STREAM).setCurrentIndex(1)
    press(panel, Qt.Key.Key_Escape)
    expected = Options(
        system="Be brief.",
        temperature=0.5,
        top_p=0.9,
        max_tokens=8000,
        stop=("END", "\n"),
        seed=-7,
        reasoning_effort="low",
        reasoning_budget=2048,
        stream=False,
    )
    assert live(opened).options == expected
    assert not room.history.conversations[next(iter(room.history.conversations))].options.chosen
    room.desk.send("Hello")
    await until(lambda: bool(room.sender.prompts) and live(opened).turn is None)
    assert room.sender.prompts[0].options == expected
    assert room.history.conversations[live(opened).conversation.id].options == expected


async def test_what_cannot_be_used_is_said_beside_it_and_not_lost(panel, opened):
    write(panel, Option.TEMPERATURE, "warm")
    assert note(panel, Option.TEMPERATURE) == "This is not a number. Until then it is left to the service."
    assert "not a number" in field(panel, Option.TEMPERATURE).accessibleDescription()
    press(panel, Qt.Key.Key_Escape)
    assert live(opened).options == Options()
    opened.window.page.header.tune.click()
    assert field(panel, Option.TEMPERATURE).text() == "warm"
    assert "not a number" in note(panel, Option.TEMPERATURE)
    write(panel, Option.TEMPERATURE, "1")
    assert note(panel, Option.TEMPERATURE) == ""
    assert live(opened).options == Options(temperature=1.0)


async def test_a_service_s_own_limits_count(qloop, opened, room):
    room.sender.takes = Abilities(most_temperature=1.0, least_budget=1024)
    opened.window.page.header.tune.click()
    panel = opened.window.page.options
    write(panel, Option.TEMPERATURE, "1.5")
    write(panel, Option.REASONING_BUDGET, "100")
    assert "from 0 to 1" in note(panel, Option.TEMPERATURE)
    assert "1,024 or more" in note(panel, Option.REASONING_BUDGET)


async def test_a_value_for_another_service_is_kept(qloop, opened, room):
    live(opened).set_options(Options(temperature=1.5))
    room.sender.takes = Abilities(most_temperature=1.0)
    opened.window.page.header.tune.click()
    panel = opened.window.page.options
    assert "from 0 to 1" in note(panel, Option.TEMPERATURE)
    panel.close_panel()
    assert live(opened).options == Options(temperature=1.5)


async def test_what_the_protocol_does_not_take_is_greyed_with_the_reason(qloop, opened, room):
    live(opened).set_options(Options(seed=7))
    room.sender.takes = NO_SEED
    opened.window.page.header.tune.click()
    panel = opened.window.page.options
    assert not field(panel, Option.SEED).isEnabled()
    assert field(panel, Option.SEED).text() == "7"
    assert note(panel, Option.SEED) == "Not known to Anthropic. It is kept, but not sent."
    efforts = field(panel, Option.REASONING_EFFORT)
    assert [efforts.itemText(row) for row in range(efforts.count())] == ["Left to the service", "None", "Low"]
    room.sender.takes = replace(NO_SEED, refused={Option.SEED: "The flow decides this by itself."})
    room.endpoints.choose(ModelRef("service", "model-x"))
    assert note(panel, Option.SEED).startswith("The flow decides this by itself.")
    room.sender.takes = Abilities()
    room.endpoints.choose(ModelRef("service", "model-y"))
    assert field(panel, Option.SEED).isEnabled()
    assert note(panel, Option.SEED) == ""
    panel.close_panel()
    assert live(opened).options == Options(seed=7)


async def test_a_number_of_tokens_counts_before_a_word(panel, opened):
    write(panel, Option.REASONING_BUDGET, "4096")
    assert note(panel, Option.REASONING_EFFORT) == "The number of tokens counts instead."


async def test_reset_leaves_everything_to_the_service_again(panel, opened):
    write(panel, Option.TEMPERATURE, "warm")
    write(panel, Option.SEED, "3")
    field(panel, Option.SYSTEM).setPlainText("Be brief.")
    panel._take()
    assert panel.reset.isEnabled()
    panel.reset.click()
    assert live(opened).options == Options()
    assert [item.text for item in panel._written] == [""] * 7
    assert note(panel, Option.TEMPERATURE) == ""
    assert not panel.reset.isEnabled()


async def test_a_dot_says_that_something_is_set(panel, opened):
    tune = opened.window.page.header.tune
    assert tune.accessibleName() == "Options of this conversation"
    plain = tune.grab().toImage()
    write(panel, Option.SEED, "3")
    write(panel, Option.TOP_P, "1")
    assert tune.accessibleName() == "Options of this conversation: 2 set"
    assert tune.grab().toImage() != plain
    panel.reset.click()
    assert tune.grab().toImage() == plain


async def test_each_conversation_has_its_own_and_the_empty_one_waits(panel, opened, room):
    write(panel, Option.SEED, "3")
    other = next(iter(room.history.conversations))
    room.desk.open(other)
    await until(lambda: live(opened).conversation.id == other)
    assert not panel.isVisible()
    assert live(opened).options == Options()
    live(opened).set_options(Options(top_p=0.5))
    await until(lambda: room.history.conversations[other].options == Options(top_p=0.5))
    room.desk.start_new()
    assert live(opened).options == Options(seed=3)
    room.desk.send("Hello")
    await until(lambda: live(opened).turn is None)
    room.desk.start_new()
    assert live(opened).options == Options()
    room.desk.open(other)
    await until(lambda: live(opened).conversation.id == other)
    assert live(opened).options == Options(top_p=0.5)


async def test_an_empty_conversation_with_options_is_not_on_the_shelf(panel, opened, room):
    before = room.shelf.rowCount()
    write(panel, Option.SEED, "3")
    await breathe()
    assert room.shelf.rowCount() == before


@pytest.mark.parametrize("way", ["escape", "done", "elsewhere", "button"])
async def test_every_way_out_takes_what_was_written_last(panel, opened, way):
    edit = field(panel, Option.SEED)
    edit.setFocus()
    QTest.keyClicks(edit, "5")
    page = opened.window.page
    if way == "escape":
        press(edit, Qt.Key.Key_Escape)
    elif way == "done":
        panel.done.click()
    elif way == "elsewhere":
        QTest.mouseClick(page, Qt.MouseButton.LeftButton, pos=QPoint(30, 200))
    else:
        QTest.mouseClick(page.header.tune, Qt.MouseButton.LeftButton)
    assert not panel.isVisible()
    assert not page.header.tune.isChecked()
    assert page.composer.edit.hasFocus()
    assert live(opened).options == Options(seed=5)


async def test_tab_leads_through_the_fields_in_their_order(panel):
    order = [Option.SYSTEM, Option.TEMPERATURE, Option.TOP_P, Option.REASONING_EFFORT]
    order += [Option.REASONING_BUDGET, Option.MAX_TOKENS, Option.SEED, Option.STOP, Option.STREAM]
    for before, after in itertools.pairwise(order):
        assert field(panel, before).hasFocus(), before
        press(field(panel, before), Qt.Key.Key_Tab)
        assert field(panel, after).hasFocus(), after


async def test_the_sheet_goes_with_its_page_and_does_not_come_back_alone(panel, opened):
    field(panel, Option.SEED).setText("9")
    opened.window.page.hide()
    opened.window.page.show()
    assert not panel.isVisible()
    assert live(opened).options == Options(seed=9)


@pytest.mark.parametrize("size", [(420, 420), (1200, 800)])
@pytest.mark.parametrize("zoom", [1.0, 2.0])
async def test_the_sheet_stays_within_the_page(qloop, opened, size, zoom):
    opened.theme.set_zoom(zoom)
    opened.window.resize(*size)
    await breathe()
    page = opened.window.page
    page.header.tune.click()
    assert page.rect().contains(page.options.geometry())
    assert page.options.done.isVisible()


async def test_an_image_is_refused_before_it_is_sent_and_the_text_stays(qloop, opened, room):
    said = []
    live(opened).refused.connect(said.append)
    picture, archive = ImagePart("image/png", b"x", "a.png"), FilePart("a.zip", "application/zip", b"PK")
    room.sender.takes = Abilities(images=(), files=())
    assert not room.desk.send("What is it?", (picture,))
    assert not room.desk.send("What is it?", (archive,))
    assert "Images can't be sent" in said[0]
    assert "a.zip (application/zip)" in said[1]
    room.sender.takes = Abilities()
    room.sender.models = (ModelInfo(id="model-x", takes_images=False),)
    room.vault.environment["SERVICE_API_KEY"] = "sk-0123456789abcdef"
    room.endpoints.refresh_models("service")
    await until(lambda: room.endpoints.model(ModelRef("service", "model-x")) == room.sender.models[0])
    room.endpoints.choose(ModelRef("service", "model-x"))
    assert not room.desk.send("What is it?", (picture,))
    assert "can't be sent to model-x" in said[2]
    assert live(opened).is_empty
    assert room.sender.prompts == []
    room.endpoints.choose(ModelRef("service", "model-y"))
    assert room.desk.send("What is it?", (picture,))
    await until(lambda: live(opened).turn is None)
    reply = live(opened).transcript[-1]
    room.endpoints.choose(ModelRef("service", "model-x"))
    assert not room.desk.try_again(reply.id)
    assert not room.desk.edit(live(opened).transcript[0].id, "And now?")
    assert len(said) == 5


async def test_options_survive_a_restart(qloop, opened, room):
    room.desk.send("Hello")
    await until(lambda: live(opened).turn is None)
    live(opened).set_options(Options(system="Be brief.", stream=False))
    row = live(opened).conversation
    await until(lambda: room.history.conversations[row.id].options.chosen)
    again = ChatRoom(settings=room.settings)
    again.history = room.history
    again.desk._ports = replace(again.desk._ports, history=room.history)
    async for window in open_window(again):
        again.desk.restore(row.id)
        await until(lambda: not again.desk.current.is_empty)
        assert again.desk.current.options == Options(system="Be brief.", stream=False)
        assert "2 set" in window.window.page.header.tune.accessibleName()


async def test_a_fork_takes_the_options_along(qloop, opened, room):
    room.desk.send("Hello")
    await until(lambda: live(opened).turn is None)
    live(opened).set_options(Options(seed=3))
    before = live(opened).conversation.id
    room.desk.fork(live(opened).transcript[-1].id)
    await until(lambda: live(opened).conversation.id != before)
    assert live(opened).options == Options(seed=3)
    live(opened).set_options(Options(seed=4))
    await until(lambda: room.history.conversations[live(opened).conversation.id].options == Options(seed=4))
    assert room.history.conversations[before].options == Options(seed=3)
