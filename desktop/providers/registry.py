"""Which provider speaks which protocol."""

from desktop.providers.base import Provider
from desktop.providers.openai_chat import OpenAIChat

_PROVIDERS: tuple[type[Provider], ...] = (OpenAIChat,)

TITLES: dict[str, str] = {"openai-chat": "OpenAI-compatible"}


def all_providers() -> dict[str, Provider]:
    """Return a new instance of each provider by the name that endpoints use."""
    return {provider.name: provider() for provider in _PROVIDERS}
