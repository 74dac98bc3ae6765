"""The examples of the CommonMark and GFM specifications, and random joins of them cut at random places."""

import json
import random
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "corpus" / "markdown"


@cache
def examples(name: str) -> tuple[tuple[str, str], ...]:
    """Return the examples of "commonmark" or "gfm" as pairs of a name and a source."""
    rows = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return tuple((str(title), str(source)) for title, source in rows)


def cut(source: str, chance: random.Random, most: int = 9) -> list[str]:
    """Cut a text at random places into pieces of up to `most` characters."""
    pieces = []
    at = 0
    while at < len(source):
        step = chance.randint(1, most)
        pieces.append(source[at : at + step])
        at += step
    return pieces


def joins(count: int, seed: int) -> list[tuple[str, list[str]]]:
    """Return random joins of two to six examples, each with the pieces that it was cut into."""
    chance = random.Random(seed)
    known = [source for name in ("commonmark", "gfm") for _, source in examples(name)]
    found = []
    for _ in range(count):
        glue = chance.choice(("", "\n", "\n\n"))
        source = glue.join(chance.choice(known) for _ in range(chance.randint(2, 6)))
        found.append((source, cut(source, chance)))
    return found


_SENTENCES = (
    "The **first** thing to check is the `Retry-After` header, see [the notes](https://example.org/retry).",
    "With $n$ attempts the wait is $\\sum_{i=0}^{n} 2^i = 2^{n+1} - 1$ seconds; $5 and $6 are cheap.",
    "東京では雨が降っています。🎉 Emoji and CJK stand beside *Latin* words.",
    "مرحبا بالعالم, and then left to right again.",
    "It costs about ~5 ms, ~~not 50 ms~~; see https://example.org/a_b?c=(d) and note[^1].",
    "A picture: ![a chart](https://example.org/chart.png) and one that stays text ![x](file:///etc/passwd).",
)
_BLOCKS = (
    "## A heading with `code`",
    "- one\n- two\n  1. nested\n  2. again\n\n     ```py\n     x = {1: 'a'}  # text\n     ```\n- [x] done",
    "| Name | Value | Note |\n|:--|--:|:-:|\n| a | 1 | `x\\|y` |\n| $x^2$ | 22 | **b** |",
    "> quoted *text*\n> goes on\n\n> > deeper",
    '```python\ndef f(x):\n    """Text\n    over lines."""\n    return x * 2  # twice\n```',
    "$$\n\\int_0^1 x^2\\,dx = \\frac{1}{3}\n$$",
    "\\[ E = mc^2 \\]",
    "<details>\n<summary>More</summary>\ntext\n</details>",
    "---",
    "[^1]: The note\n    goes on.",
)


def long_answer(seed: int, blocks: int = 60) -> str:
    """Return a long answer as models write them, with every kind of block."""
    chance = random.Random(seed)
    found = []
    for _ in range(blocks):
        if chance.random() < 0.5:
            found.append(" ".join(chance.choice(_SENTENCES) for _ in range(chance.randint(1, 5))))
        else:
            found.append(chance.choice(_BLOCKS))
    return "\n\n".join(found) + "\n"
