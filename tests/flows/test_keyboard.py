"""The whole program by the keyboard alone: the palette, the first nine conversations, keys of one's own."""

import tomllib
from pathlib import Path

from tests.flows.place import configure, messages
from tests.support.program import Program
from tests.support.server import LoopbackServer, openai_stream


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
