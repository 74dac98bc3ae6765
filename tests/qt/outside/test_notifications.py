"""Notifications: a real service on a bus of the test's own, and a reply that comes while nobody looks."""

import asyncio
import html
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QObject

from desktop.base.paths import resources
from desktop.bus import SessionBus
from desktop.chat.tasks import TaskOwner
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.ui import preferences as names
from desktop.ui.outside.notices import BusNotices
from desktop.ui.outside.notifier import Notifier
from tests.support.bus_service import NotificationService
from tests.support.chatting import ChatRoom, until
from tests.support.windows import Kept

HOSTILE = "<a href='file:///etc'>Yes</a> & <img src=x>"


@pytest.fixture
def service(bus: dict[str, str]) -> Iterator[NotificationService]:
    made = NotificationService()
    made.start()
    yield made
    made.stop()


@dataclass
class Place:
    """A desk whose replies are told of, over the bus."""

    room: ChatRoom
    kept: Kept
    bus: SessionBus
    tasks: TaskOwner
    notifier: Notifier
    shower: BusNotices
    is_in_front: bool = False
    chosen: list[tuple[str, str]] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)

    async def ask(self, text: str = "What is <b>new</b> & hot?") -> str:
        """Ask and have the reply come; return the conversation's id."""
        self.room.desk.send(text)
        await self.room.desk.current.wait()
        return self.room.desk.current.conversation.id


@pytest.fixture
async def place(qloop, qapp, bus) -> AsyncGenerator[Place, None]:
    room, kept, tasks, owner = ChatRoom(), Kept(), TaskOwner(), QObject()
    session = SessionBus("chat.weir.Weir")
    shower = BusNotices(session, tasks, owner)
    notifier = Notifier(room.desk.desks.turn_over, shower, kept.ports(), owner, lambda: made.is_in_front)
    notifier.long_ms = 0
    made = Place(room, kept, session, tasks, notifier, shower)
    shower.chosen.connect(lambda *what: made.chosen.append(what))
    shower.unshown.connect(lambda key, *_: made.unshown.append(key))
    tasks.start(session.run())
    await room.endpoints.read()
    await until(lambda: session.is_connected)
    yield made
    await room.close()
    await tasks.close()
    owner.deleteLater()


async def test_a_reply_that_nobody_saw_is_told_with_title_and_model_alone(qloop, service, place):
    conversation = await place.ask()
    await until(lambda: bool(service.shown))
    ((number, notice),) = service.shown.items()
    app, replaces, icon, title, body, actions, hints, expires = notice
    assert (app, replaces, expires) == ("Weir", 0, -1)
    assert icon in ("chat.weir.Weir", f"file://{resources() / 'icons' / 'weir.svg'}")
    assert title == place.room.desk.current.conversation.title == "What is <b>new</b> & hot?"
    assert body == "SmolLM2 135M (demo) has replied."
    assert actions == ["default", "Open"]
    assert hints["desktop-entry"] == ("s", "chat.weir.Weir")
    assert "susssasa{sv}i" in service.signatures
    service.click(number, "token-1")
    await until(lambda: bool(place.chosen))
    assert place.chosen == [(conversation, "token-1")]


async def test_the_next_one_of_a_conversation_replaces_the_one_before(qloop, service, place):
    await place.ask()
    await place.ask("And then?")
    await until(lambda: len(service.named("Notify")) == 2)
    first, second = service.named("Notify")
    assert list(service.shown) == [second[1]]
    assert first[1] == 0
    place.room.desk.start_new()
    await place.ask("Something else")
    await until(lambda: len(service.shown) == 2)


async def test_it_goes_when_the_user_comes_back(qloop, service, place):
    await place.ask()
    await until(lambda: bool(service.shown))
    place.notifier.look()
    await asyncio.sleep(0)
    assert service.named("CloseNotification") == []
    place.is_in_front = True
    place.notifier.look()
    await until(lambda: service.shown == {})
    assert len(service.named("CloseNotification")) == 1


async def test_who_comes_back_before_it_is_shown_does_not_meet_it(qloop, service, place):
    place.room.desk.send("Quick")
    await place.room.desk.current.wait()
    place.notifier.withdraw_all()
    place.is_in_front = True
    place.room.desk.start_new()
    await place.ask("Another")
    place.is_in_front = False
    await place.ask("The last one")
    await until(lambda: [notice[3] for notice in service.shown.values()] == ["Another"])


async def test_at_the_programs_end_none_is_left(qloop, service, place):
    await place.ask()
    await until(lambda: bool(service.shown))
    place.notifier.withdraw_all()
    await place.shower.settle()
    assert service.shown == {}


async def test_nothing_is_told_of_what_is_short_seen_or_unwanted(qloop, service, place):
    place.notifier.long_ms = 60_000
    await place.ask("Short")
    place.notifier.long_ms = 0
    place.is_in_front = True
    await place.ask("Seen")
    place.is_in_front = False
    place.kept.values[names.NOTIFIES] = "no"
    await place.ask("Unwanted")
    place.kept.values[names.NOTIFIES] = "yes"
    place.room.desk.start_new()
    await place.ask("Wanted")
    await until(lambda: bool(service.named("Notify")))
    assert [notice[3] for notice in service.named("Notify")] == ["Wanted"]


async def test_the_beginning_of_the_reply_only_where_it_is_wished_and_never_as_markup(qloop, service, place):
    place.kept.values[names.NOTIFIES_TEXT] = "yes"
    place.room.sender.steps = [[TextDelta(HOSTILE)], [FinishDelta(StopReason.STOP)]]
    await place.ask()
    await until(lambda: bool(service.shown))
    assert [notice[4] for notice in service.shown.values()] == [html.escape(HOSTILE, quote=False)]


async def test_a_service_that_knows_no_markup_gets_the_words_as_they_are(qloop, service, place):
    service.capabilities = ("body",)
    place.kept.values[names.NOTIFIES_TEXT] = "yes"
    place.room.sender.steps = [[TextDelta(HOSTILE)], [FinishDelta(StopReason.STOP)]]
    await place.ask()
    await until(lambda: bool(service.shown))
    assert [notice[4] for notice in service.shown.values()] == [HOSTILE]


async def test_a_failure_is_told_without_what_went_wrong(qloop, service, place):
    place.room.sender.steps = [TurnFailedError(Failure(kind=FailureKind.KEY_REFUSED, endpoint="Here"))]
    await place.ask()
    await until(lambda: bool(service.shown))
    assert [notice[4] for notice in service.shown.values()] == ["The reply of SmolLM2 135M (demo) failed."]


async def test_without_a_service_nothing_breaks_and_the_tray_is_asked(qloop, place):
    conversation = await place.ask()
    await until(lambda: bool(place.unshown))
    assert place.unshown == [conversation]
