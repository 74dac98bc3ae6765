"""Coroutine tests run, on the loop they ask for, and not for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QTimer
from qasync import QEventLoop


async def test_a_coroutine_test_runs_on_asyncio() -> None:
    await asyncio.sleep(0)
    assert not isinstance(asyncio.get_running_loop(), QEventLoop)


async def test_a_coroutine_test_runs_on_qt_when_it_asks_for_it(qloop: asyncio.AbstractEventLoop) -> None:
    fired: asyncio.Future[str] = qloop.create_future()
    QTimer.singleShot(1, lambda: fired.set_result("qt"))
    assert await fired == "qt"
    assert asyncio.get_running_loop() is qloop


@pytest.fixture
async def number(aioloop: asyncio.AbstractEventLoop) -> AsyncIterator[int]:
    await asyncio.sleep(0)
    yield 5
    await asyncio.sleep(0)


async def test_an_async_fixture_runs_on_the_same_loop(number: int) -> None:
    assert number == 5
