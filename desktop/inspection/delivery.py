"""Delivery: what can be said of how a stream came, its pace and its transport."""

from collections.abc import Iterable

from desktop.base.tongue import number, sentences, translate
from desktop.domain.inspection import Finding, Tone
from desktop.domain.recording import Exchange
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


def is_reply(exchange: Exchange) -> bool:
    """Whether an answer is a success."""
    return 200 <= exchange.status < 300


def is_stream(facts: Facts) -> bool:
    """Whether an answer comes as records, one after the other."""
    return facts.framing in (Framing.SSE, Framing.NDJSON)


def _seconds(seconds: float) -> str:
    return translate("Inspection", "{seconds} s").format(seconds=number(seconds, 1 if seconds < 10 else 0))


def pace(exchange: Exchange, facts: Facts) -> Iterable[Finding]:
    """Say what the times of the records tell."""
    if _is_buffered(facts):
        words = sentences(
            translate("Inspection", "Something between the model and Weir collects the stream."),
            _buffering_hint(exchange),
        )
        title = translate(
            "Inspection", "Buffered: {records} records came in %n burst(s)", "", facts.bursts
        ).format(records=number(facts.records))
        yield Finding("buffered", Tone.WARN, title, words)
    if facts.longest_gap >= LONG_GAP_S:
        words = translate(
            "Inspection",
            "If the model was not thinking there, look for a server or a proxy that stalls. "
            "Comments (lines that begin with “:”) every 15 s keep proxies from hanging up.",
        )
        title = translate("Inspection", "A silence of {time} before record {number}").format(
            time=_seconds(facts.longest_gap), number=facts.longest_at
        )
        yield Finding("gap", Tone.WARN, title, words, tuple(facts.long_gaps[:_FIRST]))
    if facts.first_at >= _LONG_WAIT_S:
        words = translate(
            "Inspection",
            "A long prompt, a model being loaded or a queue; or the beginning was held back by a buffer.",
        )
        title = translate("Inspection", "The first record came after {time}").format(
            time=_seconds(facts.first_at)
        )
        yield Finding("slow_start", Tone.NOTE, title, words, (1,))
    if facts.comments:
        title = translate("Inspection", "%n keep-alive comment(s)", "", len(facts.comments))
        words = translate(
            "Inspection", "They keep the connection open and say nothing. That is as it should be."
        )
        yield Finding("comments", Tone.NOTE, title, words, tuple(facts.comments[:_FIRST]))


def _is_buffered(facts: Facts) -> bool:
    """Whether many records came together after waits that were long enough for more bursts."""
    if not is_stream(facts) or facts.records < _MANY or not facts.bursts:
        return False
    are_together = facts.records >= _PER_BURST * facts.bursts and facts.records >= _PER_READ * facts.reads
    are_short = facts.within_bursts <= _WITHIN_SHARE * facts.last_at
    return are_together and are_short and facts.last_at >= _BURST_APART_S * facts.bursts


def _buffering_hint(exchange: Exchange) -> str:
    hints: list[str] = []
    if encoding := exchange.answer_header("content-encoding"):
        hints.append(
            translate(
                "Inspection",
                "The answer is compressed ({encoding}), and compressors wait for more: switch that off.",
            ).format(encoding=encoding)
        )
    if exchange.answer_header("x-accel-buffering").lower() == "yes":
        hints.append(translate("Inspection", "It says “X-Accel-Buffering: yes”: send “no”."))
    elif "nginx" in (server := exchange.answer_header("server").lower()) or "openresty" in server:
        hints.append(
            translate(
                "Inspection",
                "nginx stands between: send “X-Accel-Buffering: no”, or set “proxy_buffering off”.",
            )
        )
    elif not hints:
        hints.append(
            translate(
                "Inspection",
                "Before nginx send “X-Accel-Buffering: no”; flush after each event in your own server.",
            )
        )
    if via := exchange.answer_header("via"):
        hints.append(translate("Inspection", "It came by way of {via}.").format(via=via))
    if exchange.answer_header("content-length"):
        hints.append(
            translate(
                "Inspection", "Its length was known beforehand, so that it was whole before it was sent."
            )
        )
    return sentences(*hints)


def transport(exchange: Exchange, facts: Facts) -> Iterable[Finding]:
    """Say what the headers of a stream tell."""
    if not is_reply(exchange) or not is_stream(facts):
        return
    encoding = exchange.answer_header("content-encoding")
    if encoding and encoding.lower() != "identity":
        words = translate(
            "Inspection",
            "Compressors hold back what is small. Send event streams as they are; proxies need telling, too.",
        )
        yield Finding(
            "compressed",
            Tone.WARN,
            translate("Inspection", "The stream is compressed ({encoding})").format(encoding=encoding),
            words,
        )
    if exchange.answer_header("x-accel-buffering").lower() == "yes" and not _is_buffered(facts):
        words = translate("Inspection", "This header asks nginx to collect the stream. Send “no”.")
        yield Finding("accel", Tone.WARN, "X-Accel-Buffering: yes", words)
    chunked = "chunked" in exchange.answer_header("transfer-encoding").lower()
    length = exchange.answer_header("content-length")
    if exchange.http_version == "HTTP/1.0":
        words = translate(
            "Inspection",
            "It knows no chunks, so that an end can’t be told from a cut. In nginx set "
            "“proxy_http_version 1.1”.",
        )
        yield Finding("http10", Tone.WARN, translate("Inspection", "The answer came by HTTP/1.0"), words)
    elif length:
        words = translate(
            "Inspection",
            "A length is known only when everything is: the reply was collected before it was sent.",
        )
        yield Finding(
            "length",
            Tone.WARN,
            translate("Inspection", "The stream has a length ({length} bytes)").format(length=length),
            words,
        )
    elif not chunked and exchange.http_version == "HTTP/1.1":
        words = translate(
            "Inspection",
            "Only the end of the connection ends it, which a break can’t be told from. Send "
            "“Transfer-Encoding: chunked”.",
        )
        yield Finding(
            "no_chunks", Tone.NOTE, translate("Inspection", "The answer is not sent in HTTP chunks"), words
        )
