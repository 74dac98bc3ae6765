"""Findings: what can be said of a stream in plain words, and what to do about it."""

from collections.abc import Callable, Iterable, Sequence

from desktop.base.tongue import number, row, sentences, size, translate
from desktop.domain.inspection import Finding, Tone
from desktop.domain.recording import Exchange, shown
from desktop.inspection.delivery import is_reply, is_stream, pace, transport
from desktop.inspection.events import speaks_json
from desktop.inspection.facts import Facts
from desktop.wire.answer import Framing

_FIRST = 20

_Found = Iterable[Finding]


def findings_of(exchange: Exchange, facts: Facts, *, is_over: bool) -> Sequence[Finding]:
    """Return what can be said of an exchange, what matters most first. Of an open one less can be said."""
    rules: list[Callable[[Exchange, Facts], _Found]] = [_status, _trouble, _errors, _broken, _bytes]
    rules += [_framing, pace, _names]
    if is_over:
        rules += [_ending, transport, _usage]
    found = [finding for rule in rules for finding in rule(exchange, facts)]
    order = list(Tone)
    found.sort(key=lambda finding: order.index(finding.tone))
    if is_over and not any(finding.tone in (Tone.BAD, Tone.WARN) for finding in found):
        words = translate("Inspection", "Records, order, end and transport are as they should be.")
        found.insert(
            0, Finding("sound", Tone.GOOD, translate("Inspection", "Nothing wrong with this stream"), words)
        )
    return found


def _records(numbers: Sequence[int]) -> str:
    """Return which records are meant, to be put into a title."""
    named = row(number(one) for one in numbers[:3])
    if len(numbers) == 1:
        return translate("Inspection", "record {number}").format(number=named)
    if len(numbers) <= 3:
        return translate("Inspection", "records {numbers}").format(numbers=named)
    words = translate("Inspection", "%n record(s), the first {numbers}", "", len(numbers))
    return words.format(numbers=named)


def _status(exchange: Exchange, facts: Facts) -> _Found:
    status = exchange.status
    if not status:
        if exchange.ended is not None:
            words = exchange.trouble or translate(
                "Inspection", "The server closed the connection, or it could not be reached."
            )
            yield Finding("no_answer", Tone.BAD, translate("Inspection", "There was no answer"), words)
        return
    if is_reply(exchange):
        return
    name = f"{status} {exchange.reason}".strip()
    if 300 <= status < 400:
        target = shown(exchange.recording.veil.address(exchange.answer_header("location")))
        yield Finding(
            "redirect",
            Tone.NOTE,
            translate("Inspection", "The server sends on ({name})").format(name=name),
            translate("Inspection", "To {target}.").format(target=target)
            if target
            else translate("Inspection", "It does not say where to."),
        )
        return
    words = exchange.trouble or translate(
        "Inspection", "The body says more; see the records and the answer’s headers."
    )
    after = exchange.answer_header("retry-after")
    if after:
        wait = translate("Inspection", "The server asks to wait (Retry-After: {after}).")
        words = sentences(words, wait.format(after=after))
    yield Finding(
        "status", Tone.BAD, translate("Inspection", "The server refused: {name}").format(name=name), words
    )


def _trouble(exchange: Exchange, facts: Facts) -> _Found:
    if exchange.trouble and is_reply(exchange) and not facts.error_at:
        yield Finding("failed", Tone.BAD, translate("Inspection", "The reply failed"), exchange.trouble)
    if exchange.missed:
        words = translate("Inspection", "Not kept: {size}. Recordings have room for {room} together.").format(
            size=size(exchange.missed), room=size(32_000_000)
        )
        yield Finding("missed", Tone.WARN, translate("Inspection", "Not everything is shown"), words)


def _errors(exchange: Exchange, facts: Facts) -> _Found:
    if facts.error_at:
        words = translate(
            "Inspection",
            "“{words}”. The status was {status}, because the stream had begun. Clients "
            "that look at the status alone take this for a success.",
        ).format(words=facts.error_words, status=exchange.status)
        title = translate("Inspection", "An error inside a {status} answer").format(status=exchange.status)
        yield Finding("error_in_stream", Tone.BAD, title, words, (facts.error_at,))


def _broken(exchange: Exchange, facts: Facts) -> _Found:
    if facts.garbled:
        words = translate(
            "Inspection",
            "Send each event’s JSON on data lines of its own and end it with a blank line. JSON "
            "that goes over several lines needs “data: ” before each of them.",
        )
        title = translate("Inspection", "Data that is not JSON: {records}").format(
            records=_records(facts.garbled)
        )
        yield Finding("garbled", Tone.BAD, title, words, tuple(facts.garbled[:_FIRST]))
    if facts.merged:
        words = translate(
            "Inspection", "Weir takes them apart, other clients may not. End each event with a blank line."
        )
        title = translate("Inspection", "Several events without a blank line between: {records}").format(
            records=_records(facts.merged)
        )
        yield Finding("merged", Tone.WARN, title, words, tuple(facts.merged[:_FIRST]))
    if facts.unended > 0 and exchange.end != "closed":
        numbers = (facts.unended,)
        if facts.unended_is_whole:
            title = translate("Inspection", "The last record has no line end")
            words = translate(
                "Inspection", "By the standard it is dropped. End the last one with a line end as well."
            )
            if facts.framing is Framing.SSE:
                title = translate("Inspection", "The last record has no blank line")
                words = translate(
                    "Inspection", "By the standard it is dropped. End the last one with a blank line as well."
                )
            yield Finding("unended", Tone.WARN, title, words, numbers)
        else:
            words = translate(
                "Inspection",
                "The server, or something on the way, ended the answer before the record was whole.",
            )
            yield Finding(
                "cut_record",
                Tone.BAD,
                translate("Inspection", "Cut in the middle of a record"),
                words,
                numbers,
            )


def _bytes(exchange: Exchange, facts: Facts) -> _Found:
    if facts.nul:
        words = translate(
            "Inspection", "A NUL is no text: look for a buffer that is sent whole, or for UTF-16."
        )
        title = translate("Inspection", "NUL bytes in {records}").format(records=_records(facts.nul))
        yield Finding("nul", Tone.BAD, title, words, tuple(facts.nul[:_FIRST]))
    if facts.no_utf8:
        words = translate(
            "Inspection",
            "They became “�”. Event streams are UTF-8 by their standard; don’t cut characters in "
            "two when text is taken apart as bytes.",
        )
        title = translate("Inspection", "Bytes that are no UTF-8: {records}").format(
            records=_records(facts.no_utf8)
        )
        yield Finding("no_utf8", Tone.BAD, title, words, tuple(facts.no_utf8[:_FIRST]))
    if 1 in facts.boms:
        words = translate(
            "Inspection", "Weir passes over it; some clients take it for a part of the first field’s name."
        )
        yield Finding(
            "bom", Tone.NOTE, translate("Inspection", "A byte order mark at the beginning"), words, (1,)
        )
    late = tuple(number for number in facts.boms if number > 1)
    if late:
        words = translate(
            "Inspection",
            "Only the very first bytes may be one. Perhaps files or buffers were put one after the other.",
        )
        yield Finding(
            "late_bom",
            Tone.WARN,
            translate("Inspection", "A byte order mark in {records}").format(records=_records(late)),
            words,
            late[:_FIRST],
        )
    kinds = [name for name, count in (("CRLF", facts.crlf), ("LF", facts.lf), ("CR", facts.cr)) if count]
    if len(kinds) > 1:
        words = translate(
            "Inspection", "All are allowed, but a mix is often a sign of parts written by different hands."
        )
        yield Finding(
            "line_ends",
            Tone.NOTE,
            translate("Inspection", "Line ends are mixed: {kinds}").format(kinds=row(kinds)),
            words,
        )


def _framing(exchange: Exchange, facts: Facts) -> _Found:
    if not facts.is_settled or not is_reply(exchange):
        return
    kind = exchange.content_type
    named = kind or translate("Inspection", "none")
    if facts.framing is None:
        words = translate(
            "Inspection", "Its type is {kind}. Perhaps the address is wrong, or a proxy answered with a page."
        ).format(kind=named)
        yield Finding("no_reply", Tone.BAD, translate("Inspection", "The answer is no reply"), words)
    elif facts.framing is Framing.SSE and not kind.startswith("text/event-stream"):
        words = translate(
            "Inspection", "Send “Content-Type: text/event-stream”: many clients refuse anything else."
        )
        yield Finding(
            "content_type",
            Tone.WARN,
            translate("Inspection", "An event stream that is labelled {kind}").format(kind=named),
            words,
        )
    elif facts.framing is Framing.NDJSON and "json" not in kind:
        words = translate("Inspection", "Send “Content-Type: application/x-ndjson”.")
        yield Finding(
            "content_type",
            Tone.WARN,
            translate("Inspection", "Lines of JSON that are labelled {kind}").format(kind=named),
            words,
        )
    elif facts.framing is Framing.JSON and kind.startswith("text/event-stream"):
        words = translate("Inspection", "Send events, or “Content-Type: application/json”.")
        yield Finding(
            "content_type",
            Tone.WARN,
            translate("Inspection", "JSON that is labelled as an event stream"),
            words,
        )
    elif facts.framing is Framing.JSON and facts.protocol != "replicate":
        words = translate(
            "Inspection",
            "The server did not stream. If it should, see whether the request says so and the server looks.",
        )
        yield Finding("whole", Tone.NOTE, translate("Inspection", "The reply came as one document"), words)
    if facts.framing is Framing.SSE and "charset=" in kind and "utf-8" not in kind:
        words = translate("Inspection", "Event streams are UTF-8 whatever the header says.")
        yield Finding(
            "charset",
            Tone.NOTE,
            translate("Inspection", "The type names another charset: {kind}").format(kind=kind),
            words,
        )


def _names(exchange: Exchange, facts: Facts) -> _Found:
    if facts.unknown:
        names = row(sorted(facts.unknown_names)[:4])
        words = translate(
            "Inspection",
            "Weir passes over them. If they should say something, compare their names with the protocol’s.",
        )
        title = translate("Inspection", "Events that the protocol does not know: {names}").format(names=names)
        yield Finding("unknown", Tone.NOTE, title, words, tuple(facts.unknown[:_FIRST]))
    if facts.repeated_ids:
        words = translate(
            "Inspection", "An “id:” is for one event: clients that resume would go on at the wrong place."
        )
        title = translate("Inspection", "An id that was there before: {records}").format(
            records=_records(facts.repeated_ids)
        )
        yield Finding("repeated_id", Tone.NOTE, title, words, tuple(facts.repeated_ids[:_FIRST]))
    if len(facts.finishes) > 1:
        words = translate(
            "Inspection", "A reply ends once. Clients may stop at the first and miss what follows."
        )
        title = translate("Inspection", "The reply ended %n time(s)", "", len(facts.finishes))
        yield Finding("repeated_finish", Tone.WARN, title, words, tuple(facts.finishes[:_FIRST]))
    if len(facts.ends) > 1:
        words = translate("Inspection", "One is enough; nothing is read after the first.")
        title = translate("Inspection", "%n end mark(s)", "", len(facts.ends))
        yield Finding("repeated_end", Tone.NOTE, title, words, tuple(facts.ends[:_FIRST]))
    late = tuple(number for number in facts.after_end if number not in facts.ends)
    if late:
        words = translate("Inspection", "Clients stop reading at the end mark. Send it last.")
        yield Finding(
            "after_end",
            Tone.WARN,
            translate("Inspection", "After the end came {records}").format(records=_records(late)),
            words,
            late[:_FIRST],
        )


def _ending(exchange: Exchange, facts: Facts) -> _Found:
    if not is_reply(exchange) or facts.framing is None or facts.error_at or exchange.missed:
        if is_reply(exchange) and not exchange.size and not exchange.missed:
            words = translate("Inspection", "The head of an answer came, and nothing after it.")
            yield Finding("empty", Tone.BAD, translate("Inspection", "An empty answer"), words)
        return
    if exchange.end == "cut":
        words = translate(
            "Inspection",
            "The server or a proxy hung up: look for a crash, a time limit, or a limit on the answer’s size.",
        )
        yield Finding(
            "cut", Tone.BAD, translate("Inspection", "The connection broke before the answer ended"), words
        )
    if facts.protocol and facts.framing is Framing.JSON and not _is_whole(exchange, facts):
        words = translate(
            "Inspection",
            "It ends before its last bracket: the server, or something on the way, stopped there.",
        )
        yield Finding("no_end", Tone.BAD, translate("Inspection", "The document is not whole"), words)
    if not facts.protocol or not is_stream(facts):
        return
    is_marked = facts.ends or facts.protocol != "openai-chat"
    if not facts.is_complete and not facts.finishes:
        if exchange.end == "closed":
            words = translate(
                "Inspection", "Weir closed the connection: the reply was stopped, or it failed."
            )
            yield Finding("stopped", Tone.NOTE, translate("Inspection", "Not read to its end"), words)
        else:
            title = translate("Inspection", "The end mark is missing")
            yield Finding("no_end", Tone.BAD, title, _no_end(facts.protocol))
    elif not is_marked and facts.framing is Framing.SSE:
        words = translate(
            "Inspection",
            "The model said that it had ended, but “data: [DONE]” did not follow. Some clients wait for it.",
        )
        yield Finding("no_done", Tone.WARN, translate("Inspection", "No [DONE] at the end"), words)


def _is_whole(exchange: Exchange, facts: Facts) -> bool:
    """Whether a document has its last bracket. Of a list each element is a record before that."""
    first = next((chunk.lstrip()[:1] for chunk in exchange.chunks if chunk.strip()), b"")
    last = next((chunk.rstrip()[-1:] for chunk in reversed(exchange.chunks) if chunk.strip()), b"")
    return facts.records > 0 and (first != b"[" or last == b"]")


_END_EVENTS = {
    "openai-responses": "response.completed",
    "anthropic-messages": "message_stop",
    "replicate": "done",
}
_END_FIELDS = {"gemini": "finishReason", "ollama": "done"}


def _no_end(protocol: str) -> str:
    """Return which mark a stream of a protocol should have ended with."""
    if protocol == "openai-chat":
        return translate(
            "Inspection",
            "There was neither a “finish_reason” nor “data: [DONE]”, so that the stream can’t be told from a "
            "cut one.",
        )
    if protocol in _END_EVENTS:
        words = translate(
            "Inspection", "The event “{name}” did not come, so that the stream can’t be told from a cut one."
        )
        return words.format(name=_END_EVENTS[protocol])
    if protocol in _END_FIELDS:
        words = translate(
            "Inspection", "The field “{name}” did not come, so that the stream can’t be told from a cut one."
        )
        return words.format(name=_END_FIELDS[protocol])
    return translate("Inspection", "No end mark came, so that the stream can’t be told from a cut one.")


def _usage(exchange: Exchange, facts: Facts) -> _Found:
    is_whole = is_reply(exchange) and speaks_json(facts.protocol) and facts.is_complete and facts.texts
    if is_whole and not facts.has_usage and not facts.error_at:
        words = translate("Inspection", "Tokens can’t be counted without it.")
        if facts.protocol == "openai-chat":
            hint = translate("Inspection", "Weir asks for it by {option}; the server may not know it.")
            words = sentences(words, hint.format(option="“stream_options”: {“include_usage”: true}"))
        yield Finding("no_usage", Tone.NOTE, translate("Inspection", "No usage was sent"), words)
