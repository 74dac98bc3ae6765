"""Watch: what another run of Weir writes to the history appears on the shelf and on the desk."""

import asyncio
import logging
from collections.abc import Callable

from desktop.chat.desk import Desk
from desktop.chat.ports import History, StorageError
from desktop.chat.shelf import Shelf

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Watch:
    """Looks for changes made by another run, such as `weir ask`, and has them read.

    What changes here in the meantime comes first: the shelf or a desk then waits for the next look.
    """

    def __init__(self, history: History, desk: Desk, shelf: Shelf) -> None:
        """`shelf` hears of changes first and tells those of other windows; see `Desks.rows_written`."""
        self._history = history
        self._desks = desk.desks
        self._shelf = shelf
        self._is_shelf_due = False
        self._due: set[Desk] = set()

    async def run(self, is_seen: Callable[[], bool]) -> None:
        """Look again and again, while somebody can see what came, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if is_seen():
                await self.look()

    async def look(self) -> None:
        """Ask the history once whether another run has written, and show what it wrote."""
        shown = [(desk, desk.current, desk.current.revision) for desk in self._desks.all]
        listed = self._shelf.revision
        # What was changed here until now is handed to the disk first, and the answer comes after it.
        await asyncio.sleep(0)
        try:
            if await self._history.has_changed_elsewhere():
                self._is_shelf_due = True
                self._due = {desk for desk, _, _ in shown}
            if self._is_shelf_due:
                self._is_shelf_due = not await self._shelf.refresh(listed)
                if not self._is_shelf_due:
                    self._desks.rows_written.emit(self._shelf)
            for desk, live, revision in shown:
                if desk in self._due and await desk.refresh(live, revision):
                    self._due.discard(desk)
            self._due.intersection_update(self._desks.all)
        except StorageError as error:
            # Whatever it is, the next thing that the user does meets it too and says so.
            logger.info("changes of another run were not read: %s", error)
