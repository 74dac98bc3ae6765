"""A desk, a shelf and endpoints over chat's outside world in memory."""

import asyncio
from collections.abc import Callable

from desktop.attach import FileOpener
from desktop.chat.desk import Desk
from desktop.chat.endpoints import EndpointPorts, Endpoints
from desktop.chat.retries import Retries
from desktop.chat.shelf import Shelf
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.ui.pictures import fit
from tests.support.memory import (
    MemoryFinder,
    MemoryHistory,
    MemoryLocal,
    MemorySender,
    MemorySettings,
    MemoryVault,
    Step,
)

EMBEDDED = Endpoint(id="local", name="On this computer", embedded=True, default_model="SmolLM2 135M (demo)")
SERVICE = Endpoint(
    id="service",
    name="Test service",
    base_url="https://service.test/v1",
    key=KeyRef("service", ("SERVICE_API_KEY",)),
    models=("model-x", "model-y"),
)


class ChatRoom:
    """Everything of desktop.chat, connected as the program connects it."""

    def __init__(self, *steps: Step, settings: MemorySettings | None = None) -> None:
        self.sender = MemorySender(*steps)
        self.history = MemoryHistory()
        self.vault = MemoryVault()
        self.local = MemoryLocal()
        self.finder = MemoryFinder()
        self.settings = settings or MemorySettings(SERVICE, model="local\tSmolLM2 135M (demo)")
        self.tasks = TaskOwner()
        self.endpoints = Endpoints(
            EndpointPorts(self.sender, self.vault, self.settings, self.finder),
            self.tasks,
            EMBEDDED,
            presets=(SERVICE,),
        )
        ports = Ports(self.sender, self.history, self.vault, self.local, Retries(second_s=0.002))
        self.desk = Desk(ports, self.endpoints, self.tasks, FileOpener(fit))
        self.shelf = Shelf(self.history, self.desk, self.tasks)

    async def close(self) -> None:
        """Stop the turns, then everything else, as the program does."""
        await self.desk.close()
        await self.tasks.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until a condition holds; the test's own time limit ends a vain wait."""
    while not condition():
        await asyncio.sleep(0.005)
