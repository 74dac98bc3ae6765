"""SessionBus: the desktop's message bus, by which programs find each other; the home of jeepney's connection.

D-Bus specification: https://dbus.freedesktop.org/doc/dbus-specification.html. It is spoken here in Python and
not by Qt, because PySide6 can send no unsigned number, which notifications need.
"""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from desktop.base.session_bus import has_session_bus

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.asyncio import DBusConnection

_LOG = logging.getLogger(__name__)

_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
_DO_NOT_QUEUE = 4
_ANSWER_S = 5.0

Answer = Callable[[str, tuple[Any, ...]], None]
"""Takes a method's name and its arguments."""


class BusError(Exception):
    """Somebody on the bus did not do what was asked; its text is for the log."""


class SessionBus:
    """One connection, while `run` runs. Without a bus, or when it goes, `run` returns and calls fail.

    `serve` and `listen` are to be called before `run`. What they are given is called between the tasks, never
    within one.
    """

    def __init__(self, name: str) -> None:
        """`name` is the name that is asked for; another program may have it already."""
        self._name = name
        self._served: dict[tuple[str, str], tuple[dict[str, str], Answer]] = {}
        self._heard: dict[tuple[str, str], Callable[..., None]] = {}
        self._rules: list[str] = []
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._connection: DBusConnection | None = None
        self.is_owner = False
        """Whether the name is this program's."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a bus that can be asked."""
        return self._connection is not None

    def serve(self, path: str, interface: str, methods: dict[str, str], answer: Answer) -> None:
        """Answer calls of methods, given with the signatures of their arguments; none returns anything."""
        self._served[path, interface] = (methods, answer)

    def listen(self, path: str, interface: str, member: str, heard: Callable[..., None]) -> None:
        """Have `heard` called with what a signal of any program carries."""
        self._heard[interface, member] = heard
        self._rules.append(f"type='signal',interface='{interface}',member='{member}',path='{path}'")

    async def run(self) -> None:
        """Connect, take the name, answer and hear until cancelled or until there is no bus."""
        if not sys.platform.startswith("linux") or not has_session_bus():
            return
        try:
            from jeepney.io.asyncio import open_dbus_connection

            connection = await open_dbus_connection("SESSION")
        except Exception as problem:
            # No address, an address of nobody, a bus that does not let anyone in.
            _LOG.info("there is no session bus: %s", type(problem).__name__)
            return
        self._connection = connection
        opening = asyncio.get_running_loop().call_soon(self._open)
        try:
            while True:
                self._take(await connection.receive())
        except (OSError, EOFError, ValueError) as problem:
            _LOG.info("the session bus is gone: %s", type(problem).__name__)
        finally:
            opening.cancel()
            self._connection = None
            self.is_owner = False
            for waiting in self._waiting.values():
                waiting.cancel()
            self._waiting.clear()
            with contextlib.suppress(OSError):
                await connection.close()

    async def call(
        self, to: str, path: str, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """Call a method and return what it returns. Raises BusError, also where no answer comes in time."""
        from jeepney import DBusAddress, MessageType, new_method_call

        connection = self._connection
        if connection is None:
            raise BusError("there is no session bus")
        message = new_method_call(DBusAddress(path, to, interface), member, signature or None, body)
        serial = next(connection.outgoing_serial)
        answered = self._waiting[serial] = asyncio.get_running_loop().create_future()
        try:
            await connection.send(message, serial=serial)
            async with asyncio.timeout(_ANSWER_S):
                reply = await answered
        except TimeoutError:
            raise BusError(f"{interface}.{member} was not answered") from None
        except OSError as problem:
            raise BusError(str(problem)) from None
        except asyncio.CancelledError:
            if answered.cancelled() and self._connection is None:
                raise BusError("the session bus is gone") from None
            raise
        finally:
            self._waiting.pop(serial, None)
        if reply.header.message_type is not MessageType.method_return:
            raise BusError(f"{interface}.{member}: {_error_name(reply)}")
        return tuple(reply.body)

    def _open(self) -> None:
        """Ask for the name and for the signals; the answers come among the other messages."""
        for rule in self._rules:
            self._ask("AddMatch", "s", (rule,))
        if self._name:
            self._ask("RequestName", "su", (self._name, _DO_NOT_QUEUE)).add_done_callback(self._on_name)

    def _ask(self, member: str, signature: str, body: tuple[Any, ...]) -> "asyncio.Future[Any]":
        from jeepney import DBusAddress, new_method_call

        connection = self._connection
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if connection is not None:
            to, path, interface = _BUS
            message = new_method_call(DBusAddress(path, to, interface), member, signature, body)
            serial = next(connection.outgoing_serial)
            self._waiting[serial] = answered
            connection.writer.write(message.serialise(serial))
        return answered

    def _on_name(self, answered: "asyncio.Future[Any]") -> None:
        if not answered.cancelled():
            # 1 is "primary owner", 4 "already yours".
            body = answered.result().body
            self.is_owner = bool(body) and body[0] in (1, 4)

    def _take(self, message: "Message") -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        kind = message.header.message_type
        if kind in (MessageType.method_return, MessageType.error):
            waiting = self._waiting.pop(fields.get(HeaderFields.reply_serial, 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
        elif kind is MessageType.signal:
            name = (fields.get(HeaderFields.interface, ""), fields.get(HeaderFields.member, ""))
            heard = self._heard.get(name)
            if heard is not None:
                asyncio.get_running_loop().call_soon(heard, *message.body)
        elif kind is MessageType.method_call:
            self._answer(message)

    def _answer(self, message: "Message") -> None:
        from jeepney import HeaderFields, MessageFlag, new_error, new_method_return

        fields = message.header.fields
        path, member = fields.get(HeaderFields.path, ""), fields.get(HeaderFields.member, "")
        interface = fields.get(HeaderFields.interface, "")
        body: tuple[Any, ...] = tuple(message.body)
        served = self._served.get((path, interface))
        if interface == "org.freedesktop.DBus.Peer" and member == "Ping":
            reply = new_method_return(message)
        elif interface == "org.freedesktop.DBus.Introspectable" and member == "Introspect":
            reply = new_method_return(message, "s", (self._described(path),))
        elif served is None or member not in served[0]:
            reply = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        elif served[0][member] != fields.get(HeaderFields.signature, ""):
            reply = new_error(message, "org.freedesktop.DBus.Error.InvalidArgs")
        else:
            reply = new_method_return(message)
            asyncio.get_running_loop().call_soon(served[1], member, body)
        connection = self._connection
        if connection is not None and not message.header.flags & MessageFlag.no_reply_expected:
            connection.writer.write(reply.serialise(next(connection.outgoing_serial)))

    def _described(self, path: str) -> str:
        """Return what is served at a path in the bus's own XML, and the way to it from the paths above."""
        inside = ""
        for (served, interface), (methods, _) in self._served.items():
            if served == path:
                for_each = "".join(_method(name, signature) for name, signature in methods.items())
                inside += f'<interface name="{interface}">{for_each}</interface>'
            elif served.startswith(f"{path.rstrip('/')}/"):
                child = served[len(path.rstrip("/")) + 1 :].partition("/")[0]
                inside += f'<node name="{child}"/>'
        return f"<node>{inside}</node>"


def _method(name: str, signature: str) -> str:
    arguments = "".join(f'<arg type="{kind}" direction="in"/>' for kind in _types(signature))
    return f'<method name="{name}">{arguments}</method>'


def _types(signature: str) -> list[str]:
    """Return the single types of a signature: "asa{sv}" is "as" and "a{sv}"."""
    found, start, depth = [], 0, 0
    for at, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and letter != "a":
            found.append(signature[start : at + 1])
            start = at + 1
    return found


def _error_name(reply: "Message") -> str:
    from jeepney import HeaderFields

    return str(reply.header.fields.get(HeaderFields.error_name, "an error"))
