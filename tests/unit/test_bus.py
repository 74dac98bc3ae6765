"""The session bus: served, asked and heard over a real one, and lived without."""

import asyncio
import subprocess
from typing import Any, Self

import pytest

from desktop.bus import BusError, SessionBus
from desktop.ui.outside.application import INTERFACE, METHODS, PATH
from tests.support.chatting import until

NAME = "chat.weir.Weir"


async def gdbus(*arguments: str) -> tuple[int, str]:
    """Call something from another process; return its exit status and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        "gdbus", *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def call(method: str, *arguments: str) -> tuple[int, str]:
    return await gdbus("call", "--session", "-d", NAME, "-o", PATH, "-m", method, *arguments)


class Running:
    """A bus that serves, for as long as the block lasts."""

    def __init__(self) -> None:
        self.bus = SessionBus(NAME)
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.bus.serve(PATH, INTERFACE, METHODS, lambda *what: self.calls.append(what))

    async def __aenter__(self) -> Self:
        self.task = asyncio.get_running_loop().create_task(self.bus.run())
        await until(lambda: self.bus.is_owner)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait({self.task})


async def test_calls_of_another_process_are_taken_and_others_refused(bus):
    async with Running() as running:
        token = "{'activation-token': <'tok'>}"
        assert await call(f"{INTERFACE}.ActivateAction", "quick", "[<'hello'>]", token) == (0, "()\n")
        assert await call(f"{INTERFACE}.Open", "['file:///a%20b.gguf']", "{}") == (0, "()\n")
        assert await call(f"{INTERFACE}.Activate", "{}") == (0, "()\n")
        await until(lambda: len(running.calls) == 3)
        assert running.calls == [
            ("ActivateAction", ("quick", [("s", "hello")], {"activation-token": ("s", "tok")})),
            ("Open", (["file:///a%20b.gguf"], {})),
            ("Activate", ({},)),
        ]
        for method, arguments in (
            (f"{INTERFACE}.Explode", ()),
            ("org.example.Other.Activate", ("{}",)),
        ):
            status, words = await call(method, *arguments)
            assert status != 0
            assert "UnknownMethod" in words
        send = ("dbus-send", "--session", "--print-reply", f"--dest={NAME}", PATH, f"{INTERFACE}.Activate")
        process = await asyncio.create_subprocess_exec(*send, "string:x", stderr=subprocess.PIPE)
        _, words_of = await process.communicate()
        assert b"InvalidArgs" in words_of
        assert len(running.calls) == 3


async def test_it_says_what_it_serves(bus):
    async with Running():
        status, words = await gdbus("introspect", "--session", "-d", NAME, "-o", "/", "-r")
        assert status == 0
        for method in METHODS:
            assert method in words


async def test_the_name_may_be_another_programs(bus):
    async with Running():
        second = SessionBus(NAME)
        task = asyncio.get_running_loop().create_task(second.run())
        await until(lambda: second.is_connected)
        daemon = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
        (owner,) = await second.call(*daemon, "GetNameOwner", "s", (NAME,))
        assert owner.startswith(":")
        assert not second.is_owner
        task.cancel()
        await asyncio.wait({task})


async def test_what_is_not_there_is_a_bus_error(bus):
    async with Running() as running:
        with pytest.raises(BusError, match="ServiceUnknown"):
            await running.bus.call("org.example.Nobody", "/", "org.example.Nobody", "Do")
    with pytest.raises(BusError, match="no session bus"):
        await running.bus.call("org.example.Nobody", "/", "org.example.Nobody", "Do")


async def test_without_a_bus_it_returns(aioloop):
    await SessionBus(NAME).run()


async def test_a_bus_with_an_address_that_is_none_is_lived_without(aioloop, monkeypatch):
    for address in ("", "tcp:host=localhost,port=1", "nonsense"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        await SessionBus(NAME).run()
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    await SessionBus(NAME).run()
