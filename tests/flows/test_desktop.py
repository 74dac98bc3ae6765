"""The desktop around the whole program: its bus, its notifications, its icons, and files that it opens."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.place import configure, messages
from tests.flows.test_quick import call, close_by_escape, shown, wait_for_field
from tests.support.answers import Answer, Send, Wait
from tests.support.bus_service import IconHost, NotificationService, call_on_bus
from tests.support.gguf import gguf_bytes
from tests.support.program import ROOT, Program
from tests.support.server import LoopbackServer, openai_chunks, openai_stream

NAME, PATH, INTERFACE = "chat.weir.Weir", "/chat/weir/Weir", "org.freedesktop.Application"


@pytest.fixture
def desktop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A session bus beside the screen of the tests."""
    display = os.environ["DISPLAY"]
    environment: dict[str, str] = request.getfixturevalue("bus")
    monkeypatch.setenv("DISPLAY", display)
    return environment


@pytest.fixture
def notifications(desktop: dict[str, str]) -> Iterator[NotificationService]:
    service = NotificationService()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def panel(desktop: dict[str, str]) -> Iterator[IconHost]:
    host = IconHost()
    host.start()
    yield host
    host.stop()


def has_name(name: str) -> bool:
    bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
    return bool(call_on_bus(*bus, "NameHasOwner", "s", name)[0])


def test_what_the_bus_asks_for_is_done(desktop, tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.widget("MainWindow")
            weir.until(lambda: has_name(NAME), "the name on the bus")
            arguments = ("ActivateAction", "sava{sv}", "quick", [("s", "By the bus")], {})
            call_on_bus(NAME, PATH, INTERFACE, *arguments)
            wait_for_field(weir)
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Yes.", "the reply")
            weir.until(lambda: messages(data)[-1].state == "finished", "the reply on disk")
            close_by_escape(weir)
            weir.until(lambda: not shown(weir, "QuickWindow"), "the quick window away")
            call_on_bus(NAME, PATH, INTERFACE, "Activate", "a{sv}", {})
            weir.until(lambda: (weir.ask("active") or [""])[0].endswith("Weir"), "the window in front")
            file = tmp_path / "tiny model.gguf"
            file.write_bytes(gguf_bytes({"general.architecture": "llama", "general.name": "Tiny"}))
            call_on_bus(NAME, PATH, INTERFACE, "Open", "asa{sv}", [file.as_uri()], {})
            weir.until(lambda: shown(weir, "Use this model"), "the offer to use the model")
            weir.key("Escape")
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    assert [row.text for row in messages(data)] == ["By the bus", "Yes."]


def test_an_archive_is_read_once_the_user_says_so(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Kept."])) as server:
        first = configure(tmp_path / "first", server.base_url)
        run_weir(first, "ask", "Remember this")
        archive = tmp_path / "all of it.json"
        run_weir(first, "export", str(archive))
        data = configure(tmp_path / "second", server.base_url)
        with Program(data, str(archive)) as weir:
            weir.until(lambda: shown(weir, "Import"), "the offer")
            assert messages(data) == []
            weir.click("Import")
            weir.until(lambda: len(messages(data)) == 2, "the conversation")
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    assert [row.text for row in messages(data)] == ["Remember this", "Kept."]


def run_weir(data: Path, *arguments: str) -> None:
    """Do something without the window."""
    command = [sys.executable, "-m", "desktop", "--data-dir", str(data), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_long_reply_is_told_of_and_a_click_leads_to_it(notifications, tmp_path: Path):
    first, second = openai_chunks(["Long "], finish=None, done=False), openai_chunks(["ago."])
    steps = [*map(Send, first), Wait(5.3), *map(Send, second)]
    with LoopbackServer(default=Answer(steps=steps)) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.write_into("Prompt", "When was it?")
            weir.key("Return")
            weir.until(lambda: "Long" in weir.last_text(), "the beginning")
            title = "When was it? – Weir"
            weir.settle()
            weir._x("getactivewindow", "windowminimize")
            weir.until(lambda: weir.ask("active") is None, "another program in front")
            weir.until(lambda: notifications.shown, "the notification", 30)
            ((number, notice),) = notifications.shown.items()
            assert notice[3:5] == ("When was it?", "alpha has replied.")
            notifications.click(number)
            weir.until(lambda: (weir.ask("active") or [""])[0] == title, "the window in front")
            assert notifications.shown == {}
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""


def wait_away(weir: Program, name: str) -> None:
    """Wait until a window is off the screen and Qt knows that it has no keyboard any more.

    Brought back before that, it would not become the active one.
    """
    weir.until(lambda: not shown(weir, name), f"{name} away")
    weir.until(lambda: not weir.ask("has_keyboard"), "the keyboard elsewhere")


def menu_of(item: str) -> tuple[str, dict[str, int]]:
    """Return the object of an icon's menu, and the numbers of its entries by their words."""
    path = "/StatusNotifierItem"
    (kind,) = call_on_bus(
        item, path, "org.freedesktop.DBus.Properties", "Get", "ss", "org.kde.StatusNotifierItem", "Menu"
    )
    menu = kind[1]
    _, layout = call_on_bus(item, menu, "com.canonical.dbusmenu", "GetLayout", "iias", 0, -1, [])
    entries = {}
    for _, (number, properties, _) in layout[2]:
        if "label" in properties:
            entries[properties["label"][1]] = number
    return menu, entries


def choose(item: str, words: str) -> None:
    menu, entries = menu_of(item)
    event = (entries[words], "clicked", ("s", ""), 0)
    call_on_bus(item, menu, "com.canonical.dbusmenu", "Event", "isvu", *event)


def test_an_icon_brings_the_window_back_and_ends_the_program(panel, tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        kept = (data / "preferences.toml").read_text(encoding="utf-8")
        more = '"desktop.tray" = "yes"\n"desktop.tray_keeps" = "yes"\n'
        (data / "preferences.toml").write_text(kept + more, encoding="utf-8")
        with Program(data) as weir:
            weir.widget("Shell")
            weir.until(lambda: panel.items, "the icon")
            item = panel.items[-1]
            weir.settle()
            weir.close_window()
            wait_away(weir, "Shell")
            call_on_bus(item, "/StatusNotifierItem", "org.kde.StatusNotifierItem", "Activate", "ii", 0, 0)
            weir.until(lambda: shown(weir, "Shell"), "the window back")
            weir.settle()
            choose(item, "Show or hide Weir")
            wait_away(weir, "Shell")
            choose(item, "Quick question")
            wait_for_field(weir)
            weir.key("Escape")
            wait_away(weir, "QuickWindow")
            call(data)
            weir.until(lambda: shown(weir, "Shell"), "the window back by a second start")
            weir.settle()
            weir.close_window()
            wait_away(weir, "Shell")
            choose(item, "Quit")
            assert weir.wait() == 0
            assert weir.errors == ""


def test_without_a_place_for_icons_closing_ends_the_program(desktop, tmp_path: Path):
    data = configure(tmp_path / "weir", "http://127.0.0.1:9/v1")
    kept = (data / "preferences.toml").read_text(encoding="utf-8")
    more = '"desktop.tray" = "yes"\n"desktop.tray_keeps" = "yes"\n'
    (data / "preferences.toml").write_text(kept + more, encoding="utf-8")
    with Program(data) as weir:
        weir.widget("Shell")
        weir.settle()
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
