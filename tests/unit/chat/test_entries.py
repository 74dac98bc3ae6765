"""Lists that the user keeps, over their real files."""

import asyncio
import tomllib

import pytest

from desktop.base.paths import user_paths
from desktop.chat.entries import Entries
from desktop.chat.tasks import TaskOwner
from desktop.domain.template import Template
from desktop.store.settings import DiskSettings
from tests.support.chatting import until


class Desk:
    """A list and what stands behind it."""

    def __init__(self, folder):
        self.paths = user_paths(folder)
        self.paths.create()
        self.tasks = TaskOwner()
        self.settings = DiskSettings(self.paths)
        self.list = Entries(self.settings.prompts, self.tasks)
        self.said = []
        self.list.failed.connect(self.said.append)

    def names(self):
        return [entry.name for entry in self.list.items]

    async def close(self):
        await self.tasks.close()
        await asyncio.wrap_future(self.settings.close())


@pytest.fixture
async def desk(qapp, aioloop, tmp_path):
    made = Desk(tmp_path)
    await made.list.read()
    yield made
    await made.close()

    # Nothing of this list may still be on its way when the next test begins.
    assert made.list.is_read


def stored(desk):
    """What the file holds, by the names of the entries."""
    file = desk.paths.prompts
    values = tomllib.loads(file.read_text()) if file.exists() else {}
    return [entry["name"] for entry in values.get("prompt", [])], values.get("hidden", [])


def mine(name, text="mine"):
    return Template(id=name.casefold(), name=name, text=text)


async def test_own_entries_stand_before_the_programs_and_are_stored(desk):
    builtin = desk.names()
    desk.list.put(mine("Mine"))
    assert desk.names() == ["Mine", *builtin]
    await until(lambda: stored(desk) == (["Mine"], []))


async def test_a_removed_entry_comes_back_where_it_was(desk):
    for name in ("One", "Two", "Three"):
        desk.list.put(mine(name))
    undo = desk.list.remove("two")
    assert desk.names()[:2] == ["One", "Three"]
    await until(lambda: stored(desk)[0] == ["One", "Three"])
    undo()
    assert desk.names()[:3] == ["One", "Two", "Three"]
    await until(lambda: stored(desk)[0] == ["One", "Two", "Three"])


async def test_what_comes_with_the_program_is_hidden_changed_and_brought_back(desk):
    before = desk.list.items
    first = before[0]
    undo = desk.list.remove(first.id)
    assert first not in desk.list.items
    assert desk.list.hidden == (first,)
    await until(lambda: stored(desk) == ([], [first.id]))
    undo()
    assert desk.list.items == before
    changed = Template(id=first.id, name="Changed", text="x")
    desk.list.put(changed)
    assert changed in desk.list.items
    assert first not in desk.list.items
    desk.list.restore(first.id)
    assert desk.list.items == before
    await until(lambda: stored(desk) == ([], []))


async def test_the_order_is_kept(desk):
    desk.list.put(mine("Mine"))
    names = desk.names()
    desk.list.move("mine", 1)
    assert desk.names() == [names[1], "Mine", *names[2:]]
    desk.list.move("mine", -5)
    assert desk.names() == names
    desk.list.move("mine", 100)
    wanted = [*names[1:], "Mine"]
    assert desk.names() == wanted
    last = desk.list.items[-2].id
    await until(
        lambda: desk.paths.prompts.exists() and f'"{last}", "mine"]' in desk.paths.prompts.read_text()
    )
    again = Entries(desk.settings.prompts, desk.tasks)
    await again.read()
    assert [entry.name for entry in again.items] == wanted


async def test_a_broken_file_is_said_and_never_written_to(desk):
    broken = '[[prompt]]\nname = "Mine\n'
    desk.paths.prompts.write_text(broken)
    await desk.list.read()
    assert "prompts.toml, line 2" in desk.list.problem
    desk.list.put(mine("New"))
    assert desk.said == [desk.list.problem]
    assert "New" not in desk.names()
    assert desk.paths.prompts.read_text() == broken
    desk.paths.prompts.write_text('[[prompt]]\nname = "Mine"\ntext = "x"\n')
    await desk.list.read()
    assert desk.list.problem == ""
    assert "Mine" in desk.names()


async def test_a_file_broken_meanwhile_is_left_alone(desk):
    desk.list.put(mine("One"))
    await until(lambda: stored(desk)[0] == ["One"])
    desk.paths.prompts.write_text("prompt = 3\n")
    desk.list.put(mine("Two"))
    await until(lambda: bool(desk.said))
    assert desk.paths.prompts.read_text() == "prompt = 3\n"


async def test_coming_in_adds_what_is_new_alone(desk, tmp_path):
    came, said = [], []
    desk.list.imported.connect(lambda *counts: came.append(counts))
    desk.list.exported.connect(lambda *what: said.append(what))
    desk.list.put(mine("One"))
    out = tmp_path / "given away.toml"
    desk.list.export_to(out)
    await until(lambda: bool(said))
    assert said == [("given away.toml", len(desk.names()))]
    desk.list.import_from(out)
    await until(lambda: len(came) == 1)
    assert came[0] == (0, len(desk.names()))
    out.write_text(out.read_text().replace('text = "mine"', 'text = "another"'))
    desk.list.import_from(out)
    await until(lambda: len(came) == 2)
    assert came[1][0] == 1
    assert desk.names().count("One") == 2
    assert len({entry.id for entry in desk.list.items}) == len(desk.names())


async def test_an_entry_is_found_by_its_id_and_its_name(desk):
    desk.list.put(mine("My Own"))
    assert desk.list.named("my own").name == "My Own"
    assert desk.list.named(" MY OWN ").text == "mine"
    assert desk.list.named("nobody") is None
