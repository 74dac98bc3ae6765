import asyncio

import pytest

from desktop.chat.tasks import TaskOwner


async def test_a_named_task_replaces_its_predecessor():
    owner = TaskOwner()
    first = owner.start(asyncio.sleep(60), "read")
    second = owner.start(asyncio.sleep(0), "read")
    await second
    assert first.cancelled()
    assert not owner.is_running("read")


async def test_a_task_is_cancelled_once_only():
    owner = TaskOwner()
    heard = 0

    async def stubborn() -> None:
        nonlocal heard
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard += 1
                await asyncio.sleep(0.02)
                raise

    owner.start(stubborn(), "s")
    await asyncio.sleep(0)
    owner.cancel("s")
    await asyncio.sleep(0)
    owner.cancel("s")
    await owner.close()
    assert heard == 1


async def test_a_failure_is_logged_at_once(caplog):
    owner = TaskOwner()

    async def fail() -> None:
        raise ValueError("broken")

    owner.start(fail(), "f")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "the task 'f' failed" in caplog.text
    caplog.clear()


async def test_nothing_starts_after_the_end():
    owner = TaskOwner()
    await owner.close()
    with pytest.raises(RuntimeError):
        owner.start(asyncio.sleep(0))


def test_nothing_can_be_started_without_a_running_loop():
    assert not TaskOwner().can_start


async def test_tasks_can_be_started_until_the_end():
    owner = TaskOwner()
    assert owner.can_start
    await owner.close()
    assert not owner.can_start
