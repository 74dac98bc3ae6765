"""NetworkSettings: the way to the services as the user set it, and each request's route made from that."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import fields

from PySide6.QtCore import QObject, Signal

from desktop.base.tongue import translate
from desktop.chat.ports import Settings, StorageError, Vault, VaultError
from desktop.chat.tasks import TaskOwner
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.identity import new_id
from desktop.domain.network import (
    DIRECT,
    LIMITS,
    SYSTEM,
    Network,
    ProxyAddressError,
    Route,
    read_proxy,
)
from desktop.domain.secret import Secret

PROXY_KEY = "network/proxy"
"""The name, in the keyring, of what the proxy for all endpoints wants to hear."""

_PREFIX = "network."
_MODE = "network.proxy_mode"
_BY_HAND = "manual"


def new_proxy_key() -> str:
    """Return a new name, for the keyring, of what an endpoint's own proxy wants to hear."""
    return f"{PROXY_KEY}/{new_id()}"


class NetworkSettings(QObject):
    """What is set for all endpoints, kept in the preferences; a proxy's name and password in the keyring.

    Every request's route is made anew, so that a change counts for the next one. `changed` follows
    every change, `failed` carries words for the user, `ca_file_checked` a path and why it can't be used,
    empty where it can. `certificate_problem` judges a file of
    certificates; it may take its time and runs on a thread.
    """

    changed = Signal()
    failed = Signal(str)
    ca_file_checked = Signal(str, str)

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        tasks: TaskOwner,
        certificate_problem: Callable[[str], str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._vault = vault
        self._tasks = tasks
        self._certificate_problem = certificate_problem or (lambda _: "")
        # The disk follows; what was set counts at once.
        self._values: dict[str, str] = {}
        self._unstored: set[str] = set()

    @property
    def network(self) -> Network:
        """What counts where an endpoint sets nothing of its own."""
        mode = self.mode
        by_hand = mode == _BY_HAND
        times = {name: self._seconds(name) for name in LIMITS}
        return Network(
            proxy=self.address if by_hand else mode,
            proxy_key=self._read("proxy_key") if by_hand else "",
            ca_file=self._read("ca_file"),
            **times,
        )

    @property
    def mode(self) -> str:
        """SYSTEM, DIRECT or "manual"."""
        kept = self._value(_MODE)
        return kept if kept in (DIRECT, _BY_HAND) else SYSTEM

    @property
    def address(self) -> str:
        """The proxy's address as set by hand, also while it is not used."""
        return self._read("proxy")

    @property
    def has_login(self) -> bool:
        """Whether the proxy set by hand has a name and password in the keyring."""
        return bool(self._read("proxy_key"))

    def is_for_this_run(self, key: str = PROXY_KEY) -> bool:
        """Whether a login is in memory alone, because the keyring did not take it."""
        return key in self._unstored

    def choose_mode(self, mode: str) -> None:
        """Use the system's proxy, none, or the one set by hand, which is kept in every case."""
        self._put({_MODE: mode})

    def set_proxy(self, text: str) -> str:
        """Use the proxy in `text` and return its address without name and password.

        Those go into the keyring; an address typed without them keeps what its proxy was given
        before. Raises ProxyAddressError, after which nothing is changed.
        """
        found = read_proxy(text)
        key = PROXY_KEY if found.login else self._read("proxy_key") if found.url == self.address else ""
        if found.login is not None:
            self.keep_login(PROXY_KEY, found.login)
        elif not key:
            self._drop_login()
        self._put({_MODE: _BY_HAND, f"{_PREFIX}proxy": found.url, f"{_PREFIX}proxy_key": key})
        return found.url

    def forget_login(self) -> None:
        """Remove the name and password of the proxy set by hand."""
        self._drop_login()
        self._put({f"{_PREFIX}proxy_key": ""})

    def set_ca_file(self, path: str) -> None:
        """Trust the certificates in a file beside the system's, or with an empty path only those."""
        self._put({f"{_PREFIX}ca_file": path})

    def set_seconds(self, name: str, seconds: float | None) -> None:
        """Set one of the LIMITS, None for its normal value."""
        self._put({f"{_PREFIX}{name}": "" if seconds is None else f"{seconds:g}"})

    def keep_login(self, key: str, login: Secret) -> None:
        """Put a proxy's login into the keyring. It counts at once, whatever the keyring takes or says."""
        self._vault.hold(KeyRef(key), login)
        self._unstored.discard(key)
        self._tasks.start(self._keep_login(KeyRef(key), login))

    def drop_login(self, key: str) -> None:
        """Remove the login of an endpoint's own proxy from the keyring."""
        self._tasks.start(self._delete_login(KeyRef(key)))

    def hold_login(self, key: str, login: Secret) -> None:
        """Keep a login in memory for this run, to try a proxy with it."""
        self._vault.hold(KeyRef(key), login)

    def check_ca_file(self, path: str, *, uses: bool = False) -> None:
        """Judge a file of certificates, and use a good one from now on if it `uses` it.

        `ca_file_checked` follows.
        """
        self._tasks.start(self._check_ca_file(path, uses), "certificates")

    async def _check_ca_file(self, path: str, uses: bool) -> None:
        problem = await asyncio.to_thread(self._certificate_problem, path) if path else ""
        if uses and not problem:
            self.set_ca_file(path)
        self.ca_file_checked.emit(path, problem)

    async def route(self, endpoint: Endpoint) -> Route:
        """Return how a request to an endpoint goes. Raises TurnFailedError."""
        network = endpoint.network.over(self.network)
        if network.proxy not in (SYSTEM, DIRECT):
            self._check(network.proxy, endpoint)
        shared = {field.name for field in fields(Route)} & {field.name for field in fields(Network)}
        taken = {name: getattr(network, name) for name in shared}
        return Route(**taken, login=await self._login(network, endpoint))

    def _check(self, proxy: str, endpoint: Endpoint) -> None:
        words = ""
        try:
            if read_proxy(proxy).login is not None:
                words = translate(
                    "Network",
                    "The proxy’s name and password stand in a file. Enter the proxy anew under Settings, "
                    "Network.",
                )
        except ProxyAddressError as error:
            words = str(error)
        if words:
            raise _failed(endpoint, words)

    async def _login(self, network: Network, endpoint: Endpoint) -> Secret | None:
        if not network.proxy_key or network.proxy in (SYSTEM, DIRECT):
            return None
        try:
            found = await self._vault.read(KeyRef(network.proxy_key))
        except VaultError as error:
            raise _failed(endpoint, str(error)) from None
        # Without what is gone from the keyring the proxy asks for it, in words of its own.
        return found.secret if found is not None else None

    def _read(self, name: str) -> str:
        return self._value(f"{_PREFIX}{name}")

    def _value(self, name: str) -> str:
        return self._values.get(name, self._settings.preference(name))

    def _seconds(self, name: str) -> float | None:
        try:
            value = float(self._read(name))
        except ValueError:
            return None
        limit = LIMITS[name]
        return None if math.isnan(value) else min(max(value, limit.least), limit.most)

    def _put(self, values: dict[str, str]) -> None:
        changes = {name: value for name, value in values.items() if value != self._value(name)}
        if not changes:
            return
        self._values |= changes
        self.changed.emit()
        for name, value in changes.items():
            self._tasks.start(self._write(name, value))

    async def _write(self, name: str, value: str) -> None:
        try:
            await self._settings.write_preference(name, value)
        except StorageError as error:
            self.failed.emit(str(error))

    def _drop_login(self) -> None:
        if self.has_login:
            self._tasks.start(self._delete_login(KeyRef(PROXY_KEY)))

    async def _keep_login(self, ref: KeyRef, login: Secret) -> None:
        try:
            await self._vault.write(ref, login)
        except VaultError as error:
            self._unstored.add(ref.name)
            self.changed.emit()
            self.failed.emit(str(error))

    async def _delete_login(self, ref: KeyRef) -> None:
        try:
            await self._vault.delete(ref)
        except VaultError as error:
            self.failed.emit(str(error))


def _failed(endpoint: Endpoint, words: str) -> TurnFailedError:
    return TurnFailedError(
        Failure(
            kind=FailureKind.PROXY,
            endpoint=endpoint.name,
            address=endpoint.base_url,
            host=endpoint.base_url.partition("://")[2].partition("/")[0].partition(":")[0],
            words=words,
        )
    )
