"""The command for a shell: parsed by Python, and run by curl where there is one."""

import json
import os
import shlex
import shutil
import subprocess

import pytest

from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.recording import Exchange, Recorder
from desktop.domain.secret import Secret
from desktop.inspection.curl import curl_command, quoted
from desktop.inspection.service import RecordedStreams
from tests.support.recorded import send_recorded
from tests.support.server import LoopbackServer, openai_stream

SECRET = "sk-live-4f9d2c7e81b64a0f"
ODD = 'it\'s "quoted" `x` $HOME \\ \n new line, ümlaut, 東京 !1'


async def recorded_at(server: LoopbackServer, text: str, **more: str) -> Exchange:
    server.answer(openai_stream(["ok"]))
    endpoint = Endpoint(
        id="test",
        name="Test",
        base_url=server.base_url + more.get("query", ""),
        key=KeyRef("test", ("MY_KEY",)),
        headers=(("X-Note", "a 'b' $c"),),
    )
    recording, _ = await send_recorded(Recorder(), endpoint, Secret(SECRET), text=text)
    return recording.exchanges[0]


def run(command: str) -> str:
    env = {**os.environ, "MY_KEY": SECRET, "API_KEY": SECRET}
    done = subprocess.run(
        ["sh"], input=command, capture_output=True, text=True, timeout=30, env=env, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_words_of_the_command():
    with LoopbackServer() as server:
        command = curl_command(await recorded_at(server, ODD))
    assert SECRET not in command
    assert '"$MY_KEY"' in command
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["curl", "-N", f"{server.base_url}/chat/completions"]
    assert json.loads(words[words.index("--data-raw") + 1])["messages"][0]["content"] == ODD
    headers = {words[at + 1].partition(": ")[0].lower() for at, word in enumerate(words) if word == "-H"}
    assert "authorization" in headers
    assert "x-note" in headers
    assert not headers & {"host", "content-length", "accept-encoding"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("text", ["Hello?", ODD, "long " * 40_000], ids=["plain", "odd", "long"])
async def test_curl_sends_the_same_request(text: str):
    with LoopbackServer() as server:
        exchange = await recorded_at(server, text, query="?api-key=" + SECRET)
        original = server.requests[0]
        server.answer(openai_stream(["from", " curl"]))
        command = curl_command(exchange)
        assert SECRET not in command
        output = run(command)
        again = server.requests[1]
    assert "from" in output
    assert "[DONE]" in output
    assert (again.method, again.path) == (original.method, original.path)
    assert again.json == original.json
    left_out = {"host", "content-length", "accept-encoding", "connection"}
    sent = {name.lower(): value for name, value in original.headers.items()}
    for name in sent.keys() - left_out:
        assert {key.lower(): value for key, value in again.headers.items()}[name] == sent[name]


async def test_a_request_without_a_body_and_one_whose_body_was_too_large():
    with LoopbackServer() as server:
        exchange = await recorded_at(server, "Hello?")
    exchange.body = b""
    assert "too large to be kept" in curl_command(exchange)
    exchange.body_size = 0
    exchange.method = "GET"
    command = curl_command(exchange)
    assert "-X" not in command
    assert "--data" not in command


def test_words_of_a_shell():
    for text in ("", "a", "a b", "it's", "'", "''", '$x `y` \\ "'):
        assert shlex.split(quoted(text)) == [text]
    assert quoted("Bearer \x00MY_KEY\x00") == "'Bearer '\"$MY_KEY\""


async def test_the_body_is_what_was_sent():
    with LoopbackServer() as server:
        exchange = await recorded_at(server, ODD)
        assert RecordedStreams().body(exchange).encode() == server.requests[0].body


async def test_the_beginning_of_a_long_body_holds_no_half_of_a_key():
    with LoopbackServer() as server:
        exchange = await recorded_at(server, f"{'x' * 500}{SECRET}{'y' * 500}")
    at = exchange.body.index(SECRET.encode())
    beginning = RecordedStreams().body(exchange, at + 8)
    assert "sk-live" not in beginning
    assert beginning.endswith("x•••")
