"""Which words of a prompt are asked about."""

import pytest

from desktop.ui.compose.words import alphabet_of, is_fence, words_of

LATIN = frozenset({"LATIN"})


def words(line, alphabets=LATIN):
    return [word for _, _, word in words_of(line, alphabets)]


def test_prose_is_asked_about():
    assert words("Hello, (dear) “friend”: don’t stop! Nicely well-made; isn't it?") == [
        "Hello", "dear", "friend", "don’t", "stop", "Nicely", "well", "made", "isn't", "it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "/etc/hosts", "https://example.org/page", "me@example.org", "snake_case", "camelCase", "QTextEdit",
        "x2", "file.txt", "obj.method()", "--flag", "-v", "`code here`", "``a ` b``", "HTML", "a",
        "{{place}}",
        "key=value", "#tag", "C:\\temp", "std::vector", "$HOME", "12:30", "50%",
    ],
)  # fmt: skip
def test_code_addresses_and_names_are_not(line):
    assert words(line) == []


def test_markdown_around_words_does_not_hide_them():
    assert words("**bold** and *slanted* text") == ["bold", "and", "slanted", "text"]


def test_places_are_those_in_the_line():
    assert list(words_of("a weir, so", LATIN)) == [(2, 6, "weir"), (8, 10, "so")]


def test_only_alphabets_that_have_a_dictionary():
    line = "Wehr плотина φράγμα 堰 سد"
    assert words(line) == ["Wehr"]
    assert words(line, frozenset({"CYRILLIC"})) == ["плотина"]
    assert words(line, frozenset({"GREEK"})) == ["φράγμα"]
    assert words(line, frozenset()) == []


def test_alphabets_of_languages():
    assert [alphabet_of(tag) for tag in ("de_AT", "ru_RU", "el", "he_IL")] == [
        "LATIN", "CYRILLIC", "GREEK", "HEBREW",
    ]  # fmt: skip


def test_fences():
    assert is_fence("```python")
    assert is_fence("  ~~~")
    assert not is_fence("    ```")
    assert not is_fence("a ```")
