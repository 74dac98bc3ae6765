"""Each finding by a recorded stream that shows it, and by one that does not."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from desktop.domain.inspection import RecordKind, Tone
from tests.support.recorded import examined, exchange_of, found_in
from tests.support.server import openai_chunks, sse

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def sound(count: int = 3) -> list[bytes]:
    return list(openai_chunks([f"w{number} " for number in range(count)], usage=USAGE))


def chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    delta = {"content": text} if text is not None else {}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "choices": [{"delta": delta, "finish_reason": finish}],
    }


def names(chunks: Iterable[bytes], **how: Any) -> set[str]:
    return set(found_in(exchange_of(chunks, **how)))


def test_a_stream_as_it_should_be_is_called_sound():
    assert names(sound()) == {"sound"}


def test_a_record_that_is_spread_over_many_reads_is_sound():
    whole = b"".join(sound())
    exchange = exchange_of([whole[at : at + 1] for at in range(len(whole))])
    records, examination = examined(exchange)
    assert {finding.name for finding in examination.findings()} == {"sound"}
    assert b"".join(record.raw for record in records) == whole
    assert all(record.reads == len(record.raw) for record in records)


def test_many_records_in_few_bursts_after_long_waits_are_buffered():
    events = sound(40)
    half = len(events) // 2
    bursts = [b"".join(events[:half]), b"".join(events[half:])]
    found = found_in(exchange_of(bursts, times=[2.0, 4.0]))
    assert "40" in found["buffered"].title or "44" in found["buffered"].title
    assert "2 bursts" in found["buffered"].title
    assert "X-Accel-Buffering: no" in found["buffered"].advice


def test_the_advice_on_buffering_names_what_it_sees():
    headers = [("server", "nginx/1.2"), ("via", "1.1 gate"), ("content-encoding", "gzip")]
    found = found_in(exchange_of([b"".join(sound(40))], times=[3.0], headers=headers))
    advice = found["buffered"].advice
    assert "nginx" in advice
    assert "compressed (gzip)" in advice
    assert "1.1 gate" in advice
    assert "length" in found_in(
        exchange_of([b"".join(sound(40))], times=[3.0], headers=[("content-length", "10")])
    )


def test_a_fast_server_is_not_called_buffered():
    events = sound(200)
    assert "buffered" not in names([b"".join(events)], times=[0.2])
    assert "buffered" not in names(events, times=[0.3 * number for number in range(len(events))])


def test_headers_that_ask_for_buffering_or_compress_are_said():
    found = names(sound(), headers=[("x-accel-buffering", "yes"), ("content-encoding", "gzip")])
    assert {"accel", "compressed"} <= found


def test_no_end_at_all_and_no_done():
    without = [sse(chunk("a")), sse(chunk("b"))]
    assert found_in(exchange_of(without))["no_end"].tone is Tone.BAD
    assert "no_done" in names([sse(chunk("a")), sse(chunk(None, "stop"))])
    assert "stopped" in names(without, end="closed")


def test_the_end_mark_of_each_protocol_is_named():
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 1}}}
    found = found_in(exchange_of([sse(start, "message_start")], protocol="anthropic-messages"))
    assert "message_stop" in found["no_end"].advice
    line = json.dumps({"message": {"content": "a"}, "done": False}).encode() + b"\n"
    found = found_in(exchange_of([line], protocol="ollama", content_type="application/x-ndjson"))
    assert "done" in found["no_end"].advice


def test_data_that_is_no_json_is_pointed_out():
    records, examination = examined(exchange_of([*sound()[:2], b'data: {"choices": [\n\n', *sound()[2:]]))
    found = {finding.name: finding for finding in examination.findings()}
    assert found["garbled"].records == (3,)
    assert records[2].kind is RecordKind.GARBLED
    assert "ended here" in records[2].remark
    assert "not read" in records[3].remark.lower()


def test_an_event_cut_in_the_middle_and_one_that_lacks_its_blank_line():
    records, examination = examined(exchange_of([*sound()[:2], b'data: {"choices": [{"del']))
    cut = next(each for each in examination.findings() if each.name == "cut_record")
    assert (cut.tone, cut.records) == (Tone.BAD, (3,))
    assert records[2].remark == "Cut off before it was whole."
    found = names([*sound()[:-1], b"data: [DONE]"])
    assert "unended" in found
    assert "cut_record" not in found


def test_events_without_blank_lines_between():
    merged = sse(chunk("a")).strip() + b"\n" + sse(chunk("b"))
    assert found_in(exchange_of([merged, *sound()]))["merged"].records == (1,)


@pytest.mark.parametrize("kind", ["text/plain", "application/json", ""])
def test_an_event_stream_with_a_wrong_label(kind: str):
    assert "content_type" in names(sound(), content_type=kind)


def test_a_page_instead_of_a_reply():
    found = found_in(
        exchange_of([b"<!doctype html><html><body>Sign in</body></html>"], content_type="text/html")
    )
    assert found["no_reply"].tone is Tone.BAD


def test_a_reply_in_one_document():
    whole = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": USAGE}
    found = names([json.dumps(whole).encode()], content_type="application/json")
    assert "whole" in found
    assert "no_end" not in found


def test_mixed_line_ends_a_byte_order_mark_nul_and_no_utf8():
    mixed = [event.replace(b"\n", b"\r\n") if number % 2 else event for number, event in enumerate(sound())]
    assert "CRLF, LF" in found_in(exchange_of(mixed))["line_ends"].title
    assert "line_ends" not in names([event.replace(b"\n", b"\r\n") for event in sound()])
    assert "bom" in names([b"\xef\xbb\xbf" + sound()[0], *sound()[1:]])
    assert "late_bom" in names([sound()[0], b"\xef\xbb\xbf" + sound()[1], *sound()[2:]])
    assert found_in(exchange_of([sound()[0], b": \x00\n\n", *sound()[1:]]))["nul"].records == (2,)
    assert found_in(exchange_of([sound()[0], b": \xff\n\n", *sound()[1:]]))["no_utf8"].records == (2,)


def test_long_gaps_and_a_slow_start():
    found = found_in(exchange_of(sound(), times=[12.0, 12.1, 20.5, 20.6, 20.7, 20.8, 20.9][: len(sound())]))
    assert "slow_start" in found
    assert found["gap"].records == (3,)
    assert "8.4 s" in found["gap"].title


def test_keep_alive_comments_are_counted_and_harmless():
    records, examination = examined(exchange_of([b": ping\n\n", *sound(), b": ping\n\n"]))
    found = {finding.name: finding for finding in examination.findings()}
    assert found["comments"].title == "2 keep-alive comments"
    assert "sound" in found
    assert records[0].kind is RecordKind.COMMENT


def test_unknown_events_are_named():
    odd = sse({"hello": 1}, "greeting")
    assert "greeting" in found_in(exchange_of([odd, *sound()]))["unknown"].title
    start = sse({"type": "surprise"}, "surprise")
    found = found_in(exchange_of([start], protocol="anthropic-messages"))
    assert "surprise" in found["unknown"].title
    assert "unknown" not in names([sse({"type": "ping"}, "ping"), *sound()])


def test_repeated_ids_finishes_and_ends():
    with_id = b"id: 7\n" + sse(chunk("a"))
    assert found_in(exchange_of([with_id, with_id, *sound()]))["repeated_id"].records == (2,)
    twice = [sse(chunk("a")), sse(chunk(None, "stop")), sse(chunk(None, "length")), sse("[DONE]")]
    found = names(twice)
    assert "repeated_finish" in found
    assert "repeated_end" in names([*sound(), sse("[DONE]")])
    assert "after_end" in names([*sound(), sse(chunk("late"))])


def test_no_usage():
    without = list(openai_chunks(["a"]))
    assert "include_usage" in found_in(exchange_of(without))["no_usage"].advice


def test_http_1_0_no_chunks_and_a_known_length():
    assert "http10" in names(sound(), version="HTTP/1.0", headers=())
    assert "no_chunks" in names(sound(), headers=())
    assert "length" in names(sound(), headers=[("content-length", "99")])


def test_an_error_inside_a_200():
    error = sse({"error": {"message": "out of memory", "code": 500}})
    found = found_in(exchange_of([sse(chunk("a")), error]))
    assert found["error_in_stream"].records == (2,)
    assert "out of memory" in found["error_in_stream"].advice
    assert "no_end" not in found


def test_a_refusal_a_redirect_and_no_answer():
    refused = exchange_of([b'{"error":{"message":"slow down"}}'], status=429, content_type="application/json",
                          headers=[("retry-after", "7")])  # fmt: skip
    assert "Retry-After: 7" in found_in(refused)["status"].advice
    assert "redirect" in names([b""], status=307, headers=[("location", "http://other/")])
    exchange = exchange_of([], end="closed")
    exchange.status, exchange.trouble = 0, "Nothing is listening."
    assert found_in(exchange)["no_answer"].advice == "Nothing is listening."


def test_a_broken_connection_and_an_empty_answer():
    assert "cut" in names([sse(chunk("a"))], end="cut")
    assert "empty" in names([])


def test_a_charset_that_is_none():
    assert "charset" in names(sound(), content_type="text/event-stream; charset=iso-8859-1")


def test_an_open_stream_is_not_yet_judged_by_its_end():
    found = names(sound()[:2], end="")
    assert not found & {"no_end", "no_usage", "sound", "no_done"}


def test_one_long_silence_in_a_steady_stream_is_no_buffering():
    events = sound(60)
    times = [0.02 * number + (0.6 if number > 20 else 0.0) for number in range(len(events))]
    assert "buffered" not in names(events, times=times)


def test_where_a_redirect_leads_holds_no_key():
    headers = [("location", "http://anna:pass@other/?key=abcdef")]
    found = found_in(exchange_of([b""], status=307, headers=headers))
    assert found["redirect"].advice == "To http://•••@other/?key=•••."


def test_the_body_of_a_refusal_can_be_read():
    records, _ = examined(exchange_of([b'{"error":{"message":"busy"}}'], status=503))
    assert records[0].kind is RecordKind.ERROR
    assert "busy" in records[0].remark


def test_what_was_stopped_in_mid_record_is_no_cut():
    events = [*sound()[:2], b'data: {"choices": [{"del']
    found = names(events, end="closed")
    assert "stopped" in found
    assert "cut_record" not in found


def test_a_receipt_is_whole_though_the_reply_is_not():
    receipt = json.dumps({"id": "p1", "status": "starting", "urls": {"stream": "http://x/"}}).encode()
    how: dict[str, Any] = {"protocol": "replicate", "content_type": "application/json", "status": 201}
    assert not names([receipt], **how) & {"no_end", "whole"}
    assert "no_end" in names([receipt[:20]], **how)
