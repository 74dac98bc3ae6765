"""What streaming into a `Flow` costs, against a plain text widget in the same process.

Figures are ratios of thread CPU time, so a busy machine changes them little.
"""

import random
import time
from typing import Any

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from desktop.ui.theme import READING_WIDTH, Theme
from desktop.ui.timeline.flow import Damage, Flow
from tests.benchmarks.figures import Figure, Measure, measures

_WORDS = [
    *("retry", "the", "request", "after", "a", "random", "wait", "between", "zero", "and", "a", "ceiling"),
    *("that", "doubles", "each", "time", "because", "servers", "need", "room", "to", "breathe", "while"),
    *("readers", "want", "to", "see", "what", "happened", "when", "the", "connection", "was", "lost"),
]
_KEPT: list[QApplication] = []
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


class FlowView(QWidget):
    """The least a view has to do: keep the end in sight, move what is there, paint what changed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.flow = Flow(theme)
        self.resize(900, 800)
        self.flow.set_width(READING_WIDTH)
        self.offset = 0

    def feed(self, text: str) -> None:
        """Append and paint at once."""
        self._show(self.flow.feed(text))

    def _show(self, damage: Damage) -> None:
        offset = max(0, int(self.flow.height) + 40 - self.height())
        moved = offset - self.offset
        self.offset = offset
        if 0 < moved < self.height():
            self.scroll(0, -moved)
        elif moved:
            self.repaint()
            return
        top = int(damage.top) - offset
        self.repaint(QRect(0, top, self.width(), int(damage.bottom) + 40 - offset - top))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("bg"))
        painter.translate(70, -self.offset)
        clip = QRectF(event.rect()).translated(-70, self.offset)
        self.flow.paint(painter, clip, None, caret=True)
        painter.end()


def stream_flow(theme: Theme, pieces: list[str], per_frame: int = 2) -> list[float]:
    """Return the CPU seconds of each frame."""
    view = FlowView(theme)
    view.show()
    QTest.qWaitForWindowExposed(view)
    costs = []
    for at in range(0, len(pieces), per_frame):
        began = time.thread_time()
        view.feed("".join(pieces[at : at + per_frame]))
        costs.append(time.thread_time() - began)
    view.close()
    view.deleteLater()
    return costs


def stream_plain(pieces: list[str], per_frame: int = 2) -> list[float]:
    """Return the CPU seconds of each frame of the floor: insert into a plain text widget, paint all of it."""
    view = QPlainTextEdit()
    view.setUndoRedoEnabled(False)
    view.resize(900, 800)
    view.show()
    QTest.qWaitForWindowExposed(view)
    cursor = QTextCursor(view.document())
    costs = []
    for at in range(0, len(pieces), per_frame):
        began = time.thread_time()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText("".join(pieces[at : at + per_frame]))
        bar = view.verticalScrollBar()
        bar.setValue(bar.maximum())
        view.viewport().repaint()
        costs.append(time.thread_time() - began)
    view.close()
    view.deleteLater()
    return costs


def growth(costs: list[float]) -> float:
    """Return the mean of the last tenth of the frames over that of a tenth near the start.

    The first 15 % are left out: until the page is full nothing scrolls, and a frame is cheaper than later.
    """
    tenth = max(1, len(costs) // 10)
    start = len(costs) * 15 // 100
    return sum(costs[-tenth:]) / sum(costs[start : start + tenth])


def _theme() -> Theme:
    """Return a theme in a running application, with fonts and lexers warm."""
    if QApplication.instance() is None:
        _KEPT.append(QApplication([]))
    theme = Theme()
    stream_flow(theme, deltas(sample(3_000, seed=9)))
    return theme


def _detail(costs: list[float]) -> dict[str, Any]:
    ordered = sorted(costs)
    return {
        "frames": len(costs),
        "ms_mean": round(1000 * sum(costs) / len(costs), 3),
        "ms_median": round(1000 * ordered[len(ordered) // 2], 3),
        "ms_p99": round(1000 * ordered[int(len(ordered) * 0.99)], 2),
        "ms_worst": round(1000 * ordered[-1], 2),
    }


@measures("flow.stream")
def stream_cost() -> Figure:
    """50 KB at two deltas a frame, every frame painted, against a plain text widget that inserts the same."""
    theme = _theme()
    pieces = deltas(sample(50_000))
    plain = stream_plain(pieces)
    ours = stream_flow(theme, pieces)
    detail = {**_detail(ours), "plain_ms_mean": _detail(plain)["ms_mean"]}
    return Figure("flow.stream", sum(ours) / sum(plain), 1.2, detail)


@measures("flow.growth")
def stream_growth() -> Figure:
    """What a frame costs at the end of 200 KB, against its beginning."""
    costs = stream_flow(_theme(), deltas(sample(200_000)))
    return Figure("flow.growth", growth(costs), 1.3, _detail(costs))


def _one_block(kind: str) -> Measure:
    def measure() -> Figure:
        costs = stream_flow(_theme(), deltas(single_blocks(20_000)[kind]))
        return Figure(f"flow.one-{kind}", growth(costs), 1.3, _detail(costs))

    measure.__doc__ = f"What a frame costs at the end of 20 KB in one {kind}, against its beginning."
    return measure


for _kind in ("list", "fenced-list", "fence", "table", "quote", "paragraph"):
    measures(f"flow.one-{_kind}")(_one_block(_kind))
