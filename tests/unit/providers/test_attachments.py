"""Images and files in each protocol's own form, and what becomes of those that it does not take."""

from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.domain.message import FilePart, ImagePart, Part, Role
from desktop.domain.options import Options
from desktop.providers.registry import all_providers
from tests.unit.providers.test_requests import BASES, NOTES, PDF, PNG, body, prompt_of, said

NOTES_TEXT = "notes.txt:\n```\none\n```"
PNG_64, PDF_64 = "iVBORw==", "JVBERg=="
PNG_URL, PDF_URL = f"data:image/png;base64,{PNG_64}", f"data:application/pdf;base64,{PDF_64}"
WAV = FilePart("hm.wav", "audio/wav", b"RIFF")
GIF = ImagePart("image/gif", b"GIF8", "moving.gif")
TIFF = ImagePart("image/tiff", b"II*", "scan.tiff")
ZIP = FilePart("all.zip", "application/zip", b"PK")


def content(provider: str, *parts: Part | str, **more: Any) -> Any:
    """Return what stands for the only message in a request."""
    made = body(provider, prompt_of(said(Role.USER, *parts)), **more)
    for name in ("messages", "input", "contents"):
        if isinstance(made.get(name), list):
            (message,) = made[name]
            return message.get("content", message.get("parts"))
    return made


def test_chat_completions() -> None:
    assert content("openai-chat", "What is it?", PNG, PDF, NOTES, WAV) == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "file", "file": {"filename": "paper.pdf", "file_data": PDF_URL}},
        {"type": "text", "text": NOTES_TEXT},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]


def test_openrouter_and_mistral() -> None:
    openrouter = content("openai-chat", PNG, PDF, base_url="https://openrouter.ai/api/v1")
    assert [part["type"] for part in openrouter] == ["image_url", "file"]
    mistral = content("openai-chat", PNG, PDF, base_url="https://api.mistral.ai/v1")
    assert mistral == [
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "document_url", "document_name": "paper.pdf", "document_url": PDF_URL},
    ]


def test_responses() -> None:
    assert content("openai-responses", "What is it?", PNG, PDF, NOTES) == [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": PNG_URL, "detail": "auto"},
        {"type": "input_file", "filename": "paper.pdf", "file_data": PDF_URL},
        {"type": "input_text", "text": NOTES_TEXT},
    ]


def test_anthropic() -> None:
    png = {"type": "base64", "media_type": "image/png", "data": PNG_64}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": PDF_64}
    assert content("anthropic-messages", "What is it?", PNG, PDF, NOTES) == [
        {"type": "image", "source": png},
        {"type": "document", "source": pdf, "title": "paper.pdf"},
        {"type": "text", "text": "What is it?"},
        {"type": "text", "text": NOTES_TEXT},
    ]


def test_gemini() -> None:
    assert content("gemini", "What is it?", PNG, PDF, NOTES) == [
        {"text": "What is it?"},
        {"inlineData": {"mimeType": "image/png", "data": PNG_64}},
        {"inlineData": {"mimeType": "application/pdf", "data": PDF_64}},
        {"text": NOTES_TEXT},
    ]


def test_ollama() -> None:
    made = body("ollama", prompt_of(said(Role.USER, "What is it?", PNG, NOTES)))
    expected = {"role": "user", "content": f"What is it?\n\n{NOTES_TEXT}", "images": [PNG_64]}
    assert made["messages"] == [expected]


def test_replicate() -> None:
    made = body("replicate", prompt_of(said(Role.USER, "What is it?", PNG, NOTES)))
    assert made["input"] == {"prompt": f"What is it?\n\n{NOTES_TEXT}", "image": PNG_URL}


def test_the_ai_sdk_s_messages_in_a_form_of_one_s_own() -> None:
    form = {"messages": "{{ui_messages}}"}
    made = body("custom", prompt_of(said(Role.USER, "What is it?", PNG, PDF, NOTES)), body=form)
    assert made["messages"][0]["parts"] == [
        {"type": "file", "mediaType": "image/png", "filename": "dot.png", "url": PNG_URL},
        {"type": "file", "mediaType": "application/pdf", "filename": "paper.pdf", "url": PDF_URL},
        {"type": "text", "text": f"What is it?\n\n{NOTES_TEXT}"},
    ]


@pytest.mark.parametrize("provider", sorted(BASES))
def test_a_readable_file_is_text_everywhere_also_in_an_earlier_prompt(provider: str) -> None:
    assert "one" in str(body(provider, prompt_of(said(Role.USER, "Look:", NOTES))))
    if provider != "stackai":
        later = prompt_of(said(Role.USER, NOTES), said(Role.ASSISTANT, "I see."), said(Role.USER, "And?"))
        assert "notes.txt" in str(body(provider, later))


@pytest.mark.parametrize("provider", ["ollama", "replicate", "custom"])
def test_what_an_earlier_prompt_held_is_named_where_it_can_t_be_sent(provider: str) -> None:
    earlier = said(Role.USER, "Look:", PNG, ZIP)
    sent = str(body(provider, prompt_of(earlier, said(Role.ASSISTANT, "I see."), said(Role.USER, "And?"))))
    assert "all.zip" in sent
    assert ("dot.png" in sent) == (provider != "ollama")


@pytest.mark.parametrize(
    ("provider", "parts", "kind"),
    [
        ("openai-chat", (PNG, PDF, GIF, NOTES, WAV), None),
        ("openai-chat", (TIFF,), FailureKind.NO_FILES),
        ("openai-chat", (ZIP,), FailureKind.NO_FILES),
        ("openai-responses", (PNG, PDF, ZIP), None),
        ("openai-responses", (TIFF,), FailureKind.NO_FILES),
        ("anthropic-messages", (PNG, PDF, GIF, NOTES), None),
        ("anthropic-messages", (WAV,), FailureKind.NO_FILES),
        ("gemini", (PNG, PDF, WAV, NOTES), None),
        ("gemini", (GIF,), FailureKind.NO_FILES),
        ("gemini", (ZIP,), FailureKind.NO_FILES),
        ("ollama", (PNG, NOTES), None),
        ("ollama", (PDF,), FailureKind.NO_FILES),
        ("replicate", (PNG, NOTES), None),
        ("replicate", (PNG, PNG), FailureKind.TOO_MANY_IMAGES),
        ("replicate", (PDF,), FailureKind.NO_FILES),
        ("stackai", (NOTES,), None),
        ("stackai", (PNG,), FailureKind.NO_IMAGES),
        ("custom", (NOTES,), None),
        ("custom", (PNG,), FailureKind.NO_IMAGES),
        ("custom", (PDF,), FailureKind.NO_FILES),
    ],
)
def test_what_is_said_before_anything_is_sent(
    provider: str, parts: tuple[Part, ...], kind: FailureKind | None
) -> None:
    endpoint = Endpoint(id="e", name="E", provider=provider, base_url=BASES[provider])
    found = all_providers()[provider].abilities(endpoint, "m", Options()).objection(parts, "E", "m")
    assert (found.kind if found is not None else None) is kind


def test_the_model_on_this_computer_is_sent_no_images() -> None:
    endpoint = Endpoint(id="e", name="E", embedded=True, model_file="a.gguf")
    abilities = all_providers()["openai-chat"].abilities(endpoint, "m", Options())
    assert (abilities.images, abilities.files) == ((), ())


@pytest.mark.parametrize(
    ("provider", "row", "takes"),
    [
        ("openai-chat", {"architecture": {"input_modalities": ["text", "image"]}}, True),
        ("openai-chat", {"architecture": {"input_modalities": ["text"]}}, False),
        ("openai-chat", {"architecture": {"input_modalities": []}}, None),
        ("openai-chat", {"capabilities": {"vision": False}}, False),
        ("openai-chat", {"capabilities": ["completion"]}, None),
        ("openai-chat", {}, None),
        ("anthropic-messages", {"capabilities": {"image_input": {"supported": True}}}, True),
        ("anthropic-messages", {"capabilities": None}, None),
        ("ollama", {"capabilities": ["completion", "vision"]}, True),
        ("ollama", {"capabilities": ["completion"]}, False),
        ("ollama", {}, None),
    ],
)
def test_what_a_list_of_models_says_of_images(provider: str, row: dict[str, Any], takes: bool | None) -> None:
    named = {"id": "a", "name": "a"} | row
    (model,) = all_providers()[provider].models_from({"data": [named], "models": [named]})
    assert model.takes_images is takes
