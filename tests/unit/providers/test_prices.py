"""What a reply cost: by the kept list, and the same as the package says that the list was made from."""

import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from desktop.domain.delta import Usage
from desktop.domain.endpoint import Endpoint
from desktop.providers import prices
from desktop.providers.prices import price
from tests.support.server import LoopbackServer, openai_stream
from tests.unit.providers.test_send import ask, endpoint_at, prompt_of

ROOT = Path(__file__).resolve().parents[3]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 15, 8, tzinfo=UTC)
SHORT = Usage(input=1200, output=345, cached=200)
LONG = Usage(input=600_000, output=9_000, cached=450_000)


def at(base_url: str, **fields: Any) -> Endpoint:
    return Endpoint(id="e", name="E", base_url=base_url, **fields)


OPENAI = at("https://api.openai.com/v1")
GPT_4O = replace(prompt_of(), model="gpt-4o")


def preset_addresses() -> list[str]:
    text = (ROOT / "resources" / "endpoints" / "presets.toml").read_text("utf-8")
    return sorted({preset["base_url"] for preset in tomllib.loads(text)["preset"]})


def names_in(names: Any) -> Iterator[str]:
    """Yield a name for each clause of the list that says one."""
    if isinstance(names, str):
        if names[0] != "~":
            yield names[1:]
    else:
        for each in names if isinstance(names, list) else names["all"]:
            yield from names_in(each)


@pytest.mark.parametrize("base_url", preset_addresses())
def test_every_model_of_a_known_service_costs_what_the_package_says(base_url: str) -> None:
    genai_prices = pytest.importorskip("genai_prices", reason="genai-prices is not installed")
    provider = prices._provider_at(base_url)
    if provider is None:
        with pytest.raises(LookupError):
            genai_prices.calc_price(genai_prices.Usage(), "m", provider_api_url=base_url)
        assert price(at(base_url), "gpt-4o", SHORT) is None
        return
    compared = 0
    for names, known, *_ in provider["models"]:
        for name in names_in(names):
            for usage, moment in ((SHORT, NOON), (LONG, NIGHT), (SHORT, LONG_AGO)):
                counts = {"input_tokens": usage.input, "output_tokens": usage.output}
                counts["cache_read_tokens"] = usage.cached
                found = price(at(base_url), name, usage, moment)
                if found is None:
                    continue
                wanted = genai_prices.calc_price(
                    genai_prices.Usage(**counts),
                    name,
                    provider_api_url=base_url,
                    genai_request_timestamp=moment,
                )
                assert found == pytest.approx(float(wanted.total_price), rel=1e-9), name
                compared += known is not None
    assert compared > 20


@pytest.mark.parametrize(
    ("endpoint", "model", "dollars"),
    [
        (OPENAI, "gpt-4o", (1000 * 2.5 + 200 * 1.25 + 345 * 10) / 1e6),
        (at("https://API.openai.com/v1/"), "GPT-4o", (1000 * 2.5 + 200 * 1.25 + 345 * 10) / 1e6),
        (at("https://api.anthropic.com/v1"), "claude-3-haiku-20240307", 0.0006872500000000001),
        (at("https://me.openai.azure.com/openai/v1"), "gpt-4o", (1000 * 2.5 + 200 * 1.25 + 345 * 10) / 1e6),
    ],
)
def test_known_models(endpoint: Endpoint, model: str, dollars: float) -> None:
    assert price(endpoint, model, SHORT, NOON) == pytest.approx(dollars)


def test_gemini_names_models_by_their_path() -> None:
    google = at("https://generativelanguage.googleapis.com/v1beta")
    cost = price(google, "models/gemini-2.5-flash", SHORT, NOON)
    assert cost is not None
    assert cost == price(google, "gemini-2.5-flash", SHORT, NOON)


def test_a_long_prompt_costs_more() -> None:
    google = at("https://generativelanguage.googleapis.com/v1beta")
    below = price(google, "gemini-2.5-pro", Usage(input=200_000, output=0), NOON)
    above = price(google, "gemini-2.5-pro", Usage(input=200_001, output=0), NOON)
    assert below is not None
    assert above == pytest.approx(2 * below, rel=1e-4)


@pytest.mark.parametrize(
    ("endpoint", "model"),
    [
        (at("http://127.0.0.1:11434/v1"), "gpt-4o"),
        (at("http://localhost:1234/v1"), "gpt-4o"),
        (at("http://192.168.1.20:8080/v1"), "gpt-4o"),
        (at("http://box.local:8000/v1"), "gpt-4o"),
        (at("https://api.openai.com/v1", embedded=True), "gpt-4o"),
        (at(""), "gpt-4o"),
        (at("https://api.openai.com.other.test/v1"), "gpt-4o"),
        (at("https://ollama.com"), "gpt-oss:120b"),
        (OPENAI, "no-such-model"),
        (OPENAI, "whisper-1"),
        (at("https://generativelanguage.googleapis.com/v1beta"), "gemini-2.5-flash-image"),
        (at("https://api.perplexity.ai"), "sonar-deep-research"),
    ],
)
def test_nothing_is_guessed(endpoint: Endpoint, model: str) -> None:
    assert price(endpoint, model, SHORT, NOON) is None


@pytest.mark.parametrize("usage", [Usage(output=3), Usage(input=3), Usage(input=3, output=1, cached=4)])
def test_counts_that_are_missing_or_wrong_have_no_price(usage: Usage) -> None:
    assert price(OPENAI, "gpt-4o", usage) is None


def test_reasoning_beside_the_output_is_paid_too() -> None:
    xai = at("https://api.x.ai/v1")
    beside = Usage(input=100, output=20, reasoning=300, total=420)
    within = Usage(input=100, output=320, reasoning=300, total=420)
    cost = price(xai, "grok-4", beside, NOON)
    assert cost is not None
    assert cost == price(xai, "grok-4", within, NOON)
    assert price(OPENAI, "gpt-4o", within, NOON) == pytest.approx((100 * 2.5 + 320 * 10) / 1e6)


def test_prices_by_the_hour_and_by_the_date() -> None:
    by_hour = [{"input": 2.0}, {"between": ["16:30", "00:30"], "input": 1.0}]
    hours = [
        prices._in_force(by_hour, NOON.replace(hour=h, minute=m))["input"] for h, m in ((16, 29), (16, 30))
    ]
    assert hours == [2.0, 1.0]
    hours = [prices._in_force(by_hour, NOON.replace(hour=0, minute=m))["input"] for m in (29, 30)]
    assert hours == [1.0, 2.0]
    by_date = [{"input": 2.0}, {"from": "2026-11-20", "input": 3.0}, {"from": "2026-11-21", "input": 4.0}]
    days = [prices._in_force(by_date, NOON.replace(day=day))["input"] for day in (19, 20, 21)]
    assert days == [2.0, 3.0, 4.0]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"providers": [1]}'])
def test_without_a_list_nothing_has_a_price(text: str | None, tmp_path: Path, expect_log: Any) -> None:
    expect_log("list of prices can't be read")
    file = tmp_path / "prices.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert prices._providers(file) == {}


def test_the_list_is_the_installed_packages() -> None:
    pytest.importorskip("genai_prices", reason="genai-prices is not installed")
    made = _maker()
    assert made.LIST.read_text("utf-8") == made.text(), "run packaging/prices.py"


def _maker() -> ModuleType:
    file = ROOT / "packaging" / "prices.py"
    spec = importlib.util.spec_from_file_location("weir_packaging_prices", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_neither_the_package_nor_a_second_http_client_is_imported() -> None:
    code = (
        "import sys; from desktop.providers import send, prices; prices.prepare();"
        "print([name for name in ('genai_prices', 'pydantic', 'httpx', 'httpx2') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "[]"


@pytest.fixture
def beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback server stands for OpenAI's."""
    openai = prices._provider_at("https://api.openai.com/v1")
    monkeypatch.setattr(prices, "is_loopback", lambda _: False)
    monkeypatch.setattr(prices, "_provider_at", lambda _: openai)


async def test_a_finished_reply_has_its_cost(server: LoopbackServer, beyond: None) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    server.answer(openai_stream(["Hi"], usage=usage))
    asked = await ask(endpoint_at(server), GPT_4O)
    assert asked.failure is None
    assert asked.buffer.usage == Usage(input=1000, output=100, cost=pytest.approx(0.0035))  # type: ignore[arg-type]


async def test_what_the_service_states_stands(server: LoopbackServer, beyond: None) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "cost": 0.5}
    server.answer(openai_stream(["Hi"], usage=usage))
    asked = await ask(endpoint_at(server), GPT_4O)
    assert asked.buffer.usage == Usage(input=1000, output=100, cost=0.5)


async def test_a_reply_from_this_computer_has_no_cost(server: LoopbackServer) -> None:
    server.answer(openai_stream(["Hi"], usage={"prompt_tokens": 1000, "completion_tokens": 100}))
    asked = await ask(endpoint_at(server), GPT_4O)
    assert asked.buffer.usage == Usage(input=1000, output=100)
