"""Keys by their shape."""

import pytest

from desktop.ui.key_shapes import service_of


@pytest.mark.parametrize(
    ("key", "service"),
    [
        ("sk-ant-api03-abc", "anthropic"),
        ("sk-proj-abc", "openai"),
        ("sk-abc", "openai"),
        ("sk-or-v1-abc", "openrouter"),
        ("AIzaSyabc", "gemini"),
        ("gsk_abc", "groq"),
        ("xai-abc", "xai"),
        ("r8_abc", "replicate"),
        ("  sk-or-v1-abc\n", "openrouter"),
    ],
)
def test_known_shapes(key, service):
    assert service_of(key).id == service


def test_a_shape_that_many_use_is_not_certain():
    assert not service_of("sk-abc").is_certain
    assert service_of("sk-ant-abc").is_certain


@pytest.mark.parametrize("key", ["", "abc", "0123456789abcdef", "SK-ANT-abc"])
def test_unknown_shapes(key):
    assert service_of(key) is None
