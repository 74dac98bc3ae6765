"""ModelLists: which models each endpoint offers, as it said last, whether now or at an earlier start."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.chat.ports import Settings, StorageError, VaultError
from desktop.chat.tasks import TaskOwner
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.listing import Listing

STALE_AFTER_MS = 24 * 60 * 60 * 1000
AGAIN_AFTER_MS = 5 * 60 * 1000

Ask = Callable[[Endpoint, bool], Awaitable[tuple[ModelInfo, ...]]]


class ModelLists(QObject):
    """Keeps what services listed, in memory and on disk; `ask` gets an endpoint's models from the
    network; it is told whether the user asked for that.

    `changed` carries the id of an endpoint whose models, or whose problem, are others now. `failed`
    carries words for the user and follows `refresh` alone: whoever only opened a list finds the problem
    beside the models that were known before.
    """

    changed = Signal(str)
    failed = Signal(str)

    def __init__(self, settings: Settings, tasks: TaskOwner, ask: Ask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._tasks = tasks
        self._ask = ask
        self._listings: dict[str, Listing] = {}
        self._problems: dict[str, str] = {}
        self._asked: dict[str, int] = {}

    def models(self, endpoint: Endpoint) -> tuple[ModelInfo, ...]:
        """Return an endpoint's models: those it listed, then those known beforehand or typed by hand."""
        listing = self._listing(endpoint)
        listed = listing.models if listing is not None else ()
        known = {model.id for model in listed}
        names = dict.fromkeys((*endpoint.models, *filter(None, [endpoint.default_model])))
        return (*listed, *(ModelInfo(id=name) for name in names if name not in known))

    def problem(self, endpoint_id: str) -> str:
        """Return why an endpoint did not list its models when it was last asked, empty where it did."""
        return self._problems.get(endpoint_id, "")

    async def read(self) -> None:
        """Read what was listed at earlier starts."""
        try:
            kept = await self._settings.read_models()
        except StorageError:
            return
        for endpoint_id, listing in kept.items():
            if endpoint_id not in self._listings:
                self._listings[endpoint_id] = listing
                self.changed.emit(endpoint_id)

    def refresh(self, endpoint: Endpoint) -> None:
        """Ask an endpoint for its models; `changed` or `failed` follows."""
        self._start(endpoint, is_wanted=True)

    def freshen(self, endpoint: Endpoint) -> None:
        """Ask an endpoint whose list is missing or old, unless it was asked a moment ago; say no failure."""
        listing, now = self._listing(endpoint), now_ms()
        is_fresh = listing is not None and now - listing.at < STALE_AFTER_MS
        if not is_fresh and now - self._asked.get(endpoint.id, 0) >= AGAIN_AFTER_MS:
            self._start(endpoint, is_wanted=False)

    def forget(self, endpoint_id: str) -> None:
        """Drop what a removed endpoint listed."""
        self._problems.pop(endpoint_id, None)
        self._asked.pop(endpoint_id, None)
        if self._listings.pop(endpoint_id, None) is not None:
            self._tasks.start(self._write())

    def _listing(self, endpoint: Endpoint) -> Listing | None:
        listing = self._listings.get(endpoint.id)
        return listing if listing is not None and listing.address == endpoint.base_url else None

    def _start(self, endpoint: Endpoint, *, is_wanted: bool) -> None:
        self._asked[endpoint.id] = now_ms()
        self._tasks.start(self._refresh(endpoint, is_wanted), f"models of {endpoint.id}")

    async def _refresh(self, endpoint: Endpoint, is_wanted: bool) -> None:
        try:
            models = await self._ask(endpoint, is_wanted)
        except (TurnFailedError, VaultError) as error:
            self._take_problem(endpoint.id, error, is_wanted)
            return
        self._problems.pop(endpoint.id, None)
        self._listings[endpoint.id] = Listing(address=endpoint.base_url, models=models, at=now_ms())
        self.changed.emit(endpoint.id)
        await self._write()

    def _take_problem(self, endpoint_id: str, error: TurnFailedError | VaultError, is_wanted: bool) -> None:
        failure = error.failure if isinstance(error, TurnFailedError) else None
        words = failure.sentence if failure is not None else str(error)
        if is_wanted:
            self.failed.emit(words)
        if failure is not None and failure.kind is FailureKind.NO_KEY and failure.status is None:
            # Nobody was asked; the endpoint's own settings say that a key is missing.
            words = ""
        if words != self._problems.get(endpoint_id, ""):
            self._problems[endpoint_id] = words
            self.changed.emit(endpoint_id)

    async def _write(self) -> None:
        try:
            await self._settings.write_models(self._listings)
        except StorageError:
            # It can be asked for again.
            return
