"""Findings: what can be said of a stream in plain words, and what to do about it."""

from collections.abc import Callable, Iterable, Sequence

from desktop.domain.inspection import Finding, Tone
from desktop.domain.recording import Exchange, shown
from desktop.inspection.events import speaks_json
from desktop.inspection.facts import Facts
from desktop.wire.answer import Framing

LONG_GAP_S = 5.0
_LONG_WAIT_S = 10.0
_MANY = 20
_PER_BURST = 10
_BURST_APART_S = 0.3
# Of the time of a reply that is collected on its way, next to nothing passes while records arrive.
_WITHIN_SHARE = 0.1
_PER_READ = 4
_FIRST = 20

_Found = Iterable[Finding]


def findings_of(exchange: Exchange, facts: Facts, *, is_over: bool) -> Sequence[Finding]:
    """Return what can be said of an exchange, what matters most first. Of an open one less can be said."""
    rules: list[Callable[[Exchange, Facts], _Found]] = [_status, _trouble, _errors, _broken, _bytes]
    rules += [_framing, _pace, _names]
    if is_over:
        rules += [_ending, _transport, _usage]
    found = [finding for rule in rules for finding in rule(exchange, facts)]
    order = list(Tone)
    found.sort(key=lambda finding: order.index(finding.tone))
    if is_over and not any(finding.tone in (Tone.BAD, Tone.WARN) for finding in found):
        words = "Records, order, end and transport are as they should be."
        found.insert(0, Finding("sound", Tone.GOOD, "Nothing wrong with this stream", words))
    return found


def _is_reply(exchange: Exchange) -> bool:
    return 200 <= exchange.status < 300


def _is_stream(facts: Facts) -> bool:
    return facts.framing in (Framing.SSE, Framing.NDJSON)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _records(numbers: Sequence[int], word: str = "record") -> str:
    count = len(numbers)
    named = ", ".join(str(number) for number in numbers[:3])
    if count == 1:
        return f"{word} {named}"
    return f"{word}s {named}" if count <= 3 else f"{count} {word}s, the first {named}"


def _status(exchange: Exchange, facts: Facts) -> _Found:
    status = exchange.status
    if not status:
        if exchange.ended is not None:
            words = exchange.trouble or "The server closed the connection, or it could not be reached."
            yield Finding("no_answer", Tone.BAD, "There was no answer", words)
        return
    if _is_reply(exchange):
        return
    name = f"{status} {exchange.reason}".strip()
    if 300 <= status < 400:
        target = exchange.recording.veil.address(exchange.answer_header("location"))
        yield Finding(
            "redirect", Tone.NOTE, f"The server sends on ({name})", f"To {shown(target) or 'nowhere'}."
        )
        return
    words = exchange.trouble or "The body says more; see the records and the answer’s headers."
    after = exchange.answer_header("retry-after")
    if after:
        words += f" The server asks to wait (Retry-After: {after})."
    yield Finding("status", Tone.BAD, f"The server refused: {name}", words)


def _trouble(exchange: Exchange, facts: Facts) -> _Found:
    if exchange.trouble and _is_reply(exchange) and not facts.error_at:
        yield Finding("failed", Tone.BAD, "The reply failed", exchange.trouble)
    if exchange.missed:
        words = f"{exchange.missed:,} bytes were not kept: recordings have room for 32 MB together."
        yield Finding("missed", Tone.WARN, "Not everything is shown", words)


def _errors(exchange: Exchange, facts: Facts) -> _Found:
    if facts.error_at:
        words = f"“{facts.error_words}”. The status was {exchange.status}, because the stream had begun. "
        words += "Clients that look at the status alone take this for a success."
        title = f"An error inside a {exchange.status} answer"
        yield Finding("error_in_stream", Tone.BAD, title, words, (facts.error_at,))


def _broken(exchange: Exchange, facts: Facts) -> _Found:
    if facts.garbled:
        words = "Send each event’s JSON on data lines of its own and end it with a blank line. "
        words += "JSON that goes over several lines needs “data: ” before each of them."
        title = f"Data that is not JSON: {_records(facts.garbled)}"
        yield Finding("garbled", Tone.BAD, title, words, tuple(facts.garbled[:_FIRST]))
    if facts.merged:
        words = "Weir takes them apart, other clients may not. End each event with a blank line."
        title = f"Several events without a blank line between: {_records(facts.merged)}"
        yield Finding("merged", Tone.WARN, title, words, tuple(facts.merged[:_FIRST]))
    if facts.unended > 0 and exchange.end != "closed":
        number = (facts.unended,)
        line_end = "blank line" if facts.framing is Framing.SSE else "line end"
        if facts.unended_is_whole:
            words = f"By the standard it is dropped. End the last one with a {line_end} as well."
            yield Finding("unended", Tone.WARN, f"The last record has no {line_end}", words, number)
        else:
            words = "The server, or something on the way, ended the answer before the record was whole."
            yield Finding("cut_record", Tone.BAD, "Cut in the middle of a record", words, number)


def _bytes(exchange: Exchange, facts: Facts) -> _Found:
    if facts.nul:
        words = "A NUL is no text: look for a buffer that is sent whole, or for UTF-16."
        title = f"NUL bytes in {_records(facts.nul)}"
        yield Finding("nul", Tone.BAD, title, words, tuple(facts.nul[:_FIRST]))
    if facts.no_utf8:
        words = "They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in two "
        words += "when text is taken apart as bytes."
        title = f"Bytes that are no UTF-8: {_records(facts.no_utf8)}"
        yield Finding("no_utf8", Tone.BAD, title, words, tuple(facts.no_utf8[:_FIRST]))
    if 1 in facts.boms:
        words = "Weir passes over it; some clients take it for a part of the first field’s name."
        yield Finding("bom", Tone.NOTE, "A byte order mark at the beginning", words, (1,))
    late = tuple(number for number in facts.boms if number > 1)
    if late:
        words = "Only the very first bytes may be one. Perhaps files or buffers were put one after the other."
        yield Finding("late_bom", Tone.WARN, f"A byte order mark in {_records(late)}", words, late[:_FIRST])
    kinds = [name for name, count in (("CRLF", facts.crlf), ("LF", facts.lf), ("CR", facts.cr)) if count]
    if len(kinds) > 1:
        words = "All are allowed, but a mix is often a sign of parts written by different hands."
        yield Finding("line_ends", Tone.NOTE, f"Line ends are mixed: {' and '.join(kinds)}", words)


def _framing(exchange: Exchange, facts: Facts) -> _Found:
    if not facts.is_settled or not _is_reply(exchange):
        return
    kind = exchange.content_type or "none"
    if facts.framing is None:
        words = f"Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page."
        yield Finding("no_reply", Tone.BAD, "The answer is no reply", words)
    elif facts.framing is Framing.SSE and not kind.startswith("text/event-stream"):
        words = "Send “Content-Type: text/event-stream”: many clients refuse anything else."
        yield Finding("content_type", Tone.WARN, f"An event stream that is labelled {kind}", words)
    elif facts.framing is Framing.NDJSON and "json" not in kind:
        words = "Send “Content-Type: application/x-ndjson”."
        yield Finding("content_type", Tone.WARN, f"Lines of JSON that are labelled {kind}", words)
    elif facts.framing is Framing.JSON and kind.startswith("text/event-stream"):
        words = "Send events, or “Content-Type: application/json”."
        yield Finding("content_type", Tone.WARN, "JSON that is labelled as an event stream", words)
    elif facts.framing is Framing.JSON and facts.protocol != "replicate":
        words = (
            "The server did not stream. If it should, see whether the request says so and the server looks."
        )
        yield Finding("whole", Tone.NOTE, "The reply came as one document", words)
    if facts.framing is Framing.SSE and "charset=" in kind and "utf-8" not in kind:
        words = "Event streams are UTF-8 whatever the header says."
        yield Finding("charset", Tone.NOTE, f"The type names another charset: {kind}", words)


def _pace(exchange: Exchange, facts: Facts) -> _Found:
    if _is_buffered(facts):
        count = "one burst" if facts.bursts == 1 else f"{facts.bursts} bursts"
        words = "Something between the model and Weir collects the stream. " + _buffering_hint(exchange)
        title = f"Buffered: {facts.records} records came in {count}"
        yield Finding("buffered", Tone.WARN, title, words)
    if facts.longest_gap >= LONG_GAP_S:
        words = "If the model was not thinking there, look for a server or a proxy that stalls. Comments "
        words += "(lines that begin with “:”) every 15 s keep proxies from hanging up."
        title = f"A silence of {_seconds(facts.longest_gap)} before record {facts.longest_at}"
        yield Finding("gap", Tone.WARN, title, words, tuple(facts.long_gaps[:_FIRST]))
    if facts.first_at >= _LONG_WAIT_S:
        words = "A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer."
        title = f"The first record came after {_seconds(facts.first_at)}"
        yield Finding("slow_start", Tone.NOTE, title, words, (1,))
    if facts.comments:
        number = len(facts.comments)
        title = "A keep-alive comment" if number == 1 else f"{number} keep-alive comments"
        words = "They keep the connection open and say nothing. That is as it should be."
        yield Finding("comments", Tone.NOTE, title, words, tuple(facts.comments[:_FIRST]))


def _is_buffered(facts: Facts) -> bool:
    """Whether many records came together after waits that were long enough for more bursts."""
    if not _is_stream(facts) or facts.records < _MANY or not facts.bursts:
        return False
    are_together = facts.records >= _PER_BURST * facts.bursts and facts.records >= _PER_READ * facts.reads
    are_short = facts.within_bursts <= _WITHIN_SHARE * facts.last_at
    return are_together and are_short and facts.last_at >= _BURST_APART_S * facts.bursts


def _buffering_hint(exchange: Exchange) -> str:
    hints: list[str] = []
    if encoding := exchange.answer_header("content-encoding"):
        hints.append(
            f"The answer is compressed ({encoding}), and compressors wait for more: switch that off."
        )
    if exchange.answer_header("x-accel-buffering").lower() == "yes":
        hints.append("It says “X-Accel-Buffering: yes”: send “no”.")
    elif "nginx" in (server := exchange.answer_header("server").lower()) or "openresty" in server:
        hints.append("nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.")
    elif not hints:
        hints.append("Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.")
    if via := exchange.answer_header("via"):
        hints.append(f"It came by way of {via}.")
    if exchange.answer_header("content-length"):
        hints.append("Its length was known beforehand, so that it was whole before it was sent.")
    return " ".join(hints)


def _names(exchange: Exchange, facts: Facts) -> _Found:
    if facts.unknown:
        names = ", ".join(sorted(facts.unknown_names)[:4])
        words = (
            "Weir passes over them. If they should say something, compare their names with the protocol’s."
        )
        title = f"Events that the protocol does not know: {names}"
        yield Finding("unknown", Tone.NOTE, title, words, tuple(facts.unknown[:_FIRST]))
    if facts.repeated_ids:
        words = "An “id:” is for one event: clients that resume would go on at the wrong place."
        title = f"An id that was there before: {_records(facts.repeated_ids)}"
        yield Finding("repeated_id", Tone.NOTE, title, words, tuple(facts.repeated_ids[:_FIRST]))
    if len(facts.finishes) > 1:
        words = "A reply ends once. Clients may stop at the first and miss what follows."
        title = f"The reply ended {len(facts.finishes)} times"
        yield Finding("repeated_finish", Tone.WARN, title, words, tuple(facts.finishes[:_FIRST]))
    if len(facts.ends) > 1:
        words = "One is enough; nothing is read after the first."
        title = f"{len(facts.ends)} end marks"
        yield Finding("repeated_end", Tone.NOTE, title, words, tuple(facts.ends[:_FIRST]))
    late = tuple(number for number in facts.after_end if number not in facts.ends)
    if late:
        words = "Clients stop reading at the end mark. Send it last."
        yield Finding("after_end", Tone.WARN, f"After the end came {_records(late)}", words, late[:_FIRST])


def _ending(exchange: Exchange, facts: Facts) -> _Found:
    if not _is_reply(exchange) or facts.framing is None or facts.error_at or exchange.missed:
        if _is_reply(exchange) and not exchange.size and not exchange.missed:
            words = "The head of an answer came, and nothing after it."
            yield Finding("empty", Tone.BAD, "An empty answer", words)
        return
    if exchange.end == "cut":
        words = (
            "The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size."
        )
        yield Finding("cut", Tone.BAD, "The connection broke before the answer ended", words)
    if facts.protocol and facts.framing is Framing.JSON and not _is_whole(exchange, facts):
        words = "It ends before its last bracket: the server, or something on the way, stopped there."
        yield Finding("no_end", Tone.BAD, "The document is not whole", words)
    if not facts.protocol or not _is_stream(facts):
        return
    is_marked = facts.ends or facts.protocol != "openai-chat"
    if not facts.is_complete and not facts.finishes:
        if exchange.end == "closed":
            words = "Weir closed the connection: the reply was stopped, or it failed."
            yield Finding("stopped", Tone.NOTE, "Not read to its end", words)
        else:
            words = (
                f"There was no {_end_of(facts.protocol)}, so that the stream can’t be told from a cut one."
            )
            yield Finding("no_end", Tone.BAD, "The end mark is missing", words)
    elif not is_marked and facts.framing is Framing.SSE:
        words = (
            "The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it."
        )
        yield Finding("no_done", Tone.WARN, "No [DONE] at the end", words)


def _is_whole(exchange: Exchange, facts: Facts) -> bool:
    """Whether a document has its last bracket. Of a list each element is a record before that."""
    first = next((chunk.lstrip()[:1] for chunk in exchange.chunks if chunk.strip()), b"")
    last = next((chunk.rstrip()[-1:] for chunk in reversed(exchange.chunks) if chunk.strip()), b"")
    return facts.records > 0 and (first != b"[" or last == b"]")


def _end_of(protocol: str) -> str:
    return {
        "openai-chat": "finish_reason and no “data: [DONE]”",
        "openai-responses": "“response.completed”",
        "anthropic-messages": "“message_stop”",
        "gemini": "finishReason",
        "ollama": "“done”: true",
        "replicate": "event “done”",
    }.get(protocol, "end mark")


def _transport(exchange: Exchange, facts: Facts) -> _Found:
    if not _is_reply(exchange) or not _is_stream(facts):
        return
    encoding = exchange.answer_header("content-encoding")
    if encoding and encoding.lower() != "identity":
        words = (
            "Compressors hold back what is small. Send event streams as they are; proxies need telling, too."
        )
        yield Finding("compressed", Tone.WARN, f"The stream is compressed ({encoding})", words)
    if exchange.answer_header("x-accel-buffering").lower() == "yes" and not _is_buffered(facts):
        words = "This header asks nginx to collect the stream. Send “no”."
        yield Finding("accel", Tone.WARN, "X-Accel-Buffering: yes", words)
    chunked = "chunked" in exchange.answer_header("transfer-encoding").lower()
    length = exchange.answer_header("content-length")
    if exchange.http_version == "HTTP/1.0":
        words = "It knows no chunks, so that an end can’t be told from a cut. "
        words += "In nginx set “proxy_http_version 1.1”."
        yield Finding("http10", Tone.WARN, "The answer came by HTTP/1.0", words)
    elif length:
        words = "A length is known only when everything is: the reply was collected before it was sent."
        yield Finding("length", Tone.WARN, f"The stream has a length ({length} bytes)", words)
    elif not chunked and exchange.http_version == "HTTP/1.1":
        words = "Only the end of the connection ends it, which a break can’t be told from. "
        words += "Send “Transfer-Encoding: chunked”."
        yield Finding("no_chunks", Tone.NOTE, "The answer is not sent in HTTP chunks", words)


def _usage(exchange: Exchange, facts: Facts) -> _Found:
    is_whole = _is_reply(exchange) and speaks_json(facts.protocol) and facts.is_complete and facts.texts
    if is_whole and not facts.has_usage and not facts.error_at:
        words = "Tokens can’t be counted without it."
        if facts.protocol == "openai-chat":
            words += (
                " Weir asks for it by “stream_options”: {“include_usage”: true}; the server may not know it."
            )
        yield Finding("no_usage", Tone.NOTE, "No usage was sent", words)
