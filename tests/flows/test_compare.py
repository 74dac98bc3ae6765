"""Replies side by side in the whole program: real keys and clicks, a real server, the history on disk."""

import random
import threading
import time
from pathlib import Path

import pytest

from tests.flows.place import configure, is_sound, messages
from tests.support.answers import Answer, Gate, Send, Stall, Step, Wait, openai_chunks, openai_error
from tests.support.program import Program
from tests.support.server import LoopbackServer, SeenRequest, openai_stream

MODELS = ("alpha", "beta", "gamma", "delta")


def place(folder: Path, server: LoopbackServer) -> Path:
    """Make a data folder whose one endpoint has four models."""
    server.models = list(MODELS)
    data = configure(folder, server.base_url)
    file = data / "endpoints.toml"
    listed = ", ".join(f'"{name}"' for name in MODELS)
    file.write_text(file.read_text(encoding="utf-8").replace('["alpha"]', f"[{listed}]"), encoding="utf-8")
    return data


def choose(weir: Program, *models: str) -> None:
    """Choose models to compare beside the one that is chosen, by keys alone."""
    weir.settle()
    weir.key("ctrl+shift+m")
    weir.widget("Remove alpha")
    for model in models:
        weir.write(model)
        weir.key("Return")
        weir.widget(f"Remove {model}")
    weir.key("Escape")
    weir.until(lambda: not any(item["visible"] for item in weir.ask("widgets", name="Done")), "a closed list")


def prompts(server: LoopbackServer) -> list[SeenRequest]:
    """Return the prompts that came, without the questions for models."""
    return [request for request in server.requests if request.path.endswith("/chat/completions")]


def of_model(server: LoopbackServer, model: str, number: int = 0) -> SeenRequest:
    """Return a prompt that came for a model, the first one unless told."""
    return [request for request in prompts(server) if request.json["model"] == model][number]


def texts(weir: Program) -> set[str]:
    """Return what stands on screen, in whichever column."""
    return {text for _, text in weir.heard()}


def gated(text: str, gate: threading.Event, rest: str) -> Answer:
    role, first, last, *end = openai_chunks([text, rest])
    return Answer(steps=[Send(role), Send(first), Gate(gate), Send(last), *map(Send, end)])


def endless(text: str) -> Answer:
    return openai_stream([text], finish=None, done=False, end=[Stall()])


@pytest.mark.timeout(200)
def test_four_models_one_failing_one_stopped_alone_and_one_gone_on_with(tmp_path: Path) -> None:
    gate = threading.Event()
    answers = {
        "alpha": openai_stream(["A weir ", "is a low dam."]),
        "beta": openai_error(401, "Incorrect API key provided."),
        "gamma": endless("Half of gamma"),
        "delta": gated("Slow but ", gate, "sure."),
    }
    with LoopbackServer(default=lambda request: answers[request.json["model"]]) as server:
        data = place(tmp_path / "weir", server)
        with Program(data) as weir:
            choose(weir, "beta", "gamma", "delta")
            weir.write_into("Prompt", "What is a weir?")
            weir.key("Return")
            weir.until(
                lambda: {"A weir is a low dam.", "Half of gamma"} <= texts(weir) and len(weir.heard()) == 4,
                "the replies side by side",
            )
            weir.until(lambda: any("needs a key" in text for text in texts(weir)), "the failure in a column")
            weir.until(lambda: any(text.startswith("Slow but") for text in texts(weir)), "the slow one")
            assert {request.json["model"] for request in prompts(server)} == set(MODELS)
            assert weir.widget("Stop all")["enabled"]
            weir.click("Stop gamma")
            assert of_model(server, "gamma").wait_closed(5)
            assert not of_model(server, "delta").wait_closed(0)
            gate.set()
            weir.until(lambda: "Slow but sure." in texts(weir), "the end of the slow one")
            weir.widget("Send")
            weir.click("Continue with the reply of delta, Loopback")
            weir.until(lambda: len(weir.heard()) == 2, "the conversation")
            assert [text for _, text in weir.heard()] == ["What is a weir?", "Slow but sure."]
            answers["delta"] = openai_stream(["And so on."])
            weir.write_into("Prompt", "Go on")
            weir.key("Return")
            weir.until(lambda: weir.last_text() == "And so on.", "the next reply")
            sent = of_model(server, "delta", 1).json["messages"]
            assert [item["content"] for item in sent] == ["What is a weir?", "Slow but sure.", "Go on"]
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    stored = messages(data)
    assert len(prompts(server)) == 5
    assert {(row.role, row.state, row.text) for row in stored} == {
        ("user", "finished", "What is a weir?"),
        ("assistant", "finished", "A weir is a low dam."),
        ("assistant", "failed", ""),
        ("assistant", "stopped", "Half of gamma"),
        ("assistant", "finished", "Slow but sure."),
        ("user", "finished", "Go on"),
        ("assistant", "finished", "And so on."),
    }
    assert is_sound(data)


@pytest.mark.timeout(200)
def test_quitting_in_mid_stream_keeps_all_of_them_for_the_next_start(tmp_path: Path) -> None:
    answers = {model: endless(f"Half of {model}") for model in MODELS}
    with LoopbackServer(default=lambda request: answers[request.json["model"]]) as server:
        data = place(tmp_path / "weir", server)
        with Program(data, env={"PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "default"}) as weir:
            choose(weir, "beta", "gamma", "delta")
            weir.write_into("Prompt", "All at once")
            weir.key("Return")
            halves = {f"Half of {model}" for model in MODELS}
            weir.until(lambda: texts(weir) == halves, "what all had to say")
            weir.close_window()
            assert weir.wait(15) == 0
            assert weir.errors == ""
        assert all(request.wait_closed(2) for request in prompts(server))
        stored = [(row.state, row.text) for row in messages(data) if row.role == "assistant"]
        assert sorted(stored) == sorted(("stopped", half) for half in halves)
        with Program(data) as again:
            again.until(lambda: len(again.heard()) == 2, "the conversation on screen again")
            again.settle()
            again.key("ctrl+shift+s")
            again.until(
                lambda: texts(again) == {f"{half}\n\nStopped" for half in halves}, "all replies side by side"
            )
            again.close_window()
            assert again.wait() == 0
            assert again.errors == ""


@pytest.mark.timeout(200)
def test_a_kill_loses_at_most_a_quarter_of_a_second_of_each(tmp_path: Path) -> None:
    """What was on screen 250 ms before the kill is on disk, in each of four replies."""
    chance = random.Random(20261122)
    words = [f"word{number} " for number in range(1500)]
    steps: list[Step] = []
    for chunk in openai_chunks(words, finish=None, done=False):
        steps += [Send(chunk), Wait(0.02)]
    with LoopbackServer(default=Answer(steps=[*steps, Stall()])) as server:
        data = place(tmp_path / "weir", server)
        for kill in range(3):
            with Program(data) as weir:
                if kill:
                    weir.until(lambda: len(weir.heard()) >= 2, "the conversation before the kill")
                choose(weir, "beta", "gamma", "delta")
                weir.write_into("Prompt", f"Count {kill}")
                weir.key("Return")
                weir.until(
                    lambda: len(weir.heard()) == 4 and all("word5" in text for text in texts(weir)),
                    "the first words of all",
                )
                time.sleep(chance.uniform(0.0, 0.5))
                seen = {name.partition(":")[0]: text.strip() for name, text in weir.heard()}
                time.sleep(0.25)
                weir.kill()
            assert set(seen) == set(MODELS)
            stored = [row.text for row in messages(data) if row.role == "assistant"][-4:]
            assert all("".join(words).startswith(text) for text in stored)
            # The models say the same: each is worth as many words as the others.
            kept, due = sorted(map(len, stored)), sorted(map(len, seen.values()))
            assert all(here >= there for here, there in zip(kept, due, strict=True)), (kept, due)
            assert is_sound(data)
