"""What a service says when something is wrong: its words, and what kind of failure they mean.

Services agree neither on the shape of an error nor on the status, so that this looks at both. The
shapes are those of OpenAI, Anthropic, Google, Mistral, OpenRouter, Replicate, Ollama, FastAPI and
llama.cpp.
"""

import datetime
import email.utils
import html
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from desktop.base.graphemes import beginning
from desktop.base.utf16 import well_formed
from desktop.domain.failure import FailureKind

MAX_WORDS = 600

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_XML_MESSAGE = re.compile(r"<message>(.*?)</message>", re.IGNORECASE | re.DOTALL)
_XML_CODE = re.compile(r"<code>(.*?)</code>", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")

# Substrings of codes, types and messages, in lower case. The first kind that fits counts.
_SIGNS: tuple[tuple[FailureKind, tuple[str, ...]], ...] = (
    (
        FailureKind.TOO_LONG,
        (
            "context_length_exceeded",
            "exceed_context_size",
            "too_many_prompt_tokens",
            "request_too_large",
            "model_context_window_exceeded",
            "context length",
            "context window",
            "prompt is too long",
            "input token count",
            "messages is too long",
            "too many tokens",
            "maximum prompt length",
            "available context size",
            "input is too long",
            "reduce the length of",
        ),
    ),
    (
        FailureKind.PAYMENT,
        (
            "insufficient_quota",
            "billing_error",
            "enforced_spend_limit_reached",
            "insufficient_credits",
            "credit balance",
            "insufficient balance",
        ),
    ),
    (
        FailureKind.KEY_REFUSED,
        (
            "invalid_api_key",
            "api_key_invalid",
            "authentication_error",
            "unauthenticated",
            "api key not valid",
            "incorrect api key",
            "invalid api key",
            "invalid x-api-key",
            "invalid token",
            "unauthorized",
        ),
    ),
    (
        FailureKind.NO_MODEL,
        (
            "model_not_found",
            "model_not_exist",
            "deploymentnotfound",
            "unknown_model",
            "invalid_model",
            "no endpoints found",
            "not a valid model id",
        ),
    ),
    (
        FailureKind.OVERLOADED,
        ("overloaded", "unavailable_error", "engine_overloaded", "loading model", "currently loading"),
    ),
    (
        FailureKind.RATE_LIMIT,
        ("rate_limit", "rate limit", "ratelimit", "too_many_requests", "resource_exhausted"),
    ),
)
# Where the words of an error stand, the most usual place first.
_PATHS: tuple[tuple[str | int, ...], ...] = (
    ("error", "message"),
    ("error",),
    ("message",),
    ("message", "detail", 0, "msg"),
    ("detail",),
    ("detail", 0, "msg"),
    ("detail", "message"),
    ("errors", 0, "message"),
    ("errorText",),
    ("error", "error", "message"),
    ("error", "error"),
    ("error", "message", "message"),
    ("error", "message", "detail"),
    ("error", "detail"),
    ("error", "msg"),
    ("error", "description"),
    ("error", 0, "message"),
    ("error", 0, "msg"),
    ("error", 0),
    ("detail", "error", "message"),
    ("detail", "error"),
    ("detail", "msg"),
    ("detail", 0, "message"),
    ("detail", 0),
    ("message", "message"),
    ("message", "detail"),
    ("errors", 0, "detail"),
    ("errors", 0, "title"),
    ("errors", 0),
    ("errors", "message"),
    ("error_message",),
    ("errorMessage",),
    ("error_msg",),
    ("error_description",),
    ("Message",),
    ("msg",),
    ("fault", "faultstring"),
    ("base_resp", "status_msg"),
    ("header", "message"),
    ("response", "error", "message"),
    ("data", "error", "message"),
    ("data", "message"),
    ("title",),
    ("error", "code"),
    ("error", "type"),
    ("error", "status"),
)
# Said by OpenAI, Anthropic, OpenRouter, Mistral, DeepSeek, xAI, Ollama, llama.cpp, vLLM and LM Studio.
_NO_IMAGES = re.compile(
    r"(?:not|n.t|no) (?:support|accept|allow|have)(?:s|ed)?\W[^.]{0,40}?\b(?:image|vision|multimodal)"
    r"(?!s?[ _-]?(?:format|type|size|media|of))"
    r"|\bimages?(?:[ _]?(?:url|input|content|part)s?)?(?: modality)?['`\"]? "
    r"(?:is|are) (?:not |only )(?:\w+ )?(?:support|accept|allow|enabled)(?!ed format)"
    r"|support image input|not a multimodal|not a vision|unknown variant [`'\"]?(?:image_url|input_image)"
    r"|at most 0 image|missing data required for image input"
)
_NO_FILES = re.compile(
    r"(?:not|n.t|no) (?:support|accept|allow)(?:s|ed)? (?:any |reading )?(?:file|pdf|document)"
    r"(?!s?[ _-]?(?:format|type|size))"
    r"|\b(?:files?|pdfs?|documents?)(?:[ _]?(?:input|content|part|block)s?)?['`\"]? (?:is|are) not "
    r"(?:support|accept|allow)"
    r"|unknown variant [`'\"]?(?:file|input_file|document)[`'\"]|support (?:file|pdf|document) input"
)
_EMPTY = ("{}", "[]", "null", '""', "true", "false")
_MODEL_ABSENT = re.compile(r"\bmodels?\b.{0,120}?\b(?:not found|not exist|n't exist)", re.DOTALL)

_BY_STATUS = {
    400: FailureKind.BAD_REQUEST,
    401: FailureKind.KEY_REFUSED,
    402: FailureKind.PAYMENT,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.WRONG_ADDRESS,
    405: FailureKind.WRONG_ADDRESS,
    407: FailureKind.PROXY,
    413: FailureKind.TOO_LONG,
    429: FailureKind.RATE_LIMIT,
    498: FailureKind.OVERLOADED,
    503: FailureKind.OVERLOADED,
    529: FailureKind.OVERLOADED,
}
# A status that says more than any word in the body could.
_PLAIN_STATUS = (401, 402, 407, 413)


@dataclass(frozen=True, slots=True)
class Problem:
    """A service's complaint: its words, the codes beside them in lower case, and the JSON it came in."""

    words: str = ""
    codes: tuple[str, ...] = ()
    payload: Any = None

    @property
    def status(self) -> int | None:
        """An HTTP status given as a code inside the error, as OpenRouter and llama.cpp do."""
        for code in self.codes:
            if code.isdecimal() and 400 <= int(code) < 600:
                return int(code)
        return None


def problem_in(payload: Any) -> Problem:
    """Return the complaint in a parsed JSON error, or in the first of a list that has one."""
    if isinstance(payload, list):
        payload = next((element for element in payload if _words(element)), payload[0] if payload else None)
    words = _words(payload)
    return Problem(_clean(words), tuple(_codes(payload)), payload)


def problem_in_body(body: bytes, content_type: str = "") -> Problem:
    """Return the complaint in the body of an HTTP error: JSON, an event stream, a web page or text."""
    text = body.decode(errors="replace").lstrip("\ufeff").strip()
    candidates = [text]
    if text.startswith(("data:", "event:", "id:", ":")):
        events = [re.findall(r"^data: ?(.*)", event, re.MULTILINE) for event in re.split(r"\r?\n\r?\n", text)]
        candidates = ["\n".join(lines) for lines in events if lines]
    elif text.startswith("{") and "\n" in text:
        candidates.append(text.partition("\n")[0])
    for candidate in candidates:
        try:
            problem = problem_in(json.loads(candidate))
        except (ValueError, RecursionError):
            continue
        if problem.words:
            return problem
    if is_page(text, content_type):
        titles = (pattern.search(text) for pattern in (_TITLE, _HEADING))
        words = (_clean(html.unescape(_TAG.sub("", title[1]))) for title in titles if title)
        return Problem(next(filter(None, words), ""))
    if text.startswith("<?xml") and (message := _XML_MESSAGE.search(text)):
        return Problem(_clean(html.unescape(message[1])), tuple(map(str.lower, _XML_CODE.findall(text))))
    return Problem("" if text in _EMPTY else _clean(text))


def is_page(text: str, content_type: str = "") -> bool:
    """Whether a body is a web page."""
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    return start.startswith(("<!doctype html", "<html")) or ("html" in content_type and start.startswith("<"))


def kind_of(status: int | None, problem: Problem) -> FailureKind:
    """Return what the user can do something about. `status` is None inside a stream."""
    status = status or problem.status
    if status in _PLAIN_STATUS:
        return _BY_STATUS[status]
    signs = " ".join((*problem.codes, problem.words.lower()))
    if status is None or 400 <= status < 500 or status in (500, 501):
        # Before all else: OpenRouter says so in the words for a model that is not there.
        if _NO_IMAGES.search(signs):
            return FailureKind.NO_IMAGES
        if _NO_FILES.search(signs):
            return FailureKind.NO_FILES
    for kind, needles in _SIGNS:
        if any(needle in signs for needle in needles):
            return kind
    if status in (None, 400, 404) and _MODEL_ABSENT.search(signs):
        return FailureKind.NO_MODEL
    if status is None:
        return FailureKind.PROVIDER
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return FailureKind.SERVER if status >= 500 else FailureKind.BAD_REQUEST


def status_phrase(status: int) -> str:
    """Return the standard's words for a status, for an answer without any of its own."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def retry_after(headers: Mapping[str, str], problem: Problem | None = None) -> float | None:
    """Return the seconds to wait that an answer names, or None.

    `retry-after-ms` is in milliseconds, `retry-after` in seconds or an HTTP date, and Google puts a
    "37s" into the error's details.
    """
    if (value := _number(headers.get("retry-after-ms", ""))) is not None and value > 0:
        return value / 1000
    header = headers.get("retry-after", "").strip()
    if (value := _number(header)) is not None:
        return value
    if (moment := _moment(header)) is not None:
        # Counted from the server's own clock where it tells the time: this computer's may be wrong.
        now = _moment(headers.get("date", ""))
        return max(0.0, moment - (now if now is not None else time.time()))
    details = _get(problem.payload, "error", "details") if problem is not None else None
    for detail in details if isinstance(details, list) else ():
        delay = _get(detail, "retryDelay")
        if isinstance(delay, str) and (match := _DURATION.fullmatch(delay)):
            return float(match[1])
    return None


def _moment(text: str) -> float | None:
    """Return an HTTP date (RFC 9110, section 5.6.7) in Unix seconds; all its forms are in UTC."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def may_retry(headers: Mapping[str, str]) -> bool | None:
    """Return what `x-should-retry` says, as OpenAI and Anthropic send it, or None where it is absent."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e7 else None


def _get(value: Any, *path: str | int) -> Any:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _words(payload: Any) -> str:
    if isinstance(payload, str):
        return payload
    for path in _PATHS:
        found = _get(payload, *path)
        if isinstance(found, str) and found.strip():
            return found + _more(payload, path)
    return _first_of_fields(payload)


def _first_of_fields(payload: Any) -> str:
    """Return the first complaint where they are sorted by field: {"errors": {"top_p": ["…"]}}."""
    for name in ("errors", "detail", "error"):
        by_field = _get(payload, name)
        for field, complaints in by_field.items() if isinstance(by_field, dict) else ():
            if isinstance(complaints, list) and complaints and isinstance(complaints[0], str):
                return f"{complaints[0]} ({field})"
    return ""


def _more(payload: Any, path: tuple[str | int, ...]) -> str:
    """Return what stands beside the words and says more: the field at fault, or the upstream's words."""
    if path[-1] == "msg":
        field = _get(payload, *path[:-1], "loc")
        names = [str(step) for step in field if step != "body"] if isinstance(field, list) else []
        return f" ({'.'.join(names)})" if names else ""
    reasons = _get(payload, "error", "metadata", "reasons")
    if isinstance(reasons, list) and reasons:
        return f" ({', '.join(map(str, reasons))})"
    raw = _get(payload, "error", "metadata", "raw")
    return f": {_words_of_raw(raw)}" if isinstance(raw, str) and raw.strip() else ""


def _words_of_raw(raw: str) -> str:
    """OpenRouter passes on the upstream's body as a string, which is often JSON again."""
    try:
        inner = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    return (_words(inner) if isinstance(inner, dict) else "") or raw


def _codes(payload: Any) -> list[str]:
    found: list[Any] = []
    error = _get(payload, "error")
    for source in (error, payload):
        found += [_get(source, name) for name in ("code", "type", "status", "error_type")]
    found.append(_get(error, "details", "error_code"))
    details = _get(error, "details")
    found += [_get(detail, "reason") for detail in details] if isinstance(details, list) else []
    return [str(code).lower() for code in found if isinstance(code, str | int) and not isinstance(code, bool)]


def _clean(words: str) -> str:
    words = _CONTROL.sub("", words.replace("\r\n", "\n")).strip()
    words = well_formed(words)
    return words if len(words) <= MAX_WORDS else beginning(words, MAX_WORDS - 1).rstrip() + "…"
