"""What comes back from OpenAI Chat Completions, and from the many services that speak it with an accent.

Source: the types of openai-python (types/chat) for the protocol itself; the deviations are those of
OpenRouter, DeepSeek, Groq, Mistral, Azure, Perplexity, vLLM, LM Studio, llama.cpp and Ollama as
their documentation or recorded streams show them.
"""

import json
from collections.abc import Sequence
from typing import Any

from desktop.base.tongue import translate
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.failure import FailureKind
from desktop.providers.reading import Reader, number, object_in, texts_in
from desktop.providers.think_tags import ThinkTags
from desktop.wire.problem import problem_in
from desktop.wire.records import Record

_REASONS = {
    "stop": StopReason.STOP,
    "eos": StopReason.STOP,
    "eos_token": StopReason.STOP,
    "stop_sequence": StopReason.STOP,
    "end_turn": StopReason.STOP,
    "complete": StopReason.STOP,
    "length": StopReason.LENGTH,
    "max_tokens": StopReason.LENGTH,
    "max_output_tokens": StopReason.LENGTH,
    "model_length": StopReason.LENGTH,
    "tool_calls": StopReason.TOOL_USE,
    "tool_use": StopReason.TOOL_USE,
    "function_call": StopReason.TOOL_USE,
    "content_filter": StopReason.CONTENT_FILTER,
    "safety": StopReason.CONTENT_FILTER,
    "recitation": StopReason.CONTENT_FILTER,
    "prohibited_content": StopReason.CONTENT_FILTER,
    "sensitive": StopReason.CONTENT_FILTER,
    "refusal": StopReason.REFUSAL,
}
# Most telling first; some services send the same words under two names.
_REASONING = ("reasoning_content", "reasoning", "reasoning_text")
# A chunk with one of these is no error, whatever else it says.
_OWN_FIELDS = frozenset(
    {"choices", "usage", "token_metrics", "x_groq", "prompt_progress", "object", "model", "created"}
)
_NOTHING: tuple[Delta, ...] = ()


class _Call:
    """A tool call under way."""

    __slots__ = ("arguments", "call_id", "index", "name")

    def __init__(self, index: Any, call_id: str) -> None:
        self.index = index
        self.call_id = call_id
        self.name = ""
        self.arguments: list[str] = []

    def is_over(self, call_id: str) -> bool:
        """Whether a named piece with an id begins the next call, where the index does not tell.

        Some servers give every call the index 0, and some neither an index nor an id.
        """
        if call_id and self.call_id:
            return call_id != self.call_id
        if isinstance(self.index, int) or not self.name:
            return False
        try:
            json.loads("".join(self.arguments))
        except (ValueError, RecursionError):
            return False
        return True


class OpenAIChatReader(Reader):
    """Reads chat.completion.chunk objects, or one chat.completion."""

    def __init__(self) -> None:
        super().__init__()
        self._tags: ThinkTags | None = ThinkTags()
        self._finish = ""
        self._usage: Any = None
        self._calls: list[_Call] = []
        self._has_audio = False

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one chunk."""
        data = record.data
        if not data.startswith("{"):
            data = data.strip()
            if data.startswith("[DONE]"):
                self.finish()
                return self.close()
            if not data:
                return _NOTHING
        payload = self.parse(data)
        deltas: list[Delta] = []
        if not isinstance(payload, dict):
            # Google's errors come as a list of one, also behind its form of this protocol.
            for element in payload if isinstance(payload, list) else ():
                deltas += self.read(Record(json.dumps(element), record.event))
            return deltas
        choices = payload.get("choices")
        if choices:
            self._read_choices(choices, deltas)
        # Arvae tells its counts under a name of its own.
        usage = payload.get("usage") or payload.get("token_metrics")
        if usage or "x_groq" in payload:
            self._read_usage(usage, payload, deltas)
        if "prompt_progress" in payload:
            _read_progress(payload["prompt_progress"], deltas)
        if payload.get("error") or record.event == "error" or payload.get("object") == "error":
            deltas += self.close()
            self.report(payload)
        elif not deltas and _complaint(payload):
            self.report(payload)
        return deltas

    def close(self) -> Sequence[Delta]:
        """Return the text that could have been the beginning of a tag."""
        if self._tags is None:
            return _NOTHING
        tags, self._tags = self._tags, None
        return tags.flush()

    def _read_choices(self, choices: Any, deltas: list[Delta]) -> None:
        if not isinstance(choices, list):
            return
        choice = choices[0]
        if len(choices) > 1 or not isinstance(choice, dict) or choice.get("index"):
            choice = next((c for c in choices if isinstance(c, dict) and not c.get("index")), None)
            if choice is None:
                return
        delta = choice.get("delta")
        if type(delta) is dict:
            content = delta.get("content")
            if len(delta) > (content is not None):
                self._read_extras(delta, deltas)
            if content:
                self._read_content(content, deltas)
        elif delta is None:
            self._read_whole(choice, deltas)
        finish = choice.get("finish_reason")
        if finish:
            self._read_finish(str(finish), deltas)

    def _read_whole(self, choice: dict[str, Any], deltas: list[Delta]) -> None:
        """Read an answer that came at once, or a piece of the old completions form."""
        message = choice.get("message")
        if isinstance(message, dict):
            # Some leave out why a whole answer ended.
            self.close_is_end = True
            self._read_extras(message, deltas)
            self._read_content(message.get("content"), deltas)
        elif isinstance(choice.get("text"), str):
            self._read_content(choice["text"], deltas)

    def _read_content(self, content: Any, deltas: list[Delta]) -> None:
        if type(content) is str:
            if self._tags is None:
                if content:
                    deltas.append(TextDelta(content))
            else:
                deltas += self._tags.feed(content)
                if self._tags.is_settled:
                    self._tags = None
        elif isinstance(content, list):
            for part in content:
                self._read_content_part(part, deltas)

    def _read_content_part(self, part: Any, deltas: list[Delta]) -> None:
        """Read one of the typed pieces that Mistral sends instead of a string."""
        if isinstance(part, str):
            self._read_content(part, deltas)
            return
        if not isinstance(part, dict):
            return
        kind = part.get("type")
        if kind == "text" and isinstance(part.get("text"), str):
            self._read_content(part["text"], deltas)
        elif kind == "thinking":
            thinking = part.get("thinking")
            pieces = thinking if isinstance(thinking, list) else [thinking]
            texts = [piece.get("text", "") if isinstance(piece, dict) else piece for piece in pieces]
            self._read_reasoning("".join(text for text in texts if isinstance(text, str)), deltas)
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            deltas.append(RefusalDelta(part["refusal"]))
        elif kind != "reference":
            deltas.append(PlaceholderDelta(str(kind or "content"), str(part)))

    def _read_extras(self, delta: dict[str, Any], deltas: list[Delta]) -> None:
        """Read everything in a delta but its content. Null and empty fields are common."""
        for field in _REASONING:
            reasoning = delta.get(field)
            if reasoning and isinstance(reasoning, str):
                self._read_reasoning(reasoning, deltas)
                break
        else:
            if reasoning := texts_in(delta.get("reasoning_details"), "text", "summary"):
                self._read_reasoning(reasoning, deltas)
        refusal = delta.get("refusal")
        if refusal and isinstance(refusal, str):
            deltas.append(RefusalDelta(refusal))
        calls = delta.get("tool_calls")
        if calls and isinstance(calls, list):
            for position, call in enumerate(calls):
                self._read_call(call, position, deltas)
        call = delta.get("function_call")
        if isinstance(call, dict):
            self._read_call({"index": 0, "function": call}, 0, deltas)
        if (images := delta.get("images")) and isinstance(images, list):
            deltas += [PlaceholderDelta("image", str(image)) for image in images]
        if delta.get("audio") and not self._has_audio:
            # It comes in hundreds of pieces.
            self._has_audio = True
            deltas.append(PlaceholderDelta("audio"))

    def _read_reasoning(self, text: str, deltas: list[Delta]) -> None:
        if self._tags is not None:
            tags, self._tags = self._tags, None
            deltas += tags.flush()
        if text:
            deltas.append(ReasoningDelta(text))

    def _read_call(self, piece: Any, position: int, deltas: list[Delta]) -> None:
        """Read a piece of a tool call. Some servers leave out the index or send arguments as an object."""
        if not isinstance(piece, dict):
            return
        call_id = piece["id"] if isinstance(piece.get("id"), str) else ""
        function = object_in(piece.get("function"))
        name = function["name"] if isinstance(function.get("name"), str) else ""
        arguments = function.get("arguments")
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments, ensure_ascii=False)
        call = self._known_call(piece.get("index"), call_id, position)
        if call is None or (name and call.is_over(call_id)):
            call = _Call(piece.get("index"), call_id)
            self._calls.append(call)
        call.call_id = call.call_id or call_id
        # Some repeat the name with each piece, some send it in pieces of its own.
        name = "" if name == call.name or call.arguments else name
        call.name += name
        arguments = arguments if isinstance(arguments, str) else ""
        call.arguments.append(arguments) if arguments else None
        deltas.append(ToolCallDelta(self._calls.index(call), name, arguments, call_id))

    def _known_call(self, index: Any, call_id: str, position: int) -> "_Call | None":
        """Return the call that a piece belongs to: by its index, its id, or its place in the chunk."""
        if isinstance(index, int):
            return next((call for call in reversed(self._calls) if call.index == index), None)
        if call_id:
            return next((call for call in self._calls if call.call_id == call_id), None)
        place = max(len(self._calls) - 1, position)
        return self._calls[place] if place < len(self._calls) else None

    def _read_finish(self, finish: str, deltas: list[Delta]) -> None:
        self.is_complete = True
        if finish == self._finish:
            return
        self._finish = finish
        deltas += self.close()
        if finish == "error":
            # OpenRouter and Mistral end so when the upstream failed; the reason is an error object
            # in the same chunk, if anywhere.
            self.fail(
                FailureKind.PROVIDER,
                translate("Provider", "The model's server ended the reply with an error."),
            )
            return
        deltas.append(FinishDelta(_REASONS.get(finish.lower(), StopReason.OTHER), finish))

    def _read_usage(self, usage: Any, payload: dict[str, Any], deltas: list[Delta]) -> None:
        if not usage:
            groq = payload.get("x_groq")
            usage = groq.get("usage") if isinstance(groq, dict) else None
        if isinstance(usage, dict) and usage and usage != self._usage:
            self._usage = usage
            deltas.append(UsageDelta(_usage(usage)))


def _complaint(payload: dict[str, Any]) -> str:
    """Return the words of an error that comes under no `error`, as FastAPI and gateways send it."""
    if "base_resp" in payload:
        # MiniMax says with every chunk that all is well.
        return problem_in(payload).words if object_in(payload["base_resp"]).get("status_code") else ""
    if payload.keys() & _OWN_FIELDS or payload.get("type") == "ping":
        return ""
    return problem_in(payload).words


def _usage(usage: dict[str, Any]) -> Usage:
    prompt = usage.get("prompt_tokens_details")
    completion = usage.get("completion_tokens_details")
    prompt = prompt if isinstance(prompt, dict) else {}
    completion = completion if isinstance(completion, dict) else {}
    cached = number(prompt.get("cached_tokens"))
    if cached is None:
        cached = number(usage.get("prompt_cache_hit_tokens"))
    cost = usage.get("cost")
    if isinstance(cost, dict):
        cost = cost.get("total_cost")
    return Usage(
        input=number(usage.get("prompt_tokens", usage.get("input_tokens"))),
        output=number(usage.get("completion_tokens", usage.get("output_tokens"))),
        cached=cached,
        reasoning=number(completion.get("reasoning_tokens")),
        total=number(usage.get("total_tokens")),
        cost=_dollars(cost),
    )


def _dollars(cost: Any) -> float | None:
    if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < 1e9:
        return None
    return float(cost)


def _read_progress(progress: Any, deltas: list[Delta]) -> None:
    """Read llama.cpp's {total, cache, processed}, counts of tokens of the prompt."""
    if not isinstance(progress, dict):
        return
    total, processed = progress.get("total"), progress.get("processed")
    if isinstance(total, int | float) and isinstance(processed, int | float) and total > 0:
        deltas.append(ProgressDelta(min(1.0, max(0.0, processed / total))))
