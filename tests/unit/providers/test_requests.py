"""What each provider sends: address, headers and body for the same conversation."""

from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import (
    FilePart,
    ImagePart,
    Message,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.prompt import Options, Prompt
from desktop.domain.secret import Secret
from desktop.providers.registry import TITLES, all_providers
from desktop.wire.request import WireRequest

KEY = Secret("my-own-key")
PNG = ImagePart("image/png", b"\x89PNG", "dot.png")
PDF = FilePart("paper.pdf", "application/pdf", b"%PDF")
NOTES = FilePart("notes.txt", "text/plain", b"one", "one")
BASES = {
    "openai-chat": "https://api.test/v1",
    "openai-responses": "https://api.test/v1",
    "anthropic-messages": "https://api.test/v1",
    "gemini": "https://api.test/v1beta",
    "ollama": "http://127.0.0.1:11434",
    "replicate": "https://api.test/v1",
    "stackai": "https://api.test/stream/org/flow?version=-1",
    "custom": "https://api.test/my/chat?x=1",
}


def said(role: Role, *parts: Part | str, **fields: Any) -> Message:
    made = tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
    return Message(id="m", conversation_id="c", parent_id=None, role=role, parts=made, **fields)


def prompt_of(*messages: Message, model: str = "m", **options: Any) -> Prompt:
    return Prompt(model=model, messages=messages, options=Options(**options), conversation_id="c1")


def request(provider: str, prompt: Prompt, key: Secret | None = KEY, **fields: Any) -> WireRequest:
    fields.setdefault("base_url", BASES[provider])
    endpoint = Endpoint(id="e", name="E", provider=provider, **fields)
    return all_providers()[provider].request(prompt, endpoint, key)


def body(provider: str, prompt: Prompt, **fields: Any) -> dict[str, Any]:
    made = request(provider, prompt, **fields).body
    assert made is not None
    return dict(made)


CONVERSATION = prompt_of(
    said(Role.USER, "Hello"),
    said(Role.ASSISTANT, ReasoningPart("hm"), "Hi.", ToolCallPart("f", "{}"), PlaceholderPart("image")),
    said(Role.USER, "And now?"),
    system="Be brief.",
    temperature=0.5,
    top_p=0.9,
    max_tokens=100,
    stop=("END",),
    seed=7,
)


def test_every_provider_has_a_title() -> None:
    assert set(TITLES) == set(all_providers()) == set(BASES)


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("openai-chat", "https://api.test/v1/chat/completions"),
        ("openai-responses", "https://api.test/v1/responses"),
        ("anthropic-messages", "https://api.test/v1/messages"),
        ("gemini", "https://api.test/v1beta/models/m:streamGenerateContent?alt=sse"),
        ("ollama", "http://127.0.0.1:11434/api/chat"),
        ("replicate", "https://api.test/v1/models/m/predictions"),
        ("stackai", "https://api.test/stream/org/flow?version=-1"),
        ("custom", "https://api.test/my/chat?x=1"),
    ],
)
def test_addresses(provider: str, url: str) -> None:
    assert request(provider, CONVERSATION).url == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://a/v1/", "https://a/v1/chat/completions"),
        ("https://a/v1//", "https://a/v1/chat/completions"),
        (" https://a/v1 ", "https://a/v1/chat/completions"),
        ("https://a/v1/chat/completions", "https://a/v1/chat/completions"),
        ("https://a/v1?api-version=2", "https://a/v1/chat/completions?api-version=2"),
        ("https://a", "https://a/chat/completions"),
    ],
)
def test_base_addresses_as_people_write_them(base: str, url: str) -> None:
    assert request("openai-chat", CONVERSATION, base_url=base).url == url


@pytest.mark.parametrize(
    ("provider", "header", "value"),
    [
        ("openai-chat", "authorization", "Bearer my-own-key"),
        ("openai-responses", "authorization", "Bearer my-own-key"),
        ("anthropic-messages", "x-api-key", "my-own-key"),
        ("gemini", "x-goog-api-key", "my-own-key"),
        ("ollama", "authorization", "Bearer my-own-key"),
        ("replicate", "authorization", "Bearer my-own-key"),
        ("stackai", "authorization", "Bearer my-own-key"),
        ("custom", "authorization", "Bearer my-own-key"),
    ],
)
class TestHeaders:
    def test_the_key(self, provider: str, header: str, value: str) -> None:
        made = request(provider, CONVERSATION)
        assert made.headers[header] == value
        assert "my-own-key" not in made.url
        assert "my-own-key" not in repr(made)
        assert "my-own-key" not in str(made.body)

    def test_no_key(self, provider: str, header: str, value: str) -> None:
        assert header not in request(provider, CONVERSATION, key=None).headers

    def test_the_user_s_headers(self, provider: str, header: str, value: str) -> None:
        mine = (("X-Title", "Weir"), ("superAgentKey", "{key}"))
        made = request(provider, CONVERSATION, headers=mine)
        assert made.headers["x-title"] == "Weir"
        assert made.headers["superagentkey"] == "my-own-key"
        assert header not in made.headers

    def test_the_user_s_fields(self, provider: str, header: str, value: str) -> None:
        made = body(provider, CONVERSATION, body={"sessionId": "s", "useRAG": True, "stream": False})
        assert made["sessionId"] == "s"
        assert made["useRAG"] is True
        assert made["stream"] is False


def test_azure_takes_its_key_in_a_header_of_its_own() -> None:
    made = request("openai-chat", CONVERSATION, base_url="https://x.openai.azure.com/openai/v1")
    assert made.headers["api-key"] == "my-own-key"
    assert "authorization" not in made.headers
    assert made.body is not None
    assert made.body["max_completion_tokens"] == 100


def test_openai_chat() -> None:
    assert body("openai-chat", CONVERSATION) == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": "And now?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 100,
        "stop": ["END"],
        "seed": 7,
    }


def test_openai_itself_gets_the_new_name_of_the_limit() -> None:
    made = body("openai-chat", CONVERSATION, base_url="https://api.openai.com/v1")
    assert made["max_completion_tokens"] == 100
    assert "max_tokens" not in made


def test_only_the_embedded_model_is_asked_for_progress() -> None:
    plain = body("openai-chat", prompt_of(said(Role.USER, "Hi")))
    assert "return_progress" not in plain
    demo = body("openai-chat", prompt_of(said(Role.USER, "Hi")), embedded=True)
    assert demo["return_progress"] is True
    assert demo["max_tokens"] == 512
    own = body("openai-chat", prompt_of(said(Role.USER, "Hi"), max_tokens=9), embedded=True)
    assert own["max_tokens"] == 9
    file = body("openai-chat", prompt_of(said(Role.USER, "Hi")), embedded=True, model_file="a.gguf")
    assert "max_tokens" not in file


def test_openai_responses() -> None:
    made = body("openai-responses", CONVERSATION)
    assert made["instructions"] == "Be brief."
    assert made["store"] is False
    assert made["max_output_tokens"] == 100
    assert made["input"] == [
        {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]},
        {"role": "user", "content": [{"type": "input_text", "text": "And now?"}]},
    ]


def test_anthropic() -> None:
    made = body("anthropic-messages", CONVERSATION)
    assert made["system"] == "Be brief."
    assert made["max_tokens"] == 100
    assert made["stop_sequences"] == ["END"]
    assert [message["role"] for message in made["messages"]] == ["user", "assistant", "user"]
    assert body("anthropic-messages", prompt_of(said(Role.USER, "Hi")))["max_tokens"] > 1000


def test_anthropic_thinking_leaves_room_for_the_answer() -> None:
    prompt = prompt_of(
        said(Role.USER, "Hi"),
        model="claude-sonnet-4-5",
        reasoning_effort="high",
        temperature=0.5,
        max_tokens=100,
    )
    made = body("anthropic-messages", prompt)
    assert made["thinking"]["budget_tokens"] < made["max_tokens"]
    assert "temperature" not in made


def test_gemini() -> None:
    made = body("gemini", CONVERSATION)
    assert made["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert [content["role"] for content in made["contents"]] == ["user", "model", "user"]
    assert made["generationConfig"]["maxOutputTokens"] == 100
    made = body("gemini", prompt_of(said(Role.USER, "Hi"), reasoning_effort="low"))
    assert made["generationConfig"]["thinkingConfig"]["includeThoughts"] is True


def test_ollama() -> None:
    made = body("ollama", CONVERSATION)
    assert made["options"] == {
        "temperature": 0.5,
        "top_p": 0.9,
        "num_predict": 100,
        "seed": 7,
        "stop": ["END"],
    }
    assert made["messages"][0] == {"role": "system", "content": "Be brief."}
    assert "think" not in made


def test_replicate() -> None:
    made = body("replicate", prompt_of(said(Role.USER, "Hello"), system="Be brief.", max_tokens=9))
    assert made["input"] == {"prompt": "Hello", "system_prompt": "Be brief.", "max_tokens": 9}
    text = body("replicate", CONVERSATION)["input"]["prompt"]
    assert text == "User: Hello\n\nAssistant: Hi.\n\nUser: And now?\n\nAssistant:"
    versioned = request("replicate", prompt_of(said(Role.USER, "Hi"), model="a/b:abc123"))
    assert versioned.url == "https://api.test/v1/predictions"
    assert versioned.body is not None
    assert versioned.body["version"] == "abc123"


def test_a_header_takes_a_key_of_its_own() -> None:
    headers = (("superAgentKey", "{secret}"), ("X-Both", "a {key}"))
    key = Secret("first", {"superAgentKey": Secret("second")})
    made = request("openai-chat", CONVERSATION, key, headers=headers[:1])
    assert made.headers["authorization"] == "Bearer first"
    assert made.headers["superagentkey"] == "second"
    assert "superagentkey" not in request("openai-chat", CONVERSATION, headers=headers).headers
    assert "second" not in repr(made) + repr(key)


def test_stackai_sends_only_the_newest_prompt() -> None:
    assert body("stackai", CONVERSATION) == {"in-0": "And now?", "user_id": "c1"}


class TestCustom:
    def test_the_form_that_most_services_take(self) -> None:
        made = body("custom", CONVERSATION)
        assert made["prompt"] == "And now?"
        assert made["system"] == "Be brief."
        assert made["messages"][0] == {"role": "system", "content": "Be brief."}
        assert made["messages"][-1] == {"role": "user", "content": "And now?"}

    def test_a_form_of_the_user_s_own(self) -> None:
        form = {
            "q": "{{prompt}}",
            "ctx": {"id": "{{conversation}}", "log": ["{{messages}}"]},
            "n": 3,
            "m": "x-{{model}}",
        }
        made = body("custom", prompt_of(said(Role.USER, "Hi")), body=form)
        assert made == {
            "q": "Hi",
            "ctx": {"id": "c1", "log": [[{"role": "user", "content": "Hi"}]]},
            "n": 3,
            "m": "x-m",
        }

    def test_a_prompt_never_fills_itself_in(self) -> None:
        made = body(
            "custom", prompt_of(said(Role.USER, "{{system}}"), system="secret"), body={"q": "{{prompt}}!"}
        )
        assert made == {"q": "{{system}}!"}

    def test_a_get_asks_by_its_address(self) -> None:
        made = request(
            "custom",
            prompt_of(said(Role.USER, "a b&c")),
            base_url="https://api.test/ask?q={{prompt}}&m={{ model }}",
            method="GET",
        )
        assert (made.method, made.url) == ("GET", "https://api.test/ask?q=a%20b%26c&m=m")
        assert made.body is None

    def test_the_ai_sdk_s_messages(self) -> None:
        made = body("custom", prompt_of(said(Role.USER, "Hi")), body={"messages": "{{ui_messages}}"})
        assert made["messages"] == [{"id": "m", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}]


ATTACHED = prompt_of(said(Role.USER, "What is it?", PNG, PDF, NOTES))


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("openai-chat", ["image_url", "data:image/png;base64,iVBORw==", "file_data", "paper.pdf"]),
        ("openai-responses", ["input_image", "data:image/png;base64,iVBORw==", "input_file", "paper.pdf"]),
        ("anthropic-messages", ["image/png", "iVBORw==", "document", "application/pdf", "paper.pdf"]),
        ("gemini", ["inlineData", "image/png", "iVBORw==", "application/pdf"]),
        ("ollama", ["images", "iVBORw=="]),
        ("replicate", ["data:image/png;base64,iVBORw=="]),
    ],
)
def test_attachments(provider: str, expected: list[str]) -> None:
    sent = str(body(provider, ATTACHED))
    assert [word for word in expected if word not in sent] == []


@pytest.mark.parametrize("provider", [name for name in BASES if name != "replicate"])
def test_a_readable_file_goes_as_text(provider: str) -> None:
    sent = str(body(provider, prompt_of(said(Role.USER, "Look:", NOTES))))
    assert "notes.txt:\\n```\\none\\n```" in sent


def test_anthropic_shows_before_it_asks() -> None:
    (message,) = body("anthropic-messages", ATTACHED)["messages"]
    assert [block["type"] for block in message["content"]] == ["image", "document", "text", "text"]


@pytest.mark.parametrize("provider", sorted(set(BASES) - {"stackai", "replicate"}))
class TestContext:
    def test_what_came_of_a_failed_reply_is_sent(self, provider: str) -> None:
        failed = said(
            Role.ASSISTANT, "Half", state=MessageState.FAILED, failure=Failure(kind=FailureKind.CUT)
        )
        sent = str(body(provider, prompt_of(said(Role.USER, "A"), failed, said(Role.USER, "B"))))
        assert "Half" in sent

    def test_an_empty_reply_is_left_out_and_its_neighbours_join(self, provider: str) -> None:
        empty = said(Role.ASSISTANT, ReasoningPart("only thought"), state=MessageState.STOPPED)
        made = body(provider, prompt_of(said(Role.USER, "First"), empty, said(Role.USER, "Second")))
        sent = str(made)
        assert "only thought" not in sent
        assert sent.index("First") < sent.index("Second")
        turns = made.get("messages") or made.get("contents") or made.get("input")
        assert isinstance(turns, list)
        assert len(turns) == 1


@pytest.mark.parametrize(
    ("provider", "url", "payload", "found"),
    [
        ("openai-chat", "https://api.test/v1/models", {"data": [{"id": "a", "context_length": 9}, {"x": 1}]},
         [("a", 9)]),
        ("openai-chat", "https://api.test/v1/models", [{"id": "a"}, "junk"], [("a", None)]),
        ("openai-responses", "https://api.test/v1/models", {"data": [{"id": "a"}]}, [("a", None)]),
        ("anthropic-messages", "https://api.test/v1/models?limit=1000",
         {"data": [{"id": "a", "display_name": "A", "max_input_tokens": 5}]}, [("a", 5)]),
        ("gemini", "https://api.test/v1beta/models?pageSize=1000",
         {"models": [{"name": "models/a", "inputTokenLimit": 5},
                     {"name": "models/e", "supportedGenerationMethods": ["embedContent"]}]}, [("a", 5)]),
        ("ollama", "http://127.0.0.1:11434/api/tags", {"models": [{"name": "a:1b", "model": "a:1b"}]},
         [("a:1b", None)]),
    ],
)  # fmt: skip
def test_models(provider: str, url: str, payload: Any, found: list[tuple[str, int | None]]) -> None:
    endpoint = Endpoint(id="e", name="E", provider=provider, base_url=BASES[provider])
    made = all_providers()[provider].models_request(endpoint, KEY)
    assert made is not None
    assert (made.method, made.url) == ("GET", url)
    models = all_providers()[provider].models_from(payload)
    assert [(model.id, model.context_tokens) for model in models] == found


@pytest.mark.parametrize("provider", sorted(BASES))
@pytest.mark.parametrize("payload", [None, [], {}, "x", 7, {"data": None, "models": None}, {"data": [None]}])
def test_no_list_of_models_is_no_trouble(provider: str, payload: Any) -> None:
    assert all_providers()[provider].models_from(payload) == ()
