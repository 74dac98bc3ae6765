"""Which service a key belongs to, told from its shape alone.

The prefixes are those that the services themselves give out: platform.openai.com (sk-proj-, sk-svcacct-,
sk-), console.anthropic.com (sk-ant-), openrouter.ai (sk-or-), aistudio.google.com (AIza),
console.groq.com (gsk_), console.x.ai (xai-), replicate.com (r8_), huggingface.co (hf_),
together.ai (tgp_), perplexity.ai (pplx-), console.cerebras.ai (csk-).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A service by the id of its preset and its name. `is_certain` is False where others share the shape."""

    id: str
    name: str
    is_certain: bool = True


# The longer prefixes first: sk- alone is used by many.
_SHAPES: tuple[tuple[str, Service], ...] = (
    ("sk-ant-", Service("anthropic", "Anthropic")),
    ("sk-or-", Service("openrouter", "OpenRouter")),
    ("sk-proj-", Service("openai", "OpenAI")),
    ("sk-svcacct-", Service("openai", "OpenAI")),
    ("sk-admin-", Service("openai", "OpenAI")),
    ("AIza", Service("gemini", "Google Gemini")),
    ("gsk_", Service("groq", "Groq")),
    ("xai-", Service("xai", "xAI")),
    ("r8_", Service("replicate", "Replicate")),
    ("hf_", Service("huggingface", "Hugging Face")),
    ("tgp_", Service("together", "Together")),
    ("pplx-", Service("perplexity", "Perplexity")),
    ("csk-", Service("cerebras", "Cerebras")),
    ("sk-", Service("openai", "OpenAI", is_certain=False)),
)


def service_of(key: str) -> Service | None:
    """Return the service whose keys look like this one, or None where the shape says nothing."""
    key = key.strip()
    return next((service for prefix, service in _SHAPES if key.startswith(prefix)), None)
