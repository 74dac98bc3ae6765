"""Write resources/prices/prices.json anew from the installed genai-prices.

    .venv/bin/python packaging/prices.py

Run it when a newer genai-prices was pinned. The program reads only the list: the package itself brings a
second HTTP client and takes half a second and 40 MB for what a list of 200 KB tells.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data import providers

LIST = Path(__file__).resolve().parents[1] / "resources" / "prices" / "prices.json"

# What a chat in text is charged for. Other prices name what no service's counts tell us.
COUNTED = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cached",
    "requests_kcount": "request",
}
# Charged only for what Weir never asks for, so that the price of a chat is right without them.
UNUSED = {
    "cache_write_mtok",
    "cache_write_1h_mtok",
    "web_searches_kcount",
    "storage_searches_kcount",
    "input_audio_mtok",
    "input_image_mtok",
    "input_video_mtok",
    "cache_audio_read_mtok",
    "cache_image_read_mtok",
}


def text() -> str:
    """Return the whole file: one line for each model, so that a change can be read."""
    head = json.dumps({"source": f"genai-prices {version('genai-prices')}"})[1:-1]
    return "{" + head + ', "providers": [\n' + ",\n".join(map(_provider, providers)) + "\n]}\n"


def _provider(provider: types.Provider) -> str:
    fields = {
        "id": provider.id,
        "address": _address(provider.api_pattern),
        "fallback": provider.fallback_model_providers or [],
    }
    models = ",\n".join(map(_model, provider.models))
    return _compact(fields)[:-1] + ',"models":[\n' + models + "\n]}"


def _model(model: types.ModelInfo) -> str:
    """Return which names a model has, its prices and, where it is known, the tokens it can read."""
    window = model.context_window
    return _compact([_match(model.match), _prices(model.prices), *([window] if window else [])])


def _address(pattern: str) -> str:
    """Return the pattern of addresses, closed so that no longer host name fits it too."""
    is_closed = pattern.endswith(("$)", "\\."))
    return pattern if is_closed else f"(?:{pattern})(?=[:/]|$)"


def _match(clause: Any) -> Any:
    """Return which names a model has: a mark and a word, a list of which one fits, or {"all": [...]}."""
    match clause:
        case types.ClauseEquals():
            return "=" + clause.equals.lower()
        case types.ClauseStartsWith():
            return "^" + clause.starts_with.lower()
        case types.ClauseEndsWith():
            return "$" + clause.ends_with.lower()
        case types.ClauseContains():
            return "*" + clause.contains.lower()
        case types.ClauseRegex():
            return "~" + clause.regex
        case types.ClauseOr():
            return [_match(each) for each in clause.or_]
        case types.ClauseAnd():
            return {"all": [_match(each) for each in clause.and_]}
        case _:
            raise TypeError(clause)


def _prices(prices: Any) -> list[dict[str, Any]] | None:
    """Return the prices with their conditions, of which the last that holds counts, or None."""
    conditional = prices if isinstance(prices, list) else [types.ConditionalPrice(prices=prices)]
    found: list[dict[str, Any]] = []
    for each in conditional:
        named = {name: price for name, price in vars(each.prices).items() if price is not None}
        if not named.keys() & COUNTED.keys() or named.keys() - COUNTED.keys() - UNUSED:
            return None
        counted = {COUNTED[name]: _rate(price) for name, price in named.items() if name in COUNTED}
        found.append(dict(_condition(each.constraint)) | counted)
    return found or None


def _rate(price: Any) -> Any:
    """Return dollars per million tokens or thousand requests, with [above, dollars] for longer prompts."""
    if isinstance(price, types.TieredPrices):
        return [float(price.base), *([tier.start, float(tier.price)] for tier in price.tiers)]
    return float(price)


def _condition(constraint: Any) -> Iterator[tuple[str, Any]]:
    match constraint:
        case None:
            return
        case types.StartDateConstraint():
            yield "from", constraint.start_date.isoformat()
        case types.TimeOfDateConstraint():
            yield "between", [_utc(constraint.start_time), _utc(constraint.end_time)]
        case _:
            raise TypeError(constraint)


def _utc(value: time) -> str:
    moment = datetime.combine(date(2000, 1, 2), value)
    return (moment.astimezone(UTC) if moment.tzinfo else moment).strftime("%H:%M")


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    LIST.write_text(text(), encoding="utf-8", newline="\n")
    sys.exit(0)
