"""Refusals: which option a service or one of its models says that it does not take.

The words are those of OpenAI, Anthropic, Google, Mistral, Groq, xAI, Replicate, vLLM and LiteLLM.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from desktop.base.tongue import translate
from desktop.domain.abilities import Abilities
from desktop.domain.options import Option

_NOT_TAKEN = re.compile(
    r"unsupported|not support|n.t support|extra_forbidden|extra inputs|extra fields|additional propert|"
    r"not permitted|not allowed|unrecognized|unknown|unexpected|invalid argument|deprecated|"
    r"cannot both|must be unset"
)
# How a refusal names an option.
_WORDS: dict[Option, str] = {
    # Of two that exclude each other, the one that fewer people mean goes first.
    Option.TOP_P: r"\btop_?p\b",
    Option.TEMPERATURE: r"\btemperature\b",
    Option.SEED: r"seed\b",
    Option.STOP: r"[`'\".]stop|\bstop[_ ]?sequences?\b|\bstop\b(?=['\"` ]* (?:is|parameter))",
    Option.REASONING_EFFORT: r"reason|think|effort",
    Option.REASONING_BUDGET: r"reason|think|budget",
}


def refused_option(body: str, sent: Collection[Option]) -> str | None:
    """Return the lesson of a refusal in small letters, "no_" and the option, or None."""
    if _NOT_TAKEN.search(body):
        for option, words in _WORDS.items():
            # Where only the value is wrong, the service's own words say which ones there are.
            is_value = option is Option.REASONING_EFFORT and "supported values" in body
            if option in sent and not is_value and re.search(words, body):
                return f"no_{option}"
    return None


def without_learnt(takes: Abilities, learnt: Collection[str], model: str) -> Abilities:
    """Return abilities without the options that the lessons name."""
    words = translate("Provider", "{model} does not take it.").format(model=model)
    lost = {option: words for option in _WORDS if f"no_{option}" in learnt}
    if "no_stream" in learnt:
        words = translate("Provider", "{model} does not stream. Its replies come at once.")
        lost[Option.STREAM] = words.format(model=model)
    if not lost:
        return takes
    return replace(takes, options=takes.options - lost.keys(), refused={**takes.refused, **lost})
