"""Replicate: a prediction is made first, then its stream is read.

Sources: replicate.com/docs/topics/predictions/streaming, replicate-python (stream.py). The events'
data is raw text, not JSON.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from desktop.base.tongue import translate
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta, FinishDelta, StopReason, TextDelta, Usage, UsageDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.domain.message import ImagePart, Role
from desktop.domain.options import Option
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    FollowUp,
    Provider,
    context_of,
    data_url,
    headers_for,
    join_url,
    text_alone,
)
from desktop.providers.reading import Reader, number, object_in
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest, is_loopback

_ENDED = {
    "succeeded": StopReason.STOP,
    "canceled": StopReason.OTHER,
    "aborted": StopReason.OTHER,
}
_NOTHING: tuple[Delta, ...] = ()


class Replicate(Provider):
    """POST {base}/models/{owner}/{name}/predictions, or {base}/predictions for a named version."""

    name = "replicate"
    answers_with_receipt = True
    takes = Abilities(
        title="Replicate",
        options=frozenset(Option) - {Option.REASONING_EFFORT, Option.REASONING_BUDGET},
        files=(),
        most_images=1,
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request that makes the prediction. The models take one text, not messages.

        What the inputs are called is up to each model; these are the names that the text models there share.
        """
        options = self.options_for(prompt, endpoint)
        own: dict[str, Any] = {"prompt": _text(prompt)}
        if image := _last_image(prompt):
            own["image"] = image
        inputs = {
            "system_prompt": options.system or None,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "max_tokens": options.max_tokens,
            "stop_sequences": ",".join(options.stop) or None,
            "seed": options.seed,
        }
        given = {name: value for name, value in inputs.items() if value is not None}
        body: dict[str, Any] = {"stream": self.streams(prompt, endpoint)} | endpoint.body
        body["input"] = own | object_in(endpoint.body.get("input")) | given
        if not options.stream:
            body["stream"] = False
        model, _, version = prompt.model.partition(":")
        route = "predictions" if version else f"models/{model}/predictions"
        if version:
            body["version"] = version
        headers = headers_for(endpoint, key, {"Accept": "application/json"})
        return WireRequest(url=join_url(endpoint.base_url, route), headers=headers, body=body)

    def follow_up(self, first: Any, endpoint: Endpoint, key: Secret | None) -> FollowUp:
        """Return where the prediction is read, looked at afterwards, and cancelled."""
        urls = object_in(object_in(first).get("urls"))

        def request(name: str, method: str, accept: str) -> WireRequest | None:
            url = urls.get(name)
            if not isinstance(url, str) or not _is_same_service(endpoint.base_url, url):
                return None
            headers = headers_for(endpoint, key, {"Accept": accept, "Cache-Control": "no-store"})
            return WireRequest(url=url, method=method, headers=headers)

        return FollowUp(
            stream=request("stream", "GET", "text/event-stream"),
            status=request("get", "GET", "application/json"),
            cancel=request("cancel", "POST", "application/json"),
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "ReplicateReader":
        """Return a reader for the stream, or for a prediction that is asked for again and again."""
        return ReplicateReader()


class ReplicateReader(Reader):
    """Reads the events output, error and done, and predictions as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._length = 0

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one event. Every event of a stream has a name, a prediction has none."""
        if record.event == "output":
            self._length += len(record.data)
            return (TextDelta(record.data),) if record.data else _NOTHING
        if record.event == "error":
            try:
                payload = json.loads(record.data)
            except (ValueError, RecursionError):
                payload = record.data
            self.report(payload)
            return _NOTHING
        if record.event == "done":
            return self._read_done(record.data)
        if not record.event and record.data.lstrip().startswith("{"):
            return self._read_prediction(self.parse(record.data))
        return _NOTHING

    def _read_done(self, data: str) -> Sequence[Delta]:
        try:
            reason = object_in(json.loads(data)).get("reason")
        except (ValueError, RecursionError):
            reason = None
        self.finish()
        if reason == "error":
            self.fail(FailureKind.PROVIDER, translate("Provider", "The prediction ended with an error."))
            return _NOTHING
        if reason:
            return (FinishDelta(_ENDED.get(str(reason), StopReason.OTHER), str(reason)),)
        return (FinishDelta(StopReason.STOP, "done"),)

    def _read_prediction(self, payload: Any) -> Sequence[Delta]:
        """Read a prediction: the new end of its output, and its counts once it has ended."""
        prediction = object_in(payload)
        deltas: list[Delta] = []
        output = prediction.get("output")
        text = "".join(map(str, output)) if isinstance(output, list) else output
        if isinstance(text, str) and len(text) > self._length:
            deltas.append(TextDelta(text[self._length :]))
            self._length = len(text)
        metrics = object_in(prediction.get("metrics"))
        usage = Usage(
            input=number(metrics.get("input_token_count")), output=number(metrics.get("output_token_count"))
        )
        if usage != Usage():
            deltas.append(UsageDelta(usage))
        status = str(prediction.get("status") or "")
        if status == "failed" or (prediction.get("error") and status not in ("starting", "processing")):
            if prediction.get("error"):
                self.report({"error": prediction["error"]})
            else:
                self.fail(FailureKind.PROVIDER, translate("Provider", "The prediction failed."))
        elif status in _ENDED:
            self.finish()
            deltas.append(FinishDelta(_ENDED[status], status))
        return deltas


def _is_same_service(base_url: str, url: str) -> bool:
    """Whether the key may go to an address out of an answer: the same domain, under TLS."""
    base, other = urlsplit(base_url), urlsplit(url)
    if is_loopback(base_url) and base.hostname == other.hostname:
        return True
    domain = ".".join((base.hostname or "").split(".")[-2:])
    host = other.hostname or ""
    return other.scheme == "https" and bool(domain) and (host == domain or host.endswith(f".{domain}"))


def _text(prompt: Prompt) -> str:
    """Return the conversation as one text: the newest prompt alone, or the turns with their speakers."""
    newest = prompt.messages[-1] if prompt.messages else None
    turns = []
    for role, messages in context_of(prompt):
        has_newest = any(message is newest for message in messages)
        if text := text_alone(messages, sends_images=has_newest):
            turns.append((role, text))
    if len(turns) == 1:
        return turns[0][1]
    names = {Role.USER: "User", Role.ASSISTANT: "Assistant", Role.SYSTEM: "System"}
    return "\n\n".join([*(f"{names[role]}: {text}" for role, text in turns), "Assistant:"])


def _last_image(prompt: Prompt) -> str | None:
    newest = prompt.messages[-1].parts if prompt.messages else ()
    images = [part for part in newest if isinstance(part, ImagePart)]
    return data_url(images[-1]) if images else None
