"""A real notification service for a test: org.freedesktop.Notifications on a bus of the test's own."""

import itertools
import threading
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


@dataclass
class NotificationService:
    """Takes what programs want shown, on a thread of its own; `calls` are the methods and their arguments."""

    capabilities: tuple[str, ...] = ("actions", "body", "body-markup")
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    shown: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    signatures: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Take the name and serve until `stop`."""
        self._connection: DBusConnection = open_dbus_connection("SESSION")
        self._numbers = itertools.count(41)
        self._lock = threading.Lock()
        assert self._ask_bus(message_bus.RequestName(NAME, 4)) == (1,)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the bus."""
        # The reading thread has the connection; another one asks the bus to wake it.
        with closing(open_dbus_connection("SESSION")) as other:
            from jeepney import new_method_call

            address = DBusAddress(PATH, NAME, NAME)
            other.send_and_get_reply(new_method_call(address, "Stop"), timeout=10)
        self._thread.join(10)
        self._connection.close()

    def named(self, member: str) -> list[tuple[Any, ...]]:
        """Return the arguments of all calls of a method."""
        return [body for name, body in list(self.calls) if name == member]

    def click(self, number: int, token: str = "") -> None:
        """Have the user click a notification; the desktop gives a token with it where it has one."""
        emitter = DBusAddress(PATH, interface=NAME)
        with self._lock:
            if token:
                self._connection.send(new_signal(emitter, "ActivationToken", "us", (number, token)))
            self._connection.send(new_signal(emitter, "ActionInvoked", "us", (number, "default")))
            self._connection.send(new_signal(emitter, "NotificationClosed", "uu", (number, 2)))
        self.shown.pop(number, None)

    def _ask_bus(self, message: Any) -> tuple[Any, ...]:
        return tuple(self._connection.send_and_get_reply(message, timeout=10).body)

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
            with self._lock:
                self._connection.send(self._answer(message, member, body))

    def _answer(self, message: Any, member: str, body: tuple[Any, ...]) -> Any:
        if member == "GetCapabilities":
            return new_method_return(message, "as", (list(self.capabilities),))
        if member == "Notify":
            number = body[1] or next(self._numbers)
            self.shown[number] = body
            return new_method_return(message, "u", (number,))
        if member == "CloseNotification":
            self.shown.pop(body[0], None)
            return new_method_return(message)
        return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
