"""The quick window: real keys, a real server, and a second process that calls it up."""

import os
import subprocess
import sys
from pathlib import Path

from tests.flows.place import configure, messages
from tests.support.answers import Answer, Send, Stall
from tests.support.program import ROOT, Program
from tests.support.server import LoopbackServer, openai_chunks, openai_stream


def call(data: Path, *arguments: str) -> None:
    """Start Weir a second time, as a key of the desktop does; it ends at once."""
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "--data-dir", str(data), *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def shown(weir: Program, name: str) -> bool:
    return any(item["visible"] for item in weir.ask("widgets", name=name))


def wait_for_field(weir: Program) -> None:
    """Wait until the quick window has the keyboard in its field."""
    weir.widget("QuickWindow")
    weir.until(
        lambda: (weir.ask("active") or [""])[0].startswith("Quick question"), "the quick window in front"
    )
    weir.until(lambda: weir.ask("widgets", name="Prompt") and focused(weir), "the field")


def close_by_escape(weir: Program) -> None:
    """Close the quick window, once nothing comes in it any more: Escape would stop that first."""
    weir.until(lambda: weir.widget("Copy reply")["enabled"], "the end of the reply")
    weir.key("Escape")


def focused(weir: Program) -> bool:
    return any(item["focused"] for item in weir.ask("widgets", name="Prompt"))


def test_a_question_in_a_program_that_was_not_running(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Water ", "falls."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, "quick") as weir:
            wait_for_field(weir)
            assert not shown(weir, "Shell")
            weir.write("What is a weir?")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Water falls.", "the reply")
            weir.until(lambda: [row.state for row in messages(data)] == ["finished"] * 2, "the reply on disk")
            close_by_escape(weir)
            assert weir.wait() == 0
            assert weir.errors == ""
    assert [row.text for row in messages(data)] == ["What is a weir?", "Water falls."]


def test_escape_stops_first_and_closes_then_and_the_other_window_goes_on(tmp_path: Path):
    chunks = list(openai_chunks(["One ", "two "], finish=None, done=False))
    with LoopbackServer(default=Answer(steps=[*map(Send, chunks), Stall()])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.widget("MainWindow")
            weir.settle()
            call(data, "quick", "--send", "Count on")
            wait_for_field(weir)
            weir.until(lambda: weir.last_text().strip() == "One two", "the beginning")
            weir.key("Escape")
            assert server.requests[-1].wait_closed(10)
            weir.until(lambda: messages(data)[-1].state == "stopped", "the stopped reply on disk")
            assert shown(weir, "QuickWindow")
            close_by_escape(weir)
            weir.until(lambda: not shown(weir, "QuickWindow"), "the quick window away")
            assert shown(weir, "Shell")
            weir.until(
                lambda: weir.ask("rows", name="Conversations")[0] == ["Count on"], "the row of the shelf"
            )
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""


def test_a_question_moves_into_the_main_window_while_its_reply_comes(tmp_path: Path):
    chunks = list(openai_chunks(["One ", "two "], finish=None, done=False))
    with LoopbackServer(default=Answer(steps=[*map(Send, chunks), Stall()])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, "quick", "Count on") as weir:
            wait_for_field(weir)
            weir.key("Return")
            weir.until(lambda: weir.last_text().strip() == "One two", "the beginning")
            weir.key("ctrl+o")
            weir.until(lambda: shown(weir, "Shell") and not shown(weir, "QuickWindow"), "the main window")
            weir.until(lambda: weir.last_text().strip() == "One two", "the conversation there")
            weir.until(lambda: (weir.ask("active") or [""])[0] == "Count on – Weir", "its title")
            weir.key("Escape")
            assert server.requests[-1].wait_closed(10)
            weir.until(lambda: messages(data)[-1].state == "stopped", "the stopped reply on disk")
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    assert len(server.requests) == 1


def test_enter_while_composing_sends_nothing_and_a_new_question_is_another_conversation(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, "quick") as weir:
            wait_for_field(weir)
            weir.write("First")
            weir.key("shift+Return")
            weir.write("line")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Yes.", "the reply")
            weir.until(lambda: weir.widget("Copy reply")["enabled"], "the end of the reply")
            weir.write("More")
            weir.key("Return")
            weir.until(lambda: len(messages(data)) == 4, "the second prompt")
            weir.until(lambda: weir.widget("Copy reply")["enabled"], "the end of the second reply")
            call(data, "quick", "Another", "one", "--send")
            weir.until(lambda: len(messages(data)) == 6, "another conversation")
            weir.until(lambda: messages(data)[-1].state == "finished", "its reply")
            sent = [request.json["messages"] for request in server.requests]
            close_by_escape(weir)
            assert weir.wait() == 0
            assert weir.errors == ""
    assert [[one["content"] for one in each] for each in sent] == [
        ["First\nline"],
        ["First\nline", "Yes.", "More"],
        ["Another one"],
    ]
