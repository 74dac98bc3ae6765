"""Google Gemini: generateContent as a stream.

Sources: python-genai (types.py), ai.google.dev/gemini-api/docs (generate-content, thinking,
troubleshooting). The key goes into a header, never into the address, which lands in logs.
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.abilities import Abilities
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.message import FilePart, ImagePart, Part, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    base64_of,
    context_of,
    file_as_text,
    headers_for,
    join_url,
    joined_text,
    with_chosen,
)
from desktop.providers.partial_arguments import GrowingCall
from desktop.providers.reading import Reader, number, object_in
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_REASONS = {"STOP": StopReason.STOP, "MAX_TOKENS": StopReason.LENGTH, "CONTINUATION": StopReason.LENGTH}
BLOCKED = QT_TRANSLATE_NOOP("Provider", "Google did not let this prompt through ({reason}).")
_FILTERED = (
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "LANGUAGE",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
)
_BUDGETS = {"none": 0, "minimal": 512, "low": 2048, "medium": 8192, "high": 24576, "xhigh": 32768}
_VERSION = re.compile(r"gemini-(\d+)")
_NOTHING: tuple[Delta, ...] = ()


class Gemini(Provider):
    """POST {base}/models/{model}:streamGenerateContent?alt=sse."""

    name = "gemini"
    may_answer_whole = True
    takes = Abilities(
        title="Google Gemini",
        efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
        images=("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"),
        files=("application/pdf", "audio/", "video/", "text/"),
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        body: dict[str, Any] = {"contents": _contents(prompt)}
        options = self.options_for(prompt, endpoint)
        system = [options.system] if options.system.strip() else []
        system += [joined_text(messages) for role, messages in context_of(prompt) if role is Role.SYSTEM]
        if system:
            body["systemInstruction"] = {"parts": [{"text": "\n\n".join(system)}]}
        chosen: dict[str, Any] = {
            "systemInstruction": body.get("systemInstruction") if options.system else None,
            "generationConfig": _config(options, self._counts_thoughts(prompt, endpoint)) or None,
        }
        model = prompt.model if "/" in prompt.model else f"models/{prompt.model}"
        streams = self.streams(prompt, endpoint)
        method = "streamGenerateContent" if streams else "generateContent"
        url = join_url(endpoint.base_url, f"{quote(model, safe='/@.-_')}:{method}")
        if streams:
            url = f"{url}{'&' if '?' in url else '?'}alt=sse"
        return WireRequest(
            url=url,
            headers=_headers(endpoint, key, "text/event-stream" if streams else "application/json"),
            body=with_chosen(body | endpoint.body, chosen, within="generationConfig"),
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "GeminiReader":
        """Return a reader for one answer."""
        return GeminiReader()

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn first that a model wants its thinking in the other form, then what every protocol learns."""
        options, learnt = self.options_for(prompt, endpoint), self.learnt(prompt, endpoint)
        is_about_thinking = status == 400 and re.search(r"thinking[ _]?(?:level|budget)", body.lower())
        if is_about_thinking and options.reasoning_effort and options.reasoning_budget is None:
            lesson = "no_budgets" if self._counts_thoughts(prompt, endpoint) else "no_levels"
            if not learnt & {"no_budgets", "no_levels"}:
                learnt.add(lesson)
                return True
        return super().adapt(prompt, endpoint, status, body)

    def _counts_thoughts(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Whether a model's thinking is measured in tokens: up to the second generation; later in levels."""
        learnt = self.learnt(prompt, endpoint)
        version = _VERSION.search(prompt.model)
        is_early = version is not None and int(version[1]) < 3
        return (is_early or "no_levels" in learnt) and "no_budgets" not in learnt

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return GET {base}/models with the longest page there is."""
        return WireRequest(
            url=f"{join_url(endpoint.base_url, 'models')}?pageSize=1000",
            method="GET",
            headers=_headers(endpoint, key, "application/json"),
        )

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the models that generate content."""
        rows = object_in(payload).get("models")
        return tuple(
            ModelInfo(
                id=row["name"].removeprefix("models/"),
                name=str(row.get("displayName") or ""),
                context_tokens=number(row.get("inputTokenLimit")),
            )
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict)
            and isinstance(row.get("name"), str)
            and "generateContent" in str(row.get("supportedGenerationMethods") or "generateContent")
        )


class GeminiReader(Reader):
    """Reads GenerateContentResponse objects. There is no end mark: a finish reason ends the reply."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = 0
        self._growing: GrowingCall | None = None
        self._usage: dict[str, Any] = {}

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one chunk."""
        if record.data.startswith("[DONE]"):
            self.is_done = True
            return _NOTHING
        payload = self.parse(record.data)
        deltas: list[Delta] = []
        if not isinstance(payload, dict):
            for element in payload if isinstance(payload, list) else ():
                deltas += self.read(Record(json.dumps(element), record.event))
            return deltas
        if isinstance(payload.get("response"), dict):
            # Google's Code Assist wraps each chunk.
            payload = payload["response"]
        candidates = payload.get("candidates")
        for position, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
            index = object_in(candidate).get("index")
            if isinstance(candidate, dict) and not (position if index is None else index):
                self._read_candidate(candidate, deltas)
        self._read_usage(payload.get("usageMetadata"), deltas)
        if blocked := object_in(payload.get("promptFeedback")).get("blockReason"):
            self._read_block(str(blocked), payload["promptFeedback"], deltas)
        if payload.get("error") or (record.event == "error" and not deltas):
            self.report(payload)
        return deltas

    def close(self) -> Sequence[Delta]:
        """Return the arguments of a call that came in parts and was never closed."""
        deltas: list[Delta] = []
        self._end_call(deltas)
        return deltas

    def _read_candidate(self, candidate: dict[str, Any], deltas: list[Delta]) -> None:
        parts = object_in(candidate.get("content")).get("parts")
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict):
                self._read_part(part, deltas)
        reason = candidate.get("finishReason")
        if reason:
            self._end_call(deltas)
        if isinstance(reason, str) and reason and reason != "FINISH_REASON_UNSPECIFIED":
            self.is_complete = True
            deltas.append(FinishDelta(_reason(reason), reason))

    def _read_part(self, part: dict[str, Any], deltas: list[Delta]) -> None:
        text = part.get("text")
        if isinstance(text, str):
            signature = str(part.get("thoughtSignature") or "")
            if part.get("thought"):
                if text or signature:
                    deltas.append(ReasoningDelta(text, signature))
            elif text:
                deltas.append(TextDelta(text))
        elif "functionCall" in part:
            self._read_call(object_in(part["functionCall"]), deltas)
        elif code := object_in(part.get("executableCode")).get("code"):
            deltas.append(PlaceholderDelta("code that the service ran", str(code)))
        elif "codeExecutionResult" in part:
            output = object_in(part["codeExecutionResult"]).get("output")
            deltas.append(PlaceholderDelta("result of the code", str(output or "")))
        elif data := object_in(part.get("inlineData")):
            kind = str(data.get("mimeType") or "file").partition("/")[0]
            deltas.append(PlaceholderDelta(kind, json.dumps(part)))

    def _read_usage(self, usage: Any, deltas: list[Delta]) -> None:
        """Read the running totals; what a chunk leaves out stands as it was told before."""
        if not isinstance(usage, dict):
            return
        known = self._usage | {name: count for name, count in usage.items() if count is not None}
        if known != self._usage:
            self._usage = known
            deltas.append(UsageDelta(_usage(known)))

    def _read_call(self, call: dict[str, Any], deltas: list[Delta]) -> None:
        """Read a call, which comes whole, or from Vertex AI in parts, the first of which has the name."""
        name, call_id = str(call.get("name") or ""), str(call.get("id") or "")
        if name or self._growing is None:
            self._end_call(deltas)
            if not call:
                return
            self._growing = GrowingCall(object_in(call.get("args")))
            deltas.append(ToolCallDelta(self._calls, name, "", call_id))
        parts = call.get("partialArgs")
        for part in parts if isinstance(parts, list) else ():
            self._growing.add(object_in(part))
        if not call.get("willContinue"):
            self._end_call(deltas)

    def _end_call(self, deltas: list[Delta]) -> None:
        if self._growing is not None:
            arguments = json.dumps(self._growing.arguments, ensure_ascii=False)
            deltas.append(ToolCallDelta(self._calls, arguments=arguments))
            self._growing = None
            self._calls += 1

    def _read_block(self, reason: str, feedback: dict[str, Any], deltas: list[Delta]) -> None:
        """Read why the prompt was not answered at all."""
        self.is_complete = True
        words = feedback.get("blockReasonMessage")
        deltas.append(RefusalDelta(str(words or translate("Provider", BLOCKED).format(reason=reason))))
        deltas.append(FinishDelta(StopReason.CONTENT_FILTER, reason))


def _reason(raw: str) -> StopReason:
    if raw in _FILTERED or raw.startswith("IMAGE_"):
        return StopReason.CONTENT_FILTER
    return _REASONS.get(raw, StopReason.OTHER)


def _usage(usage: dict[str, Any]) -> Usage:
    """Return the running totals; Google counts the thoughts beside the candidates."""
    output, thoughts = number(usage.get("candidatesTokenCount")), number(usage.get("thoughtsTokenCount"))
    return Usage(
        input=number(usage.get("promptTokenCount")),
        output=(output or 0) + (thoughts or 0) if output is not None or thoughts is not None else None,
        cached=number(usage.get("cachedContentTokenCount")),
        reasoning=thoughts,
        total=number(usage.get("totalTokenCount")),
    )


def _headers(endpoint: Endpoint, key: Secret | None, accept: str) -> dict[str, str]:
    return headers_for(endpoint, key, {"Accept": accept}, "x-goog-api-key")


def _config(options: Options, counts_thoughts: bool) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "temperature": options.temperature,
        "topP": options.top_p,
        "maxOutputTokens": options.max_tokens,
        "seed": options.seed,
        "stopSequences": list(options.stop) or None,
    }
    effort, budget = options.reasoning_effort, options.reasoning_budget
    if budget is not None:
        chosen["thinkingConfig"] = {"includeThoughts": budget != 0, "thinkingBudget": budget}
    elif effort and counts_thoughts:
        chosen["thinkingConfig"] = {
            "includeThoughts": effort != "none",
            "thinkingBudget": _BUDGETS.get(effort, -1),
        }
    elif effort:
        # These models can't be kept from thinking altogether.
        level = "minimal" if effort == "none" else effort
        chosen["thinkingConfig"] = {"includeThoughts": effort != "none", "thinkingLevel": level}
    return {name: value for name, value in chosen.items() if value is not None}


def _contents(prompt: Prompt) -> list[dict[str, Any]]:
    contents: list[dict[str, Any]] = []
    for role, messages in context_of(prompt):
        if role is Role.ASSISTANT:
            if text := joined_text(messages):
                contents.append({"role": "model", "parts": [{"text": text}]})
        elif role is Role.USER:
            parts = [sent for message in messages for part in message.parts if (sent := _part(part))]
            contents.append({"role": "user", "parts": parts})
    return contents


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"text": part.text} if part.text.strip() else None
    if isinstance(part, FilePart) and part.text:
        return {"text": file_as_text(part)}
    if isinstance(part, ImagePart | FilePart):
        return {"inlineData": {"mimeType": part.media_type, "data": base64_of(part)}}
    return None
