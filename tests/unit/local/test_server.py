"""Starting, sharing, replacing and ending the embedded model, with stand-ins for its process."""

import asyncio
import gc
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop.domain.failure import Failure, TurnFailedError
from desktop.domain.local import LocalAddress
from desktop.local import choice
from desktop.local.server import LocalServer
from tests.support.gguf import LLAMA, gguf_bytes
from tests.support.model_child import stand_in

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins end by signals")

_ROOT = str(Path(__file__).resolve().parents[3])


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class _Rig:
    """A server with stand-ins, and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.clock = _Clock()
        self.server = LocalServer(folder, folder / "cache", command=stand_in("serve"), clock=self.clock)
        self.heard: list[tuple[str, float | None]] = []
        self.files = []
        for name in ("one", "two"):
            file = folder / f"{name}.gguf"
            file.write_bytes(gguf_bytes(LLAMA))
            self.files.append(str(file))

    def do(self, what: str) -> None:
        """From now on start the stand-in `what`."""
        self.server._command = stand_in(what)

    def report(self, words: str, fraction: float | None) -> None:
        self.heard.append((words, fraction))

    async def start(self, position: int = 0) -> LocalAddress:
        return await self.server.start(self.files[position], self.report)

    async def fail(self, position: int = 0) -> Failure:
        with pytest.raises(TurnFailedError) as caught:
            await self.start(position)
        return caught.value.failure

    async def until_loading(self) -> psutil.Process:
        """Wait until a process runs that is not ready, and return it."""
        while True:
            run = self.server._run
            if run is not None and run.address is None and run.process.pid is not None:
                return psutil.Process(run.process.pid)
            await asyncio.sleep(0.01)


@pytest.fixture
async def rig(
    aioloop: asyncio.AbstractEventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[_Rig, None]:
    monkeypatch.setattr(choice, "ENGINE_MODULE", "json")
    made = _Rig(tmp_path)
    yield made
    await made.server.stop()


def _pid(address: LocalAddress) -> int:
    match = re.fullmatch(r"http://127\.0\.0\.1:1/(\d+)/v1", address.base_url)
    assert match
    return int(match[1])


async def _gone(pid: int) -> None:
    while psutil.pid_exists(pid):
        await asyncio.sleep(0.01)


async def test_a_start_reports_and_a_second_finds_it_running(rig: _Rig) -> None:
    assert rig.server.address is None
    first = await rig.start()
    assert first.model == "one"
    assert len(first.key.reveal()) >= 32
    assert rig.heard[0] == ("Starting the model…", None)
    rig.heard.clear()
    assert await rig.start() is first is rig.server.address
    assert rig.heard == []


async def test_starts_at_the_same_time_share_one_process(rig: _Rig) -> None:
    addresses = await asyncio.gather(*(rig.start() for _ in range(5)))
    assert len({_pid(address) for address in addresses}) == 1
    assert len({address.key for address in addresses}) == 1


async def test_another_model_takes_the_place_of_the_first(rig: _Rig) -> None:
    first = await rig.start(0)
    second = await rig.start(1)
    assert (first.model, second.model) == ("one", "two")
    assert first.key != second.key
    await _gone(_pid(first))
    assert psutil.pid_exists(_pid(second))


async def test_another_model_takes_the_place_of_one_that_is_loading(rig: _Rig) -> None:
    rig.do("load")
    waiting = asyncio.get_running_loop().create_task(rig.fail(0))
    loading = await rig.until_loading()
    rig.do("serve")
    address = await rig.start(1)
    assert "Another model was chosen" in (await waiting).words
    assert not loading.is_running()
    assert address.model == "two"


async def test_cancelling_the_only_start_ends_the_process(rig: _Rig) -> None:
    rig.do("load")
    waiting = asyncio.get_running_loop().create_task(rig.start())
    loading = await rig.until_loading()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await _gone(loading.pid)
    rig.do("serve")
    assert (await rig.start()).model == "one"


async def test_cancelling_one_of_two_starts_leaves_the_other(rig: _Rig) -> None:
    rig.do("load")
    loop = asyncio.get_running_loop()
    one, two = loop.create_task(rig.start()), loop.create_task(rig.start())
    loading = await rig.until_loading()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    await asyncio.sleep(0.1)
    assert loading.is_running()
    two.cancel()
    with pytest.raises(asyncio.CancelledError):
        await two
    await _gone(loading.pid)


async def test_cancelling_at_once_leaves_nothing(rig: _Rig) -> None:
    before = set(psutil.Process().children())
    for _ in range(5):
        waiting = asyncio.get_running_loop().create_task(rig.start())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await rig.server.stop()
    assert set(psutil.Process().children()) == before


async def test_a_start_right_after_a_cancelled_one_waits_for_its_end(rig: _Rig) -> None:
    rig.do("load")
    waiting = asyncio.get_running_loop().create_task(rig.start())
    loading = await rig.until_loading()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    rig.do("serve")
    address = await rig.start()
    assert not loading.is_running()
    assert psutil.pid_exists(_pid(address))


async def test_a_crashed_process_is_started_again_only_when_wanted(rig: _Rig) -> None:
    before = set(psutil.Process().children())
    first = await rig.start()
    os.kill(_pid(first), signal.SIGKILL)
    while rig.server.address is not None:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert set(psutil.Process().children()) == before
    second = await rig.start()
    assert _pid(second) != _pid(first)
    assert second.key != first.key


async def test_two_restarts_a_minute_are_enough(rig: _Rig) -> None:
    rig.do("quit_early")
    for _ in range(3):
        assert "ended unexpectedly (code 7)" in (await rig.fail()).words
        rig.clock.now += 10
    rig.do("serve")
    failure = await rig.fail()
    assert "keeps ending" in failure.words
    assert failure.retry_after == 40
    rig.clock.now += 41
    assert (await rig.start()).model == "one"


async def test_a_processor_without_the_instructions_is_tried_once(rig: _Rig) -> None:
    rig.do("old_processor")
    assert "AVX2" in (await rig.fail()).words
    rig.do("serve")
    rig.clock.now += 3600
    assert "AVX2" in (await rig.fail()).words
    assert rig.server._run is None


async def test_an_end_for_want_of_memory_says_how_much_is_needed(rig: _Rig) -> None:
    rig.do("killed")
    assert "needs about 0.1 GB" in (await rig.fail()).words


async def test_a_refused_model_may_be_tried_again_at_will(rig: _Rig) -> None:
    rig.do("refuse")
    for _ in range(4):
        assert (await rig.fail()).words == "The engine cannot load this model: it is a poem."


async def test_an_engine_that_cannot_be_loaded_is_named(rig: _Rig) -> None:
    rig.do("no_engine")
    failure = await rig.fail()
    assert failure.model == "one"
    assert "(ImportError: libgomp.so.1)" in failure.words


async def test_a_process_that_cannot_be_started_is_a_failure(rig: _Rig) -> None:
    rig.server._command = ["/no/such/program"]
    assert "could not be started: No such file" in (await rig.fail()).words


async def test_a_wrong_file_never_starts_a_process(rig: _Rig) -> None:
    rig.files[0] = __file__
    rig.server._command = ["/no/such/program"]
    assert (await rig.fail()).words == "This is not a GGUF file."


async def test_stopping_fails_those_who_wait(rig: _Rig) -> None:
    rig.do("load")
    waiting = asyncio.get_running_loop().create_task(rig.fail())
    loading = await rig.until_loading()
    await rig.server.stop()
    assert not loading.is_running()
    assert "was stopped" in (await waiting).words
    await rig.server.stop()
    assert rig.server.address is None


async def test_stopping_needs_no_consent(rig: _Rig) -> None:
    rig.do("deaf")
    waiting = asyncio.get_running_loop().create_task(rig.fail())
    loading = await rig.until_loading()
    while "model_child" not in " ".join(loading.cmdline()):
        await asyncio.sleep(0.01)
    await rig.server.stop()
    assert not loading.is_running()
    await waiting


async def test_nothing_waits_in_the_loop_while_a_process_starts(rig: _Rig) -> None:
    rig.do("load")
    waiting = asyncio.get_running_loop().create_task(rig.start())
    await rig.until_loading()
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("local-model")]
    assert ours
    assert all(thread.daemon for thread in ours)
    turns = 0
    async with asyncio.timeout(5):
        while turns < 1000:
            await asyncio.sleep(0)
            turns += 1
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_dropped_server_takes_its_process_with_it(rig: _Rig, tmp_path: Path) -> None:
    server = LocalServer(tmp_path, tmp_path / "cache", command=stand_in("serve"))
    address = await server.start(rig.files[0], rig.report)
    del server
    gc.collect()
    await _gone(_pid(address))


async def test_it_works_alike_on_qts_loop(
    qloop: asyncio.AbstractEventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "ENGINE_MODULE", "json")
    rig = _Rig(tmp_path)
    one, two = await asyncio.gather(rig.start(), rig.start())
    assert one is two
    os.kill(_pid(one), signal.SIGKILL)
    while rig.server.address is not None:
        await asyncio.sleep(0.01)
    assert _pid(await rig.start()) != _pid(one)
    rig.do("load")
    waiting = qloop.create_task(rig.start(1))
    loading = await rig.until_loading()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await _gone(loading.pid)
    await rig.server.stop()


_PROGRAM = """
import asyncio, sys
from pathlib import Path
from desktop.local import choice
from desktop.local.server import LocalServer
from tests.support.model_child import stand_in

async def main():
    global server
    server = LocalServer(Path(sys.argv[1]), Path(sys.argv[1]), command=stand_in("serve"))
    address = await server.start(sys.argv[2], lambda words, fraction: None)
    print(address.base_url, flush=True)
    if sys.argv[3] == "stay":
        await asyncio.sleep(60)

choice.ENGINE_MODULE = "json"
asyncio.run(main())
"""


def _program(folder: Path, *how: str) -> "subprocess.Popen[str]":
    file = folder / "model.gguf"
    file.write_bytes(gguf_bytes(LLAMA))
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": _ROOT}
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(folder), str(file), *how],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_end_of_the_program_is_the_end_of_the_process(tmp_path: Path) -> None:
    with _program(tmp_path, "go") as program:
        out, err = program.communicate(timeout=30)
    assert (program.returncode, err) == (0, "")
    assert not psutil.pid_exists(int(out.split("/")[-2]))


def test_a_killed_program_leaves_no_process(tmp_path: Path) -> None:
    with _program(tmp_path, "stay") as program:
        assert program.stdout is not None
        child = psutil.Process(int(program.stdout.readline().split("/")[-2]))
        assert child.is_running()
        program.kill()
        program.wait()
    deadline = time.monotonic() + 10
    # Nobody may be there to bury an orphan, so that a dead one can stay listed.
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
