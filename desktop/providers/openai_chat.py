"""OpenAI Chat Completions, and the many services and programs that speak it with an accent.

Source: the types of openai-python (types/chat) for the protocol itself; the deviations are those of
OpenRouter, DeepSeek, Groq, Mistral, Azure, Perplexity, vLLM, LM Studio, llama.cpp and Ollama as
their documentation or recorded streams show them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from desktop.base.host import is_own_network
from desktop.base.tongue import translate
from desktop.domain.abilities import Abilities
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role, TextPart
from desktop.domain.options import Option, Options
from desktop.domain.prompt import Prompt
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
    with_chosen,
)
from desktop.providers.chat_chunks import OpenAIChatReader
from desktop.wire.answer import AnswerHead
from desktop.wire.request import WireRequest

# Small models babble at the server's own default of 0.8.
_DEMO_BODY = {"temperature": 0.2, "top_p": 0.9, "max_tokens": 512}
_AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_LIMITS = ("max_tokens", "max_completion_tokens")
_OPENROUTER, _MISTRAL, _DEEPSEEK = "openrouter.ai", "api.mistral.ai", "api.deepseek.com"
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
    takes = Abilities(
        title="Chat Completions",
        options=frozenset(Option) - {Option.REASONING_BUDGET},
        images=("image/png", "image/jpeg", "image/gif", "image/webp"),
        files=("application/pdf", *_AUDIO),
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        learnt = self.learnt(prompt, endpoint)
        streams = self.streams(prompt, endpoint)
        prefills = self.prefills(prompt, endpoint)
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": _messages(
                prompt, _host(endpoint), system_role="no_system" not in learnt, prefills=prefills
            ),
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
        options = self.options_for(prompt, endpoint)
        chosen = _options(options, endpoint, learnt) | {"stream": None if options.stream else False}
        extra = dict(endpoint.body)
        if options.max_tokens is not None:
            # One limit under both of its names is refused.
            extra = {name: value for name, value in extra.items() if name not in _LIMITS}
            body = {name: value for name, value in body.items() if name not in _LIMITS}
        return WireRequest(
            url=join_url(endpoint.base_url, "chat/completions"),
            headers=_headers(endpoint, key, "text/event-stream" if streams else "application/json"),
            body=with_chosen(body | extra, chosen),
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "OpenAIChatReader":
        """Return a reader for one answer, streamed or whole."""
        return OpenAIChatReader()

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what is known of a service; a budget is OpenRouter's own."""
        takes, host = self.takes, _host(endpoint)
        if host == _OPENROUTER:
            takes = replace(takes, title="OpenRouter", options=frozenset(Option))
        elif host == _DEEPSEEK:
            takes = replace(
                takes,
                title="DeepSeek",
                options=takes.options - {Option.SEED},
                efforts=("none", "low", "high", "max"),
            )
        elif endpoint.embedded:
            takes = replace(
                takes, title=translate("Provider", "the model on this computer"), images=(), files=()
            )
            if endpoint.model_file:
                takes = replace(takes, efforts=("none", "low", "medium", "high"))
            else:
                words = {Option.REASONING_EFFORT: translate("Provider", "The demo model does not reason.")}
                takes = replace(takes, options=takes.options - words.keys(), refused=words)
        return self.without_refused(takes, endpoint, model)

    def takes_prefill(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Return what is known of a service, and yes for the servers of one's own network.

        llama.cpp, vLLM, LM Studio and Ollama go on from a last message of the assistant; so do, by
        their documentation, Groq, Mistral, DeepSeek's beta, and OpenRouter for the models that do.
        """
        parts = urlsplit(endpoint.base_url)
        host = parts.hostname or ""
        if host == _OPENROUTER:
            return not prompt.model.startswith(_NEVER_PREFILLED)
        if host == _DEEPSEEK:
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
        has_limit = self.options_for(prompt, endpoint).max_tokens is not None
        candidates = (
            ("no_stream_options", self.streams(prompt, endpoint), "stream_options"),
            ("other_limit", has_limit, _limit_name(endpoint, learnt)),
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


def _host(endpoint: Endpoint) -> str:
    return urlsplit(endpoint.base_url).hostname or ""


def _options(options: Options, endpoint: Endpoint, learnt: set[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        _limit_name(endpoint, learnt): options.max_tokens,
        "stop": list(options.stop) or None,
        "random_seed" if _host(endpoint) == _MISTRAL else "seed": options.seed,
    }
    return chosen | _reasoning(options, endpoint)


def _reasoning(options: Options, endpoint: Endpoint) -> dict[str, Any]:
    """Return what asks for thoughts: OpenAI's `reasoning_effort`, or what else a service has for it."""
    effort, host = options.reasoning_effort, _host(endpoint)
    if options.reasoning_budget is not None:
        return {"reasoning": {"max_tokens": options.reasoning_budget}}
    if not effort:
        return {}
    if host == _OPENROUTER:
        return {"reasoning": {"effort": effort}}
    if host == _DEEPSEEK:
        # Thoughts are switched there, and only then measured.
        is_on = effort != "none"
        switch = {"thinking": {"type": "enabled" if is_on else "disabled"}}
        return switch | ({"reasoning_effort": effort} if is_on else {})
    if endpoint.embedded:
        # llama.cpp passes these on to the model's template, which may know either.
        kwargs: dict[str, Any] = {"enable_thinking": effort != "none"}
        return {"chat_template_kwargs": kwargs | ({"reasoning_effort": effort} if effort != "none" else {})}
    return {"reasoning_effort": effort}


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


def _messages(prompt: Prompt, host: str, *, system_role: bool, prefills: bool) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    system = [prompt.options.system] if prompt.options.system.strip() else []
    for role, messages in context_of(prompt, prefills=prefills):
        if role is Role.SYSTEM:
            system.append(joined_text(messages))
        elif role is Role.ASSISTANT:
            if text := joined_text(messages):
                sent.append({"role": "assistant", "content": text})
        else:
            sent.append({"role": "user", "content": _content(messages, host)})
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


def _content(messages: Sequence[Message], host: str) -> str | list[dict[str, Any]]:
    """Return a string where there is only text, because many servers know nothing else."""
    parts = [
        sent for message in messages for part in message.parts if (sent := _part(part, host)) is not None
    ]
    if all(part["type"] == "text" for part in parts):
        return "\n\n".join(part["text"] for part in parts)
    return parts


def _part(part: Part, host: str) -> dict[str, Any] | None:
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
        if host == _MISTRAL:
            return {"type": "document_url", "document_name": part.name, "document_url": data_url(part)}
        return {"type": "file", "file": {"filename": part.name, "file_data": data_url(part)}}
    return None
