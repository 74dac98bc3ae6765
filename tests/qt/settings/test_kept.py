"""The pages of prompts and personas, and personas given to conversations, by keys and the mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.chat.personas import DEFAULT, Personas
from desktop.domain.endpoint import ModelRef
from desktop.domain.options import Option, Options
from desktop.domain.persona import Persona
from desktop.domain.secret import Secret
from desktop.domain.template import Template
from desktop.ui.settings.personas import personas_page
from desktop.ui.settings.prompts import prompts_page
from tests.support.chatting import until
from tests.support.windows import Kept, breathe, bring_forward
from tests.support.writing import Workshop

PROMPTS = (
    Template(id="s", name="Summarise", text="Sum: {{x}}"),
    Template(id="t", name="Translate", text="Tr"),
)
TUTOR = Persona(id="tutor", name="Tutor", options=Options(system="Teach.", temperature=0.3))
PIRATE = Persona(
    id="pirate", name="Pirate & Co", options=Options(system="Arr."), model=ModelRef("service", "model-y")
)


class Bench(Workshop):
    """A helped window whose settings have both pages, as the program has them."""

    def __init__(self, room, kept=None):
        super().__init__(room, PROMPTS, (TUTOR, PIRATE), kept)
        self.given = Personas(self.personas, room.desk, room.endpoints, self.kept.ports(), self.window)
        self.door.offer_personas(self.given)
        self.door.prompts_wanted.connect(lambda: self.page("prompts"))

    def page(self, name):
        settings = self.window.settings
        if not hasattr(self, "_added"):
            self._added = True
            settings.add_page("prompts", "Prompts", "prompts", lambda: prompts_page(self.theme, self.prompts))
            settings.add_page(
                "personas", "Personas", "persona",
                lambda: personas_page(self.theme, self.given, self.room.endpoints),
            )  # fmt: skip
        return settings.show_page(name)


@pytest.fixture
async def bench(qloop, room):
    made = Bench(room)
    await made.show()
    await made.prompts.read()
    await made.personas.read()
    yield made
    await made.close()


@pytest.fixture
async def prompts(qloop, bench):
    return bench.page("prompts")


@pytest.fixture
async def personas(qloop, bench):
    return bench.page("personas")


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def names(page):
    return [page.list._entries.entry(entry_id).name for entry_id in page.list.rows]


async def test_a_prompt_is_written_and_is_offered_behind_the_slash(prompts, bench):
    click(prompts.list.new)
    form = prompts.editor
    QTest.keyClicks(form.name, "My own")
    QTest.keyClicks(form.text, "Write to {{who}} on {{date}}")
    assert form.places.text() == "To fill in: who"
    click(form.save)
    assert prompts.currentWidget() is prompts.list
    assert names(prompts) == ["My own", "Summarise", "Translate"]
    await until(lambda: [item.name for item in bench.prompts_file.kept.own] == ["My own"])
    bench.window.settings.hide()
    await bring_forward(bench.window)
    bench.edit.setFocus()
    QTest.keyClicks(bench.edit, "/my")
    assert bench.popup.rows() == ("My own",)


async def test_a_prompt_without_text_is_not_kept(prompts):
    click(prompts.list.new)
    click(prompts.editor.save)
    assert prompts.editor.problem.text() == "There is no text yet."
    assert prompts.currentWidget() is prompts.editor
    click(prompts.editor.back)
    assert names(prompts) == ["Summarise", "Translate"]


async def test_what_came_with_the_program_is_changed_and_taken_back(prompts, bench):
    click(prompts.list.button("t", "edit"))
    form = prompts.editor
    assert form.original.isHidden()
    form.text.setPlainText("Mine now")
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    assert bench.prompts.entry("t").text == "Mine now"
    click(prompts.list.button("t", "edit"))
    assert not form.original.isHidden()
    click(form.original)
    assert bench.prompts.entry("t") == PROMPTS[1]


async def test_deleting_can_be_undone(prompts, bench):
    bench.prompts.put(Template(id="m", name="Mine", text="x"))
    click(prompts.list.button("m", "delete"))
    assert names(prompts) == ["Summarise", "Translate"]
    assert prompts.list.words.text() == "“Mine” was deleted."
    click(prompts.list.undo)
    assert names(prompts) == ["Mine", "Summarise", "Translate"]
    assert prompts.list.undo.isHidden()


async def test_hidden_ones_can_be_shown_again(prompts):
    click(prompts.list.button("s", "delete"))
    assert prompts.list.words.text() == "“Summarise” is hidden."
    assert prompts.list.unhide.text() == "Show what is hidden (1)"
    click(prompts.list.unhide)
    assert names(prompts) == ["Summarise", "Translate"]
    assert prompts.list.unhide.isHidden()


async def test_the_order_changes_by_key_and_the_keyboard_stays_with_the_row(prompts, bench):
    bench.prompts.put(Template(id="m", name="Mine", text="x"))
    await bring_forward(bench.window.settings)
    prompts.list.button("m", "down").setFocus()
    QTest.keyClick(prompts.list.button("m", "down"), Qt.Key.Key_Space)
    assert names(prompts) == ["Summarise", "Mine", "Translate"]
    assert prompts.list.button("m", "down").hasFocus()
    QTest.keyClick(prompts.list.button("m", "down"), Qt.Key.Key_Space)
    assert names(prompts) == ["Summarise", "Translate", "Mine"]
    assert prompts.list.button("m", "up").hasFocus()
    assert not prompts.list.button("m", "down").isEnabled()


async def test_a_broken_file_is_said_and_nothing_can_be_changed(bench):
    bench.prompts_file.problem = "prompts.toml, line 3: this is wrong."
    page = bench.page("prompts")
    await until(lambda: not page.list.new.isEnabled())
    assert "prompts.toml, line 3: this is wrong." in page.list.problem.text()
    assert not page.list.button("s", "edit").isEnabled()


async def test_they_go_out_to_a_file_and_come_in_from_it(prompts, bench, monkeypatch):
    click(prompts.list.save)
    dialog = prompts.list.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.close()
    prompts.list.export_file("/somewhere/out.toml")
    await until(lambda: bool(prompts.list.words.text()))
    assert prompts.list.words.text() == "2 were written to out.toml."
    bench.prompts_file.files[Path("/in.toml")] = (*PROMPTS, Template(id="n", name="New", text="n"))
    prompts.list.import_file("/in.toml")
    await until(lambda: "New" in names(prompts))
    assert prompts.list.words.text() == "1 came in. 2 were here already."
    prompts.list.import_file("/none.toml")
    await until(lambda: prompts.list.words.text() == "There is no file none.toml.")


async def test_a_persona_is_written_with_its_model_and_options(personas, bench):
    click(personas.list.new)
    form = personas.editor
    click(form.save)
    assert form.problem.text() == "A persona needs a name."
    QTest.keyClicks(form.name, "Cook")
    form.system.setPlainText("Cook well.\nBriefly.")
    temperature = next(item for item in form.fields if item.option is Option.TEMPERATURE)
    QTest.keyClicks(temperature.edit, "9")
    click(form.save)
    assert form.problem.text() == "It has to be from 0 to 2."
    temperature.edit.clear()
    QTest.keyClicks(temperature.edit, "0,5")
    form.model.setCurrentIndex(form.model.findText("model-y  ·  Test service"))
    form.effort.edit.setCurrentIndex(form.effort.edit.findData("low"))
    form.is_default.setChecked(True)
    click(form.save)
    cook = bench.personas.named("cook")
    assert cook.model == ModelRef("service", "model-y")
    assert cook.options == Options(system="Cook well.\nBriefly.", temperature=0.5, reasoning_effort="low")
    assert bench.kept.values[DEFAULT] == cook.id
    click(personas.list.button(cook.id, "edit"))
    assert form.model.currentText() == "model-y  ·  Test service"
    assert form.is_default.isChecked()
    form.is_default.setChecked(False)
    click(form.save)
    assert bench.kept.values[DEFAULT] == ""


async def test_a_conversation_is_given_a_persona_and_keeps_its_values(bench, room):
    room.vault.stored["service"] = Secret("sk-0123456789abcdef0123456789")
    button = bench.door.persona_button
    assert button.button.text() == "Persona: none"
    click(button.button)
    await until(lambda: button.menu is not None)
    action = next(item for item in button.menu.actions() if item.text() == "Pirate && Co")
    action.trigger()
    button.menu.close()
    assert button.button.text() == "Persona: Pirate && Co"
    assert room.endpoints.choice == ModelRef("service", "model-y")
    QTest.keyClicks(bench.edit, "Hello")
    QTest.keyClick(bench.edit, Qt.Key.Key_Return)
    live = room.desk.current
    await until(lambda: live.turn is None and len(live.transcript) == 2)
    assert room.sender.prompts[-1].options.system == "Arr."
    assert live.conversation.persona == "Pirate & Co"
    bench.personas.put(Persona(id="pirate", name="Pirate & Co", options=Options(system="Ahoy.")))
    assert live.options.system == "Arr."
    row, _ = await room.history.read_conversation(live.conversation.id)
    assert (row.persona, row.options.system) == ("Pirate & Co", "Arr.")
    room.desk.start_new()
    await breathe()
    assert button.button.text() == "Persona: none"
    assert room.desk.current.options == Options()


async def test_the_options_name_the_persona_and_change_it(bench, room):
    panel = bench.window.page.options
    bench.window.page.header.tune.click()
    await until(panel.isVisible)
    from desktop.ui.compose.persona_choice import PersonaField

    field = panel.findChild(PersonaField)
    box = field.chooser
    assert [box.itemText(at) for at in range(box.count())] == ["None", "Tutor", "Pirate & Co"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert room.desk.current.options == TUTOR.options
    assert panel.field(Option.SYSTEM).text == "Teach."
    assert "keeps these values" in field.note.text()
    panel.close_panel()
    assert room.desk.current.options == TUTOR.options
    bench.personas.remove("tutor")
    bench.window.page.header.tune.click()
    assert box.currentText() == "Tutor, as it was"
    assert "own by now" in field.note.text()
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert room.desk.current.options == Options()
    assert room.desk.current.conversation.persona == ""


async def test_new_conversations_begin_with_the_default_persona(qloop, room):
    bench = Bench(room, Kept(**{DEFAULT: "tutor"}))
    await bench.show()
    bench.given.load()
    desk = room.desk
    await until(lambda: desk.current.conversation.persona == "Tutor")
    assert desk.current.options == TUTOR.options
    bench.given.choose(None)
    await bench.personas.read()
    bench.personas.put(PIRATE)
    assert desk.current.conversation.persona == ""
    QTest.keyClicks(bench.edit, "Hello")
    QTest.keyClick(bench.edit, Qt.Key.Key_Return)
    await until(lambda: desk.current.turn is None and not desk.current.is_empty)
    desk.start_new()
    assert desk.current.conversation.persona == "Tutor"
    await bench.close()
