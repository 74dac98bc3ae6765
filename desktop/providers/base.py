"""The contract of a provider: code for one wire protocol, sync and pure.

A provider makes requests out of prompts and deltas out of records. It does no I/O, so that a test of
it is bytes in, deltas out.
"""

import base64
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.domain.abilities import Abilities
from desktop.domain.endpoint import OWN_KEY, Endpoint, ModelInfo
from desktop.domain.message import FilePart, ImagePart, Message, Role, TextPart
from desktop.domain.options import Options
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.reading import Reader, number, object_in
from desktop.providers.refusals import refused_option, without_learnt
from desktop.wire.answer import AnswerHead
from desktop.wire.request import WireRequest

GO_ON = "Continue exactly where you stopped. Repeat nothing."
"""What the model is asked where it can't be handed the beginning of a reply as its own."""

# "stream_options" is another matter.
_STREAM = re.compile(r"\bstream(?:ing|ed)?\b(?!_)")
_NO = re.compile(
    r"not |n't |n’t |cannot|unsupported|unavailable|disabled|unrecognized|unknown|unexpected|"
    r"extra_forbidden|must be"
)


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
    `may_answer_whole` that the protocol has a request for a reply that comes at once. `takes` is
    what the protocol knows of options, images and files; nothing else is ever sent.
    """

    name: str
    takes = Abilities()
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

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what an endpoint takes for a model beside these options, without what it refused."""
        return self.without_refused(self.takes, endpoint, model)

    def without_refused(self, takes: Abilities, endpoint: Endpoint, model: str) -> Abilities:
        """Return abilities without the options that the endpoint refused."""
        return without_learnt(takes, self._learnt.get((endpoint.id, endpoint.base_url, model), ()), model)

    def options_for(self, prompt: Prompt, endpoint: Endpoint) -> Options:
        """Return the prompt's options without those that the endpoint does not take."""
        options = prompt.options
        return self.abilities(endpoint, prompt.model, options).sent(options) if options.chosen else options

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn from a refusal what the endpoint does not know.

        Returns whether the same prompt makes a different request now. What was learnt is kept for
        the endpoint and its model until the program ends. Every protocol learns that an option or
        the beginning of a reply is not taken, and that there is no streaming.
        """
        if status not in (400, 422):
            return False
        learnt = self.learnt(prompt, endpoint)
        if (lesson := refused_option(body.lower(), self.options_for(prompt, endpoint).chosen)) is not None:
            learnt.add(lesson)
            return True
        if self.prefills(prompt, endpoint):
            # What is refused can hardly be told from the words; the other form does no harm.
            learnt.add("no_prefill")
            return True
        body = body.lower()
        if (
            self.may_answer_whole
            and self.streams(prompt, endpoint)
            and _STREAM.search(body)
            and _NO.search(body)
        ):
            learnt.add("no_stream")
            return True
        return False

    def learnt(self, prompt: Prompt, endpoint: Endpoint) -> set[str]:
        """Return what was learnt of an endpoint and a model, to be read and added to."""
        return self._learnt.setdefault((endpoint.id, endpoint.base_url, prompt.model), set())

    def streams(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Whether the reply is asked for as a stream: not where the user or the endpoint refused."""
        return self.options_for(prompt, endpoint).stream and "no_stream" not in self.learnt(prompt, endpoint)

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


def with_chosen(body: Mapping[str, Any], chosen: Mapping[str, Any], *, within: str = "") -> dict[str, Any]:
    """Return a body with the fields that a conversation's options ask for; None asks for nothing.

    They count before an endpoint's extra fields, which are for all conversations. The object named
    `within` is filled, not replaced.
    """
    fields = {name: value for name, value in chosen.items() if value is not None}
    if within in fields:
        fields[within] = object_in(body.get(within)) | fields[within]
    return {**body, **fields}


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

    "{key}" in one of the user's headers stands for the key, which then goes there alone; a header
    that is "{secret}" takes the key of its own, and is left out without one.
    """
    headers = {name.lower(): value for name, value in own.items()}
    value = key.reveal() if key else ""
    placed = any("{key}" in text for _, text in endpoint.headers)
    if value and not placed:
        bearer = key_header.lower() == "authorization"
        headers[key_header.lower()] = f"Bearer {value}" if bearer else value
    for name, text in endpoint.headers:
        if text != OWN_KEY:
            headers[name.strip().lower()] = text.replace("{key}", value)
        elif key is not None and name in key.beside:
            headers[name.strip().lower()] = key.beside[name].reveal()
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


def text_alone(messages: Sequence[Message], *, sends_images: bool = False) -> str:
    """Return the text of neighbouring messages with their files in it, for a protocol that takes only text.

    What can't be put into words is named, so that the model does not answer as if it were not there.
    """
    pieces = [joined_text(messages)]
    for part in (part for message in messages for part in message.parts):
        if isinstance(part, FilePart):
            pieces.append(
                file_as_text(part) if part.text else f"[A file that can't be sent here: {part.name}]"
            )
        elif isinstance(part, ImagePart) and not sends_images:
            pieces.append(f"[An image that can't be sent here: {part.name or part.media_type}]")
    return "\n\n".join(filter(None, pieces))


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


def listed_models(payload: Any) -> tuple[ModelInfo, ...]:
    """Return the models of OpenAI's {data: [{id, ...}]}, or of the bare list that some services send."""
    rows = payload.get("data") if isinstance(payload, dict) else payload
    return tuple(
        ModelInfo(
            id=row["id"],
            name=row["name"] if isinstance(row.get("name"), str) else "",
            context_tokens=_context_tokens(row),
            takes_images=_takes_images(row),
        )
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]
    )


def _takes_images(row: dict[str, Any]) -> bool | None:
    """Return whether a model takes images, as OpenRouter and Mistral say it, or None."""
    inputs = object_in(row.get("architecture")).get("input_modalities")
    if isinstance(inputs, list) and inputs:
        return "image" in inputs
    vision = object_in(row.get("capabilities")).get("vision")
    return vision if isinstance(vision, bool) else None


def _context_tokens(row: dict[str, Any]) -> int | None:
    """Return a model's context as OpenRouter, Groq, Mistral, vLLM or llama.cpp name it."""
    for source in (row, object_in(row.get("meta"))):
        for field in ("context_length", "context_window", "max_context_length", "max_model_len", "n_ctx"):
            if tokens := number(source.get(field)):
                return tokens
    return None
