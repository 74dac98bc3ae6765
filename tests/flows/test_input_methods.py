"""Real input methods and keyboard layouts: IBus with pinyin and hangul, compose keys, dead keys."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.place import configure, messages
from tests.support.display import VirtualScreen
from tests.support.ibus import Ibus
from tests.support.program import Program
from tests.support.server import LoopbackServer, openai_stream

SECONDS = 60.0
"""How long anything may take: an input method is two more programs that a busy machine has to run."""


def wait(weir: Program, condition: Callable[[], Any], what: str) -> None:
    weir.until(condition, what, SECONDS)


def written(weir: Program) -> str:
    return str(weir.widget("Prompt")["text"])


def composed(weir: Program) -> str:
    found = weir.ask("composed")
    return str(found["text"]) if found is not None else ""


def sent(data: Path) -> list[str]:
    return [row.text for row in messages(data) if row.role == "user"]


def begin(weir: Program) -> None:
    """Wait for the window and give the prompt the keyboard."""
    weir.widget("MainWindow")
    weir.settle()
    if not weir.widget("Prompt")["focused"]:
        weir.click("Prompt")
    wait(weir, lambda: weir.widget("Prompt")["focused"], "the keyboard in the prompt")


def compose(weir: Program, letters: str, shown: str) -> None:
    """Type letters until the input method shows what it makes of them."""
    for letter in letters:
        before = composed(weir)
        weir.key(letter)
        wait(weir, lambda before=before: composed(weir) != before, f"something made of {letter}")
    wait(weir, lambda: composed(weir) == shown, f"{shown} composed")


def wake(weir: Program, letter: str, *switch: str) -> None:
    """Type and take back a letter until the input method makes something of it; `switch` turns it on."""

    def is_awake() -> bool:
        weir.key(letter)
        wait(weir, lambda: composed(weir) or written(weir), "a letter somewhere")
        heard = bool(composed(weir))
        weir.key("BackSpace")
        wait(weir, lambda: not composed(weir) and not written(weir), "the letter gone")
        if not heard and switch:
            weir.key(*switch)
        return heard

    wait(weir, is_awake, "the input method")


@pytest.fixture
def chinese(ibus: Ibus, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    ibus.use("libpinyin")
    monkeypatch.setenv("DISPLAY", ibus.environment["DISPLAY"])
    return ibus.environment


@pytest.fixture
def korean(ibus: Ibus, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    ibus.use("hangul")
    monkeypatch.setenv("DISPLAY", ibus.environment["DISPLAY"])
    return ibus.environment


def test_pinyin_is_composed_chosen_and_sent_by_the_enter_that_follows(chinese, tmp_path: Path):
    with LoopbackServer(default=openai_stream(["好"])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, env=chinese) as weir:
            begin(weir)
            wake(weir, "n")
            compose(weir, "nihao", "你好")
            assert written(weir) == ""
            place = weir.ask("composed")
            assert place["within"]
            weir.key("Return")
            wait(weir, lambda: written(weir) == "nihao", "the letters, put in by Enter")
            assert composed(weir) == ""
            assert sent(data) == []
            compose(weir, "nihao", "你好")
            weir.key("space")
            wait(weir, lambda: written(weir) == "nihao你好", "what was chosen")
            assert sent(data) == []
            weir.key("Return")
            wait(weir, lambda: sent(data) == ["nihao你好"], "the prompt")
            wait(weir, lambda: [row.state for row in messages(data)] == ["finished"] * 2, "the reply")
            compose(weir, "nihao", "你好")
            weir.click("Send")
            wait(weir, lambda: len(sent(data)) == 2, "the second prompt")
            assert sent(data)[1] == "你好"
            wait(weir, lambda: written(weir) == "" and composed(weir) == "", "an empty prompt")
            wait(weir, lambda: [row.state for row in messages(data)] == ["finished"] * 4, "the reply")
            compose(weir, "nihao", "你好")
            weir.close_window()
            assert weir.wait(40) == 0
            assert weir.errors == ""
        with Program(data, env=chinese) as weir:
            wait(weir, lambda: written(weir) == "你好", "what was composed when the window closed")


def test_hangul_is_finished_and_sent_by_one_enter(korean, tmp_path: Path):
    with LoopbackServer(default=openai_stream(["네"])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, env=korean) as weir:
            begin(weir)
            wake(weir, "g", "Hangul")
            weir.key("g", "k", "s", "r", "m", "f")
            wait(weir, lambda: (written(weir), composed(weir)) == ("한", "글"), "two syllables")
            weir.key("Return")
            wait(weir, lambda: sent(data) == ["한글"], "the prompt")


def set_layout(screen: VirtualScreen, *options: str) -> None:
    subprocess.run(["setxkbmap", "-display", screen.name, *options], check=True, timeout=30)


def test_compose_keys_and_dead_keys_write_what_they_make(
    virtual_screen: VirtualScreen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("DISPLAY", virtual_screen.start())
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    set_layout(virtual_screen, "-layout", "us", "-option", "compose:ralt")
    with LoopbackServer(default=openai_stream(["Oui."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            begin(weir)
            weir.key("Multi_key", "apostrophe", "e")
            wait(weir, lambda: written(weir) == "é", "an accented letter")
            weir.key("Multi_key", "s", "s", "Multi_key", "minus", "minus", "minus")
            wait(weir, lambda: written(weir) == "éß—", "what the compose key makes")
            set_layout(virtual_screen, "-layout", "us", "-variant", "intl", "-option", "")
            weir.key("dead_diaeresis", "u", "dead_tilde", "n", "dead_acute", "space")
            wait(weir, lambda: written(weir) == "éß—üñ'", "what the dead keys make")
            assert sent(data) == []
            weir.key("Return")
            wait(weir, lambda: sent(data) == ["éß—üñ'"], "the prompt")
