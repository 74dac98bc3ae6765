"""What a screen reader does, without one: the accessibility bus, read and worked by names and roles.

The bus is the real one of AT-SPI (at-spi2-core): its launcher on a session bus of the test's own, its
registry, and Qt's bridge in the program. https://gnome.pages.gitlab.gnome.org/at-spi2-core/devel-docs/
"""

import importlib.util
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.keyring import SecretService

_HAS_JEEPNEY = importlib.util.find_spec("jeepney") is not None
if TYPE_CHECKING or _HAS_JEEPNEY:
    # Comes with keyring on Linux alone, as does the bus that is read here.
    from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, new_method_call
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import DBusConnection, open_dbus_connection

SECONDS = 30.0
_LAUNCHER = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_ROOT = "/org/a11y/atspi/accessible/root"
_MOST = 4_000

# Numbers of AtspiStateType (atspi-constants.h), as far as the tests look at them.
_STATES = {
    0: "invalid", 1: "active", 3: "busy", 4: "checked", 6: "defunct", 7: "editable", 8: "enabled",
    9: "expandable", 10: "expanded", 11: "focusable", 12: "focused", 14: "horizontal", 16: "modal",
    17: "multi-line", 18: "multiselectable", 20: "pressed", 22: "selectable", 23: "selected", 24: "sensitive",
    25: "showing", 26: "single-line", 29: "vertical", 30: "visible", 36: "invalid-entry",
    38: "selectable-text", 40: "visited", 41: "checkable", 42: "has-popup", 43: "read-only",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """An event of the bus: its kind such as "announcement", what it tells, and when it came."""

    kind: str
    detail: str
    value: Any
    at: float
    path: str


@dataclass(frozen=True)
class Thing:
    """One accessible object of the program. Everything is asked for when it is wanted."""

    reader: "Reader" = field(repr=False, compare=False)
    path: str

    def call(self, interface: str, member: str, signature: str | None = None, *body: Any) -> Any:
        """Call a method and return its only answer, or the tuple of them."""
        answer = self.reader.call(self.path, interface, member, signature, *body)
        return answer[0] if len(answer) == 1 else answer

    def get(self, interface: str, name: str) -> Any:
        """Return a property."""
        asked = self.call("org.freedesktop.DBus.Properties", "Get", "ss", interface, name)
        return asked[1]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.get(_ACCESSIBLE, "Name"))

    @property
    def description(self) -> str:
        """What is said of it beyond its name."""
        return str(self.get(_ACCESSIBLE, "Description"))

    @property
    def role(self) -> str:
        """The role by AT-SPI's name, such as "push button"."""
        return str(self.call(_ACCESSIBLE, "GetRoleName"))

    @property
    def states(self) -> frozenset[str]:
        """The states that it is in."""
        low, high = self.call(_ACCESSIBLE, "GetState")
        bits = low | high << 32
        return frozenset(name for number, name in _STATES.items() if bits >> number & 1)

    @property
    def attributes(self) -> dict[str, str]:
        """The object's attributes, such as a heading's level."""
        return dict(self.call(_ACCESSIBLE, "GetAttributes"))

    @property
    def interfaces(self) -> frozenset[str]:
        """What can be done with it, such as "Action" or "EditableText"."""
        return frozenset(name.rpartition(".")[2] for name in self.call(_ACCESSIBLE, "GetInterfaces"))

    @property
    def children(self) -> list["Thing"]:
        """What is inside, in order."""
        found = self.call(_ACCESSIBLE, "GetChildren")
        return [Thing(self.reader, path) for _, path in found if not path.endswith("/null")]

    @property
    def parent(self) -> "Thing":
        """What it is inside of."""
        return Thing(self.reader, self.get(_ACCESSIBLE, "Parent")[1])

    @property
    def place(self) -> int:
        """Its number among the children of its parent, from 0."""
        return int(self.call(_ACCESSIBLE, "GetIndexInParent"))

    @property
    def text(self) -> str:
        """Its text, of a field or a block."""
        return str(self.call("org.a11y.atspi.Text", "GetText", "ii", 0, -1))

    @property
    def value(self) -> float:
        """Its number, of a slider or a bar."""
        return float(self.get("org.a11y.atspi.Value", "CurrentValue"))

    @property
    def actions(self) -> list[str]:
        """The names of what can be done."""
        return [name for name, _, _ in self.call("org.a11y.atspi.Action", "GetActions")]

    def do(self, name: str = "Press") -> None:
        """Do something with it. Raises AssertionError if that cannot be done."""
        actions = self.actions
        assert name in actions, f"{self.role} {self.name!r} can only {actions}"
        assert self.call("org.a11y.atspi.Action", "DoAction", "i", actions.index(name))

    def write(self, text: str) -> None:
        """Replace a field's text."""
        assert self.call("org.a11y.atspi.EditableText", "SetTextContents", "s", text)

    def insert(self, text: str) -> None:
        """Write at the end of a field."""
        at = int(self.get("org.a11y.atspi.Text", "CharacterCount"))
        assert self.call("org.a11y.atspi.EditableText", "InsertText", "isi", at, text, len(text))

    def focus(self) -> None:
        """Ask for the keyboard."""
        self.call("org.a11y.atspi.Component", "GrabFocus")

    def select(self, index: int) -> None:
        """Select a child by its number."""
        assert self.call("org.a11y.atspi.Selection", "SelectChild", "i", index)

    def walk(self, *, hidden: bool = False) -> Iterator["Thing"]:
        """Yield it and everything inside that is on screen, in reading order."""
        left = [self]
        for _ in range(_MOST):
            if not left:
                return
            thing = left.pop()
            try:
                if not hidden and thing is not self and "visible" not in thing.states:
                    continue
                inside = thing.children
            except GoneError:
                continue
            yield thing
            left.extend(reversed(inside))
        raise AssertionError(f"more than {_MOST} things inside {self.path}")

    def tree(self, depth: int = 0) -> str:
        """Return what is inside as indented lines, for people."""
        lines = [f"{'  ' * depth}{self.role} {self.name[:70]!r} {' '.join(sorted(self.states & _TELLING))}"]
        lines += [child.tree(depth + 1) for child in self.children if "visible" in child.states]
        return "\n".join(lines)


_TELLING = frozenset(
    (
        "focused",
        "focusable",
        "selected",
        "expanded",
        "checked",
        "busy",
        "editable",
        "selectable",
        "expandable",
    )
)


class GoneError(Exception):
    """The program answered with an error: what was asked for is there no longer, or cannot do that."""


class Ear(threading.Thread):
    """Listens to what the program says by itself, on a connection of its own."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._bus = open_dbus_connection(address)
        self._lock = threading.Lock()
        self._said: list[Said] = []
        self._bus.send_and_get_reply(message_bus.AddMatch(MatchRule(type="signal")))
        registry = DBusAddress(
            "/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "org.a11y.atspi.Registry"
        )
        for kind in ("object:", "focus:", "window:"):
            asked = new_method_call(registry, "RegisterEvent", "sass", (kind, [], ""))
            self._bus.send_and_get_reply(asked)
        self._is_closing = False
        self.start()

    def run(self) -> None:
        """Take signals until the bus goes away."""
        while not self._is_closing:
            try:
                message = self._bus.receive(timeout=0.2)
            except TimeoutError:
                continue
            except (OSError, ConnectionError):
                return
            fields = message.header.fields
            interface = str(fields.get(HeaderFields.interface, ""))
            is_event = message.header.message_type is MessageType.signal and "atspi.Event" in interface
            if not is_event or len(message.body) < 4:
                continue
            kind = _dashed(str(fields[HeaderFields.member]))
            said = Said(
                kind, str(message.body[0]), message.body[3][1], time.monotonic(), fields[HeaderFields.path]
            )
            with self._lock:
                self._said.append(said)

    def heard(self, kind: str, since: int = 0) -> list[Said]:
        """Return the events of a kind, of those from number `since` on."""
        with self._lock:
            return [said for said in self._said[since:] if said.kind == kind]

    @property
    def count(self) -> int:
        """How many events came so far."""
        with self._lock:
            return len(self._said)

    def close(self) -> None:
        """Stop listening."""
        self._is_closing = True
        self.join(5)
        self._bus.close()


def _dashed(member: str) -> str:
    return "".join(f"-{char.lower()}" if char.isupper() else char for char in member).lstrip("-")


class Reader:
    """A screen reader's hands and ears for one program."""

    def __init__(self, address: str) -> None:
        """`address` is that of the accessibility bus."""
        self._bus: DBusConnection = open_dbus_connection(address)
        self._name = ""
        self.ear = Ear(address)

    def attach(self, process_id: int) -> None:
        """Wait for a program to come on the bus, and read it from now on."""
        self.until(lambda: self._find(process_id), f"process {process_id} on the accessibility bus")

    def _find(self, process_id: int) -> bool:
        registry = DBusAddress(_ROOT, "org.a11y.atspi.Registry", _ACCESSIBLE)
        for name, _ in self._ask(new_method_call(registry, "GetChildren"))[0]:
            asked = message_bus.GetConnectionUnixProcessID(name)
            if self._ask(asked)[0] == process_id:
                self._name = name
                return True
        return False

    @property
    def application(self) -> Thing:
        """The program itself."""
        return Thing(self, _ROOT)

    def call(self, path: str, interface: str, member: str, signature: str | None, *body: Any) -> Any:
        """Call a method of one of the program's objects; raises GoneError."""
        address = DBusAddress(path, self._name, interface)
        return self._ask(new_method_call(address, member, signature, body))

    def _ask(self, message: Any) -> Any:
        answer = self._bus.send_and_get_reply(message, timeout=SECONDS)
        if answer.header.message_type is MessageType.error:
            raise GoneError(str(answer.body[0] if answer.body else answer.header.fields))
        return answer.body

    # Finding and waiting

    def find_all(
        self, role: str | Sequence[str], name: str | None = None, inside: Thing | None = None
    ) -> list[Thing]:
        """Return what is on screen, or inside a thing, with a role, and a name if one is given."""
        roles = (role,) if isinstance(role, str) else role
        found = []
        for thing in (inside or self.application).walk():
            try:
                if thing.role in roles and (name is None or thing.name == name):
                    found.append(thing)
            except GoneError:
                continue
        return found

    def find(self, role: str | Sequence[str], name: str, inside: Thing | None = None) -> Thing:
        """Wait until something with a role and a name is on screen, or inside a thing, and return it."""
        return self.until(lambda: next(iter(self.find_all(role, name, inside)), None), f"{role} {name!r}")

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Ask again and again until a condition holds; return what it gave."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                value = condition()
            except GoneError:
                value = None
            if value:
                return value
            is_over = time.monotonic() > deadline or self._has_ended()
            assert not is_over, f"{what} did not come; on screen:\n{self._seen()}"
            time.sleep(0.03)

    def _has_ended(self) -> bool:
        """Whether the program that is read has left the bus."""
        return bool(self._name) and not self._ask(message_bus.NameHasOwner(self._name))[0]

    def _seen(self) -> str:
        try:
            return self.application.tree()
        except GoneError as error:
            return f"nothing that can be read ({error})"

    def announced(self, since: int = 0) -> list[str]:
        """Return what was said aloud, of the events from number `since` on."""
        return [said.value for said in self.ear.heard("announcement", since)]

    def close(self) -> None:
        """Read no more."""
        self.ear.close()
        self._bus.close()


@dataclass(frozen=True, slots=True)
class Accessibility:
    """A session with a keyring and an accessibility bus, and the environment that a program needs in it."""

    environment: dict[str, str]
    service: SecretService
    reader: Reader


def missing() -> str:
    """Return why there can be no accessibility bus here, or nothing if there can be one."""
    if not _HAS_JEEPNEY:
        return "not installed: jeepney"
    if not any(Path(launcher).exists() for launcher in _LAUNCHER) or shutil.which("dbus-daemon") is None:
        return "not installed: at-spi2-core"
    return ""


@pytest.fixture
def screen_name() -> str:
    """The screen of the tests, which the keyring's environment leaves out."""
    return os.environ.get("DISPLAY", "")


@pytest.fixture
def accessibility(
    screen_name: str, secret_service: SecretService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Accessibility]:
    """A desktop session in which a screen reader runs: Qt turns its bridge on by itself."""
    if missing():
        pytest.skip(f"a real accessibility bus is needed; {missing()}")
    launcher = next(launcher for launcher in _LAUNCHER if Path(launcher).exists())
    process = subprocess.Popen(
        [launcher, "--launch-immediately", "--a11y=1", "--screen-reader=1"],
        env=secret_service.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = _bus_address(process)
        reader = Reader(address)
        environment = {**secret_service.environment, "DISPLAY": screen_name}
        # For the keys and the window manager's tools, which this process calls.
        monkeypatch.setenv("DISPLAY", screen_name)
        try:
            yield Accessibility(environment, secret_service, reader)
        finally:
            reader.close()
    finally:
        process.terminate()
        process.wait(10)


def _bus_address(process: "subprocess.Popen[bytes]") -> str:
    """Ask the session bus for the accessibility bus until it is there."""
    end = time.monotonic() + SECONDS
    launcher = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
    with closing(open_dbus_connection()) as session:
        while time.monotonic() < end and process.poll() is None:
            answer = session.send_and_get_reply(new_method_call(launcher, "GetAddress"), timeout=SECONDS)
            if answer.header.message_type is MessageType.method_return and answer.body[0]:
                return str(answer.body[0])
            time.sleep(0.03)
    pytest.fail("the accessibility bus did not start")
