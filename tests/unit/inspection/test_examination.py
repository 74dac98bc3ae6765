"""Records made again: no byte is lost, and they become what the reply became."""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.inspection import RecordKind
from desktop.domain.recording import Veil
from desktop.inspection.service import RecordedStreams
from tests.support.reading import CORPUS, split
from tests.support.recorded import examined, exchange_of
from tests.support.server import openai_chunks, sse

_PROTOCOLS = ("openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama", "replicate")
CASES = sorted(file.parent for name in _PROTOCOLS for file in (CORPUS / name).glob("*/expected.json"))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_every_recorded_stream_becomes_what_its_reply_became(folder: Path, size: int):
    case: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    stream = next(file for file in folder.iterdir() if file.name.startswith("stream"))
    body = stream.read_bytes()
    headers = dict(case.get("headers", {}))
    kind = headers.pop("content-type", "text/event-stream" if stream.suffix == ".sse" else "application/json")
    exchange = exchange_of(
        split(body, size), protocol=folder.parent.name, content_type=kind, headers=headers.items()
    )
    records, examination = examined(exchange)
    assert examination.is_over
    assert b"".join(record.raw for record in records).strip() == body.strip()
    text = "".join(words for record in records for name, words in record.became if name == "text")
    assert text == case["expected"].get("text", "")
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    names = {finding.name for finding in examination.findings()}
    if case["expected"].get("failure") == "cut":
        assert names & {"no_end", "cut_record", "empty"}


def test_records_come_while_the_stream_is_open():
    exchange = exchange_of([], end="")
    examination = RecordedStreams().examine(exchange)
    assert not examination.advance(1.0)
    role, first, *rest = openai_chunks(["a", "b"])
    exchange.take(role)
    assert [record.number for record in examination.advance(1.0)] == [1]
    exchange.take(first[:20])
    assert not examination.advance(1.0)
    exchange.take(first[20:] + rest[0][:5])
    (record,) = examination.advance(1.0)
    assert record.became == (("text", "a"),)
    assert (record.reads, record.size) == (2, len(first))
    exchange.take(rest[0][5:])
    (record,) = examination.advance(1.0)
    assert record.reads == 2
    assert not examination.is_over
    exchange.close("end")
    assert not examination.advance(1.0)
    assert examination.is_over


def test_times_and_gaps_are_those_of_the_read_that_made_a_record_whole():
    events = list(openai_chunks(["a"]))
    exchange = exchange_of([events[0], events[1][:9], events[1][9:] + events[2]], times=[0.5, 0.7, 1.5])
    records, _ = examined(exchange)
    assert [round(record.at, 3) for record in records] == [0.5, 1.5, 1.5]
    assert [round(record.gap, 3) for record in records] == [0.5, 1.0, 0.0]


def test_little_is_done_at_a_time():
    exchange = exchange_of([b"".join(openai_chunks(["word "] * 5000))])
    examination = RecordedStreams().examine(exchange)
    assert len(examination.advance(0.001)) < 5003
    assert not examination.is_caught_up
    while not examination.is_caught_up:
        examination.advance(0.01)
    assert examination.is_over


def test_what_a_record_became_is_told_by_kind():
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    records, _ = examined(exchange_of(openai_chunks(["a"], reasoning=["hm"], usage=usage)))
    became = [pair for record in records for pair in record.became]
    assert ("reasoning", "hm") in became
    assert ("text", "a") in became
    assert ("end", "stop") in became
    assert ("usage", "3 in, 2 out") in became
    assert records[-1].kind is RecordKind.END


def test_keys_are_stars_in_what_is_shown():
    key = "sk-live-4f9d2c7e81b64a0f"
    events = [
        sse({"choices": [{"delta": {"content": f"It is {key}."}}]}),
        sse({"error": {"message": f"Bad {key}"}}),
    ]
    records, examination = examined(exchange_of(events, veil=Veil([(key, "MY_KEY")])))
    everything = repr(records) + repr(examination.findings())
    assert everything.count("*" * len(key)) >= 3
    shown = [record for record in records if key in repr((record.raw, record.data, record.remark))]
    assert not shown
    assert key not in repr(examination.findings())


def test_an_unknown_protocol_shows_records_without_reading_them():
    records, examination = examined(exchange_of(openai_chunks(["a"]), protocol="telepathy"))
    assert len(records) == 4
    assert not any(record.became for record in records)
    assert "not known" in records[0].remark
    assert "no_end" not in {finding.name for finding in examination.findings()}


def test_cr_alone_ends_lines_as_well():
    body = b"".join(openai_chunks(["a", "b"])).replace(b"\n", b"\r")
    records, examination = examined(exchange_of(split(body, 3)))
    assert b"".join(record.raw for record in records) == body
    assert len(records) == 5
    assert "line_ends" not in {finding.name for finding in examination.findings()}
