"""The signs that open a list, and ordinary text that must not."""

import pytest

from desktop.ui.compose.signs import Asked, Sign, asked, rank


@pytest.mark.parametrize(
    ("before", "query"), [("/", ""), ("/tr", "tr"), ("/translate to", "translate to"), ("/é", "é")]
)
def test_a_slash_alone_in_its_line_asks_for_prompts(before, query):
    assert asked(before, "") == Asked(Sign.PROMPTS, query)
    assert asked(before, "  ") == Asked(Sign.PROMPTS, query)


@pytest.mark.parametrize(
    "before",
    [
        "/etc/hosts",
        "/ 2",
        "//",
        "/*",
        "a/b",
        " /x",
        "1 / 2",
        "and/or",
        "http://x",
        "/home/me",
        "/" + "x" * 61,
    ],
)
def test_other_slashes_are_text(before):
    assert asked(before, "") is None


def test_a_slash_before_other_text_is_text():
    assert asked("/", "etc") is None
    assert asked("/tr", " more") is None


@pytest.mark.parametrize(
    ("before", "query"),
    [
        ("@", ""),
        ("ask @gp", "gp"),
        ("(@x", "x"),
        ("«@x", "x"),
        ('"@a-b:c', "a-b:c"),
        ("x" * 500 + " @m", "m"),
    ],
)
def test_an_at_sign_at_a_word_asks_for_models(before, query):
    assert asked(before, "") == Asked(Sign.MODELS, query)


@pytest.mark.parametrize(
    "before", ["me@example.org", "me@", "a.b@c", "@ 5pm", "@@", "x@y z", "5@", "@" + "x" * 61, "@a b", ""]
)
def test_addresses_and_lone_signs_are_text(before):
    assert asked(before, "") is None


def test_an_at_sign_within_a_word_is_text():
    assert asked("@a", "bc") is None
    assert asked("@a", " bc") == Asked(Sign.MODELS, "a")


def test_beginnings_come_before_words_and_these_before_the_middle():
    assert rank("", "anything") == 0
    assert rank("gpt-5", "gpt-5-mini") == 0
    assert rank("mini", "gpt-5-mini") == 1
    assert rank("mini gpt", "gpt-5-mini") == 1
    assert rank("LAMA", "meta-llama/Llama-3") == 2
    assert rank("la", "flash") is None
    assert rank("hosts", "Summarise") is None
