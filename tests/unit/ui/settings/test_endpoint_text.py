"""What is typed for an endpoint, read or refused in words."""

import pytest

from desktop.ui.settings.endpoint_text import (
    TextProblemError,
    body_text,
    headers_text,
    read_address,
    read_body,
    read_headers,
    read_models,
)


@pytest.mark.parametrize(
    "text", ["https://api.openai.com/v1", " https://api.openai.com/v1/ ", "http://localhost:1234/v1"]
)
def test_addresses_are_taken(text):
    found = read_address(text)
    assert found.url == text.strip().rstrip("/")
    assert found.warning == ""


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/v1", "http://[::1]:8080/v1", "http://localhost/v1"])
def test_this_computer_needs_no_https(text):
    assert read_address(text).warning == ""


def test_plain_http_elsewhere_is_warned_of():
    assert "https" in read_address("http://nas.local:11434/v1").warning


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "has to look like"),
        ("api.openai.com/v1", "has to look like"),
        ("ftp://example.com", "has to look like"),
        ("https://", "has to look like"),
        ("https://exa mple.com/v1", "has to look like"),
        ("https://[::1/v1", "has to look like"),
        ("https://example.com:port/v1", "has to look like"),
        ("https://me:secret@example.com/v1", "name and password"),
        ("https://example.com/v1?key=abc", "“?”"),
        ("https://example.com/v1/chat/completions", "Leave out"),
    ],
)
def test_other_addresses_are_refused_in_words(text, part):
    with pytest.raises(TextProblemError, match=None) as problem:
        read_address(text)
    assert part in str(problem.value)
    assert "secret" not in str(problem.value)


def test_headers_go_there_and_back():
    headers = (("X-Title", "Weir"), ("HTTP-Referer", "https://example.com"))
    assert read_headers(headers_text(headers)) == headers
    assert read_headers("\n\n") == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("X-Title", "Line 1"),
        ("X-A: 1\nbad name: 2", "Line 2"),
        ("Authorization: Bearer sk-123456789", "readable file"),
        ("x-api-key: abc", "readable file"),
        ("X-Title: grüße", "ASCII"),
    ],
)
def test_other_headers_are_refused_in_words(text, part):
    with pytest.raises(TextProblemError) as problem:
        read_headers(text)
    assert part in str(problem.value)
    assert "sk-123456789" not in str(problem.value)


def test_a_body_goes_there_and_back():
    body = {"temperature": 0.7, "provider": {"order": ["a"]}, "name": "ü"}
    assert read_body(body_text(body)) == body
    assert read_body("  ") == {}
    assert body_text({}) == ""


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"a": 1,}', "line 1"),
        ('{"a": 1\n"b": 2}', "line 2, column 1: a comma is missing"),
        ("{'a': 1}", "double quotes"),
        ("[1]", "object"),
        ('"text"', "object"),
        ('{"a": 1} x', "after the end"),
        ('{"stream": false}', "“stream”"),
        ("[" * 100_000, "deep"),
    ],
)
def test_other_bodies_are_refused_in_words(text, part):
    with pytest.raises(TextProblemError) as problem:
        read_body(text)
    assert part in str(problem.value)


def test_models_are_lines_without_doubles():
    assert read_models("a\n\n b \na\n") == ("a", "b")
