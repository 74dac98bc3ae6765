"""Updates: whether there is a newer Weir, asked when the user says so."""

from enum import Enum

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.chat.ports import Preferred, Releases
from desktop.chat.tasks import TaskOwner
from desktop.domain.failure import Failure, TurnFailedError
from desktop.domain.release import Release, is_newer

AUTOMATIC = "updates.automatic"
LAST_CHECK = "updates.last_check"
DAY_MS = 24 * 60 * 60 * 1000


class UpdateState(Enum):
    """What is known."""

    UNASKED = "unasked"
    ASKING = "asking"
    NEWEST = "newest"
    NEWER = "newer"
    FAILED = "failed"


class Updates(QObject):
    """Asks for the newest release. `state`, `release` and `failure` say what came of it.

    Nothing is asked before `check` is called, except once a day after `begin` where the user has
    switched that on.
    """

    changed = Signal()

    def __init__(
        self,
        releases: Releases,
        preferred: Preferred,
        tasks: TaskOwner,
        version: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._releases = releases
        self._preferred = preferred
        self._tasks = tasks
        self.version = version
        self.state = UpdateState.UNASKED
        self.release: Release | None = None
        self.failure: Failure | None = None

    @property
    def is_known(self) -> bool:
        """Whether this build was told where releases are published."""
        return self._releases.is_known

    @property
    def is_automatic(self) -> bool:
        """Whether the user wants to be told without asking; off until switched on."""
        return self._preferred.read(AUTOMATIC, "") == "yes"

    def set_automatic(self, is_on: bool) -> None:
        """Keep the user's choice; asks nobody."""
        self._preferred.write(AUTOMATIC, "yes" if is_on else "no")
        self.changed.emit()

    def begin(self) -> None:
        """Ask where the user has switched that on and the last answer is a day old."""
        last = self._preferred.read(LAST_CHECK, "0")
        age = now_ms() - (int(last) if last.isdecimal() else 0)
        if self.is_automatic and not 0 <= age < DAY_MS:
            self.check()

    def check(self) -> None:
        """Ask now; a question under way goes on."""
        if self.is_known and self.state is not UpdateState.ASKING:
            self._settle(UpdateState.ASKING)
            self._tasks.start(self._ask(), "updates")

    async def _ask(self) -> None:
        try:
            release = await self._releases.fetch_newest()
        except TurnFailedError as error:
            self.failure = error.failure
            self._settle(UpdateState.FAILED)
            return
        except BaseException:
            self._settle(UpdateState.UNASKED)
            raise
        self.release = release
        self._preferred.write(LAST_CHECK, str(now_ms()))
        is_later = is_newer(release.version, self.version)
        self._settle(UpdateState.NEWER if is_later else UpdateState.NEWEST)

    def _settle(self, state: UpdateState) -> None:
        self.state = state
        self.changed.emit()
