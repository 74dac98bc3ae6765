"""An endpoint's keys, as a request needs them."""

from dataclasses import replace

from desktop.chat.ports import Vault
from desktop.domain.endpoint import Endpoint
from desktop.domain.secret import FoundKey, KeySource, Secret


async def read_keys(vault: Vault, endpoint: Endpoint) -> FoundKey | None:
    """Return an endpoint's key, with those that go into headers of their own beside it.

    None where it has none; a header's missing key is left out. Raises VaultError.
    """
    found = await vault.read(endpoint.key) if endpoint.key is not None else None
    beside: dict[str, Secret] = {}
    for header, ref in endpoint.header_keys:
        if (other := await vault.read(ref)) is not None:
            beside[header] = other.secret
    if not beside:
        return found
    if found is None:
        return FoundKey(Secret("", beside), KeySource.KEYRING)
    return replace(found, secret=Secret(found.secret.reveal(), beside))
