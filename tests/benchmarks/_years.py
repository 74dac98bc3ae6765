"""A history as years of use leave it: made once a run, the same each time, read by every figure."""

import atexit
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from desktop.base.paths import Paths, user_paths
from desktop.store.database import open_database
from desktop.store.search import prepare_index

SIZE_VARIABLE = "WEIR_BENCHMARK_CONVERSATIONS"
CONVERSATIONS = 100_000
MESSAGES_OF_ONE = 10
LONG, SHORT = 10_000, 100
NOW = 1_790_000_000_000
YEARS_MS = 5 * 365 * 86_400_000
MODELS = ("alpha-large", "alpha-small", "beta-3", "gamma-mini")

_CONSONANTS, _VOWELS = "bcdfghjklmnprstvwz", "aeiou"
_CJK = ("東京", "京都", "旅行", "計画", "人工知能", "日本語", "検索", "設定", "질문", "대답", "问题", "回答")
_CODE = "\n\n```python\nfor item in items:\n    total += weigh(item, scale=3)\n```\n\n"


def conversation_count() -> int:
    """Return how many conversations the history has; ten messages each."""
    return int(os.environ.get(SIZE_VARIABLE, CONVERSATIONS))


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Return made-up words, the commonest first."""
    chance = random.Random(7)
    words: dict[str, None] = {}
    while len(words) < 20_000:
        syllables = range(chance.randint(1, 4))
        word = "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in syllables)
        words[word + chance.choice(("", "n", "r", "s", "t"))] = None
    return tuple(words)


class Texts:
    """Endless prose in which words are as common as words are: Zipf's law."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        words = vocabulary()
        weights = [1 / (rank + 3) for rank in range(len(words))]
        prose = self._chance.choices(words, weights, k=1_000_000)
        for at in range(0, len(prose), 211):
            prose[at] = self._chance.choice(_CJK)
        for at in range(0, len(prose), 17):
            prose[at] += ".\n" if at % 5 == 0 else ","
        self._starts = list(accumulate((len(word) + 1 for word in prose), initial=0))
        self._prose = " ".join(prose)

    def text(self, words: int) -> str:
        """Return a text of so many words; one in twelve has code in it."""
        at = self._chance.randrange(len(self._starts) - words - 1)
        text = self._prose[self._starts[at] : self._starts[at + words] - 1]
        return text + _CODE if at % 12 == 0 else text


@lru_cache(maxsize=1)
def large_history() -> tuple[Paths, float]:
    """Return the folders of a large history that is deleted at the end, and the seconds it took to make."""
    folder = Path(tempfile.mkdtemp(prefix="weir-years-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    began = time.monotonic()
    paths = user_paths(folder)
    paths.create()
    database = open_database(paths.history, paths.backups)
    sql = database.connection
    # Nothing is lost if this breaks off, and everything is written once.
    sql.execute("PRAGMA journal_mode = OFF")
    sql.execute("PRAGMA synchronous = OFF")
    sql.execute("PRAGMA cache_size = -400000")
    with database.writing:
        sql.execute("BEGIN")
        sql.executemany(
            """INSERT INTO conversation (id, title, created, updated, head_id, model, pinned)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            _conversations(conversation_count()),
        )
        texts = Texts(2)
        for first in range(0, conversation_count(), 5_000):
            rows = list(_messages(texts, first, min(first + 5_000, conversation_count())))
            sql.executemany(
                """INSERT INTO message (id, conversation_id, parent_id, role, state, created, model)
                   VALUES (?, ?, ?, ?, 'finished', ?, ?)""",
                [row[:6] for row in rows],
            )
            sql.executemany(
                "INSERT INTO part (message_id, position, kind, text) VALUES (?, 0, 'text', ?)",
                [(row[0], row[6]) for row in rows],
            )
        prepare_index(sql)
        sql.execute("COMMIT")
        sql.execute("PRAGMA journal_mode = WAL")
    database.close()
    return paths, time.monotonic() - began


def _size_of(number: int) -> int:
    return {0: LONG, 1: SHORT}.get(number, MESSAGES_OF_ONE)


def _conversations(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(3)
    words = vocabulary()
    for number in range(count):
        updated = NOW - YEARS_MS * number // count
        title = " ".join(chance.choices(words, k=chance.randint(2, 6))).capitalize()
        last = f"c{number}m{_size_of(number) - 1}"
        yield f"c{number}", title, updated - 60_000, updated, last, MODELS[number % 4], int(number % 997 == 5)


def _messages(
    texts: Texts, first: int, last: int
) -> Iterator[tuple[str, str, str | None, str, int, str, str]]:
    for number in range(first, last):
        created = NOW - YEARS_MS * number // conversation_count()
        for place in range(_size_of(number)):
            is_prompt = place % 2 == 0
            yield (
                f"c{number}m{place}",
                f"c{number}",
                f"c{number}m{place - 1}" if place else None,
                "user" if is_prompt else "assistant",
                created + place,
                "" if is_prompt else MODELS[number % 4],
                texts.text(40 if is_prompt else 260),
            )
