import pytest

from desktop.domain.title import TITLE_LENGTH, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("\n  \n# A heading\nand more", "A heading"),
        ("- one\n- two", "one"),
        ("###", "###"),
        ("word " * 30, f"{('word ' * 12).strip()}…"),
        ("x" * 100, "x" * TITLE_LENGTH + "…"),
    ],
)
def test_a_title_is_the_first_line_with_words_cut_between_them(text, title):
    assert title_from(text) == title
