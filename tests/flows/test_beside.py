"""`weir ask` beside an open window: one history, one shelf, and neither disturbs the other."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.flows.place import configure, is_sound, messages
from tests.flows.test_ask import ask, command
from tests.flows.test_first_window import gated
from tests.support.program import ROOT, Program
from tests.support.server import LoopbackServer, openai_stream


def titles(weir: Program) -> list[str]:
    return list(weir.ask("rows", name="Conversations")[0])


@pytest.fixture
def data(tmp_path: Path, server: LoopbackServer) -> Path:
    return configure(tmp_path / "weir", server.base_url)


@pytest.fixture
def server():
    with LoopbackServer() as server:
        yield server


def test_what_is_asked_in_the_terminal_appears_on_the_shelf(data: Path, server: LoopbackServer):
    server.answer(openai_stream(["Hello."]), openai_stream(["Four."]))
    with Program(data) as weir:
        weir.write_into("Prompt", "Good morning")
        weir.key("Return")
        weir.until(lambda: weir.last_text() == "Hello.", "the reply in the window")
        weir.until(lambda: messages(data)[-1].state == "finished", "the reply on disk")
        done = ask(data, "What is 2 + 2?")
        ended = time.monotonic()
        assert (done.returncode, done.stdout, done.stderr) == (0, "Four.\n", "")
        weir.until(lambda: titles(weir) == ["What is 2 + 2?", "Good morning"], "the new row", 4)
        assert time.monotonic() - ended < 4
        # What was open stays open and marked.
        assert weir.ask("rows", name="Conversations")[1] == 1
        assert weir.last_text() == "Hello."
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
    assert [(row.state, row.text) for row in messages(data)] == [
        ("finished", "Good morning"),
        ("finished", "Hello."),
        ("finished", "What is 2 + 2?"),
        ("finished", "Four."),
    ]
    assert is_sound(data)


def test_a_reply_that_streams_in_the_window_is_not_disturbed(data: Path, server: LoopbackServer):
    answer, gates = gated(["One, ", "two, ", "three."])
    server.answer(answer, openai_stream(["Four."]))
    with Program(data) as weir:
        weir.write_into("Prompt", "Count")
        weir.key("Return")
        gates[0].set()
        weir.until(lambda: weir.last_text().strip() == "One,", "the first text")
        done = ask(data, "What is 2 + 2?")
        assert (done.returncode, done.stderr) == (0, "")
        weir.until(lambda: titles(weir) == ["What is 2 + 2?", "Count"], "the new row")
        gates[1].set()
        weir.until(lambda: weir.last_text().strip() == "One, two,", "the next text")
        gates[2].set()
        weir.until(lambda: weir.last_text() == "One, two, three.", "the last text")
        weir.click("Stop")
        weir.until(lambda: messages(data)[1].state == "stopped", "the stopped reply on disk")
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
    assert [(row.state, row.text) for row in messages(data)] == [
        ("finished", "Count"),
        ("stopped", "One, two, three."),
        ("finished", "What is 2 + 2?"),
        ("finished", "Four."),
    ]


def test_a_reply_that_streams_in_the_terminal_is_followed_and_its_death_is_seen(
    data: Path, server: LoopbackServer
):
    answer, gates = gated(["One, ", "two, ", "three."])
    server.answer(answer)
    with Program(data) as weir:
        weir.widget("Prompt")
        with subprocess.Popen(
            command(data, "Count"), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as asking:
            gates[0].set()
            weir.until(lambda: titles(weir) == ["Count"], "the new row")
            weir.settle()
            box = weir.widget("Conversations")["box"]
            weir._x("mousemove", "--sync", str(box[0] + box[2] // 2), str(box[1] + 55))
            weir._x("click", "1")
            weir.until(lambda: weir.last_text().strip() == "One,", "the text so far")
            gates[1].set()
            weir.until(lambda: weir.last_text().strip() == "One, two,", "the text that came since")
            assert messages(data)[-1].state == "streaming"
            asking.kill()
            asking.wait(10)
        weir.until(lambda: messages(data)[-1].state == "interrupted", "the end of the reply on disk")
        weir.until(lambda: "nterrupted" in weir.last_text(), "the end of the reply in the window")
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
    assert is_sound(data)


def test_the_window_s_death_does_not_harm_what_is_asked(data: Path, server: LoopbackServer):
    in_window, window_gates = gated(["Half"])
    in_terminal, terminal_gates = gated(["One, ", "two."])
    server.answer(in_window, in_terminal)
    with Program(data) as weir:
        weir.write_into("Prompt", "Tell me")
        weir.key("Return")
        window_gates[0].set()
        weir.until(lambda: weir.last_text() == "Half", "the text")
        weir.until(lambda: messages(data)[-1].text == "Half", "the text on disk")
        with subprocess.Popen(
            command(data, "--json", "Count"), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as asking:
            assert asking.stdout is not None
            terminal_gates[0].set()
            asking.stdout.readline()
            weir.kill()
            terminal_gates[1].set()
            asking.stdout.readline()
            # Beside it the next window opens, ends what the dead one left, and lets it go on.
            with Program(data) as again:
                again.until(lambda: messages(data)[1].state == "interrupted", "the interrupted reply")
                assert messages(data)[3].state == "streaming"
                asking.terminate()
                assert asking.wait(10) == 130
                again.until(lambda: len(titles(again)) == 2, "both rows")
                again.close_window()
                assert again.wait() == 0
                assert again.errors == ""
    assert [(row.state, row.text) for row in messages(data)] == [
        ("finished", "Tell me"),
        ("interrupted", "Half"),
        ("finished", "Count"),
        ("stopped", "One, two."),
    ]
    assert is_sound(data)


def test_two_in_two_terminals_keep_both_replies(data: Path, server: LoopbackServer):
    server.answer(openai_stream(["A."]), openai_stream(["B."]))
    both = [
        subprocess.Popen(
            command(data, prompt),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for prompt in ("First", "Second")
    ]
    ended = [process.communicate(timeout=30) for process in both]
    assert {out for out, _ in ended} == {b"A.\n", b"B.\n"}
    assert [err for _, err in ended] == [b"", b""]
    assert sorted(row.text for row in messages(data)) == ["A.", "B.", "First", "Second"]
