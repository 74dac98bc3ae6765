"""What comes back from OpenAI Chat Completions, and from the many services that speak it with an accent.

Source: the types of openai-python (types/chat) for the protocol itself; the deviations are those of
OpenRouter, DeepSeek, Groq, Mistral, Azure, Perplexity, vLLM, LM Studio, llama.cpp and Ollama as
their documentation or recorded streams show them.
"""

import json
from collections.abc import Sequence
from typing import Any

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
from desktop.providers.reading import Reader, number
from desktop.providers.think_tags import ThinkTags
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
_NOTHING: tuple[Delta, ...] = ()


class OpenAIChatReader(Reader):
    """Reads chat.completion.chunk objects, or one chat.completion."""

    def __init__(self) -> None:
        super().__init__()
        self._tags: ThinkTags | None = ThinkTags()
        self._finish = ""
        self._usage: Any = None
        self._call_indices: dict[str, int] = {}

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one chunk."""
        data = record.data
        if not data.startswith("{"):
            data = data.strip()
            if data == "[DONE]":
                self.finish()
                return self.close()
            if not data:
                return _NOTHING
        payload = self.parse(data)
        if not isinstance(payload, dict):
            return _NOTHING
        deltas: list[Delta] = []
        choices = payload.get("choices")
        if choices:
            self._read_choices(choices, deltas)
        usage = payload.get("usage")
        if usage or "x_groq" in payload:
            self._read_usage(usage, payload, deltas)
        if "prompt_progress" in payload:
            _read_progress(payload["prompt_progress"], deltas)
        if payload.get("error") or record.event == "error" or payload.get("object") == "error":
            deltas += self.close()
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
        for field in ("reasoning_content", "reasoning"):
            reasoning = delta.get(field)
            if reasoning and isinstance(reasoning, str):
                self._read_reasoning(reasoning, deltas)
                break
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
        for kind in ("audio", "images"):
            content = delta.get(kind)
            if content:
                deltas.append(PlaceholderDelta(kind.removesuffix("s"), str(content)))

    def _read_reasoning(self, text: str, deltas: list[Delta]) -> None:
        if self._tags is not None:
            tags, self._tags = self._tags, None
            deltas += tags.flush()
        if text:
            deltas.append(ReasoningDelta(text))

    def _read_call(self, call: Any, position: int, deltas: list[Delta]) -> None:
        """Read a piece of a tool call. Some servers leave out the index or send arguments as an object."""
        if not isinstance(call, dict):
            return
        call_id = call.get("id") if isinstance(call.get("id"), str) else ""
        index = call.get("index")
        if not isinstance(index, int):
            known = len(self._call_indices)
            index = self._call_indices.get(call_id, known) if call_id else max(known - 1, position)
        is_new = index not in self._call_indices.values()
        if is_new:
            self._call_indices[call_id or f"#{index}"] = index
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        arguments = function.get("arguments")
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments, ensure_ascii=False)
        name = function.get("name")
        deltas.append(
            ToolCallDelta(
                index,
                name if is_new and isinstance(name, str) else "",
                arguments if isinstance(arguments, str) else "",
                call_id or "",
            )
        )

    def _read_finish(self, finish: str, deltas: list[Delta]) -> None:
        self.is_complete = True
        if finish == self._finish:
            return
        self._finish = finish
        deltas += self.close()
        if finish == "error":
            # OpenRouter and Mistral end so when the upstream failed; the reason is an error object
            # in the same chunk, if anywhere.
            self.report({"error": {"message": "The model's server ended the reply with an error."}})
            return
        deltas.append(FinishDelta(_REASONS.get(finish.lower(), StopReason.OTHER), finish))

    def _read_usage(self, usage: Any, payload: dict[str, Any], deltas: list[Delta]) -> None:
        if not usage:
            groq = payload.get("x_groq")
            usage = groq.get("usage") if isinstance(groq, dict) else None
        if isinstance(usage, dict) and usage and usage != self._usage:
            self._usage = usage
            deltas.append(UsageDelta(_usage(usage)))


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
        input=number(usage.get("prompt_tokens")),
        output=number(usage.get("completion_tokens")),
        cached=cached,
        reasoning=number(completion.get("reasoning_tokens")),
        total=number(usage.get("total_tokens")),
        cost=float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
    )


def _read_progress(progress: Any, deltas: list[Delta]) -> None:
    """Read llama.cpp's {total, cache, processed}, counts of tokens of the prompt."""
    if not isinstance(progress, dict):
        return
    total, processed = progress.get("total"), progress.get("processed")
    if isinstance(total, int | float) and isinstance(processed, int | float) and total > 0:
        deltas.append(ProgressDelta(min(1.0, max(0.0, processed / total))))
