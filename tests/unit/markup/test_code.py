"""Colours of code that arrives line by line."""

import subprocess
import sys
from itertools import pairwise

import pytest

from desktop.markup.code import CodeColors, Span, language_of, lexer_for

PYTHON = [
    "import os",
    "",
    "def greet(name):",
    '    """Say hello',
    '    politely."""',
    "    return f'hi {name}'  # why",
]
SCRIPT = ["const a = 1;", "/* a comment", " * const b = 2;", " */", "let c = 'x';"]


def colored(colors: CodeColors, lines: list[str], index: int) -> list[tuple[str, str]]:
    return [(lines[index][span.start : span.end], span.color) for span in colors.spans(lines, index)]


def test_lines_that_come_one_by_one_are_colored_like_the_whole() -> None:
    growing, at_once = CodeColors("python"), CodeColors("python")
    for count in range(1, len(PYTHON) + 1):
        growing.add(PYTHON[:count], count)
    at_once.complete(PYTHON)
    for index in range(len(PYTHON)):
        assert growing.spans(PYTHON, index) == at_once.spans(PYTHON, index)
    assert ("def", "keyword") in colored(growing, PYTHON, 2)
    assert ("greet", "function") in colored(growing, PYTHON, 2)
    assert colored(growing, PYTHON, 4) == [('    politely."""', "string")]


def test_the_end_of_a_comment_colors_the_lines_before_it() -> None:
    colors = CodeColors("js")
    colors.add(SCRIPT[:3], 3)
    assert ("const", "keyword") in colored(colors, SCRIPT, 2)
    assert colors.add(SCRIPT, 5) == 1
    assert colored(colors, SCRIPT, 2) == [(" * const b = 2;", "comment")]
    assert ("let", "keyword") in colored(colors, SCRIPT, 4)


def test_a_line_that_is_not_complete_is_colored_for_itself() -> None:
    colors = CodeColors("python")
    assert colored(colors, ["return 'ha"], 0)[0] == ("return", "keyword")
    assert colors.is_behind(0)


def test_lines_can_be_taken_back() -> None:
    colors = CodeColors("python")
    colors.add(["x = '''", "a = 1"], 2)
    colors.forget_from(0)
    colors.add(["x = 0", "a = 1"], 2)
    assert colors.spans(["x = 0", "a = 1"], 1)[-1] == Span(4, 5, "number")


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("python", "python"),
        ("js {1,3}", "js"),
        ("{.rust}", "rust"),
        ("c++", "c++"),
        ("", ""),
        ("py:main.py", "py"),
    ],
)
def test_language_of_an_info_string(info: str, language: str) -> None:
    assert language_of(info) == language


def test_only_whole_names_have_a_lexer() -> None:
    assert lexer_for("python") is not None
    assert lexer_for("C++") is not None
    assert lexer_for("pytho") is None
    assert lexer_for("") is None
    assert lexer_for("no such thing") is None


def test_plug_ins_and_guesses_are_never_asked_for() -> None:
    # Both would show as modules that a lookup by name alone does not need.
    program = (
        "import sys; from desktop.markup.code import lexer_for; lexer_for('pytho'); lexer_for('python');"
        "print('pygments.plugin' in sys.modules and 'importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("info", ["python", "json", "yaml", "html", "console", "php", "jinja", "diff", "c"])
def test_every_kind_of_lexer_takes_any_line(info: str) -> None:
    lines = ["<a href='x'>", "def x():", "", "\t'unclosed", "*/ -->", "{% if x %}", "+ y", "\ufffd東京🎉"]
    colors = CodeColors(info)
    colors.add(lines, len(lines))
    for index, line in enumerate(lines):
        spans = colors.spans(lines, index)
        assert all(0 <= span.start < span.end <= len(line) for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))


def test_very_long_lines_stay_plain() -> None:
    lines = ["x = 1; " * 1000]
    colors = CodeColors("python")
    assert not colors.complete(lines)
    colors.add(lines, 1)
    assert colors.spans(lines, 0) == []


def test_a_huge_block_seen_from_its_end_is_not_read_from_its_start() -> None:
    lines = [f"value_{n} = {n}" for n in range(50_000)]
    colors = CodeColors("python")
    colors.add(lines, len(lines))
    assert colored(colors, lines, 49_999) == [("49999", "number")]
    assert colored(colors, lines, 3) == [("3", "number")]
