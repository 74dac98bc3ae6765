"""The contract of a provider: code for one wire protocol, sync and pure.

A provider makes requests out of prompts and deltas out of records. It does no I/O, so that a test of
it is bytes in, deltas out.
"""

import base64
import json
import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.domain.delta import Delta
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import FilePart, ImagePart, Message, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.wire.answer import AnswerHead
from desktop.wire.problem import kind_of, problem_in
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_log = logging.getLogger(__name__)

# json.loads looks for white space around the value with a regular expression, which costs as much
# as the parsing of a small event.
_decode = json.JSONDecoder().raw_decode
_NOTHING: tuple[Delta, ...] = ()

GO_ON = "Continue exactly where you stopped. Repeat nothing."
"""What the model is asked where it can't be handed the beginning of a reply as its own."""

# "stream_options" is another matter.
_STREAM = re.compile(r"\bstream(?:ing|ed)?\b(?!_)")
_NO = re.compile(
    r"not |n't |n’t |cannot|unsupported|unavailable|disabled|unrecognized|unknown|unexpected|"
    r"extra_forbidden|must be"
)


class Reader(ABC):
    """Turns the records of one answer into deltas.

    `is_complete` says that the model ended its reply: an end of the connection is then no cut.
    `is_done` says that nothing more is to be read, and that the connection may be closed.
    `close_is_end` says that the protocol has no end mark: an orderly end of the body is the end.
    `failure` is set where the service reported a problem or sent what can't be read; what came
    before it stands.
    """

    def __init__(self) -> None:
        self.is_complete = False
        self.is_done = False
        self.close_is_end = False
        self.failure: Failure | None = None

    @abstractmethod
    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one record."""

    def close(self) -> Sequence[Delta]:
        """Return what was held back, once the records have ended."""
        return _NOTHING

    def finish(self) -> None:
        """Note the protocol's own end mark."""
        self.is_complete = True
        self.is_done = True

    def fail(self, kind: FailureKind, words: str = "") -> None:
        """Note a failure and read no further."""
        self.failure = Failure(kind=kind, words=words)
        self.is_done = True

    def report(self, payload: Any) -> None:
        """Note a problem that the service reports inside a stream, in its own words."""
        problem = problem_in(payload)
        self.fail(kind_of(None, problem), problem.words or "It gave no reason.")

    def parse(self, data: str) -> Any:
        """Return the JSON of a record; where it is none, note the failure and return None."""
        try:
            value, end = _decode(data)
            if end == len(data) or not data[end:].strip():
                return value
        except (ValueError, RecursionError):
            pass
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            self.fail(FailureKind.GARBLED, data.strip()[:200])
            return None


def read_records(reader: Reader, records: Iterable[Record]) -> list[Delta]:
    """Return the deltas of one chunk's records, up to where the reader is done.

    A reader that stumbles over something unforeseen fails the reply, not the program.
    """
    deltas: list[Delta] = []
    try:
        for record in records:
            deltas += reader.read(record)
            if reader.is_done:
                break
    except Exception:
        _log.exception("an answer could not be read")
        reader.fail(FailureKind.GARBLED)
    return deltas


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The further requests of a protocol whose first answer is only a receipt.

    Without `stream` the reply is read by asking for `status` until it is done; after a stream
    `status` is asked once, for the usage. `cancel` ends the work where closing the stream does not.
    """

    stream: WireRequest | None = None
    status: WireRequest | None = None
    cancel: WireRequest | None = None


class Provider(ABC):
    """Code for one wire protocol.

    `name` is what endpoints call it; `accepts_text` allows answers in plain text;
    `answers_with_receipt` says that the first answer is JSON that `follow_up` wants,
    `may_answer_whole` that the protocol has a request for a reply that comes at once.
    """

    name: str
    accepts_text = False
    may_answer_whole = False
    answers_with_receipt = False

    def __init__(self) -> None:
        self._learnt: dict[tuple[str, str, str], set[str]] = {}

    @abstractmethod
    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request that asks for a reply as a stream."""

    @abstractmethod
    def reader(self, endpoint: Endpoint, head: AnswerHead) -> Reader:
        """Return a reader for one answer."""

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn from a refusal what the endpoint does not know.

        Returns whether the same prompt makes a different request now. What was learnt is kept for
        the endpoint and its model until the program ends. Every protocol learns that the beginning
        of a reply is not taken, and that there is no streaming.
        """
        if status not in (400, 422):
            return False
        learnt = self.learnt(prompt, endpoint)
        if self.prefills(prompt, endpoint):
            # What is refused can hardly be told from the words; the other form does no harm.
            learnt.add("no_prefill")
            return True
        body = body.lower()
        if self.may_answer_whole and "no_stream" not in learnt and _STREAM.search(body) and _NO.search(body):
            learnt.add("no_stream")
            return True
        return False

    def learnt(self, prompt: Prompt, endpoint: Endpoint) -> set[str]:
        """Return what was learnt of an endpoint and a model, to be read and added to."""
        return self._learnt.setdefault((endpoint.id, endpoint.base_url, prompt.model), set())

    def streams(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Whether the reply is asked for as a stream; it comes at once where the endpoint refused that."""
        return "no_stream" not in self.learnt(prompt, endpoint)

    def prefills(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Whether a reply that goes on is asked for by its beginning, as the last message."""
        return (
            prompt.continues is not None
            and "no_prefill" not in self.learnt(prompt, endpoint)
            and self.takes_prefill(prompt, endpoint)
        )

    def takes_prefill(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Whether the protocol at this endpoint goes on from a last message of the assistant."""
        return False

    def follow_up(self, first: Any, endpoint: Endpoint, key: Secret | None) -> FollowUp:
        """Return what follows the first answer, where that is only a receipt."""
        raise NotImplementedError

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest | None:
        """Return the request for the list of models, or None where the protocol has none."""
        return None

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the models in the answer to `models_request`."""
        return ()


def join_url(base_url: str, route: str) -> str:
    """Return `base_url` with `route` appended to its path, before any query.

    A base address that already ends with the route, as copied from a manual, is left as it is.
    """
    parts = urlsplit(base_url.strip())
    path = parts.path.rstrip("/")
    if not path.endswith(f"/{route}"):
        path = f"{path}/{route}"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def headers_for(
    endpoint: Endpoint, key: Secret | None, own: Mapping[str, str], key_header: str = "Authorization"
) -> dict[str, str]:
    """Return the headers of a request: the protocol's own, the key's, and the user's on top.

    "{key}" in one of the user's headers stands for the key, which then goes there alone.
    """
    headers = {name.lower(): value for name, value in own.items()}
    value = key.reveal() if key else ""
    placed = any("{key}" in text for _, text in endpoint.headers)
    if value and not placed:
        bearer = key_header.lower() == "authorization"
        headers[key_header.lower()] = f"Bearer {value}" if bearer else value
    for name, text in endpoint.headers:
        headers[name.strip().lower()] = text.replace("{key}", value)
    return headers


def context_of(prompt: Prompt, *, prefills: bool = False) -> list[tuple[Role, list[Message]]]:
    """Return the messages worth sending, neighbours of one role together.

    A reply that is to be continued comes last: with `prefills` as the beginning of the model's own
    message, without white space at its end, else followed by the words that ask for the rest.

    A reply that failed or was stopped counts with the text that it has; one without any is left
    out, and the prompts around it then stand together, because many models refuse two messages of
    the same role in a row.
    """
    runs: list[tuple[Role, list[Message]]] = []
    for message in (*prompt.messages, *_continued(prompt.continues, prefills)):
        if not has_content(message):
            continue
        if runs and runs[-1][0] is message.role:
            runs[-1][1].append(message)
        else:
            runs.append((message.role, [message]))
    return runs


def _continued(reply: Message | None, prefills: bool) -> tuple[Message, ...]:
    if reply is None:
        return ()
    if prefills:
        return (replace(reply, parts=(TextPart(reply.text.rstrip()),)),)
    return reply, replace(reply, id=f"{reply.id}-rest", role=Role.USER, parts=(TextPart(GO_ON),))


def has_content(message: Message) -> bool:
    """Whether a message holds anything that a model can be sent."""
    return any(
        (isinstance(part, TextPart) and part.text.strip()) or isinstance(part, ImagePart | FilePart)
        for part in message.parts
    )


def joined_text(messages: Sequence[Message]) -> str:
    """Return the text of neighbouring messages, with a blank line between them."""
    return "\n\n".join(text for message in messages if (text := message.text).strip())


def file_as_text(part: FilePart) -> str:
    """Return the readable content of a file, introduced by its name."""
    fence = "```"
    while fence in part.text:
        fence += "`"
    return f"{part.name}:\n{fence}\n{part.text}\n{fence}"


def base64_of(part: ImagePart | FilePart) -> str:
    """Return the bytes of a part in base64."""
    return base64.b64encode(part.data).decode("ascii")


def data_url(part: ImagePart | FilePart) -> str:
    """Return the bytes of a part as a data URL."""
    return f"data:{part.media_type};base64,{base64_of(part)}"


def number(value: Any) -> int | None:
    """Return a count of tokens out of JSON, or None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value >= 0 else None


def object_in(value: Any) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed_models(payload: Any) -> tuple[ModelInfo, ...]:
    """Return the models of OpenAI's {data: [{id, ...}]}, or of the bare list that some services send."""
    rows = payload.get("data") if isinstance(payload, dict) else payload
    return tuple(
        ModelInfo(
            id=row["id"],
            name=row["name"] if isinstance(row.get("name"), str) else "",
            context_tokens=_context_tokens(row),
        )
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]
    )


def _context_tokens(row: dict[str, Any]) -> int | None:
    """Return a model's context as OpenRouter, Groq, Mistral, vLLM or llama.cpp name it."""
    for source in (row, object_in(row.get("meta"))):
        for field in ("context_length", "context_window", "max_context_length", "max_model_len", "n_ctx"):
            if tokens := number(source.get(field)):
                return tokens
    return None
