"""Drafts: on disk soon after they were typed, and there again at the next start."""

import pytest

from desktop.chat.drafts import Drafts
from desktop.chat.tasks import TaskOwner
from tests.support.chatting import until
from tests.support.memory import MemoryHistory


@pytest.fixture
def history():
    return MemoryHistory()


@pytest.fixture
async def drafts(qloop, history):
    tasks = TaskOwner()
    made = Drafts(history, tasks)
    yield made
    await made.close()
    await tasks.close()


async def test_a_draft_is_stored_soon_and_dropped_when_it_is_empty(drafts, history):
    drafts.keep("c", "Half a")
    drafts.keep("c", "Half a thought")
    assert history.drafts == {}
    await until(lambda: history.drafts == {"c": "Half a thought"})
    drafts.keep("c", "")
    await until(lambda: history.drafts == {})


async def test_closing_stores_at_once(drafts, history):
    drafts.keep("", "New")
    await drafts.close()
    assert history.drafts == {"": "New"}


async def test_what_is_typed_before_the_old_one_is_read_stands_below_it(drafts, history):
    history.drafts = {"c": "old", "d": "other", "e": "sent since"}
    drafts.keep("c", "new")
    drafts.keep("e", "x")
    drafts.keep("e", "")
    heard = []
    drafts.loaded.connect(lambda: heard.append(1))
    drafts.load()
    await until(lambda: bool(heard))
    assert [drafts.text(name) for name in "cde"] == ["old\nnew", "other", ""]


async def test_a_full_disk_costs_nothing_but_the_copy(drafts, history, caplog):
    history.is_full = True
    drafts.keep("c", "still here")
    await drafts.close()
    assert drafts.text("c") == "still here"
    assert "not stored" in caplog.text
    caplog.clear()
