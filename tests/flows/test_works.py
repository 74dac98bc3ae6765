"""What takes long in the whole program: the opening, an import, the bin, the day's copy."""

import asyncio

import pytest

from desktop.app import report_opening
from desktop.base.clock import now_ms
from desktop.chat.works import show_backups
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation
from desktop.domain.order import Place, Scope
from desktop.doors import open_doors
from tests.support import exports
from tests.support.chatting import until
from tests.support.stage import Stage


class Seen:
    """What was shown of the works, and what was said at their ends."""

    def __init__(self, stage: Stage) -> None:
        self.works = stage.core.works
        self.shown: list[tuple[str, str, float | None, bool]] = []
        self.ended: list[tuple[str, str]] = []
        self.works.changed.connect(self._on_changed)
        self.works.ended.connect(lambda *what: self.ended.append(what))

    def _on_changed(self) -> None:
        self.shown += [
            (work.name, work.words, work.share, work.cancel is not None) for work in self.works.all
        ]


@pytest.fixture
async def stage(qloop, tmp_path):
    stage = Stage.open(tmp_path / "data")
    open_doors(stage.core, stage.window)
    stage.core.shelf.load()
    yield stage
    await until(lambda: not stage.core.tasks.is_running("shelf"))
    await stage.close()


async def fill(stage: Stage, count: int) -> list[str]:
    """Put conversations into the history; return their ids."""
    rows = [
        Conversation(id=new_id(), title=f"Number {number}", created=now_ms(), updated=now_ms())
        for number in range(count)
    ]
    for row in rows:
        await stage.core.store.history.write_conversation(row)
    return [row.id for row in rows]


async def test_the_opening_of_the_history_is_shown_and_ends(stage):
    seen = Seen(stage)
    await report_opening(stage.core)
    assert seen.shown[0] == ("opening", "Opening and checking the history", None, False)
    assert seen.ended == [("opening", "")]


async def test_an_import_is_shown_with_its_share(stage, tmp_path):
    seen = Seen(stage)
    file = exports.chatgpt_zip(tmp_path / "g.zip", 30, with_assets=0)
    stage.core.transfer.import_file(file)
    await until(lambda: bool(seen.ended))
    assert {name for name, _, _, _ in seen.shown} == {"transfer"}
    assert {words for _, words, _, _ in seen.shown} == {"Bringing conversations in"}
    assert all(can_cancel for _, _, _, can_cancel in seen.shown)
    shares = [share for _, _, share, _ in seen.shown if share is not None]
    assert shares == sorted(shares)
    # What came in is said by a notice.
    assert seen.ended == [("transfer", "")]
    await until(lambda: bool(stage.window.notices.shown))


async def test_emptying_the_bin_says_how_much_went_and_can_be_ended(stage):
    core = stage.core
    ids = await fill(stage, 450)
    await core.store.history.delete_conversations(ids)
    seen = Seen(stage)
    core.shelf.erase()
    await until(lambda: bool(seen.ended))
    assert ("bin", "Emptying the bin: 200 deleted", None, True) in seen.shown
    assert seen.ended == [("bin", "450 conversations were deleted for good.")]
    ids = await fill(stage, 450)
    await core.store.history.delete_conversations(ids)
    core.works.changed.connect(lambda: core.works.cancel("bin"))
    core.shelf.erase()
    await until(lambda: len(seen.ended) == 2)
    assert seen.ended[1] == ("bin", "200 conversations were deleted for good.")
    left = await core.store.history.list_conversations(1000, 0, Scope(Place.BIN))
    assert len(left) == 250


async def test_the_day_s_copy_is_shown_while_it_is_made(stage):
    core = stage.core
    await fill(stage, 20)
    seen = Seen(stage)
    daily = core.store._daily
    core.store.tell_of_backups(show_backups(core.works, asyncio.get_running_loop()))
    await asyncio.to_thread(daily._back_up_once)
    await until(lambda: ("backup", "") in seen.ended)
    shares = [share for name, _, share, _ in seen.shown if name == "backup" and share is not None]
    assert shares[-1] == 1.0
    assert await asyncio.to_thread(lambda: list(core.paths.backups.glob("history-daily-*.db")))
