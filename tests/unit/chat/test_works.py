"""What takes long: how far it is, how long it will still take, how it ends."""

import asyncio
from pathlib import Path

import pytest

from desktop.chat.tasks import TaskOwner
from desktop.chat.transfer import Transfer
from desktop.chat.works import Pace, ShownModel, TransferWork, Works, show_backups
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.local import LocalAddress
from desktop.domain.transfer import ArchiveFormat, ExportReport
from tests.support.chatting import until


def test_time_left_is_told_only_when_the_pace_is_known():
    pace = Pace(0)
    pace.note(0.1, 1_000)
    assert pace.left_s(1_000) is None
    pace.note(0.2, 2_000)
    pace.note(0.4, 4_000)
    assert pace.left_s(4_000) == pytest.approx(6.0)


def test_no_time_is_told_while_little_is_done_or_the_pace_has_changed():
    pace = Pace(0)
    pace.note(0.01, 5_000)
    assert pace.left_s(5_000) is None
    pace = Pace(0)
    for second in range(1, 11):
        pace.note(second * 0.05, second * 1_000)
    assert pace.left_s(10_000) == pytest.approx(10.0)
    for second in range(11, 31):
        pace.note(0.5, second * 1_000)
    assert pace.left_s(30_000) is None
    pace.note(1.0, 31_000)
    assert pace.left_s(31_000) is None


def test_works_begin_are_told_of_and_end(qapp):
    works, seen, ended = Works(), [], []
    works.changed.connect(lambda: seen.append([(work.name, work.share) for work in works.all]))
    works.ended.connect(lambda name, words: ended.append((name, words)))
    works.begin("import", "Bringing in")
    works.tell("import", 0.5, "Bringing in more")
    works.tell("gone", 0.5)
    assert works.work("import").words == "Bringing in more"
    works.end("import", "Done.")
    works.end("import", "Done again.")
    assert seen == [[("import", None)], [("import", 0.5)], []]
    assert ended == [("import", "Done.")]


def test_what_is_cancelled_is_cancelled_once_and_ends_by_itself(qapp):
    works, cancelled = Works(), []
    works.begin("opening", "Opening")
    works.begin("export", "Saving", lambda: cancelled.append(1))
    works.cancel_newest()
    works.cancel("export")
    works.cancel("opening")
    assert cancelled == [1]
    assert works.work("export").is_ending
    assert works.work("export").left_s is None
    assert works.work("opening") is not None


class SlowModel:
    """A model that starts when it is let."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.was_cancelled = False

    async def start(self, model_file, report):
        report("Reading the model", 0.25)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return LocalAddress(base_url="http://127.0.0.1:1", key=None, model="demo")

    async def stop(self):
        return None


async def test_the_start_of_a_model_is_shown_and_ends_with_words(qloop):
    works, tasks, model, heard, ended = Works(), TaskOwner(), SlowModel(), [], []
    works.ended.connect(lambda *what: ended.append(what))
    shown = ShownModel(model, works, tasks)
    turn = tasks.start(shown.start("", lambda *what: heard.append(what)))
    await until(lambda: heard)
    assert heard == [("Reading the model", 0.25)]
    assert [(work.words, work.share) for work in works.all] in (
        [("Reading the model", 0.25)],
        [("Starting the model", None)],
    )
    model.gate.set()
    assert (await turn).base_url == "http://127.0.0.1:1"
    assert ended == [("model", "The model is ready.")]
    await shown.stop()
    await tasks.close()


async def test_cancelling_the_start_of_a_model_cancels_what_waits_for_it(qloop):
    works, tasks, model = Works(), TaskOwner(), SlowModel()
    turn = tasks.start(ShownModel(model, works, tasks).start("", lambda *what: None))
    await until(lambda: works.all)
    await asyncio.sleep(0)
    works.cancel("model")
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert model.was_cancelled
    assert works.all == ()
    await tasks.close()


async def test_a_model_that_can_not_be_started_says_so_to_the_turn(qloop):
    works, tasks = Works(), TaskOwner()

    class Broken(SlowModel):
        async def start(self, model_file, report):
            raise TurnFailedError(Failure(kind=FailureKind.LOCAL_MODEL, words="No memory."))

    with pytest.raises(TurnFailedError, match="could not be used"):
        await ShownModel(Broken(), works, tasks).start("", lambda *what: None)
    assert works.all == ()
    await tasks.close()


async def test_a_stopped_turn_ends_the_start_of_its_model(qloop):
    works, tasks, model = Works(), TaskOwner(), SlowModel()
    turn = tasks.start(ShownModel(model, works, tasks).start("", lambda *what: None))
    await until(lambda: works.all)
    await asyncio.sleep(0)
    turn.cancel()
    await until(turn.done)
    assert model.was_cancelled
    assert works.all == ()
    await tasks.close()


class SlowArchive:
    """An archive whose export ends when it is let, or cancelled."""

    def __init__(self):
        self.gate = asyncio.Event()
        self.is_cancelled = False

    async def export(self, file, form, ids, tell):
        tell(0.5)
        await self.gate.wait()
        return ExportReport(conversations=1, is_cancelled=self.is_cancelled)

    def cancel(self):
        self.is_cancelled = True
        self.gate.set()


async def test_a_cancelled_export_says_that_there_is_no_file_and_a_finished_one_is_told_elsewhere(qloop):
    works, tasks, ended = Works(), TaskOwner(), []
    works.ended.connect(lambda *what: ended.append(what))
    archive = SlowArchive()
    transfer = Transfer(archive, tasks)
    shown = TransferWork(works, transfer)
    for is_cancelled in (True, False):
        archive.gate.clear()
        archive.is_cancelled = False
        transfer.export(Path("out.json"), ArchiveFormat.JSON)
        await until(lambda: works.work("transfer") is not None and works.work("transfer").share == 0.5)
        if is_cancelled:
            works.cancel_newest()
        archive.gate.set()
        await until(lambda: not transfer.running)
    assert ended == [("transfer", "The export was cancelled; no file was written."), ("transfer", "")]
    assert shown.parent() is works
    await tasks.close()


async def test_a_backup_is_told_of_from_another_thread(qloop):
    works = Works()
    tell = show_backups(works, asyncio.get_running_loop())
    await asyncio.to_thread(tell, 0.5)
    await until(lambda: works.work("backup") is not None)
    assert works.work("backup").share == 0.5
    await asyncio.to_thread(tell, None)
    await until(lambda: works.work("backup") is None)
