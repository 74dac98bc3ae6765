"""Replies to measure with: Markdown as models write it, one block as long as a reply, and their deltas."""

import random

_WORDS = [
    *("retry", "the", "request", "after", "a", "random", "wait", "between", "zero", "and", "a", "ceiling"),
    *("that", "doubles", "each", "time", "because", "servers", "need", "room", "to", "breathe", "while"),
    *("readers", "want", "to", "see", "what", "happened", "when", "the", "connection", "was", "lost"),
]
_CODE = '''```python
async def with_backoff(send, tries=5, base=0.5, cap=20.0):
    """Send, and send again."""
    for attempt in range(tries):
        try:
            return await send()
        except TransientFailure as failure:
            wait = failure.retry_after or random.uniform(0, min(cap, base * 2 ** attempt))
            await asyncio.sleep(wait)  # full jitter
```
'''
_TABLE = """| Situation | Retry? | Wait |
|---|:-:|--:|
| 429 with `Retry-After: 4` | yes | 4 s |
| connection lost | no: keep the text | – |
"""


def sentence(chance: random.Random) -> str:
    """Return some words with marks here and there."""
    words = [chance.choice(_WORDS) for _ in range(chance.randint(8, 18))]
    at = chance.randrange(len(words))
    words[at] = chance.choice(
        ("**{}**", "*{}*", "`{}`", "[{}](https://example.org)", "{}", "{} 🎉", "{} 東京")
    ).format(words[at])
    return " ".join(words).capitalize() + "."


def sample(size: int, seed: int = 1) -> str:
    """Return Markdown of about a size, as models write it."""
    chance = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < size:
        kind = chance.random()
        if kind < 0.15:
            parts.append(f"{'#' * chance.randint(2, 3)} {sentence(chance)[:40]}\n")
        elif kind < 0.35:
            parts.append("".join(f"- {sentence(chance)}\n" for _ in range(chance.randint(3, 6))))
        elif kind < 0.45:
            parts.append(_CODE)
        elif kind < 0.52:
            parts.append(_TABLE)
        else:
            parts.append(" ".join(sentence(chance) for _ in range(chance.randint(2, 5))) + "\n")
    return "\n".join(parts)


def single_blocks(size: int) -> dict[str, str]:
    """Return texts that are one block each, the worst case of growing in place."""
    chance = random.Random(2)
    count = size // 80
    lines = [sentence(chance) for _ in range(count)]
    code = "\n\n   ```python\n   x = f({0})  # {1}\n   ```\n\n"
    half = lines[: count // 2]
    rows = "".join(f"| {line[:30]} | {n} | `{n * n}` | {line[-12:]} |\n" for n, line in enumerate(lines))
    calls = "".join(f"value_{n} = call({n}, 'text')  # {line[:30]}\n" for n, line in enumerate(lines))
    return {
        "list": "".join(f"{n + 1}. {line}\n" for n, line in enumerate(lines)),
        "fenced-list": "".join(f"{n + 1}. {x}" + code.format(n, x[:20]) for n, x in enumerate(half)),
        "fence": f"```python\n{calls}```\n",
        "table": f"| Situation | Number | Square | Rest |\n|---|--:|:-:|---|\n{rows}",
        "quote": "".join(f"> {line}\n" for line in lines),
        "paragraph": " ".join(lines),
    }


def deltas(text: str) -> list[str]:
    """Cut a text into pieces of two to six characters."""
    chance = random.Random(3)
    found = []
    at = 0
    while at < len(text):
        step = chance.randint(2, 6)
        found.append(text[at : at + step])
        at += step
    return found
