"""What is kept of the wire, how much of it, and that no key is."""

import json
from urllib.parse import quote

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.recording import (
    Recorder,
    Recording,
    Veil,
    is_secret_name,
    shown,
    split_marks,
    variable_of,
)

KEY = 'sk-live/4f9d+2c7e"81b6'
ENDPOINT = Endpoint(id="test", name="Test")


def opened(recorder: Recorder, name: str = "r1") -> Recording:
    return recorder.open(name, "alpha", ENDPOINT, Veil())


def test_a_key_is_covered_however_it_is_written():
    veil = Veil([(KEY, "MY_KEY")])
    for text in (KEY, json.dumps({"key": KEY}), f"https://host/?x={quote(KEY, safe='')}"):
        covered = veil.text(text)
        assert KEY not in shown(covered)
        assert "4f9d" not in shown(covered)
        assert ("MY_KEY", True) in split_marks(covered)


def test_raw_bytes_keep_their_length():
    veil = Veil([(KEY, "MY_KEY")])
    data = f"data: {json.dumps(KEY)} and {KEY}\n".encode()
    covered = veil.raw(data)
    assert len(covered) == len(data)
    assert b"4f9d" not in covered
    assert veil.stars(data.decode()) == covered.decode()


def test_a_short_key_is_covered_in_headers_and_left_in_texts():
    veil = Veil([("test", "MY_KEY")])
    assert shown(veil.header("Authorization", "Bearer test")) == "Bearer •••"
    assert veil.text("this is a test") == "this is a test"
    assert veil.raw(b"this is a test") == b"this is a test"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", "Bearer abc", "Bearer •••"),
        ("x-api-key", "abc", "•••"),
        ("api-key", "abc", "•••"),
        ("Proxy-Authorization", "Basic YTpi", "Basic •••"),
        ("X-Goog-Api-Key", "abc", "•••"),
        ("Cookie", "session=1", "•••"),
        ("Content-Type", "application/json", "application/json"),
        ("anthropic-version", "2023-06-01", "2023-06-01"),
    ],
)
def test_headers_that_hold_a_key_by_their_name(name: str, value: str, expected: str):
    assert shown(Veil().header(name, value)) == expected


def test_keys_and_logins_in_addresses():
    veil = Veil([("my+secret", "MY_KEY")])
    url = "https://anna:pass@host:8080/v1/x?alt=sse&key=abc&api-key=def&other=my%2Bsecret&sig=1"
    expected = "https://•••@host:8080/v1/x?alt=sse&key=•••&api-key=•••&other=•••&sig=•••"
    assert shown(veil.address(url)) == expected
    assert shown(veil.address("https://host/v1")) == "https://host/v1"


def test_names():
    assert variable_of("superAgentKey-1") == "SUPERAGENTKEY_1"
    assert variable_of("…") == "API_KEY"
    assert is_secret_name("X-Access-Token")
    assert not is_secret_name("max_tokens")
    assert "abc12345" not in repr(Veil([("abc12345", "X")]))


def test_attempts_of_one_reply_are_one_recording():
    recorder = Recorder()
    first = opened(recorder)
    first.begin("POST", "http://host/", [("Authorization", "Bearer x")], b"{}").take(b"a")
    again = opened(recorder)
    assert again is first
    assert shown(first.exchanges[0].headers[0][1]) == "Bearer •••"
    first.fail("It broke.")
    first.fail("Later words.")
    first.close()
    assert first.exchanges[0].trouble == "It broke."
    assert first.exchanges[0].end == "closed"


def test_the_oldest_replies_make_room():
    recorder = Recorder(limit=10_000)
    kept = []
    for number in range(4):
        recording = opened(recorder, f"r{number}")
        kept.append(recording.begin("POST", "http://host/", (), b""))
        kept[-1].take(b"x" * 3000)
    assert recorder.used <= 10_000
    assert recorder.dropped == 2
    assert recorder.recording("r0") is None
    assert recorder.recording("r3") is not None
    assert not kept[0].chunks
    kept[0].take(b"late")
    assert kept[0].missed == 3004
    assert recorder.used <= 10_000


def test_one_reply_that_fills_all_the_room_keeps_its_beginning():
    recorder = Recorder(limit=10_000)
    exchange = opened(recorder).begin("POST", "http://host/", (), b"y" * 2000)
    for _ in range(20):
        exchange.take(b"x" * 1000)
    assert recorder.used <= 12_000
    assert exchange.chunks
    assert exchange.missed
    assert exchange.size + exchange.missed == 20_000
    assert exchange.body == b""
    assert exchange.body_size == 2000


def test_many_small_reads_are_bounded_too():
    recorder = Recorder(limit=100_000)
    exchange = opened(recorder).begin("POST", "http://host/", (), b"")
    for _ in range(5000):
        exchange.take(b"x")
    assert len(exchange.chunks) < 1100
    assert exchange.size + exchange.missed == 5000
