"""Services of a desktop for a test, on a bus of the test's own: what shows notifications and icons there."""

import itertools
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

SECONDS = 10.0


def call_on_bus(to: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> Any:
    """Call a method of a program on the bus, as another program does; return what it returns."""
    with closing(open_dbus_connection("SESSION")) as connection:
        message = new_method_call(DBusAddress(path, to, interface), member, signature or None, body)
        reply = connection.send_and_get_reply(message, timeout=SECONDS)
    assert reply.header.message_type is MessageType.method_return, (member, reply.body)
    return reply.body


class BusService:
    """Has a name on the bus and answers on a thread of its own; `calls` are the methods and arguments."""

    name = ""
    path = ""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.signatures: set[str] = set()

    def start(self) -> None:
        """Take the name and serve until `stop`."""
        self._connection = open_dbus_connection("SESSION")
        self._lock = threading.Lock()
        asked = self._connection.send_and_get_reply(message_bus.RequestName(self.name, 4), timeout=SECONDS)
        assert asked.body == (1,)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the bus."""
        call_on_bus(self.name, self.path, "test.Stop", "Stop")
        self._thread.join(SECONDS)
        self._connection.close()

    def named(self, member: str) -> list[tuple[Any, ...]]:
        """Return the arguments of all calls of a method."""
        return [body for name, body in list(self.calls) if name == member]

    def emit(self, member: str, signature: str, *body: Any) -> None:
        """Send a signal."""
        with self._lock:
            self._connection.send(
                new_signal(DBusAddress(self.path, interface=self.name), member, signature, body)
            )

    def answer(self, message: Message, member: str, body: tuple[Any, ...]) -> Message | None:
        """Return the reply to a call, None for a method that there is not."""
        raise NotImplementedError

    def _serve(self) -> None:
        while True:
            message = self._connection.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            fields = message.header.fields
            member, body = fields[HeaderFields.member], tuple(message.body)
            if member == "Stop":
                self._connection.send(new_method_return(message))
                return
            self.calls.append((member, body))
            self.signatures.add(fields.get(HeaderFields.signature, ""))
            reply = self.answer(message, member, body)
            unknown = "org.freedesktop.DBus.Error.UnknownMethod"
            with self._lock:
                self._connection.send(reply if reply is not None else new_error(message, unknown))


class NotificationService(BusService):
    """org.freedesktop.Notifications; `shown` are the notifications on the screen by their numbers."""

    name = "org.freedesktop.Notifications"
    path = "/org/freedesktop/Notifications"

    def __init__(self) -> None:
        super().__init__()
        self.capabilities: tuple[str, ...] = ("actions", "body", "body-markup")
        self.shown: dict[int, tuple[Any, ...]] = {}
        self._numbers = itertools.count(41)

    def click(self, number: int, token: str = "") -> None:
        """Have the user click a notification; the desktop gives a token with it where it has one."""
        if token:
            self.emit("ActivationToken", "us", number, token)
        self.emit("ActionInvoked", "us", number, "default")
        self.emit("NotificationClosed", "uu", number, 2)
        self.shown.pop(number, None)

    def answer(self, message: Message, member: str, body: tuple[Any, ...]) -> Message | None:
        """Show, replace and close."""
        if member == "GetCapabilities":
            return new_method_return(message, "as", (list(self.capabilities),))
        if member == "Notify":
            number = body[1] or next(self._numbers)
            self.shown[number] = body
            return new_method_return(message, "u", (number,))
        if member == "CloseNotification":
            self.shown.pop(body[0], None)
            return new_method_return(message)
        return None


class IconHost(BusService):
    """A panel that shows icons: org.kde.StatusNotifierWatcher with a host; `items` are the icons in it."""

    name = "org.kde.StatusNotifierWatcher"
    path = "/StatusNotifierWatcher"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[str] = []

    def answer(self, message: Message, member: str, body: tuple[Any, ...]) -> Message | None:
        """Take icons in, and say that there is a place for them."""
        known: dict[str, Callable[[], tuple[str, Any]]] = {
            "IsStatusNotifierHostRegistered": lambda: ("b", True),
            "ProtocolVersion": lambda: ("i", 0),
            "RegisteredStatusNotifierItems": lambda: ("as", list(self.items)),
        }
        if member == "RegisterStatusNotifierItem":
            self.items.append(body[0])
            return new_method_return(message)
        if member == "Get" and body[1] in known:
            return new_method_return(message, "v", (known[body[1]](),))
        if member == "GetAll":
            return new_method_return(message, "a{sv}", ({name: get() for name, get in known.items()},))
        return None
