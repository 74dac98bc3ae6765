"""The whole program by the keyboard alone: the palette, the first nine conversations, keys of one's own."""

import tomllib
from pathlib import Path

import pytest

from tests.flows.place import configure, messages
from tests.support.answers import Send, Stall, models_answer, openai_chunks
from tests.support.keyring import SecretService
from tests.support.program import Program
from tests.support.server import Answer, LoopbackServer, openai_stream

KEY = "sk-test-" + "b" * 40


def ask(weir: Program, data: Path, text: str, number: int) -> None:
    """Ask something in a new conversation and wait for the reply."""
    weir.key("ctrl+n")
    weir.until(lambda: weir.widget("Prompt")["focused"], "the composer")
    weir.write(text)
    weir.key("Return")
    weir.until(
        lambda: [row.state for row in messages(data)].count("finished") == 2 * number, f"reply {number}"
    )


def shelf(weir: Program) -> list[str]:
    rows = weir.ask("rows", name="Conversations")
    return list(rows[0]) if rows is not None else []


def first_words(weir: Program) -> str:
    """Return the first message on screen."""
    heard = weir.heard()
    return heard[0][1] if heard else ""


def stored_keys(data: Path) -> object:
    return tomllib.loads((data / "preferences.toml").read_text("utf-8")).get("keys.toggle_shelf")


def is_shown(weir: Program, name: str) -> bool:
    return any(item["visible"] for item in weir.ask("widgets", name=name))


def test_everything_is_done_by_keys_and_own_keys_stay(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Good."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.widget("MainWindow")
            weir.settle()
            ask(weir, data, "Apples", 1)
            ask(weir, data, "Pears", 2)
            ask(weir, data, "Plums", 3)
            weir.until(lambda: len(shelf(weir)) == 3, "three conversations")
            weir.until(lambda: first_words(weir) == "Plums", "the last one")
            weir.key("ctrl+3")
            weir.until(lambda: first_words(weir) == "Apples", "the third by Ctrl+3")
            weir.key("ctrl+Tab")
            weir.until(lambda: first_words(weir) == "Plums", "the next, round the end")
            weir.key("ctrl+Next")
            weir.until(lambda: first_words(weir) == "Pears", "the next")
            weir.key("ctrl+k")
            weir.until(lambda: weir.widget("An action, a conversation or a model")["focused"], "the palette")
            weir.write("appl")
            weir.until(
                lambda: (weir.ask("rows", name="What fits") or [[""]])[0][:1] == ["Apples"], "Apples found"
            )
            weir.key("Return")
            weir.until(lambda: first_words(weir) == "Apples", "what the palette found")
            weir.key("ctrl+k")
            weir.write("sett key")
            weir.key("Return")
            weir.widget("Find an action or its keys")
            weir.settle()
            weir.write_into("Find an action or its keys", "hide the shelf")
            weir.key("Tab", "Tab", "Return")
            weir.until(lambda: weir.widget("Recorder")["focused"], "what takes keys")
            weir.key("ctrl+j")
            weir.until(lambda: stored_keys(data) == "Ctrl+J", "the keys on disk")
            weir.key("Escape")
            weir.until(lambda: not is_shown(weir, "SettingsWindow"), "the settings closed")
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
        with Program(data) as weir:
            weir.widget("Conversations")
            weir.settle()
            weir.key("ctrl+j")
            weir.until(lambda: not is_shown(weir, "Conversations"), "the shelf hidden by its own keys")
            weir.close_window()
            assert weir.wait() == 0


def is_at(weir: Program, name: str) -> bool:
    """Whether the keyboard is at what has this name."""
    focus = weir.ask("focus")
    return focus is not None and name in focus[2]


def add_endpoint(weir: Program, address: str) -> None:
    """Add an endpoint with a key by Tab and typing alone, from the page of the first start."""
    weir.tab_to("Another server or your own endpoint…")
    weir.key("space")
    weir.widget("Address")
    weir.settle()
    weir.until(lambda: is_at(weir, "Name"), "the first field")
    for name, text in (("Name", "Loopback"), ("Address", address)):
        weir.tab_to(name)
        weir.key("ctrl+a")
        weir.write(text)
        weir.until(lambda: weir.widget(name)["text"] == text, f"{text!r} in {name}")  # noqa: B023
    # There are two fields for keys, of which the one behind stands in the other window.
    weir.tab_to("Key")
    weir.write(KEY)
    weir.tab_to("Models, one a line")
    weir.write("alpha")
    weir.key("Return")
    weir.write("beta")
    weir.until(lambda: weir.widget("Models, one a line")["text"] == "alpha\nbeta", "the models")
    weir.tab_to("Save")
    weir.key("space")
    weir.widget("Edit Loopback")
    weir.key("Escape")
    weir.until(lambda: not is_shown(weir, "SettingsWindow"), "the settings closed")


@pytest.mark.timeout(180)
def test_the_whole_story_without_a_mouse(
    screen_name: str, secret_service: SecretService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An endpoint and its key, a prompt, stop, another attempt, its branch, a model, search, settings."""
    monkeypatch.setenv("DISPLAY", screen_name)
    role, first, *_ = openai_chunks(["Half of it. "], finish=None, done=False)
    endless = Answer(steps=[Send(role), Send(first), Stall()])
    data = tmp_path / "weir"
    with LoopbackServer(default=openai_stream(["All of it."])) as server:
        server.answer(models_answer(["alpha", "beta"]), path="/v1/models")
        server.answer(endless, path="/v1/chat/completions")
        with Program(data) as weir:
            weir.widget("Another server or your own endpoint…")
            weir.settle()
            add_endpoint(weir, server.base_url)
            weir.until(lambda: KEY in secret_service.entries().values(), "the key in the keyring")
            weir.until(lambda: is_at(weir, "Prompt"), "the composer")
            weir.settle()
            weir.write("Tell me about rivers")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Half of it.", "the first words")
            weir.key("Escape")
            weir.until(lambda: [row.state for row in messages(data)] == ["finished", "stopped"], "the stop")
            weir.key("ctrl+r")
            weir.until(lambda: weir.last_text() == "All of it.", "the second attempt")
            weir.until(lambda: messages(data)[-1].state == "finished", "its end")
            weir.tab_to("Conversation")
            weir.key("alt+Left")
            weir.until(lambda: weir.last_text().startswith("Half of it."), "the first attempt")
            weir.until(lambda: not is_at(weir, "Prompt"), "the keyboard in the transcript")
            weir.key("alt+Right")
            weir.until(lambda: weir.last_text() == "All of it.", "the second attempt again")
            weir.key("ctrl+m")
            weir.until(lambda: is_at(weir, "Find a model, or type its name"), "the list of models")
            weir.write("beta")
            weir.key("Return")
            weir.widget("Model: beta")
            weir.key("ctrl+n")
            weir.until(lambda: not weir.heard(), "the empty page")
            weir.key("ctrl+shift+f")
            weir.until(lambda: is_at(weir, "Search everything"), "the field of the search")
            weir.write("rivers")
            weir.until(lambda: (weir.ask("rows", name="Found") or [[]])[0], "what was found")
            weir.key("Return")
            weir.until(lambda: first_words(weir) == "Tell me about rivers", "the conversation that was found")
            choose_dark(weir, data)
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""


def choose_dark(weir: Program, data: Path) -> None:
    """Go to the settings' page of the looks by arrows and choose one."""
    weir.key("ctrl+comma")
    weir.widget("SettingsWindow")
    weir.settle()
    weir.tab_to("Pages")
    wanted = weir.ask("rows", name="Pages")[0].index("Appearance")
    while (before := page_of(weir)) != wanted:
        way = "Down" if before < wanted else "Up"
        weir.press_until(way, lambda: page_of(weir) != before, f"another page than {before}")
    weir.tab_to("Like the system")
    for look in ("Light", "Dark"):
        weir.key("Right")
        weir.until(lambda: is_at(weir, look), f"the look {look}, at {weir.ask('focus')}")  # noqa: B023
    weir.until(lambda: stored(data, "look.scheme") == "dark", "the choice on disk")
    weir.key("Escape")
    weir.until(lambda: not is_shown(weir, "SettingsWindow"), "the settings closed")


def page_of(weir: Program) -> int:
    """Return the number of the settings' page on screen."""
    number: int = weir.ask("rows", name="Pages")[1]
    return number


def stored(data: Path, name: str) -> object:
    file = data / "preferences.toml"
    return tomllib.loads(file.read_text("utf-8")).get(name) if file.exists() else None
