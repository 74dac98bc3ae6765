"""Which options each protocol is sent, in its own words, and which never."""

from dataclasses import fields
from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.message import Role
from desktop.domain.options import EFFORTS, Option, Options
from desktop.local.endpoint import embedded_endpoint
from desktop.providers.base import Provider
from desktop.providers.registry import all_providers
from tests.unit.providers.test_requests import BASES, body, prompt_of, said

ALL: dict[str, Any] = {
    "system": "Be brief.",
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 5000,
    "stop": ("END", "\n\n"),
    "seed": 7,
    "reasoning_effort": "low",
    "reasoning_budget": 2048,
    "stream": False,
}
HI = said(Role.USER, "Hi")

NONE_SET: dict[str, dict[str, Any]] = {
    "openai-chat": {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "openai-responses": {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "stream": True,
        "store": False,
    },
    "anthropic-messages": {
        "model": "m",
        "max_tokens": 8192,
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
    "ollama": {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "truncate": False,
        "shift": False,
    },
    "replicate": {"input": {"prompt": "Hi"}, "stream": True},
    "stackai": {"in-0": "Hi", "user_id": "c1"},
    "custom": {
        "model": "m",
        "system": "",
        "prompt": "Hi",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
    },
}
ALL_SET: dict[str, dict[str, Any]] = {
    "openai-chat": {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "stream": False,
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 5000,
        "stop": ["END", "\n\n"],
        "seed": 7,
        "reasoning_effort": "low",
    },
    "openai-responses": {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "instructions": "Be brief.",
        "stream": False,
        "store": False,
        "max_output_tokens": 5000,
        "temperature": 0.5,
        "top_p": 0.9,
        "reasoning": {"effort": "low", "summary": "auto"},
    },
    "anthropic-messages": {
        "model": "m",
        "max_tokens": 6144,
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": False,
        "system": "Be brief.",
        "stop_sequences": ["END", "\n\n"],
        "thinking": {"type": "enabled", "budget_tokens": 2048},
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {
            "temperature": 0.5,
            "topP": 0.9,
            "maxOutputTokens": 5000,
            "seed": 7,
            "stopSequences": ["END", "\n\n"],
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 2048},
        },
    },
    "ollama": {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "stream": False,
        "truncate": False,
        "shift": False,
        "think": True,
        "options": {
            "temperature": 0.5,
            "top_p": 0.9,
            "num_predict": 5000,
            "seed": 7,
            "stop": ["END", "\n\n"],
        },
    },
    "replicate": {
        "input": {
            "prompt": "Hi",
            "system_prompt": "Be brief.",
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 5000,
            "stop_sequences": "END,\n\n",
            "seed": 7,
        },
        "stream": False,
    },
    "stackai": {"in-0": "Hi", "user_id": "c1"},
    "custom": {
        "model": "m",
        "system": "Be brief.",
        "prompt": "Hi",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "stream": False,
    },
}


@pytest.mark.parametrize("provider", sorted(BASES))
class TestBodies:
    def test_with_every_option_left_to_the_service(self, provider: str) -> None:
        assert body(provider, prompt_of(HI)) == NONE_SET[provider]

    def test_with_every_option_set(self, provider: str) -> None:
        assert body(provider, prompt_of(HI, **ALL)) == ALL_SET[provider]

    def test_what_a_protocol_does_not_take_makes_no_difference(self, provider: str) -> None:
        taken = abilities(provider, Options(**ALL)).options
        known = {name: value for name, value in ALL.items() if Option(name) in taken}
        assert body(provider, prompt_of(HI, **known)) == ALL_SET[provider]

    def test_what_it_takes_changes_the_request_by_itself(self, provider: str) -> None:
        plain = body(provider, prompt_of(HI)), url(provider)
        for option in abilities(provider).options:
            changed = {option.value: ALL[option]}
            assert (body(provider, prompt_of(HI, **changed)), url(provider, **changed)) != plain, option

    def test_the_efforts_it_tells_apart_are_known(self, provider: str) -> None:
        found = abilities(provider)
        assert set(found.efforts) <= set(EFFORTS)
        assert found.title


def endpoint_of(provider: str, **more: Any) -> Endpoint:
    return Endpoint(id="e", name="E", provider=provider, **{"base_url": BASES[provider], **more})


def abilities(provider: str, options: Options = Options(), model: str = "m", **more: Any) -> Any:  # noqa: B008
    return all_providers()[provider].abilities(endpoint_of(provider, **more), model, options)


def url(provider: str, **options: Any) -> str:
    prompt = prompt_of(HI, **options)
    return all_providers()[provider].request(prompt, endpoint_of(provider), None).url


def learn(
    provider: str, refusals: list[str], status: int = 400, model: str = "m", **options: Any
) -> Provider:
    """Return a provider that heard these refusals of a prompt with these options."""
    made = all_providers()[provider]
    for words in refusals:
        assert made.adapt(prompt_of(HI, model=model, **options), endpoint_of(provider), status, words)
    return made


def test_every_option_has_a_field() -> None:
    assert {item.name for item in fields(Options)} == {option.value for option in Option} == set(ALL)
    assert Options(**ALL).chosen == set(Option)
    assert Options(**ALL).without(set(Option)) == Options()


class TestThoughts:
    @pytest.mark.parametrize(
        ("model", "effort", "expected"),
        [
            ("claude-opus-4-6", "high", ("adaptive", "high")),
            ("claude-sonnet-4-6", "xhigh", ("adaptive", "xhigh")),
            ("claude-mythos-5", "minimal", ("adaptive", "low")),
            ("claude-sonnet-4-5", "high", ("enabled", 24576)),
            ("claude-haiku-4-5-20251001", "low", ("enabled", 2048)),
            ("claude-opus-4-20250514", "minimal", ("enabled", 1024)),
            ("claude-3-7-sonnet-latest", "medium", ("enabled", 8192)),
            ("claude-opus-4-8", "none", ("disabled", None)),
        ],
    )
    def test_anthropic_s_older_models_count_and_the_newer_ones_judge(
        self, model: str, effort: str, expected: tuple[str, Any]
    ) -> None:
        made = body("anthropic-messages", prompt_of(HI, model=model, reasoning_effort=effort))
        budget = made["thinking"].get("budget_tokens")
        assert (made["thinking"]["type"], budget or made.get("output_config", {}).get("effort")) == expected
        assert budget is None or budget < made["max_tokens"]

    def test_anthropic_s_other_form_is_learnt_and_then_that_there_is_none(self) -> None:
        provider = learn("anthropic-messages", ["adaptive thinking is not supported"], reasoning_effort="low")
        endpoint, prompt = endpoint_of("anthropic-messages"), prompt_of(HI, reasoning_effort="low")
        made = provider.request(prompt, endpoint, None).body or {}
        assert made["thinking"] == {"type": "enabled", "budget_tokens": 2048}
        assert provider.adapt(prompt, endpoint, 400, "This model does not support thinking")
        assert "thinking" not in (provider.request(prompt, endpoint, None).body or {})
        left = provider.abilities(endpoint, "m", Options()).options
        assert not {Option.REASONING_EFFORT, Option.REASONING_BUDGET} & left

    def test_anthropic_s_newest_models_take_no_temperature(self) -> None:
        words = "`temperature` is deprecated for this model."
        provider = learn("anthropic-messages", [words], temperature=0.2, model="claude-opus-4-7")
        endpoint = endpoint_of("anthropic-messages")
        found = provider.abilities(endpoint, "claude-opus-4-7", Options())
        assert Option.TEMPERATURE not in found.options
        assert "claude-opus-4-7" in found.refused[Option.TEMPERATURE]
        assert Option.TEMPERATURE in provider.abilities(endpoint, "claude-opus-4-6", Options()).options

    def test_anthropic_takes_one_of_temperature_and_top_p(self) -> None:
        words = "`temperature` and `top_p` cannot both be specified for this model."
        provider = learn("anthropic-messages", [words], temperature=0.2, top_p=0.5)
        prompt = prompt_of(HI, temperature=0.2, top_p=0.5)
        made = provider.request(prompt, endpoint_of("anthropic-messages"), None).body or {}
        assert (made["temperature"], made.get("top_p")) == (0.2, None)

    def test_anthropic_says_beforehand_what_thoughts_exclude(self) -> None:
        found = abilities("anthropic-messages", Options(reasoning_effort="low", top_p=0.5))
        assert {Option.TEMPERATURE, Option.TOP_P} <= set(found.refused)
        found = abilities("anthropic-messages", Options(reasoning_effort="low", top_p=0.97))
        assert Option.TOP_P in found.options

    @pytest.mark.parametrize(
        ("model", "effort", "expected"),
        [
            ("gemini-2.5-flash", "none", {"includeThoughts": False, "thinkingBudget": 0}),
            ("gemini-2.5-pro", "high", {"includeThoughts": True, "thinkingBudget": 24576}),
            ("gemini-3-pro-preview", "low", {"includeThoughts": True, "thinkingLevel": "low"}),
            ("gemini-3.8-flash", "none", {"includeThoughts": False, "thinkingLevel": "minimal"}),
            ("gemini-flash-latest", "medium", {"includeThoughts": True, "thinkingLevel": "medium"}),
        ],
    )
    def test_gemini_s_generations(self, model: str, effort: str, expected: dict[str, Any]) -> None:
        made = body("gemini", prompt_of(HI, model=model, reasoning_effort=effort))
        assert made["generationConfig"] == {"thinkingConfig": expected}

    def test_gemini_s_other_form_is_learnt_and_then_that_there_is_none(self) -> None:
        words = "Thinking level is not supported for this model."
        provider = learn("gemini", [words], reasoning_effort="low")
        prompt, endpoint = prompt_of(HI, reasoning_effort="low"), endpoint_of("gemini")
        made = provider.request(prompt, endpoint, None).body or {}
        assert made["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 2048
        assert provider.adapt(prompt, endpoint, 400, "Thinking budget is not supported for this model.")
        assert "generationConfig" not in (provider.request(prompt, endpoint, None).body or {})

    @pytest.mark.parametrize(
        ("model", "effort", "think"),
        [("qwen3:8b", "high", True), ("qwen3:8b", "none", False),
         ("gpt-oss:20b", "high", "high"), ("gpt-oss:20b", "none", "low")],
    )  # fmt: skip
    def test_ollama_s_models_think_or_do_not_and_gpt_oss_by_levels(
        self, model: str, effort: str, think: object
    ) -> None:
        assert body("ollama", prompt_of(HI, model=model, reasoning_effort=effort))["think"] == think

    @pytest.mark.parametrize(
        ("base_url", "options", "expected"),
        [
            ("https://openrouter.ai/api/v1", {"reasoning_effort": "high"}, {"reasoning": {"effort": "high"}}),
            ("https://openrouter.ai/api/v1", {"reasoning_budget": 99}, {"reasoning": {"max_tokens": 99}}),
            ("https://api.deepseek.com", {"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
            ("https://api.deepseek.com", {"reasoning_effort": "max", "seed": 1},
             {"thinking": {"type": "enabled"}, "reasoning_effort": "max"}),
            ("https://api.mistral.ai/v1", {"seed": 3}, {"random_seed": 3}),
            ("https://api.groq.com/openai/v1", {"seed": 3, "reasoning_effort": "low"},
             {"seed": 3, "reasoning_effort": "low"}),
        ],
    )  # fmt: skip
    def test_accents_of_chat_completions(
        self, base_url: str, options: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        made = body("openai-chat", prompt_of(HI, **options), base_url=base_url)
        assert {k: v for k, v in made.items() if k not in NONE_SET["openai-chat"]} == expected

    def test_a_model_file_s_template_hears_of_it_and_the_demo_does_not(self) -> None:
        prompt = prompt_of(HI, reasoning_effort="low")
        made = body("openai-chat", prompt, embedded=True, model_file="a.gguf")
        assert made["chat_template_kwargs"] == {"enable_thinking": True, "reasoning_effort": "low"}
        assert "chat_template_kwargs" not in body("openai-chat", prompt, embedded=True)
        found = abilities("openai-chat", embedded=True)
        assert found.refused[Option.REASONING_EFFORT] == "The demo model does not reason."


@pytest.mark.parametrize(
    ("provider", "option", "value", "words"),
    [
        ("openai-chat", "temperature", 0.5,
         "Unsupported value: 'temperature' does not support 0.5 with this model."),
        ("openai-chat", "stop", ("x",), "Unsupported parameter: 'stop' is not supported with this model."),
        ("openai-chat", "seed", 3, '{"detail":[{"type":"extra_forbidden","loc":["body","seed"]}]}'),
        ("openai-chat", "reasoning_effort", "low",
         "Unrecognized request argument supplied: reasoning_effort"),
        ("openai-responses", "top_p", 0.5,
         "Unsupported parameter: 'top_p' is not supported with this model."),
        ("openai-responses", "reasoning_effort", "low",
         "Unsupported parameter: 'reasoning.effort' is not supported with this model."),
        ("gemini", "seed", 3, 'Invalid JSON payload received. Unknown name "seed" at \'generation_config\''),
        ("ollama", "reasoning_effort", "low", '"llama3.2" does not support thinking'),
        ("replicate", "seed", 3, "- input: Additional property seed is not allowed"),
    ],
)  # fmt: skip
def test_a_refused_option_is_not_sent_again_and_the_window_can_say_so(
    provider: str, option: str, value: Any, words: str
) -> None:
    made = learn(provider, [words], 422 if provider == "replicate" else 400, **{option: value})
    endpoint = endpoint_of(provider)
    again = made.request(prompt_of(HI, **{option: value}), endpoint, None)
    assert again.body == NONE_SET[provider]
    found = made.abilities(endpoint, "m", Options())
    assert Option(option) not in found.options
    assert found.refused[Option(option)] == "m does not take it."


def test_a_wrong_value_is_left_to_the_service_s_own_words() -> None:
    made = all_providers()["openai-chat"]
    words = (
        "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. "
        "Supported values are: 'low', 'medium', and 'high'."
    )
    prompt = prompt_of(HI, reasoning_effort="minimal")
    assert not made.adapt(prompt, endpoint_of("openai-chat"), 400, words)


FORM = {
    "q": "{{prompt}}",
    "config": {"t": "{{temperature}}", "stops": "{{stop}}", "n": "{{max_tokens}}"},
    "live": "{{ stream }}",
}


class TestOwnForm:
    def test_an_option_goes_where_the_form_names_it_and_is_left_out_when_unset(self) -> None:
        made = body("custom", prompt_of(HI, temperature=0.0, stop=("a",), seed=4), body=FORM)
        assert made == {"q": "Hi", "config": {"t": 0.0, "stops": ["a"]}, "live": True}
        assert body("custom", prompt_of(HI, stream=False), body=FORM)["live"] is False

    def test_the_form_says_what_is_taken(self) -> None:
        found = abilities("custom", body=FORM)
        wanted = {Option.TEMPERATURE, Option.STOP, Option.MAX_TOKENS, Option.STREAM}
        assert found.options == wanted
        assert found.refused[Option.SEED] == "The endpoint’s form has no {{seed}}."
        assert Option.SYSTEM in abilities("custom", body={"m": ["{{messages}}"]}).options


class TestBesideTheEndpointSExtraFields:
    @pytest.mark.parametrize(
        ("provider", "extra", "expected"),
        [
            ("openai-chat", {"temperature": 1.5, "max_completion_tokens": 9, "x": 1, "stream": True},
             {"temperature": 0.5, "max_tokens": 5000, "x": 1, "stream": False}),
            ("openai-responses", {"temperature": 1.5, "instructions": "Ignored.", "x": 1},
             {"temperature": 0.5, "instructions": "Be brief.", "x": 1}),
            ("anthropic-messages", {"max_tokens": 9, "system": "Ignored.", "x": 1},
             {"max_tokens": 5000, "system": "Be brief.", "x": 1}),
            ("gemini", {"generationConfig": {"temperature": 1.5, "topK": 3}, "x": 1},
             {"generationConfig": {"temperature": 0.5, "topK": 3, "maxOutputTokens": 5000}, "x": 1}),
            ("ollama", {"options": {"temperature": 1.5, "num_ctx": 3}, "x": 1},
             {"options": {"temperature": 0.5, "num_ctx": 3, "num_predict": 5000}, "x": 1}),
            ("replicate", {"input": {"temperature": 1.5, "top_k": 3}, "x": 1},
             {"input": {"prompt": "Hi", "system_prompt": "Be brief.", "temperature": 0.5, "max_tokens": 5000,
                        "top_k": 3}, "x": 1}),
        ],
    )  # fmt: skip
    def test_the_conversation_s_options_count_and_the_rest_stays(
        self, provider: str, extra: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        chosen = {"system": "Be brief.", "temperature": 0.5, "max_tokens": 5000, "stream": False}
        made = body(provider, prompt_of(HI, **chosen), body=extra)
        assert {name: made[name] for name in expected} == expected
        assert "max_completion_tokens" not in made

    @pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic-messages"])
    def test_what_is_left_to_the_service_is_left_to_the_endpoint(self, provider: str) -> None:
        assert body(provider, prompt_of(HI), body={"temperature": 0.3})["temperature"] == 0.3

    def test_the_model_on_this_computer_obeys_as_well(self) -> None:
        demo = embedded_endpoint()
        prompt = prompt_of(HI, temperature=0.0, max_tokens=8)
        made = all_providers()["openai-chat"].request(prompt, demo, None).body or {}
        assert (made["temperature"], made["max_tokens"], made["top_p"]) == (0.0, 8, 0.9)
