"""Vault: keys in the system's keyring, in this run's memory and in the environment."""

import asyncio
import importlib
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from desktop.base.session_bus import has_session_bus
from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.base.worker import Worker
from desktop.domain.endpoint import KeyRef
from desktop.domain.failure import VaultError
from desktop.domain.secret import FoundKey, KeySource, Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_LOG = logging.getLogger(__name__)

SERVICE = "weir"
PROMPT_SECONDS = 60.0
"""How long a keyring may ask the user for its password before the caller hears that it did not answer."""

# CRED_MAX_CREDENTIAL_BLOB_SIZE is 2560 bytes, and keyring stores UTF-16.
_WINDOWS_LIMIT = 1280

_SILENT = QT_TRANSLATE_NOOP("Vault", "The keyring is locked or did not answer. Unlock it, then try again.")
_NONE = QT_TRANSLATE_NOOP(
    "Vault",
    "There is no keyring on this system to keep the key in. Install one, for instance "
    "GNOME Keyring or KWallet, or keep the key for this run only.",
)
_UNFIT = QT_TRANSLATE_NOOP(
    "Vault",
    "The keyring set up for Python ({name}) can't be used. Correct that setting, or keep "
    "the key for this run only.",
)
_NOT_SET_UP = QT_TRANSLATE_NOOP(
    "Vault",
    "The keyring is not set up yet, or its question was dismissed. Open your system's "
    "password manager once to set it up, or keep the key for this run only.",
)
_NOT_TAKEN = QT_TRANSLATE_NOOP(
    "Vault", "{name} did not take the key. Unlock it and try again, or keep the key for this run only."
)
_NOT_GIVEN_BACK = QT_TRANSLATE_NOOP(
    "Vault",
    "{name} took the key but did not give it back, so it may not be stored. Try again, "
    "or keep the key for this run only.",
)
_NOT_READ = QT_TRANSLATE_NOOP(
    "Vault", "{name} did not give the key. Unlock it and try again, or enter the key for this run only."
)
_NOT_DELETED = QT_TRANSLATE_NOOP(
    "Vault", "{name} did not delete the key. Unlock it and try again, or delete it in your password manager."
)
_EMPTY = QT_TRANSLATE_NOOP("Vault", "There is no key in this text. Paste the key as the service shows it.")
_TOO_LONG = QT_TRANSLATE_NOOP(
    "Vault", "This key is longer than {name} can keep. Check that only the key was pasted."
)

_FREEDESKTOP = "keyring.backends.SecretService"
_SYSTEM_KEYRINGS = (
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
    (_FREEDESKTOP, "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.libsecret", "Keyring"),
)
_NAMES = {
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.libsecret": "Secret Service",
    _FREEDESKTOP: "Secret Service",
}
# What the process that serves org.freedesktop.secrets is called; Linux cuts names at 15 characters.
_SERVERS = {
    "gnome-keyring-d": "GNOME Keyring",
    "keepassxc": "KeePassXC",
    "kwalletd5": "KWallet",
    "kwalletd6": "KWallet",
    "ksecretd": "KWallet",
    "oo7-daemon": "oo7 keyring",
    "oo7-server": "oo7 keyring",
}
# Backends that keep nothing, or keep it readable for everyone who gets at the file.
_NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt", "keyring.backends.chainer")

_SECRETS = "org.freedesktop.secrets"
# Where a user of Python's keyring may have chosen another one.
_CHOICE = Path("python_keyring", "keyringrc.cfg")

T = TypeVar("T")


class KeyringVault:
    """Reads and writes keys on a daemon thread, for which nothing at the program's end waits.

    A keyring that is locked asks the user and blocks meanwhile, without limit; a caller hears of it
    after `seconds`. A key that was read once stays in memory for the run, as a Secret. No key ever
    stands in an exception, a log or a repr. Use it from one event loop's thread.
    """

    def __init__(
        self, *, seconds: float = PROMPT_SECONDS, environment: Mapping[str, str] | None = None
    ) -> None:
        self._seconds = seconds
        self._environment = os.environ if environment is None else environment
        self._worker = Worker("weir-vault")
        self._memory: dict[str, FoundKey] = {}
        # The keyring answers in its own time: what was asked for last counts, not what ends last.
        self._orders: Counter[str] = Counter()
        self._keyring = _Keyring()

    async def read(self, ref: KeyRef) -> FoundKey | None:
        """Return the key from memory, the keyring or the environment, in this order.

        A keyring that fails is passed over where the environment has the key, and a system without
        any keyring counts as one without this key. Raises VaultError.
        """
        found = self._memory.get(ref.name)
        if found is not None:
            return found
        order = self._orders[ref.name]
        try:
            secret = await self._ask(lambda: self._keyring.read(ref.name))
        except VaultError:
            from_environment = self._from_environment(ref)
            if from_environment is None:
                raise
            return from_environment
        if secret is None:
            return self._from_environment(ref)
        found = FoundKey(secret, KeySource.KEYRING)
        if order == self._orders[ref.name]:
            self._memory[ref.name] = found
        return self._memory.get(ref.name, found)

    async def write(self, ref: KeyRef, secret: Secret) -> None:
        """Store a key in the keyring and read it back. Raises VaultError; then the old key still counts."""
        if not secret:
            raise VaultError(translate("Vault", _EMPTY))
        order = self._new_order(ref)
        await self._ask(lambda: self._keyring.write(ref.name, secret))
        if order == self._orders[ref.name]:
            self._memory[ref.name] = FoundKey(secret, KeySource.KEYRING)

    def hold(self, ref: KeyRef, secret: Secret) -> None:
        """Keep a key in memory for this run only."""
        self._new_order(ref)
        self._memory[ref.name] = FoundKey(secret, KeySource.MEMORY)

    async def delete(self, ref: KeyRef) -> None:
        """Remove a key from the keyring and from memory; none there is fine. Raises VaultError."""
        order = self._new_order(ref)
        await self._ask(lambda: self._keyring.delete(ref.name))
        if order == self._orders[ref.name]:
            self._memory.pop(ref.name, None)

    async def describe(self) -> str | None:
        """Return the name of the keyring in the user's words, or None where there is none to be used."""
        try:
            return await self._ask(self._keyring.describe)
        except VaultError as problem:
            _LOG.info("No keyring: %s", problem)
            return None

    def close(self) -> None:
        """Take no more work and forget the keys. Does not wait: the keyring may be asking the user."""
        self._worker.close()
        self._memory.clear()

    def _new_order(self, ref: KeyRef) -> int:
        self._orders[ref.name] += 1
        return self._orders[ref.name]

    def _from_environment(self, ref: KeyRef) -> FoundKey | None:
        for variable in ref.variables:
            secret = Secret(self._environment.get(variable, ""))
            if secret:
                return FoundKey(secret, KeySource.ENVIRONMENT, variable)
        return None

    async def _ask(self, call: "Callable[[], T]") -> T:
        try:
            future: Future[T] = self._worker.submit(call)
        except RuntimeError:
            raise VaultError(
                translate("Vault", "Weir is closing; the keyring is not asked any more.")
            ) from None
        try:
            # Cancels what is still queued: a key given up on must not be stored minutes later.
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            failure = VaultError(translate("Vault", _SILENT))
        raise failure


class _Keyring:
    """The keyring as the vault's thread sees it. Every method raises VaultError alone, without a context."""

    def __init__(self) -> None:
        self._backend: KeyringBackend | None = None

    def read(self, name: str) -> Secret | None:
        backend = self._find()
        if backend is None:
            return None

        def get() -> Secret | None:
            value = backend.get_password(SERVICE, name)
            return Secret(value) if value else None

        return self._try(get, _NOT_READ)

    def write(self, name: str, secret: Secret) -> None:
        backend = self._find()
        if backend is None:
            raise VaultError(translate("Vault", _NONE))
        if type(backend).__module__ == "keyring.backends.Windows" and len(secret.reveal()) > _WINDOWS_LIMIT:
            raise VaultError(translate("Vault", _TOO_LONG).format(name=_human_name(backend)))
        self._try(lambda: backend.set_password(SERVICE, name, secret.reveal()), _NOT_TAKEN)
        # Some backends take a key and lose it without a word.
        if self.read(name) != secret:
            raise VaultError(translate("Vault", _NOT_GIVEN_BACK).format(name=_human_name(backend)))

    def delete(self, name: str) -> None:
        backend = self._find()
        if backend is None:
            return

        def remove() -> None:
            # Deleting what is not there is an error that can't be told from others.
            if backend.get_password(SERVICE, name) is not None:
                backend.delete_password(SERVICE, name)

        self._try(remove, _NOT_DELETED)

    def describe(self) -> str | None:
        # The backend brings a whole library of cryptography, which the name alone is not worth.
        if self._backend is None:
            with suppress(LookupError):
                return _name_at_a_glance()
        backend = self._find()
        return None if backend is None else _human_name(backend)

    def _find(self) -> "KeyringBackend | None":
        """Return the backend to use. Looks again while there is none: a keyring may start after Weir."""
        if self._backend is None:
            failure: VaultError | None = None
            try:
                self._backend = _best_backend()
            except OSError as problem:
                # The address of a message bus that is gone, left in the environment.
                _LOG.info("No keyring can be reached: %s", type(problem).__name__)
            except Exception as problem:
                _LOG.warning("The keyring could not be found out: %s", type(problem).__name__)
                failure = VaultError(translate("Vault", _UNFIT).format(name=_configured_name()))
            if failure is not None:
                raise failure
        return self._backend

    def _try(self, call: "Callable[[], T]", otherwise: str) -> T:
        """Run a call of the backend and turn whatever it raises into words.

        Raised outside of the handler, so that no exception of the backend, whose frames and texts
        may hold the key, hangs on the VaultError.
        """
        try:
            return call()
        except Exception as problem:
            kinds = {kind.__name__ for kind in type(problem).__mro__}
            _LOG.info("The keyring failed: %s", type(problem).__name__)
        if kinds & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
            raise VaultError(translate("Vault", _SILENT))
        if "InitError" in kinds:
            raise VaultError(translate("Vault", _NOT_SET_UP))
        if "NoKeyringError" in kinds:
            raise VaultError(translate("Vault", _NONE))
        backend = self._backend
        # The keyring may have gone away; look for it anew the next time.
        self._backend = None
        name = translate("Vault", "The keyring") if backend is None else _human_name(backend)
        raise VaultError(translate("Vault", otherwise).format(name=name))


def _configured_name() -> str:
    return os.environ.get("PYTHON_KEYRING_BACKEND", "") or "keyringrc.cfg"


def _best_backend() -> "KeyringBackend | None":
    """Return the user's choice or the best keyring of this system, or None without any.

    Not keyring.get_keyring(): that keeps its first answer for good, even "none yet", and may choose
    a plug-in that happens to be installed and keeps keys as plain text.
    """
    from keyring import core

    chosen = core.load_env() or core.load_config()
    if chosen is not None:
        return chosen if _is_safe(chosen) else None
    best: KeyringBackend | None = None
    for module, name in _SYSTEM_KEYRINGS:
        if module == _FREEDESKTOP and _secret_service_name() is None:
            continue
        try:
            kind = getattr(importlib.import_module(module), name)
            # Asking for the priority of a keyring that is not there raises.
            if best is None or kind.priority > best.priority:
                kind.priority  # noqa: B018
                best = kind()
        except Exception as problem:
            _LOG.debug("No %s here: %s", module, type(problem).__name__)
    return best


def _is_safe(backend: object) -> bool:
    module = type(backend).__module__
    return not any(module == name or module.startswith(name + ".") for name in _NO_KEYRINGS)


def _human_name(backend: object) -> str:
    """Return what a user calls this keyring."""
    module = type(backend).__module__
    if module in {_FREEDESKTOP, "keyring.backends.libsecret"}:
        return _secret_service_name() or "Secret Service"
    name = next((name for start, name in _NAMES.items() if module.startswith(start)), None)
    return name or str(getattr(backend, "name", "")) or type(backend).__name__


def _name_at_a_glance() -> str | None:
    """Return what the keyring is called, None without one. Raises LookupError if that takes a closer look."""
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    is_chosen = os.environ.get("PYTHON_KEYRING_BACKEND") or (settings / _CHOICE).exists()
    if sys.platform != "linux" or is_chosen:
        raise LookupError
    if not has_session_bus():
        # All of this system's keyrings are asked over it.
        return None
    # On KDE's desktop keyring prefers KWallet.
    is_kde = "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    if is_kde or (name := _secret_service_name()) is None:
        raise LookupError
    return name


def _secret_service_name() -> str | None:
    """Return which program serves the Secret Service, as far as the bus and /proc tell; None without one."""
    try:
        from jeepney.io.blocking import open_dbus_connection

        with closing(open_dbus_connection("SESSION")) as connection:
            process = _call_bus(connection, "GetConnectionUnixProcessID", "s", (_SECRETS,))
            if not isinstance(process, int):
                # It is started when it is asked for something.
                names = _call_bus(connection, "ListActivatableNames")
                return "Secret Service" if isinstance(names, list) and _SECRETS in names else None
        server = Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
    except Exception as problem:
        _LOG.debug("The Secret Service's program is not known: %s", type(problem).__name__)
        return None
    return _SERVERS.get(server, "Secret Service")


def _call_bus(connection: Any, method: str, signature: str | None = None, body: tuple[str, ...] = ()) -> Any:
    from jeepney import DBusAddress, MessageType, new_method_call

    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    answer = connection.send_and_get_reply(new_method_call(bus, method, signature, body), timeout=2)
    return answer.body[0] if answer.header.message_type is MessageType.method_return else None
