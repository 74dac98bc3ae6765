"""Coroutine tests: on qasync with the `qloop` fixture, else on a plain asyncio loop; never without end.

    async def test_without_qt(): ...
    async def test_with_widgets(qloop, qtbot): ...

Async fixtures (coroutine or async generator functions) take `qloop` or `aioloop` as an argument.
"""

import asyncio
import functools
import gc
import inspect
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any

import pytest

DEFAULT_SECONDS = 10.0

_births: dict[int, str] = {}
_closed: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"within(seconds): let a coroutine test run longer than {DEFAULT_SECONDS:g} seconds"
    )


def _born(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> "asyncio.Task[Any]":
    """Task factory that remembers where each task was started."""
    task = asyncio.Task(coro, loop=loop, **options)
    frame = sys._getframe(1)
    _births[id(task)] = "".join(traceback.format_stack(frame, limit=8))
    task.add_done_callback(lambda done: _births.pop(id(done), None))
    return task


def birthplace(task: "asyncio.Task[Any]") -> str:
    """Return the stack that started a task of a test's loop."""
    return _births.get(id(task), "(somewhere before the loop was watched)\n")


def finish(loop: asyncio.AbstractEventLoop) -> str:
    """Cancel what still runs on a stopped loop and close it; return a description of what it was."""
    left = asyncio.all_tasks(loop)
    report = "".join(f"{task!r}\nstarted at:\n{birthplace(task)}" for task in left)
    try:
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=5))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    _births.clear()
    return report


def _serve(loop: asyncio.AbstractEventLoop) -> Iterator[asyncio.AbstractEventLoop]:
    loop.set_task_factory(_born)
    asyncio.set_event_loop(loop)
    yield loop
    left = finish(loop)
    if left:
        pytest.fail(f"This test left tasks behind:\n{left}", pytrace=False)


@pytest.fixture
def qloop(qapp: Any) -> Iterator[asyncio.AbstractEventLoop]:
    """The program's own kind of loop, Qt's, not running. Coroutine tests that ask for it run on it."""
    from qasync import QEventLoop

    # Nor is anything else collected by a thread that happens to allocate: the program has its Collector
    # against that, and what a test makes without one would crash the process just as well.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield from _serve(QEventLoop(qapp))
    finally:
        if was_enabled:
            gc.enable()
    _closed.append("a Qt loop")


def pytest_runtest_logfinish() -> None:
    # A closed loop is a cycle that holds Qt timers. Collected in another thread, they cannot be
    # stopped, and the next event they get crashes the process. Only now has pytest let go of it.
    if _closed:
        _closed.clear()
        gc.collect()


@pytest.fixture
def aioloop() -> Iterator[asyncio.AbstractEventLoop]:
    """A plain asyncio loop, not running. Coroutine tests without Qt run on it, asked for or not."""
    yield from _serve(asyncio.new_event_loop())


def _loop_name(names: Any) -> str:
    return "qloop" if "qloop" in names else "aioloop"


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Add a loop to coroutine tests that name none."""
    if inspect.iscoroutinefunction(metafunc.function):
        name = _loop_name(metafunc.fixturenames)
        if name not in metafunc.fixturenames:
            metafunc.fixturenames.append(name)


def run(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], seconds: float) -> Any:
    """Run a coroutine; after `seconds` cancel it and raise with the stacks of all tasks."""

    async def limited() -> Any:
        main = loop.create_task(coro, name="test")
        await asyncio.wait({main}, timeout=seconds)
        if main.done():
            return main.result()
        stacks = "\n".join(_stack(task) for task in asyncio.all_tasks(loop) if task is not current)
        main.cancel()
        await asyncio.wait({main}, timeout=5)
        raise TimeoutError(f"The test did not end within {seconds:g} seconds. What waited:\n{stacks}")

    current = loop.create_task(limited(), name="limit")
    return loop.run_until_complete(current)


def _stack(task: "asyncio.Task[Any]") -> str:
    frames = "".join(
        traceback.format_list(
            [frame for line in task.get_stack() for frame in traceback.extract_stack(line, 1)]
        )
    )
    return f"{task.get_name()}:\n{frames}"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    funcargs = pyfuncitem.funcargs
    # A parametrised test forgets the names added when it was generated.
    loop = funcargs.get("qloop") or pyfuncitem._request.getfixturevalue("aioloop")
    arguments = {name: funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    mark = pyfuncitem.get_closest_marker("within")
    run(loop, pyfuncitem.obj(**arguments), mark.args[0] if mark else DEFAULT_SECONDS)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Turn an async fixture into a plain one that runs on the loop it asks for."""
    function = fixturedef.func
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        return
    name = _loop_name(fixturedef.argnames)
    if name not in fixturedef.argnames:
        pytest.fail(f"The async fixture {fixturedef.argname} must take qloop or aioloop", pytrace=False)
    plain = _plain_generator if inspect.isasyncgenfunction(function) else _plain_coroutine
    fixturedef.func = plain(function, name)  # type: ignore[misc]


def _plain_coroutine(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def setup(*args: Any, **arguments: Any) -> Any:
        return run(arguments[name], function(*args, **arguments), DEFAULT_SECONDS)

    # A wrapper must not look like the coroutine function it wraps.
    del setup.__wrapped__
    return setup


def _plain_generator(
    function: Callable[..., AsyncGenerator[Any, None]], name: str
) -> Callable[..., Iterator[Any]]:
    @functools.wraps(function)
    def setup(*args: Any, **arguments: Any) -> Iterator[Any]:
        generator = function(*args, **arguments)
        yield run(arguments[name], generator.__anext__(), DEFAULT_SECONDS)  # type: ignore[arg-type]
        try:
            run(arguments[name], generator.__anext__(), DEFAULT_SECONDS)  # type: ignore[arg-type]
        except StopAsyncIteration:
            return
        pytest.fail("An async fixture yields once", pytrace=False)

    del setup.__wrapped__
    return setup
