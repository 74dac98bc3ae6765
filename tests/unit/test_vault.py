"""Keys go into a real keyring and come back; nothing that fails shows, loses or overwrites one."""

import asyncio
import gc
import logging
import os
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.chat.ports import Vault
from desktop.domain.endpoint import KeyRef
from desktop.domain.failure import VaultError
from desktop.domain.secret import FoundKey, KeySource, Secret
from desktop.vault import KeyringVault
from tests.support.keyring import SecretService

VALUE = "sk-proj-THIS-IS-THE-VERY-SECRET-VALUE-0123456789"
NEWER = Secret(VALUE + "-newer")
REF = KeyRef("openai", ("WEIR_TEST_FIRST", "WEIR_TEST_KEY"))

# keyring leaves its connection to the bus open when the keyring stays locked.
leaves_sockets = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def _collect_sockets() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def vault() -> Iterator[KeyringVault]:
    made = KeyringVault(seconds=5, environment={})
    yield made
    made.close()


def shown(problem: BaseException) -> str:
    """Return all that a log or a crash report could show of an exception."""
    told = traceback.TracebackException.from_exception(problem, capture_locals=True)
    parts = ["".join(told.format()), repr(problem), repr(problem.args)]
    context = problem.__context__ or problem.__cause__
    return "".join(parts) + (shown(context) if context is not None else "")


def test_a_vault_is_what_chat_asks_for(vault: KeyringVault) -> None:
    names = [name for name in vars(Vault) if not name.startswith("_")]
    assert [name for name in names if not callable(getattr(vault, name, None))] == []


async def test_a_key_comes_back_in_the_next_run(vault: KeyringVault, secret_service: SecretService) -> None:
    await vault.write(REF, Secret(VALUE))
    assert secret_service.entries() == {"openai": VALUE}
    next_run = KeyringVault(environment={})
    assert await next_run.read(REF) == FoundKey(Secret(VALUE), KeySource.KEYRING)
    assert await next_run.read(KeyRef("other")) is None
    next_run.close()


async def test_a_newer_key_replaces_the_older(vault: KeyringVault, secret_service: SecretService) -> None:
    await vault.write(REF, Secret("first"))
    await vault.write(REF, Secret("second"))
    assert secret_service.entries() == {"openai": "second"}
    found = await vault.read(REF)
    assert found is not None
    assert found.secret == Secret("second")


async def test_deleting_removes_it_everywhere_and_twice_is_fine(
    vault: KeyringVault, secret_service: SecretService
) -> None:
    await vault.write(REF, Secret(VALUE))
    await vault.delete(REF)
    await vault.delete(REF)
    assert secret_service.entries() == {}
    assert await vault.read(REF) is None


async def test_the_keyring_is_called_what_the_user_calls_it(
    vault: KeyringVault, secret_service: SecretService
) -> None:
    assert await vault.describe() == "GNOME Keyring"


async def test_a_key_that_was_read_needs_no_keyring_any_more(
    vault: KeyringVault, secret_service: SecretService
) -> None:
    await vault.write(REF, Secret(VALUE))
    secret_service.freeze()
    assert await vault.read(REF) == FoundKey(Secret(VALUE), KeySource.KEYRING)


async def test_held_then_kept_then_environment_is_the_order(secret_service: SecretService) -> None:
    vault = KeyringVault(environment={"WEIR_TEST_KEY": " from-environment\n", "WEIR_TEST_FIRST": ""})
    assert await vault.read(REF) == FoundKey(
        Secret("from-environment"), KeySource.ENVIRONMENT, "WEIR_TEST_KEY"
    )
    assert secret_service.entries() == {}
    await vault.write(REF, Secret("from-keyring"))
    assert (await vault.read(REF)) == FoundKey(Secret("from-keyring"), KeySource.KEYRING)
    vault.hold(REF, Secret("from-memory"))
    assert (await vault.read(REF)) == FoundKey(Secret("from-memory"), KeySource.MEMORY)
    assert secret_service.entries() == {"openai": "from-keyring"}
    vault.close()


def name_of_the_keyring_elsewhere(*libraries: str) -> str:
    """Return what a process of its own says the keyring is, and which of these libraries that took."""
    code = (
        "import asyncio, sys\nfrom desktop.vault import KeyringVault\nvault = KeyringVault()\n"
        "print(asyncio.run(vault.describe()), [name for name in sys.argv[1:] if name in sys.modules])"
    )
    program = [sys.executable, "-c", code, *libraries]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_naming_the_keyring_takes_none_of_what_reads_keys(secret_service: SecretService) -> None:
    assert name_of_the_keyring_elsewhere("cryptography", "keyring") == "GNOME Keyring []"


def test_without_a_bus_there_is_nothing_to_ask_with() -> None:
    assert name_of_the_keyring_elsewhere("cryptography", "keyring", "jeepney") == "None []"


async def test_what_was_asked_for_last_counts_whatever_ends_last(
    vault: KeyringVault, secret_service: SecretService
) -> None:
    writing = asyncio.ensure_future(vault.write(REF, Secret(VALUE)))
    await asyncio.sleep(0)
    vault.hold(REF, NEWER)
    await writing
    assert await vault.read(REF) == FoundKey(NEWER, KeySource.MEMORY)
    deleting = asyncio.ensure_future(vault.delete(REF))
    await asyncio.sleep(0)
    vault.hold(REF, Secret(VALUE))
    await deleting
    assert await vault.read(REF) == FoundKey(Secret(VALUE), KeySource.MEMORY)
    await vault.write(REF, Secret(VALUE))
    fresh = KeyringVault(seconds=5, environment={})
    reading = asyncio.ensure_future(fresh.read(REF))
    await asyncio.sleep(0)
    await fresh.write(REF, NEWER)
    await reading
    assert await fresh.read(REF) == FoundKey(NEWER, KeySource.KEYRING)
    fresh.close()


@leaves_sockets
async def test_a_locked_keyring_is_told_and_loses_nothing(
    vault: KeyringVault, secret_service: SecretService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="desktop")
    await vault.write(REF, Secret(VALUE))
    fresh = KeyringVault(seconds=5, environment={})
    secret_service.lock()
    with pytest.raises(VaultError, match="locked or did not answer") as reading:
        await fresh.read(REF)
    with pytest.raises(VaultError, match="locked or did not answer") as writing:
        await fresh.write(REF, Secret(VALUE + "-new"))
    with pytest.raises(VaultError, match="locked or did not answer") as deleting:
        await fresh.delete(REF)
    for caught in (reading, writing, deleting):
        assert VALUE not in shown(caught.value)
        assert caught.value.__context__ is None
    assert VALUE not in caplog.text
    # What was written before the lock is still known to the run that wrote it.
    assert await vault.read(REF) == FoundKey(Secret(VALUE), KeySource.KEYRING)
    fresh.close()


@leaves_sockets
async def test_a_locked_keyring_gives_way_to_the_environment(secret_service: SecretService) -> None:
    secret_service.lock()
    vault = KeyringVault(seconds=5, environment={"WEIR_TEST_KEY": "from-environment"})
    found = await vault.read(REF)
    assert found is not None
    assert found.source is KeySource.ENVIRONMENT
    vault.close()


@leaves_sockets
async def test_a_keyring_that_never_answers_holds_up_nobody(secret_service: SecretService) -> None:
    vault = KeyringVault(seconds=5, environment={})
    await vault.write(REF, Secret(VALUE))
    vault.close()
    vault = KeyringVault(seconds=0.5, environment={})
    await vault.describe()
    secret_service.freeze()
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.get_running_loop().create_task(beat())
    with pytest.raises(VaultError, match="locked or did not answer"):
        await vault.read(REF)
    with pytest.raises(VaultError, match="locked or did not answer") as caught:
        await vault.write(REF, NEWER)
    assert caught.value.__context__ is None
    assert VALUE not in shown(caught.value)
    heart.cancel()
    assert beats > 20
    secret_service.thaw()
    late = KeyringVault(seconds=8, environment={})
    assert await late.read(REF) == FoundKey(Secret(VALUE), KeySource.KEYRING)
    # The write that its caller had given up on was never done.
    assert secret_service.entries() == {"openai": VALUE}
    late.close()
    vault.close()


def test_the_program_ends_while_the_keyring_waits(secret_service: SecretService) -> None:
    program = """
import asyncio, sys
from desktop.domain.endpoint import KeyRef
from desktop.domain.failure import VaultError
from desktop.vault import KeyringVault

async def main():
    vault = KeyringVault(seconds=0.3)
    try:
        await vault.read(KeyRef("openai"))
    except VaultError as problem:
        print(problem)
    vault.close()

asyncio.run(main())
"""
    secret_service.freeze()
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**secret_service.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "did not answer" in ended.stdout
    # It would be the whole 30 seconds if the end waited for the keyring.
    assert time.monotonic() - began < 15


async def test_without_a_bus_there_is_no_keyring_and_memory_works(vault: KeyringVault) -> None:
    assert await vault.describe() is None
    assert await vault.read(REF) is None
    with pytest.raises(VaultError, match="no keyring on this system") as caught:
        await vault.write(REF, Secret(VALUE))
    assert VALUE not in shown(caught.value)
    vault.hold(REF, Secret(VALUE))
    assert await vault.read(REF) == FoundKey(Secret(VALUE), KeySource.MEMORY)
    await vault.delete(REF)
    assert await vault.read(REF) is None


async def test_a_bus_without_a_keyring_is_none_until_one_starts(
    vault: KeyringVault, bus: dict[str, str], request: pytest.FixtureRequest
) -> None:
    assert await vault.describe() is None
    request.getfixturevalue("secret_service")
    assert await vault.describe() == "GNOME Keyring"
    await vault.write(REF, Secret(VALUE))


@pytest.mark.parametrize("backend", ["null.Keyring", "fail.Keyring", "chainer.ChainerBackend"])
async def test_a_backend_that_keeps_nothing_counts_as_none(
    vault: KeyringVault, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{backend}")
    if backend.startswith("chainer"):
        # Without two keyrings to join, keyring itself refuses this one.
        assert await vault.describe() is None
    else:
        assert await vault.describe() is None
        assert await vault.read(REF) is None
        with pytest.raises(VaultError, match="no keyring on this system"):
            await vault.write(REF, Secret(VALUE))


async def test_a_keyring_that_cannot_be_reached_is_none(
    vault: KeyringVault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "gone_keyring.py").write_text("raise FileNotFoundError('the socket is gone')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "gone_keyring.Keyring")
    assert await vault.describe() is None
    assert await vault.read(REF) is None
    with pytest.raises(VaultError, match="no keyring on this system"):
        await vault.write(REF, Secret(VALUE))


FORGETFUL = """
from keyring.backend import KeyringBackend

class Forgetful(KeyringBackend):
    priority = 1
    name = "Forgetful Keyring"
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): pass
    def delete_password(self, service, username): pass

class Talkative(Forgetful):
    name = "Talkative Keyring"
    def get_password(self, service, username): raise OSError("no such thing")
    def set_password(self, service, username, password):
        try:
            raise ValueError("inner " + password)
        except ValueError as problem:
            raise RuntimeError(f"could not store {password}") from problem
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [("Forgetful", "took the key but did not give it back"), ("Talkative", "Talkative Keyring did not take")],
)
async def test_a_strange_keyring_neither_loses_nor_tells_a_key(
    vault: KeyringVault,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    words: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "strange_keyring.py").write_text(FORGETFUL)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"strange_keyring.{name}")
    with pytest.raises(VaultError, match=words) as caught:
        await vault.write(REF, Secret(VALUE))
    assert VALUE not in shown(caught.value)
    assert VALUE not in caplog.text
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert VALUE not in repr(vault.__dict__)


async def test_a_keyring_setting_that_is_wrong_is_told(
    vault: KeyringVault, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
    with pytest.raises(VaultError, match=r"no\.such\.Keyring"):
        await vault.read(REF)
    assert await vault.describe() is None
    caplog.clear()


async def test_an_empty_key_is_not_stored(vault: KeyringVault, secret_service: SecretService) -> None:
    with pytest.raises(VaultError, match="no key in this text"):
        await vault.write(REF, Secret("  \n"))
    assert secret_service.entries() == {}


def test_keyring_is_imported_on_the_vault_s_thread_alone() -> None:
    program = "import sys, desktop.vault; desktop.vault.KeyringVault(); print('keyring' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ended.stdout.strip() == "False"


async def test_a_closed_vault_asks_nobody(vault: KeyringVault) -> None:
    vault.hold(REF, Secret(VALUE))
    vault.close()
    with pytest.raises(VaultError, match="closing"):
        await vault.read(REF)
