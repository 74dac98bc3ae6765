"""The whole program in a process of its own, on a real screen, against a server on a real socket."""

import random
import threading
import time
from pathlib import Path

import pytest

from tests.flows.place import configure, is_sound, messages
from tests.support.answers import Gate, Stall
from tests.support.program import Program
from tests.support.server import Answer, LoopbackServer, Send, Step, Wait, openai_chunks, openai_stream


def gated(texts: list[str]) -> tuple[Answer, list[threading.Event]]:
    """An endless reply that sends the next text when the test says so."""
    gates = [threading.Event() for _ in texts]
    steps: list[Step] = []
    role, *chunks = openai_chunks(texts, finish=None, done=False)
    steps.append(Send(role))
    for gate, chunk in zip(gates, chunks, strict=True):
        steps += [Gate(gate), Send(chunk)]
    return Answer(steps=[*steps, Stall()]), gates


def test_a_prompt_is_typed_the_reply_streams_and_stop_closes_the_connection(tmp_path: Path):
    texts = ["A weir ", "is a low ", "dam ", "across a river."]
    answer, gates = gated(texts)
    with LoopbackServer() as server:
        server.answer(answer)
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.write_into("Prompt", "What is a weir?")
            weir.key("Return")
            request = server.wait_request()
            assert request.json["messages"] == [{"role": "user", "content": "What is a weir?"}]
            assert request.json["stream"] is True
            shown = ""
            for text, gate in zip(texts, gates, strict=True):
                assert weir.last_text().strip() == shown.strip()
                gate.set()
                shown += text
                weir.until(lambda: weir.last_text().strip() == shown.strip(), f"the text {shown!r}")  # noqa: B023
            assert not request.wait_closed(0)
            assert weir.ask("collects") is False
            weir.click("Stop")
            assert request.wait_closed(5)
            weir.widget("Send")
            assert weir.last_text() == "".join(texts) + "\n\nStopped"
            weir.until(lambda: messages(data)[-1].state == "stopped", "the stopped reply on disk")
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    stored = messages(data)
    assert [(row.role, row.state, row.text) for row in stored] == [
        ("user", "finished", "What is a weir?"),
        ("assistant", "stopped", "".join(texts)),
    ]
    with Program(data) as again:
        again.until(lambda: len(again.heard()) == 2, "the conversation on screen again")
        assert again.heard()[0][1] == "What is a weir?"
        assert again.last_text() == "".join(texts) + "\n\nStopped"
        again.close_window()
        assert again.wait() == 0
        assert again.errors == ""


def test_escape_stops_and_the_next_prompt_is_answered(tmp_path: Path):
    with LoopbackServer() as server:
        endless, gates = gated(["Part of it"])
        gates[0].set()
        server.answer(endless, openai_stream(["All of it."]))
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.write_into("Prompt", "One")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Part of it", "the first text")
            weir.key("Escape")
            assert server.requests[0].wait_closed(5)
            weir.widget("Send")
            weir.write_into("Prompt", "Two")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "All of it.", "the second reply")
            sent = server.requests[1].json["messages"]
            assert [item["content"] for item in sent] == ["One", "Part of it", "Two"]


def test_closing_the_window_in_mid_stream_keeps_what_came_and_leaves_nothing_behind(tmp_path: Path):
    with LoopbackServer() as server:
        answer, gates = gated(["Half a ", "sentence"])
        for gate in gates:
            gate.set()
        server.answer(answer)
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, env={"PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "default"}) as weir:
            weir.write_into("Prompt", "Tell me")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "Half a sentence", "the text")
            began = time.monotonic()
            weir.close_window()
            assert weir.wait(10) == 0
            assert time.monotonic() - began < 10
            assert server.requests[0].wait_closed(1)
            assert weir.errors == ""
    assert [(row.state, row.text) for row in messages(data)][-1] == ("stopped", "Half a sentence")


@pytest.mark.timeout(400)
def test_twenty_kills_lose_at_most_a_quarter_of_a_second_each(tmp_path: Path):
    """The server stamps each write; all that was written 250 ms before the kill must be on disk.

    The stamp is taken before the socket's own way to the program, so this is stricter than the promise.
    """
    chance = random.Random(20261121)
    words = [f"word{number} " for number in range(4000)]
    steps: list[Step] = []
    for chunk in openai_chunks(words, finish=None, done=False):
        steps += [Send(chunk), Wait(0.004)]
    with LoopbackServer() as server:
        server.answer(*[Answer(steps=[*steps, Stall()])] * 20)
        data = configure(tmp_path / "weir", server.base_url)
        kept = ""
        for kill in range(1, 21):
            with Program(data) as weir:
                if kill > 1:
                    weir.until(lambda: weir.last_text().startswith(kept.strip()), "the text before the kill")  # noqa: B023
                weir.write_into("Prompt", f"Count {kill}")
                weir.key("Return")
                request = server.wait_request(kill, timeout=30)
                weir.until(lambda: len(request.writes) > 2, "the first words")  # noqa: B023
                time.sleep(chance.uniform(0.05, 1.2))
                killed = time.monotonic()
                weir.kill()
            due = sum(1 for at, _ in request.writes[2:] if at < killed - 0.25)
            stored = messages(data)
            assert len(stored) == 2 * kill
            assert {row.state for row in stored[1:-1:2]} <= {"interrupted"}
            kept = stored[-1].text
            assert "".join(words).startswith(kept)
            assert kept.count(" ") >= due, f"kill {kill}: {due} words were due, {kept.count(' ')} are there"
            assert is_sound(data)
