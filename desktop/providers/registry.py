"""Which provider speaks which protocol."""

from desktop.providers.anthropic_messages import AnthropicMessages
from desktop.providers.base import Provider
from desktop.providers.custom import Custom
from desktop.providers.gemini import Gemini
from desktop.providers.ollama import Ollama
from desktop.providers.openai_chat import OpenAIChat
from desktop.providers.openai_responses import OpenAIResponses
from desktop.providers.replicate import Replicate
from desktop.providers.stackai import StackAI

_PROVIDERS: tuple[type[Provider], ...] = (
    OpenAIChat,
    OpenAIResponses,
    AnthropicMessages,
    Gemini,
    Ollama,
    Replicate,
    StackAI,
    Custom,
)

TITLES: dict[str, str] = {
    "openai-chat": "OpenAI-compatible",
    "openai-responses": "OpenAI Responses",
    "anthropic-messages": "Anthropic",
    "gemini": "Google Gemini",
    "ollama": "Ollama",
    "replicate": "Replicate",
    "stackai": "Stack AI",
    "custom": "Other (your own form)",
}
"""What the protocols are called in the window."""


def all_providers() -> dict[str, Provider]:
    """Return a new instance of each provider by the name that endpoints use."""
    return {provider.name: provider() for provider in _PROVIDERS}
