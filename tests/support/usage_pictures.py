"""Pictures of the usage page and of a conversation that becomes too long, over a history made for them."""

import asyncio
import datetime
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from desktop.domain.cut import Cut
from desktop.domain.delta import Timing, Usage
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.doors import open_context, open_usage
from desktop.ui.context.door import ContextDoor
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.stage import Stage

# Endpoint, model, dollars per million tokens in and out, tokens per second, wait in milliseconds, a day.
_MODELS = (
    ("OpenAI", "gpt-5-mini", 0.25, 2.0, 110, 420, 4),
    ("Anthropic", "claude-sonnet-4-5", 3.0, 15.0, 72, 900, 4),
    ("Google Gemini", "gemini-2.5-flash", 0.3, 2.5, 190, 380, 2),
    ("OpenRouter", "deepseek/deepseek-chat-v3.1", 0.2, 0.8, 45, 1_300, 1),
    ("On this computer", "SmolLM2 135M (demo)", None, None, 28, 2_100, 2),
    ("Groq", "llama-3.3-70b-versatile", 0.59, 0.79, 310, 210, 1),
    ("Mistral", "mistral-large-latest", 2.0, 6.0, 60, 650, 1),
)
_DAYS = 120
_TALK = (
    (
        "How does a weir hold the water back?",
        "It is a low wall across the river; the water rises behind it. ",
    ),
    ("And why does it not wash away?", "Its sill and apron spread the force of the falling water. "),
    ("How high are they?", "Most are one to three metres high, a few much more. "),
    ("Who builds them?", "Millers did once; today towns and water boards do. "),
)


def replies(now: datetime.datetime) -> Iterator[Message]:
    """Yield replies of some months as they might have been; the same for the same day."""
    chance = random.Random(7)
    for ago in range(_DAYS):
        day = now - datetime.timedelta(days=ago)
        busy = 0.35 if day.weekday() > 4 else 1.0
        for endpoint, model, price_in, price_out, speed, wait, most in _MODELS:
            for number in range(round(chance.random() * busy * most)):
                given, made = chance.randint(200, 9_000), chance.randint(60, 1_500)
                first = round(wait * chance.uniform(0.7, 1.5))
                cost = None
                if price_in is not None and price_out is not None:
                    cost = (given * price_in + made * price_out) / 1e6
                yield Message(
                    id=f"{ago}-{model}-{number}",
                    conversation_id="c",
                    parent_id=None,
                    role=Role.ASSISTANT,
                    parts=(),
                    created=round((day - datetime.timedelta(minutes=17 * number)).timestamp() * 1_000),
                    model=model,
                    endpoint=endpoint,
                    usage=Usage(input=given, output=made, cached=given // 3, cost=cost),
                    timing=Timing(
                        first_ms=first,
                        total_ms=first + round(made * 1_000 / speed / chance.uniform(0.85, 1.15)),
                    ),
                )


async def take_usage(folder: Path, target: Path) -> None:
    """Save the usage page, light and dark, and its table."""
    stage = Stage.open(folder)
    history = stage.core.store.history
    await history.write_conversation(Conversation(id="c", title="", created=1, updated=1))
    for message in replies(datetime.datetime.now().astimezone()):
        await history.write_message(message)
    door = open_usage(stage.core, stage.window)
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        door.open()
        await until(lambda: door.page.is_loaded)
        await asyncio.sleep(0.3)
        door.page.grab().save(str(target / f"usage-{scheme}.png"))
    stage.theme.choose("light")
    door.page.show_table(True)
    await asyncio.sleep(0.2)
    door.page.grab().save(str(target / "usage-table-light.png"))
    await stage.close()


async def take_context(folder: Path, target: Path) -> None:
    """Save a conversation that becomes too long: the gauge in its three states, the choice, the line."""
    stage = Stage.open(configure(folder / "weir", "http://127.0.0.1:9/v1"), size=(1000, 720))
    stage.core.endpoints.load()
    await until(lambda: stage.core.endpoints.is_ready)
    await _write_talk(stage)
    door = open_context(stage.core, stage.window)
    stage.core.desk.open("talk")
    await until(lambda: not stage.core.desk.current.is_empty)
    page = stage.window.page
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        for name, window, text in (
            ("calm", 8_000, "And now?"),
            ("nearly", 1_000, "And now?"),
            ("choice", 900, "How did people measure the height of the water before there were gauges? "),
        ):
            _set_window(stage, window)
            page.composer.set_text(text)
            await _weighed(door, window)
            stage.window.grab().save(str(target / f"context-{name}-{scheme}.png"))
    live = stage.core.desk.current
    summary = "The user asks about weirs: how they hold the water back, and why they are not washed away."
    usage = Usage(input=412, output=38, cost=0.0004)
    cut = Cut(after_id="talk-3", count=4, summary=summary, model="alpha", endpoint="Loopback", usage=usage)
    live.set_context(replace(live.conversation.context, cuts=(cut,)))
    page.composer.set_text("")
    page.timeline.page.show(4, 40)
    page.timeline.refresh()
    await asyncio.sleep(0.3)
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        await asyncio.sleep(0.2)
        stage.window.grab().save(str(target / f"context-line-{scheme}.png"))
    await stage.close()


async def _write_talk(stage: Stage) -> None:
    history = stage.core.store.history
    row = Conversation(
        id="talk", title="Weirs", created=1, updated=1, endpoint_id="loop", model="alpha", head_id="talk-7"
    )
    await history.write_conversation(row)
    parent: str | None = None
    for number, text in enumerate(text for turn in _TALK for text in turn):
        message = Message(
            id=f"talk-{number}",
            conversation_id="talk",
            parent_id=parent,
            role=Role.ASSISTANT if number % 2 else Role.USER,
            parts=(TextPart(text * 14 if number % 2 else text),),
            created=1_795_000_000_000 + number,
            model="alpha" if number % 2 else "",
            endpoint="Loopback" if number % 2 else "",
        )
        await history.write_message(message)
        parent = message.id


def _set_window(stage: Stage, window: int) -> None:
    live = stage.core.desk.current
    live.set_context(replace(live.conversation.context, window=window))


async def _weighed(door: ContextDoor, window: int) -> None:
    await until(lambda: door.measure is not None and door.measure.load.window == window)
    await asyncio.sleep(0.4)
