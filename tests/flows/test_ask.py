"""`weir ask` as a person at a terminal and a script use it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

from tests.flows.place import configure, messages
from tests.flows.test_first_window import gated
from tests.support.keyring import SecretService
from tests.support.server import LoopbackServer, json_answer, openai_error, openai_stream, unused_port

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-test-0123456789abcdefghij"


def command(data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "desktop", "ask", "--data-dir", str(data), *arguments]


def ask(data: Path, *arguments: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(data, *arguments),
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **env},
        check=False,
    )


@pytest.fixture
def screenless(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_the_reply_goes_to_the_terminal_and_into_the_history(tmp_path: Path, screenless: None):
    with LoopbackServer() as server:
        server.answer(openai_stream(["Four", "."], usage={"prompt_tokens": 9, "completion_tokens": 2}))
        data = configure(tmp_path / "weir", server.base_url)
        done = ask(data, "--system", "Be short.", "What is 2 + 2?")
        assert (done.returncode, done.stdout, done.stderr) == (0, "Four.\n", "")
        assert server.requests[0].json["messages"] == [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "What is 2 + 2?"},
        ]
    assert [(row.role, row.state, row.text) for row in messages(data)] == [
        ("user", "finished", "What is 2 + 2?"),
        ("assistant", "finished", "Four."),
    ]


def test_a_persona_is_asked_with_its_model_and_what_is_given_beside_it_counts(
    tmp_path: Path, screenless: None
):
    with LoopbackServer() as server:
        server.answer(openai_stream(["Arr."]))
        data = configure(tmp_path / "weir", server.base_url)
        (data / "personas.toml").write_text(
            '[[persona]]\nname = "Old Pirate"\nsystem = "Talk like one."\ntemperature = 0.5\ntop_p = 0.9\n'
            'endpoint = "loop"\nmodel = "beta"\n',
            encoding="utf-8",
        )
        done = ask(data, "--persona", "old pirate", "--temperature", "0.7", "Hello")
        assert (done.returncode, done.stdout, done.stderr) == (0, "Arr.\n", "")
        sent = server.requests[0].json
        assert (sent["model"], sent["temperature"], sent["top_p"]) == ("beta", 0.7, 0.9)
        assert sent["messages"][0] == {"role": "system", "content": "Talk like one."}


def test_an_unknown_persona_is_said_with_those_there_are(tmp_path: Path, screenless: None):
    data = configure(tmp_path / "weir", f"http://127.0.0.1:{unused_port()}/v1")
    done = ask(data, "--persona", "Nobody", "Hello")
    assert done.returncode == 2
    assert "There is no persona “Nobody”. Those there are: Brief," in done.stderr


def test_a_broken_file_of_personas_is_said_with_its_line(tmp_path: Path, screenless: None):
    data = configure(tmp_path / "weir", f"http://127.0.0.1:{unused_port()}/v1")
    (data / "personas.toml").write_text('[[persona]]\nname = "a\n', encoding="utf-8")
    done = ask(data, "--persona", "a", "Hello")
    assert done.returncode == 2
    assert "personas.toml, line 2" in done.stderr


def test_every_option_goes_with_the_prompt(tmp_path: Path, screenless: None):
    whole = {"choices": [{"index": 0, "message": {"content": "Four."}, "finish_reason": "length"}]}
    with LoopbackServer() as server:
        server.answer(json_answer(whole))
        data = configure(tmp_path / "weir", server.base_url)
        given = "--temperature 0.5 --top-p 0.9 --max-tokens 9 --stop END --stop . --seed 7 --reasoning low"
        done = ask(data, *given.split(), "--reasoning-tokens", "99", "--no-stream", "What is 2 + 2?")
        assert (done.returncode, done.stdout) == (0, "Four.\n")
        assert done.stderr.splitlines() == [
            "--reasoning-tokens is not sent. Not known to Chat Completions.",
            "The reply reached its length limit.",
        ]
        body = server.requests[0].json
        assert body.pop("messages") == [{"role": "user", "content": "What is 2 + 2?"}]
        assert body == {
            "model": "alpha",
            "stream": False,
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 9,
            "stop": ["END", "."],
            "seed": 7,
            "reasoning_effort": "low",
        }


@pytest.mark.parametrize("option", [("--temperature", "hot"), ("--top-p", "2"), ("--max-tokens", "0")])
def test_a_bad_option_is_said_and_nothing_is_asked(tmp_path: Path, option: tuple[str, str]):
    done = ask(tmp_path / "weir", *option, "Hello")
    assert done.returncode == 2
    assert option[0] in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_refusal_and_its_words_are_said(tmp_path: Path, screenless: None):
    refused = {"choices": [{"index": 0, "message": {"content": None, "refusal": "I can't help."}}]}
    refused["choices"][0]["finish_reason"] = "content_filter"
    with LoopbackServer() as server:
        server.answer(json_answer(refused))
        done = ask(configure(tmp_path / "weir", server.base_url), "Hello")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == ["I can't help.", "The service’s content filter ended the reply."]


def test_each_delta_is_a_line_of_json_written_when_it_arrives(tmp_path: Path):
    answer, gates = gated(["One", " two"])
    with LoopbackServer() as server:
        server.answer(answer)
        data = configure(tmp_path / "weir", server.base_url)
        with subprocess.Popen(
            command(data, "--json", "Count"), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for gate, text in zip(gates, ["One", " two"], strict=True):
                gate.set()
                assert json.loads(process.stdout.readline()) == {"kind": "text", "text": text}
            process.send_signal(signal.SIGINT)
            end = json.loads(process.stdout.readline())
            assert process.wait(10) == 130
        assert server.requests[0].wait_closed(5)
    assert (end["kind"], end["state"], end["model"]) == ("end", "stopped", "alpha")
    assert [(row.state, row.text) for row in messages(data)][-1] == ("stopped", "One two")


def test_standard_input_is_the_prompt_or_goes_with_it(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        assert ask(data, given="Is this the prompt?\n").stdout == "Yes.\n"
        assert ask(data, "Sum it up.", given="A long report.").stdout == "Yes.\n"
        first, second = (request.json["messages"][-1]["content"] for request in server.requests)
        assert first == "Is this the prompt?\n"
        assert "A long report." in str(second)
        assert "Sum it up." in str(second)


@pytest.mark.parametrize("given", ["", "  \n"])
def test_nothing_to_ask_is_said(tmp_path: Path, given: str):
    done = ask(tmp_path / "weir", given=given)
    assert done.returncode == 2
    assert done.stderr == 'There is nothing to ask. Try: weir ask "What is a weir?"\n'


def test_a_key_from_the_environment_is_used_said_and_never_written(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url, more='key_variables = ["LOOP_API_KEY"]\n')
        done = ask(data, "Hello", LOOP_API_KEY=KEY)
        assert (done.returncode, done.stdout) == (0, "Yes.\n"), done.stderr
        assert done.stderr == "Using the key from LOOP_API_KEY for this run; it is not stored.\n"
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    written = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert KEY.encode() not in written


def test_a_key_in_the_real_keyring_is_sent_and_never_written(tmp_path: Path, secret_service: SecretService):
    keyring.set_password("weir", "loop", KEY)
    with LoopbackServer(default=openai_stream(["Yes."])) as server:
        data = configure(tmp_path / "weir", server.base_url, more='key = "loop"\n')
        done = ask(data, "Hello")
        assert (done.returncode, done.stdout, done.stderr) == (0, "Yes.\n", "")
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        secret_service.lock()
        locked = ask(data, "Hello again")
        assert (locked.returncode, locked.stdout) == (1, "")
        assert "keyring" in locked.stderr
        assert len(server.requests) == 1
    written = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert KEY.encode() not in written


def test_a_failure_says_what_to_do_and_the_status_tells(tmp_path: Path):
    with LoopbackServer() as server:
        server.answer(openai_error(401, f"Incorrect API key provided: {KEY}"))
        data = configure(tmp_path / "weir", server.base_url, more='key_variables = ["LOOP_API_KEY"]\n')
        done = ask(data, "Hello", LOOP_API_KEY=KEY)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Loopback did not accept the key." in done.stderr
    assert KEY not in done.stderr
    assert KEY.encode() not in b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert [(row.state, row.failure) for row in messages(data)][-1] == ("failed", "key_refused")


def test_nothing_listening_is_said(tmp_path: Path):
    data = configure(tmp_path / "weir", f"http://127.0.0.1:{unused_port()}/v1")
    done = ask(data, "Hello")
    assert done.returncode == 1
    assert "Nothing is listening at http://127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_endpoint_names_those_there_are(tmp_path: Path):
    data = configure(tmp_path / "weir", "http://127.0.0.1:9/v1")
    done = ask(data, "--endpoint", "nowhere", "Hello")
    assert done.returncode == 2
    assert done.stderr == "There is no endpoint “nowhere”. Those set up are: local, loop.\n"


def test_a_broken_endpoints_file_is_said_and_nothing_is_asked_instead(tmp_path: Path):
    data = configure(tmp_path / "weir", "http://127.0.0.1:9/v1", more="models = [\n")
    done = ask(data, "Hello")
    assert (done.returncode, done.stdout) == (2, "")
    assert "endpoints.toml" in done.stderr
    assert messages(data) == []


def test_a_reader_that_goes_away_stops_the_reply(tmp_path: Path):
    answer, gates = gated(["First line\n", "Second line\n", "Third line\n"])
    with LoopbackServer() as server:
        server.answer(answer)
        data = configure(tmp_path / "weir", server.base_url)
        with subprocess.Popen(
            command(data, "Write"),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            gates[0].set()
            assert process.stdout.readline() == b"First line\n"
            process.stdout.close()
            gates[1].set()
            gates[2].set()
            assert server.requests[0].wait_closed(10)
            assert process.wait(10) == 130
            assert b"Traceback" not in process.stderr.read()
    assert messages(data)[-1].state == "stopped"


def test_without_a_screen_the_window_says_so_and_names_this_command(tmp_path: Path, screenless: None):
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "--data-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert 'weir ask "' in done.stderr
