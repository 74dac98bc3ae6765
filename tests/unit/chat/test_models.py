"""Model lists over real settings files: shown at once, asked for anew, kept when a service fails."""

from pathlib import Path

import pytest

from desktop.base.paths import user_paths
from desktop.chat import models as module
from desktop.chat.models import AGAIN_AFTER_MS, STALE_AFTER_MS, ModelLists
from desktop.chat.tasks import TaskOwner
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.store.settings import DiskSettings
from tests.support.chatting import until

SERVICE = Endpoint(id="s", name="Service", base_url="https://service.test/v1", models=("typed",))
NEW = (ModelInfo(id="new", name="New", context_tokens=9, takes_images=False),)


class Program:
    """One run of the program over a folder; `now` is its clock, in Unix milliseconds."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, now: int = 10**12) -> None:
        self.now = now
        monkeypatch.setattr(module, "now_ms", lambda: self.now)
        self.settings = DiskSettings(user_paths(folder))
        self.tasks = TaskOwner()
        self.asked: list[bool] = []
        self.answer: tuple[ModelInfo, ...] | Failure = NEW
        self.lists = ModelLists(self.settings, self.tasks, self._ask)
        self.changes: list[str] = []
        self.failures: list[str] = []
        self.lists.changed.connect(self.changes.append)
        self.lists.failed.connect(self.failures.append)

    async def _ask(self, endpoint: Endpoint, is_wanted: bool) -> tuple[ModelInfo, ...]:
        self.asked.append(is_wanted)
        if isinstance(self.answer, Failure):
            raise TurnFailedError(self.answer)
        return self.answer

    def names(self, endpoint: Endpoint = SERVICE) -> list[str]:
        return [model.id for model in self.lists.models(endpoint)]

    async def freshen(self) -> None:
        before = len(self.asked), len(self.changes)
        self.lists.freshen(SERVICE)
        if self.tasks.is_running("models of s"):
            await until(lambda: not self.tasks.is_running("models of s"))
            assert (len(self.asked), len(self.changes)) != before

    async def close(self) -> None:
        await self.tasks.close()
        self.settings.close().result(10)


async def test_a_list_is_there_at_the_next_start_before_anyone_is_asked(qapp, tmp_path, monkeypatch):
    first = Program(tmp_path, monkeypatch)
    assert first.names() == ["typed"]
    await first.freshen()
    assert first.names() == ["new", "typed"]
    await first.close()
    second = Program(tmp_path, monkeypatch)
    await second.lists.read()
    assert second.lists.models(SERVICE)[0] == NEW[0]
    assert second.changes == ["s"]
    await second.freshen()
    assert second.asked == []
    await second.close()


async def test_an_old_list_is_shown_and_asked_for_anew(qapp, tmp_path, monkeypatch):
    first = Program(tmp_path, monkeypatch)
    await first.freshen()
    await first.close()
    second = Program(tmp_path, monkeypatch, now=10**12 + STALE_AFTER_MS)
    second.answer = (ModelInfo(id="newest"),)
    await second.lists.read()
    assert second.names() == ["new", "typed"]
    await second.freshen()
    assert second.names() == ["newest", "typed"]
    await second.close()


async def test_a_service_that_fails_keeps_its_list_and_is_not_asked_again_at_once(
    qapp, tmp_path, monkeypatch
):
    program = Program(tmp_path, monkeypatch)
    await program.freshen()
    program.now += STALE_AFTER_MS
    program.answer = Failure(kind=FailureKind.DNS, host="service.test")
    await program.freshen()
    assert program.names() == ["new", "typed"]
    assert "service.test" in program.lists.problem("s")
    assert program.failures == []
    await program.freshen()
    assert len(program.asked) == 2
    program.now += AGAIN_AFTER_MS
    program.answer = (ModelInfo(id="back"),)
    await program.freshen()
    assert (program.names(), program.lists.problem("s")) == (["back", "typed"], "")
    await program.close()


async def test_a_refresh_that_was_asked_for_says_its_failure(qapp, tmp_path, monkeypatch):
    program = Program(tmp_path, monkeypatch)
    program.answer = Failure(kind=FailureKind.KEY_REFUSED, endpoint="Service")
    program.lists.refresh(SERVICE)
    await until(lambda: bool(program.failures))
    assert "did not accept the key" in program.failures[0]
    assert program.asked == [True]
    await program.close()


async def test_a_missing_key_is_no_problem_of_the_list(qapp, tmp_path, monkeypatch):
    program = Program(tmp_path, monkeypatch)
    program.answer = Failure(kind=FailureKind.NO_KEY, endpoint="Service")
    program.lists.freshen(SERVICE)
    await until(lambda: not program.tasks.is_running("models of s"))
    assert (program.lists.problem("s"), program.failures, program.names()) == ("", [], ["typed"])
    await program.close()


async def test_another_address_is_another_service(qapp, tmp_path, monkeypatch):
    program = Program(tmp_path, monkeypatch)
    await program.freshen()
    moved = Endpoint(id="s", name="Service", base_url="https://elsewhere.test/v1")
    assert program.names(moved) == []
    await program.close()


async def test_a_removed_endpoint_leaves_nothing_on_disk(qapp, tmp_path, monkeypatch):
    program = Program(tmp_path, monkeypatch)
    await program.freshen()
    assert "service.test" in (tmp_path / "cache" / "models.json").read_text()
    program.lists.forget("s")
    await until(lambda: "service.test" not in (tmp_path / "cache" / "models.json").read_text())
    await program.close()
