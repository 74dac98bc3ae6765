"""An endpoint that was removed, with its keys, so that it can be brought back for a while."""

from collections.abc import Callable
from dataclasses import dataclass, field

from desktop.chat.ports import FoundKey, KeySource, Vault, VaultError
from desktop.domain.endpoint import Endpoint, KeyRef

Keys = tuple[tuple[KeyRef, FoundKey], ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """An endpoint that was removed, where it stood, and its keys, which are held in memory alone."""

    endpoint: Endpoint
    at: int
    keys: Keys = field(default=(), repr=False)


def refs_of(endpoint: Endpoint) -> tuple[KeyRef, ...]:
    """Return the names of all that the keyring may have for an endpoint."""
    own = (endpoint.key,) if endpoint.key is not None else ()
    login = (KeyRef(endpoint.network.proxy_key),) if endpoint.network.proxy_key else ()
    return (*own, *(ref for _, ref in endpoint.header_keys), *login)


async def take_keys(vault: Vault, endpoint: Endpoint, failed: Callable[[str], object]) -> Keys:
    """Delete an endpoint's keys and return them; `failed` hears in words what can't be deleted."""
    taken: list[tuple[KeyRef, FoundKey]] = []
    for ref in refs_of(endpoint):
        try:
            found = await vault.read(ref)
        except VaultError:
            # What can't be read can't be brought back; deleting it says what is wrong.
            found = None
        try:
            await vault.delete(ref)
        except VaultError as error:
            failed(str(error))
            continue
        if found is not None and found.source is not KeySource.ENVIRONMENT:
            taken.append((ref, found))
    return tuple(taken)
