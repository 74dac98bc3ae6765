"""What a reply cost, and how much a model can read, by a kept list of prices.

The list is a file of the program's resources, made from the genai-prices package (MIT) by
packaging/prices.py; nothing is asked of the network. It knows endpoints by their address alone, so
that a server on this computer or a service that it doesn't list has no price rather than a wrong one.
"""

import functools
import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desktop.base.paths import resources
from desktop.domain.delta import Usage
from desktop.domain.endpoint import Endpoint
from desktop.wire.request import is_loopback

_log = logging.getLogger(__name__)

_TOKENS = 1_000_000
_REQUESTS = 1_000


def prepare() -> None:
    """Read the list, which takes longer than the rest. For a worker thread."""
    _providers()


def price(endpoint: Endpoint, model: str, usage: Usage, at: datetime | None = None) -> float | None:
    """Return what a finished reply cost in US dollars, or None where that is not known.

    It is the list price: discounts, taxes, free allowances, and what a service charges for writing
    to its cache are not in it. `at` is the time of the request, now by default.
    """
    if endpoint.embedded or is_loopback(endpoint.base_url) or usage.input is None or usage.output is None:
        return None
    provider = _provider_at(endpoint.base_url)
    prices = _prices_of(model, provider) if provider is not None else None
    if not prices:
        return None
    return _cost(_in_force(prices, (at or datetime.now(UTC)).astimezone(UTC)), usage)


def context_tokens(endpoint: Endpoint, model: str) -> int | None:
    """Return the size of a model's context window in tokens by the list, or None where that is not known."""
    if endpoint.embedded or is_loopback(endpoint.base_url):
        return None
    provider = _provider_at(endpoint.base_url)
    row = _row_of(model, provider) if provider is not None else None
    return int(row[2]) if row is not None and len(row) > 2 else None


@functools.cache
def _providers(file: Path | None = None) -> Mapping[str, dict[str, Any]]:
    """Return the list by the providers' names, empty where the file is missing or broken."""
    try:
        text = (file or resources() / "prices" / "prices.json").read_text(encoding="utf-8")
        return {provider["id"]: provider for provider in json.loads(text)["providers"]}
    except (OSError, ValueError, KeyError, TypeError):
        _log.exception("the list of prices can't be read")
        return {}


def _provider_at(base_url: str) -> dict[str, Any] | None:
    parts = urlsplit(base_url.strip())
    address = f"{parts.scheme}://{parts.hostname}{parts.path}"
    return next((each for each in _providers().values() if re.match(each["address"], address)), None)


def _prices_of(model: str, provider: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return a model's prices where its provider is known, or those of the makers whose models it sells."""
    row = _row_of(model, provider)
    return row[1] if row is not None else None


def _row_of(model: str, provider: Mapping[str, Any]) -> list[Any] | None:
    """Return a model's names, prices and, where it is known, its context window."""
    name = model.lower().removeprefix("models/")
    for each in (provider, *(_providers()[maker] for maker in provider["fallback"])):
        for row in each["models"]:
            if _fits(row[0], name):
                return row  # type: ignore[no-any-return]
    return None


def _fits(names: Any, name: str) -> bool:
    """Whether a model of this name is meant; see packaging/prices.py for the marks."""
    if isinstance(names, list):
        return any(_fits(each, name) for each in names)
    if isinstance(names, dict):
        return all(_fits(each, name) for each in names["all"])
    mark, word = str(names[:1]), str(names[1:])
    match mark:
        case "=":
            return name == word
        case "^":
            return name.startswith(word)
        case "$":
            return name.endswith(word)
        case "*":
            return word in name
        case _:
            return re.search(word, name) is not None


def _in_force(prices: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    """Return the last prices whose condition holds, the first where none does. `at` is in UTC."""
    today, now = at.date().isoformat(), at.strftime("%H:%M")
    return next((each for each in reversed(prices) if _holds(each, today, now)), prices[0])


def _holds(prices: Mapping[str, Any], today: str, now: str) -> bool:
    start, end = (str(hour) for hour in prices.get("between", ("00:00", "24:00")))
    is_hour = start <= now < end if start <= end else now >= start or now < end
    return is_hour and today >= str(prices.get("from", ""))


def _cost(prices: Mapping[str, Any], usage: Usage) -> float | None:
    given, written, cached = usage.input or 0, usage.output or 0, usage.cached or 0
    if cached > given:
        return None
    if usage.reasoning and usage.total == given + written + usage.reasoning:
        # xAI's own count of the output leaves the reasoning out, which costs the same.
        written += usage.reasoning
    if "cached" not in prices:
        cached = 0
    tokens = {"input": given - cached, "output": written, "cached": cached}
    cost = sum(count * _rate(prices.get(name, 0.0), given) for name, count in tokens.items()) / _TOKENS
    return cost + float(prices.get("request", 0.0)) / _REQUESTS


def _rate(rate: Any, given: int) -> float:
    """Return dollars per million tokens; above some length of the prompt all of them cost more."""
    if not isinstance(rate, list):
        return float(rate)
    base, *steps = rate
    return float(next((dollars for above, dollars in reversed(steps) if given > above), base))
