"""Endpoints: where replies can come from, their keys and models, and which one is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from desktop.chat.keys import read_keys
from desktop.chat.models import ModelLists
from desktop.chat.network import NetworkSettings
from desktop.chat.ports import (
    Finder,
    FoundKey,
    FoundServer,
    KeySource,
    Sender,
    Settings,
    StorageError,
    Vault,
    VaultError,
)
from desktop.chat.removed import Removed, take_keys
from desktop.chat.tasks import TaskOwner
from desktop.chat.trial import Outcome, Watch, try_out
from desktop.domain.abilities import Abilities
from desktop.domain.endpoint import Endpoint, KeyRef, ModelInfo, ModelRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.options import Options
from desktop.domain.secret import Secret
from desktop.domain.trial import Finding, Mark, Step

CHOICE = "model"


@dataclass(frozen=True, slots=True)
class EndpointPorts:
    """The outside world as the endpoints need it."""

    sender: Sender
    vault: Vault
    settings: Settings
    finder: Finder
    network: NetworkSettings | None = None
    watch: Watch | None = None


class Endpoints(QObject):
    """The configured endpoints and the chosen model.

    A known service whose key stands in `environment` is there for this run, and not stored.

    Nothing here asks the network unless the user does: `refresh_models`, `test` and `find_servers`
    are called for them. `failed` carries words for the user. `tested` carries an endpoint's id and
    the Failure, the models as a tuple of ModelInfo, or the first words of a reply where there is no
    list of models to ask for; `step_found` carries each Finding on the way there. `network` is how
    they are reached where an endpoint says nothing else. `removed` carries a Removed that `restore`
    brings back.
    """

    changed = Signal()
    choice_changed = Signal()
    models_changed = Signal(str)
    found_changed = Signal()
    key_changed = Signal(str)
    failed = Signal(str)
    tested = Signal(str, object)
    step_found = Signal(str, object)
    loaded = Signal()
    removed = Signal(object)

    def __init__(
        self,
        ports: EndpointPorts,
        tasks: TaskOwner,
        embedded: Endpoint | None,
        presets: Sequence[Endpoint] = (),
        environment: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ports = ports
        self._tasks = tasks
        self._presets = tuple(presets)
        self._environment = environment or {}
        self._borrowed: set[str] = set()
        self._embedded = embedded
        self._endpoints: tuple[Endpoint, ...] = (embedded,) if embedded is not None else ()
        self._models = ModelLists(ports.settings, tasks, self._list_models, self)
        self._models.changed.connect(self.models_changed)
        self._models.failed.connect(self.failed)
        self._keys: dict[str, FoundKey | None] = {}
        self._key_problems: dict[str, str] = {}
        self._found: tuple[FoundServer, ...] = ()
        self._keyring_name: str | None = None
        self._is_ready = False
        self._is_read = False
        self._choice = self._read_choice()
        self.network = ports.network or NetworkSettings(ports.settings, ports.vault, tasks)
        self.network.failed.connect(self.failed)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints in the user's order, the one on this computer included."""
        return self._endpoints

    @property
    def presets(self) -> tuple[Endpoint, ...]:
        """Known services, as endpoints to start from."""
        return self._presets

    @property
    def found(self) -> tuple[FoundServer, ...]:
        """The servers that the last search found on this computer."""
        return self._found

    @property
    def keyring_name(self) -> str | None:
        """The keyring in the user's words, None while unknown or where there is none."""
        return self._keyring_name

    @property
    def is_ready(self) -> bool:
        """Whether the endpoints and the keyring's name have been read."""
        return self._is_ready

    @property
    def is_read(self) -> bool:
        """Whether the endpoints have been read."""
        return self._is_read

    @property
    def is_choice_there(self) -> bool:
        """Whether the chosen endpoint is known, or is known to be gone: not while they are being read."""
        return self._is_read or self._choice is None or self.endpoint(self._choice.endpoint_id) is not None

    @property
    def has_choice_on_disk(self) -> bool:
        """Whether the user ever chose a model: False at the first start."""
        return bool(self._ports.settings.preference(CHOICE))

    @property
    def chosen_id(self) -> str:
        """The id of the endpoint the user chose, there or not; the embedded one's before any choice."""
        if self._choice is not None:
            return self._choice.endpoint_id
        return self._embedded.id if self._embedded is not None else ""

    @property
    def choice(self) -> ModelRef | None:
        """The model that the next prompt goes to."""
        if self._choice is not None and self.endpoint(self._choice.endpoint_id) is not None:
            return self._choice
        if self._embedded is not None:
            return ModelRef(self._embedded.id, self._embedded.default_model)
        return None

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint by its id."""
        return next((item for item in self._endpoints if item.id == endpoint_id), None)

    def models(self, endpoint_id: str) -> tuple[ModelInfo, ...]:
        """Return the models of an endpoint: those it listed, else those known beforehand."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is None:
            return ()
        return self._models.models(endpoint)

    def model(self, ref: ModelRef) -> ModelInfo | None:
        """Return what an endpoint said of one of its models."""
        return next((item for item in self.models(ref.endpoint_id) if item.id == ref.model), None)

    def listing_problem(self, endpoint_id: str) -> str:
        """Return in words why an endpoint did not list its models when it was last asked, or nothing."""
        return self._models.problem(endpoint_id)

    def abilities(self, options: Options, ref: ModelRef | None = None) -> Abilities | None:
        """Return what a model, else the chosen one, takes beside these options, None without any."""
        choice = ref or self.choice
        endpoint = self.endpoint(choice.endpoint_id) if choice is not None else None
        if choice is None or endpoint is None:
            return None
        takes = self._ports.sender.abilities(endpoint, choice.model, options)
        model = self.model(choice)
        return replace(takes, images=()) if model is not None and model.takes_images is False else takes

    def load(self) -> None:
        """Read the endpoints, and learn the keyring's name."""
        self._tasks.start(self._load(), "endpoints")

    def choose(self, ref: ModelRef) -> None:
        """Send the next prompts to this model, and remember that."""
        self.suggest(ref)
        self._tasks.start(self._write_preference(CHOICE, f"{ref.endpoint_id}\t{ref.model}"))

    def suggest(self, ref: ModelRef) -> None:
        """Send the next prompts to this model, for this conversation; ignored for a lost endpoint."""
        if self.endpoint(ref.endpoint_id) is not None and ref != self._choice:
            self._choice = ref
            self.choice_changed.emit()

    def add(self, endpoint: Endpoint, secret: Secret | None = None, *, this_run_only: bool = False) -> str:
        """Add an endpoint, with its key if there is one; return its id, made unique."""
        taken = {item.id for item in self._endpoints}
        unique = endpoint.id
        number = 2
        while unique in taken:
            unique = f"{endpoint.id}-{number}"
            number += 1
        if unique != endpoint.id:
            key = KeyRef(unique, endpoint.key.variables) if endpoint.key is not None else None
            endpoint = replace(endpoint, id=unique, key=key)
        self._set((*self._endpoints, endpoint))
        if secret is not None:
            self.store_key(unique, secret, this_run_only=this_run_only)
        else:
            self._tasks.start(self._read_key(endpoint))
        return unique

    def replace(self, endpoint: Endpoint) -> None:
        """Put a changed endpoint in the place of the one with its id."""
        self._borrowed.discard(endpoint.id)
        self._set(tuple(endpoint if item.id == endpoint.id else item for item in self._endpoints))
        self._tasks.start(self._read_key(endpoint))

    def remove(self, endpoint_id: str) -> None:
        """Remove an endpoint and its key. The conversations stay."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is None:
            return
        at = self._endpoints.index(endpoint)
        self._set(tuple(item for item in self._endpoints if item.id != endpoint_id))
        self._models.forget(endpoint_id)
        self._tasks.start(self._remove_keys(endpoint, at))

    def restore(self, removed: Removed) -> None:
        """Bring back an endpoint that was removed, at its place, with its keys."""
        if self.endpoint(removed.endpoint.id) is None:
            before, after = self._endpoints[: removed.at], self._endpoints[removed.at :]
            self._set((*before, removed.endpoint, *after))
            self._tasks.start(self._restore_keys(removed))

    def store_key(self, endpoint_id: str, secret: Secret, *, this_run_only: bool = False) -> None:
        """Put a key into the keyring, or keep it in memory for this run only."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is not None and (endpoint.key is None or endpoint_id in self._borrowed):
            self._borrowed.discard(endpoint_id)
            endpoint = replace(endpoint, key=endpoint.key or KeyRef(endpoint_id))
            self._set(tuple(endpoint if item.id == endpoint_id else item for item in self._endpoints))
        if endpoint is not None:
            self._tasks.start(self._store_key(endpoint, secret, this_run_only))

    def store_header_key(self, ref: KeyRef, secret: Secret, *, this_run_only: bool = False) -> None:
        """Put the key of a header into the keyring, or keep it in memory for this run only."""
        self._tasks.start(self._write_key(ref, secret, this_run_only))

    def delete_key(self, endpoint_id: str) -> None:
        """Remove an endpoint's key from the keyring and from memory."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is not None and endpoint.key is not None:
            self._tasks.start(self._delete_key(endpoint))

    def key_words(self, endpoint_id: str) -> str:
        """Say whether an endpoint has a key, what it looks like masked, and where it is kept."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is None or endpoint.key is None:
            return self.tr("No key needed")
        if problem := self._key_problems.get(endpoint_id):
            return problem
        found = self._keys.get(endpoint_id)
        if found is None:
            return self.tr("No key yet")
        masked = found.secret.masked
        match found.source:
            case KeySource.KEYRING:
                where = self._keyring_name or self.tr("the keyring")
                return self.tr("{key}, in {keyring}").format(key=masked, keyring=where)
            case KeySource.MEMORY:
                return self.tr("{key}, for this run only").format(key=masked)
            case KeySource.ENVIRONMENT:
                return self.tr("{key}, from {variable}, for this run").format(
                    key=masked, variable=found.variable
                )

    def key_source(self, endpoint_id: str) -> KeySource | None:
        """Return where an endpoint's key comes from, None without one."""
        found = self._keys.get(endpoint_id)
        return found.source if found is not None else None

    def read_key(self, endpoint_id: str) -> None:
        """Look for an endpoint's key again; `key_changed` follows."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is not None:
            self._tasks.start(self._read_key(endpoint))

    def refresh_models(self, endpoint_id: str) -> None:
        """Ask an endpoint for its models; `models_changed` or `failed` follows."""
        endpoint = self.endpoint(endpoint_id)
        if endpoint is not None and not endpoint.embedded:
            self._models.refresh(endpoint)

    def freshen_models(self, endpoint_id: str) -> None:
        """Ask an endpoint for its models if what it listed is old or missing; a failure stays unsaid.

        For where the models are about to be seen.
        """
        endpoint = self.endpoint(endpoint_id)
        if endpoint is not None and not endpoint.embedded:
            self._models.freshen(endpoint)

    def test(self, endpoint: Endpoint, secret: Secret | None = None) -> None:
        """Ask an endpoint, stored or not, for its models with a key that need not be stored.

        One whose protocol has no such question is sent a greeting. `tested` carries the endpoint's id
        and its models, the first words of its reply, or a Failure.
        """
        self._tasks.start(self._test(endpoint, secret), "test")

    def find_servers(self, *, again: bool = False) -> None:
        """Look for model servers on this computer, once a run or `again`; `found_changed` follows."""
        self._tasks.start(self._find(again), "find")

    def use_found(self, server: FoundServer) -> None:
        """Add a found server, unless it is there already, and choose its first model."""
        known = next((item for item in self._endpoints if item.base_url == server.endpoint.base_url), None)
        endpoint = replace(server.endpoint, models=server.models)
        endpoint_id = known.id if known is not None else self.add(endpoint)
        model = endpoint.default_model or next(iter(server.models), "")
        self.choose(ModelRef(endpoint_id, model))

    def use_demo(self) -> None:
        """Choose the demo model on this computer."""
        if self._embedded is not None:
            self._set_embedded(self._embedded)
            self.choose(ModelRef(self._embedded.id, self._embedded.default_model))

    def use_model_file(self, endpoint: Endpoint) -> None:
        """Choose a model file of the user's own, given as the embedded endpoint made for it."""
        self._set_embedded(endpoint)
        self.choose(ModelRef(endpoint.id, endpoint.default_model))

    def _set_embedded(self, endpoint: Endpoint) -> None:
        self._set(tuple(endpoint if item.embedded else item for item in self._endpoints))

    def _set(self, endpoints: tuple[Endpoint, ...]) -> None:
        before = self.choice
        self._endpoints = endpoints
        self.changed.emit()
        if self.choice != before:
            self.choice_changed.emit()
        self._tasks.start(self._write())

    def _read_choice(self) -> ModelRef | None:
        endpoint_id, tab, model = self._ports.settings.preference(CHOICE).partition("\t")
        return ModelRef(endpoint_id, model) if tab else None

    async def read(self) -> None:
        """Read the endpoints from disk; what can't be read is said by `failed`."""
        try:
            stored = await self._ports.settings.read_endpoints()
        except StorageError as error:
            self.failed.emit(str(error))
            stored = ()
        before = self.choice
        self._choice = self._read_choice() or self._choice
        borrowed = self._borrow({item.id for item in stored})
        self._borrowed = {item.id for item in borrowed}
        has_embedded = any(item.embedded for item in stored)
        first = (self._embedded,) if self._embedded is not None and not has_embedded else ()
        self._endpoints = (*first, *stored, *borrowed)
        self._is_read = True
        self.changed.emit()
        if self.choice != before:
            self.choice_changed.emit()
        self.loaded.emit()
        await self._models.read()

    def _borrow(self, taken: set[str]) -> tuple[Endpoint, ...]:
        """Return the presets, but those taken, whose key is in the environment."""
        return tuple(
            preset
            for preset in self._presets
            if preset.id not in taken
            and preset.key is not None
            and all(self._is_set(ref) for ref in (preset.key, *(ref for _, ref in preset.header_keys)))
        )

    def _is_set(self, ref: KeyRef) -> bool:
        return any(self._environment.get(name, "").strip() for name in ref.variables)

    async def _load(self) -> None:
        await self.read()
        self._keyring_name = await self._ports.vault.describe()
        self._is_ready = True
        self.key_changed.emit("")

    async def _write(self) -> None:
        try:
            kept = tuple(item for item in self._endpoints if item.id not in self._borrowed)
            await self._ports.settings.write_endpoints(kept)
        except StorageError as error:
            self.failed.emit(str(error))

    async def _write_preference(self, name: str, value: str) -> None:
        try:
            await self._ports.settings.write_preference(name, value)
        except StorageError as error:
            self.failed.emit(str(error))

    async def _store_key(self, endpoint: Endpoint, secret: Secret, this_run_only: bool) -> None:
        if endpoint.key is None:
            return
        await self._write_key(endpoint.key, secret, this_run_only)
        await self._read_key(endpoint)

    async def _write_key(self, ref: KeyRef, secret: Secret, this_run_only: bool) -> None:
        if this_run_only:
            self._ports.vault.hold(ref, secret)
            return
        try:
            await self._ports.vault.write(ref, secret)
        except VaultError as error:
            # The key was typed for now: it works for this run although it could not be stored.
            self._ports.vault.hold(ref, secret)
            self.failed.emit(str(error))

    async def _remove_keys(self, endpoint: Endpoint, at: int) -> None:
        """Delete what the keyring has for an endpoint, and say what it was."""
        keys = await take_keys(self._ports.vault, endpoint, self.failed.emit)
        self._keys.pop(endpoint.id, None)
        self.key_changed.emit(endpoint.id)
        self.removed.emit(Removed(endpoint, at, keys))

    async def _restore_keys(self, removed: Removed) -> None:
        for ref, found in removed.keys:
            await self._write_key(ref, found.secret, found.source is KeySource.MEMORY)
        await self._read_key(removed.endpoint)

    async def _delete_key(self, endpoint: Endpoint) -> None:
        if endpoint.key is None:
            return
        try:
            await self._ports.vault.delete(endpoint.key)
        except VaultError as error:
            self.failed.emit(str(error))
        await self._read_key(endpoint)

    async def _read_key(self, endpoint: Endpoint) -> None:
        found: FoundKey | None = None
        self._key_problems.pop(endpoint.id, None)
        if endpoint.key is not None:
            try:
                found = await self._ports.vault.read(endpoint.key)
            except VaultError as error:
                self._key_problems[endpoint.id] = str(error)
        self._keys[endpoint.id] = found
        self.key_changed.emit(endpoint.id)

    async def _key_for(self, endpoint: Endpoint, typed: Secret | None = None) -> Secret | None:
        """Return the endpoint's key with those beside it, or a typed one in its place."""
        found = await read_keys(self._ports.vault, endpoint)
        if found is None:
            return typed
        return Secret(typed.reveal(), found.secret.beside) if typed is not None else found.secret

    async def _list_models(self, endpoint: Endpoint, is_wanted: bool) -> tuple[ModelInfo, ...]:
        if not is_wanted and endpoint.key is not None and await self._ports.vault.read(endpoint.key) is None:
            raise TurnFailedError(Failure(kind=FailureKind.NO_KEY, endpoint=endpoint.name))
        listed = await self._ports.sender.fetch_models(endpoint, await self._key_for(endpoint))
        # Where the protocol lists none, those typed by hand are all there are.
        return listed if listed is not None else ()

    async def _test(self, endpoint: Endpoint, secret: Secret | None) -> None:
        def report(finding: Finding) -> None:
            self.step_found.emit(endpoint.id, finding)

        outcome: Outcome
        try:
            key = await self._key_for(endpoint, secret)
        except VaultError as error:
            # What can't be read now is still there; nothing is deleted because of it.
            outcome = Failure(kind=FailureKind.NO_KEY, endpoint=endpoint.name, words=str(error))
            report(Finding(Step.KEY, Mark.BAD, failure=outcome))
        else:
            outcome = await try_out(self._ports.sender, self._ports.watch, endpoint, key, report)
        self.tested.emit(endpoint.id, outcome)

    async def _find(self, again: bool) -> None:
        finder = self._ports.finder
        self._found = await (finder.find_again() if again else finder.find())
        self.found_changed.emit()
