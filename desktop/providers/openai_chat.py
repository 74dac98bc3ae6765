"""OpenAI Chat Completions, and the many services and programs that speak it with an accent.

Source: the types of openai-python (types/chat) for the protocol itself; the deviations are those of
OpenRouter, DeepSeek, Groq, Mistral, Azure, Perplexity, vLLM, LM Studio, llama.cpp and Ollama as
their documentation or recorded streams show them.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from desktop.base.host import is_own_network
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    base64_of,
    context_of,
    data_url,
    file_as_text,
    headers_for,
    join_url,
    joined_text,
    listed_models,
)
from desktop.providers.chat_chunks import OpenAIChatReader
from desktop.wire.answer import AnswerHead
from desktop.wire.request import WireRequest

# Small models babble at the server's own default of 0.8.
_DEMO_BODY = {"temperature": 0.2, "top_p": 0.9, "max_tokens": 512}
_AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_PREFILLED = ("api.groq.com", "api.mistral.ai")
_NEVER_PREFILLED = ("openai/", "google/", "x-ai/")
_NOT_KNOWN = re.compile(
    r"unsupported|not support|n.t support|extra_forbidden|extra inputs|extra fields|not permitted|"
    r"not allowed|unrecognized|unknown|unexpected|invalid role|invalid argument"
)


class OpenAIChat(Provider):
    """POST {base}/chat/completions.

    It starts from the newest form of the protocol and learns from refusals what an endpoint does
    not know: `stream_options`, the name of the token limit, `temperature`, the system role.
    """

    name = "openai-chat"
    may_answer_whole = True

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        learnt = self.learnt(prompt, endpoint)
        streams = self.streams(prompt, endpoint)
        prefills = self.prefills(prompt, endpoint)
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": _messages(prompt, system_role="no_system" not in learnt, prefills=prefills),
            "stream": streams,
        }
        if streams and "no_stream_options" not in learnt:
            body["stream_options"] = {"include_usage": True}
        if prefills:
            _mark_prefill(body, endpoint)
        if endpoint.embedded:
            body["return_progress"] = True
            if not endpoint.model_file:
                body |= _DEMO_BODY
        body |= _options(prompt.options, endpoint, learnt)
        return WireRequest(
            url=join_url(endpoint.base_url, "chat/completions"),
            headers=_headers(endpoint, key, "text/event-stream" if streams else "application/json"),
            body=body | endpoint.body,
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "OpenAIChatReader":
        """Return a reader for one answer, streamed or whole."""
        return OpenAIChatReader()

    def takes_prefill(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Return what is known of a service, and yes for the servers of one's own network.

        llama.cpp, vLLM, LM Studio and Ollama go on from a last message of the assistant; so do, by
        their documentation, Groq, Mistral, DeepSeek's beta, and OpenRouter for the models that do.
        """
        parts = urlsplit(endpoint.base_url)
        host = parts.hostname or ""
        if host == "openrouter.ai":
            return not prompt.model.startswith(_NEVER_PREFILLED)
        if host == "api.deepseek.com":
            return parts.path.rstrip("/").endswith("/beta")
        return endpoint.embedded or host in _PREFILLED or is_own_network(host)

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn from a 400 or 422 that names an option of ours."""
        return (
            status in (400, 422) and self._adapt_options(prompt, endpoint, body.lower())
        ) or super().adapt(prompt, endpoint, status, body)

    def _adapt_options(self, prompt: Prompt, endpoint: Endpoint, body: str) -> bool:
        learnt = self.learnt(prompt, endpoint)
        if not _NOT_KNOWN.search(body):
            return False
        options = prompt.options
        candidates = (
            ("no_stream_options", self.streams(prompt, endpoint), "stream_options"),
            ("other_limit", options.max_tokens is not None, _limit_name(endpoint, learnt)),
            ("no_temperature", options.temperature is not None, "temperature"),
            ("no_top_p", options.top_p is not None, "top_p"),
            ("no_system", _has_system(prompt), "system"),
        )
        for lesson, was_sent, word in candidates:
            if was_sent and word in body and lesson not in learnt:
                learnt.add(lesson)
                return True
        return False

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return GET {base}/models."""
        base_url = endpoint.base_url.strip()
        path = urlsplit(base_url).path.rstrip("/")
        if path.endswith("/chat/completions"):
            base_url = base_url.replace(path, path.removesuffix("/chat/completions"), 1)
        headers = _headers(endpoint, key, "application/json")
        return WireRequest(url=join_url(base_url, "models"), method="GET", headers=headers)

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the models of {data: [...]}, or of the bare list that some services send."""
        return listed_models(payload)


def _headers(endpoint: Endpoint, key: Secret | None, accept: str) -> dict[str, str]:
    host = urlsplit(endpoint.base_url).hostname or ""
    azure = host.endswith(".azure.com")
    return headers_for(endpoint, key, {"Accept": accept}, "api-key" if azure else "Authorization")


def _limit_name(endpoint: Endpoint, learnt: set[str]) -> str:
    """OpenAI's reasoning models refuse max_tokens; most other servers know nothing else."""
    host = urlsplit(endpoint.base_url).hostname or ""
    is_new = host == "api.openai.com" or host.endswith(".azure.com")
    return "max_completion_tokens" if is_new != ("other_limit" in learnt) else "max_tokens"


def _options(options: Options, endpoint: Endpoint, learnt: set[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if options.temperature is not None and "no_temperature" not in learnt:
        chosen["temperature"] = options.temperature
    if options.top_p is not None and "no_top_p" not in learnt:
        chosen["top_p"] = options.top_p
    if options.max_tokens is not None:
        chosen[_limit_name(endpoint, learnt)] = options.max_tokens
    if options.stop:
        chosen["stop"] = list(options.stop)
    if options.seed is not None:
        chosen["seed"] = options.seed
    if options.reasoning_effort:
        chosen["reasoning_effort"] = options.reasoning_effort
    return chosen


def _has_system(prompt: Prompt) -> bool:
    return bool(prompt.options.system.strip()) or any(m.role is Role.SYSTEM for m in prompt.messages)


def _mark_prefill(body: dict[str, Any], endpoint: Endpoint) -> None:
    """Say that the last message is a beginning, in the words of those who want to be told.

    `prefix` is Mistral's and DeepSeek's, the other two are vLLM's, which llama.cpp knows as well.
    """
    host = urlsplit(endpoint.base_url).hostname or ""
    if host in ("api.mistral.ai", "api.deepseek.com"):
        body["messages"][-1]["prefix"] = True
    elif endpoint.embedded or is_own_network(host):
        body |= {"continue_final_message": True, "add_generation_prompt": False}


def _messages(prompt: Prompt, *, system_role: bool, prefills: bool) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    system = [prompt.options.system] if prompt.options.system.strip() else []
    for role, messages in context_of(prompt, prefills=prefills):
        if role is Role.SYSTEM:
            system.append(joined_text(messages))
        elif role is Role.ASSISTANT:
            if text := joined_text(messages):
                sent.append({"role": "assistant", "content": text})
        else:
            sent.append({"role": "user", "content": _content(messages)})
    if not system:
        return sent
    words = "\n\n".join(system)
    if system_role:
        return [{"role": "system", "content": words}, *sent]
    first = {"type": "text", "text": words}
    if sent and sent[0]["role"] == "user":
        content = sent[0]["content"]
        both = f"{words}\n\n{content}" if isinstance(content, str) else [first, *content]
        return [{"role": "user", "content": both}, *sent[1:]]
    return [{"role": "user", "content": words}, *sent]


def _content(messages: Sequence[Message]) -> str | list[dict[str, Any]]:
    """Return a string where there is only text, because many servers know nothing else."""
    parts = [sent for message in messages for part in message.parts if (sent := _part(part)) is not None]
    if all(part["type"] == "text" for part in parts):
        return "\n\n".join(part["text"] for part in parts)
    return parts


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text} if part.text.strip() else None
    if isinstance(part, ImagePart):
        return {"type": "image_url", "image_url": {"url": data_url(part)}}
    if isinstance(part, FilePart):
        if part.text:
            return {"type": "text", "text": file_as_text(part)}
        if part.media_type in _AUDIO:
            return {
                "type": "input_audio",
                "input_audio": {"data": base64_of(part), "format": _AUDIO[part.media_type]},
            }
        return {"type": "file", "file": {"filename": part.name, "file_data": data_url(part)}}
    return None
