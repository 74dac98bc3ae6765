"""The inspector in the whole program: opened by its keys, live, saved, and played again by `weir replay`."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.flows import test_offline
from tests.flows.place import configure, messages
from tests.support.answers import Gate, Step
from tests.support.program import ROOT, Program
from tests.support.server import Answer, LoopbackServer, Send, openai_chunks, openai_error, sse

SECRET = "sk-live-4f9d2c7e81b64a0f"
KEYED = 'key = "loop"\nkey_variables = ["LOOP_KEY"]\n[endpoint.headers]\n"X-Tenant" = "t-{key}"\n'
TEXTS = ["A **weir** ", "is a low dam ", "across a river: ", "“so” & <so>.\n\n", "- one\n- two"]
USAGE = {"prompt_tokens": 5, "completion_tokens": 9, "total_tokens": 14}


alone = test_offline.alone


def gated() -> tuple[Answer, list[threading.Event]]:
    """A reply of which each event waits for the test."""
    events = list(openai_chunks(TEXTS, usage=USAGE))
    gates = [threading.Event() for _ in events]
    steps: list[Step] = []
    for gate, event in zip(gates, events, strict=True):
        steps += [Gate(gate), Send(event)]
    return Answer(steps=steps), gates


def rows(weir: Program) -> list[str]:
    found: Any = weir.ask("rows", name="Records")
    return list(found[0]) if found else []


def everything_in(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.timeout(180)
def test_a_stream_is_inspected_live_saved_and_played_again(tmp_path: Path):
    answer, gates = gated()
    saved = tmp_path / "fault.sse"
    with LoopbackServer() as server:
        server.answer(openai_error(503, "Busy.", headers={"retry-after": "0"}), answer)
        data = configure(tmp_path / "weir", server.base_url, more=KEYED)
        with Program(data, env={"LOOP_KEY": SECRET}) as weir:
            weir.write_into("Prompt", "What is a weir?")
            weir.key("Return")
            server.wait_request(1)
            weir.key("ctrl+shift+i")
            weir.widget("InspectorWindow")
            for number, gate in enumerate(gates, 1):
                gate.set()
                expected = [str(each) for each in range(1, number + 1)]
                weir.until(lambda: rows(weir) == expected, f"record {number}")  # noqa: B023
            weir.until(lambda: messages(data)[-1].state == "finished", "the end of the reply")
            assert weir.widget("Attempt")["visible"]
            weir.click("Request")
            request = weir.widget("The request")["text"]
            assert "What is a weir?" in request
            assert "•••" in request
            assert SECRET not in request
            weir.click("Save…")
            name = weir.widget("fileNameEdit")
            assert name["visible"]
            weir.until(lambda: weir.widget("fileNameEdit")["focused"], "the focus in the dialog")
            weir.key("ctrl+a")
            weir.write(str(saved))
            weir.until(lambda: weir.widget("fileNameEdit")["text"] == str(saved), "the path")
            weir.key("Return")
            weir.until(saved.exists, "the file")
            weir.until(
                lambda: weir.ask("active") and weir.ask("active")[0] == "Stream inspector", "the window"
            )
            weir.key("Escape")
            gone = lambda: not any(item["visible"] for item in weir.ask("widgets", name="InspectorWindow"))  # noqa: E731
            weir.until(gone, "the inspector put away")
            original = weir.last_text()
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
    assert SECRET.encode() not in saved.read_bytes()
    assert SECRET.encode() not in everything_in(data)
    before = everything_in(data)
    with Program(data, "replay", str(saved), "--fast") as again:
        again.until(lambda: again.last_text() == original, "the same text")
        assert again.heard()[0][1] == "What is a weir?"
        again.until(
            lambda: again.ask("active") and "Replay of fault.sse" in again.ask("active")[0], "the title"
        )
        again.key("ctrl+shift+i")
        again.until(lambda: len(rows(again)) == len(gates), "the records of the replay")
        again.key("Escape")
        again.settle()
        again.close_window()
        assert again.wait() == 0
        assert again.errors == ""
    assert everything_in(data) == before, "a replay leaves no trace"


def test_a_fault_is_played_again_at_its_own_pace(tmp_path: Path):
    first, second, *_ = openai_chunks(["Half of ", "it"])
    file = tmp_path / "cut.sse"
    file.write_bytes(first + second + b'data: {"choices": [{"delta": {"content": "nev')
    data = configure(tmp_path / "weir", "http://127.0.0.1:9/v1")
    # Short, because the path of a local socket has to be.
    with tempfile.TemporaryDirectory(prefix="w-") as folder:
        with Program(data, "replay", str(file), env={"TMPDIR": folder}) as weir:
            weir.until(lambda: weir.last_text().startswith("Half of"), "what came")
            weir.until(lambda: "ended before the reply did" in weir.last_text(), "the failure")
            assert list(Path(folder).glob("weir-replay-*/history.db"))
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""
        assert not list(Path(folder).glob("weir-replay-*")), "nothing is kept"


def test_a_replay_asks_nobody(tmp_path: Path, alone: tuple[str, ...]):
    file = tmp_path / "some.sse"
    file.write_bytes(b"".join(openai_chunks(["Said ", "before."], usage=USAGE)))
    data = configure(tmp_path / "weir", "https://service.invalid/v1")
    with Program(data, "replay", str(file), before=alone) as weir:
        weir.until(lambda: weir.last_text() == "Said before.", "the text")
        assert test_offline.lost(weir.process.pid) == 0
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [
        (b"", (), "is empty"),
        (b"\x89PNG\x00\x00\x00", (), "holds no text"),
        (b"data: hello\n\n", (), "Name it with --protocol"),
        (sse({"choices": []}), ("--protocol", "telepathy"), "is not a protocol that Weir knows"),
        (b":weir recording 9\n:weir body plain\n", (), "a newer Weir"),
        (b":weir recording 1\n:weir answer [\n:weir body plain\n", (), "no JSON object"),
        (None, (), "There is no file"),
    ],
)
def test_a_file_that_can_not_be_played_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | None, more: tuple[str, ...], words: str
):
    file = tmp_path / "some.sse"
    if content is not None:
        file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "--data-dir", str(tmp_path / "data"), "replay", str(file), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not json.dumps(done.stderr).count("Traceback")
