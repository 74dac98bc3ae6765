"""`python -m tests.support.screenshots`: take the README's pictures of the real window, streaming.

The window runs on a virtual screen over a loopback server and a history made for the pictures.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.support.answers import Answer, Send, Stall
from tests.support.display import VirtualScreen
from tests.support.server import LoopbackServer, openai_chunks

TARGET = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
SIZE = (1240, 820)
HOUR = 3_600_000
DAY = 24 * HOUR

PROMPT = (
    "How do I retry a rate-limited request without hammering the server? Show it for asyncio, "
    "and say what to do once text has started to arrive."
)
REASONING = "Full jitter is the usual answer. I should say that nothing is retried once text was shown."
REPLY = """Use **exponential backoff with full jitter**: wait a random time between zero and a ceiling that
doubles with each attempt. If the server names a time in `Retry-After`, obey it instead.

```python
async def with_backoff(send, tries=5, base=0.5, cap=20.0):
    for attempt in range(tries):
        try:
            return await send()
        except TransientFailure as failure:
            wait = failure.retry_after or random.uniform(0, min(cap, base * 2 ** attempt))
            await asyncio.sleep(wait)  # full jitter
```

Three rules keep it honest:

| Situation | Retry? | Wait |
|:--|:--|--:|
| 429 with `Retry-After: 4` | yes | 4 s |
| 503 before the first token | yes | 0 to 1 s, then 0 to 2 s |
| connection lost in mid-answer | no: keep the text, offer Continue | – |

Once text has arrived, never send the request again by yourself, or the reader sees the same words"""

SHELF = (
    ("Thesis outline", 9 * DAY, True),
    ("Kubernetes upgrade notes", 12 * DAY, True),
    ("Lettre au propriétaire", HOUR // 60, False),
    ("东京三日行程", HOUR // 30, False),
    ("SQL window functions", HOUR // 20, False),
    ("Why is my nginx stream buffered?", DAY, False),
    ("Regex for ISO dates", DAY + 60_000, False),
    ("Bread at 78 % hydration", DAY + 120_000, False),
    ("Interview questions, backend", 3 * DAY, False),
    ("مراجعة العقد", 4 * DAY, False),
    ("Polars or DuckDB for 40 GB", 5 * DAY, False),
    ("Qt model/view refresher", 6 * DAY, False),
)


async def _pictures(folder: Path) -> None:
    from desktop.app import build_core
    from desktop.base.clock import now_ms
    from desktop.base.paths import user_paths
    from desktop.domain.endpoint import Endpoint, ModelRef
    from desktop.domain.identity import new_id
    from desktop.domain.message import Conversation
    from desktop.ui.preferences import Preferences
    from desktop.ui.theme import Theme
    from desktop.ui.window import MainWindow

    core = build_core(user_paths(folder))
    core.paths.create()
    now = now_ms()
    for title, age, pinned in SHELF:
        row = Conversation(id=new_id(), title=title, created=now - age, updated=now - age, pinned=pinned)
        await core.store.history.write_conversation(row)
    theme = Theme()
    kept: dict[str, str] = {}
    window = MainWindow(
        core.desk, core.shelf, core.endpoints, theme, Preferences(kept.get, kept.__setitem__), ()
    )
    window.resize(*SIZE)
    window.show()
    core.shelf.load()
    core.endpoints.load()
    await asyncio.sleep(1)
    chunks = list(openai_chunks([REPLY], reasoning=[REASONING], finish=None, done=False))
    with LoopbackServer(default=Answer(steps=[*map(Send, chunks), Stall()])) as server:
        for scheme in ("light", "dark"):
            theme.choose(scheme)
            core.desk.start_new()
            core.endpoints.add(
                Endpoint(id="s", name="Example", base_url=server.base_url, models=("gpt-5.2",))
            )
            core.endpoints.choose(ModelRef(core.endpoints.endpoints[-1].id, "gpt-5.2"))
            core.desk.send(PROMPT)
            live = core.desk.current
            live.rename("Backoff with jitter in Python")
            await asyncio.sleep(2.5)
            window.grab().save(str(TARGET / f"main-{scheme}.png"))
            await live.close()
            core.desk.start_new()
            await core.store.history.delete_conversation(live.conversation.id)
            core.shelf.load()
    window.hide()
    await core.close()
    window.deleteLater()


async def _first_start(folder: Path) -> None:
    from desktop.app import build_core
    from desktop.base.paths import user_paths
    from desktop.ui.preferences import Preferences
    from desktop.ui.theme import Theme
    from desktop.ui.window import MainWindow

    core = build_core(user_paths(folder))
    core.paths.create()
    theme = Theme()
    theme.choose("light")
    kept: dict[str, str] = {}
    window = MainWindow(
        core.desk, core.shelf, core.endpoints, theme, Preferences(kept.get, kept.__setitem__), ()
    )
    window.resize(*SIZE)
    window.show()
    core.shelf.load()
    core.endpoints.load()
    await asyncio.sleep(2)
    window.grab().save(str(TARGET / "first-start-light.png"))
    window.hide()
    await core.close()
    window.deleteLater()


def main() -> int:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weir-pictures-") as folder:
        screen = VirtualScreen(Path(folder))
        os.environ["DISPLAY"] = screen.start()
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        from PySide6.QtWidgets import QApplication
        from qasync import QEventLoop

        application = QApplication([])
        application.setQuitOnLastWindowClosed(False)
        loop = QEventLoop(application)
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(_first_start(Path(folder) / "first"))
            loop.run_until_complete(_pictures(Path(folder) / "main"))
        finally:
            loop.close()
            screen.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
