"""An endpoint that was removed comes back at its place, with all its keys."""

from dataclasses import replace

from desktop.chat.removed import Removed, refs_of, take_keys
from desktop.domain.endpoint import OWN_KEY, Endpoint
from desktop.domain.network import Network
from desktop.domain.secret import Secret
from tests.support.chatting import SERVICE, ChatRoom, until
from tests.support.memory import MemorySettings, MemoryVault

KEY = Secret("sk-0123456789abcdef0123456789")
SIDE = Secret("side-0123456789abcdef0123456789")
LOGIN = Secret("name:password")
WHOLE = replace(
    SERVICE,
    headers=(("x-side", OWN_KEY),),
    network=Network(proxy="http://proxy.test:8080", proxy_key="service-proxy"),
)


async def test_an_endpoint_comes_back_at_its_place_with_its_keys(qapp):
    other = Endpoint(id="other", name="Other", base_url="http://127.0.0.1:9/v1")
    room = ChatRoom(settings=MemorySettings(WHOLE, other))
    gone: list[Removed] = []
    room.endpoints.removed.connect(gone.append)
    room.vault.stored = {"service": KEY, "service-proxy": LOGIN}
    room.vault.held = {"service/x-side": SIDE}
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    before = [endpoint.id for endpoint in room.endpoints.endpoints]
    room.endpoints.remove("service")
    await until(lambda: bool(gone))
    assert room.endpoints.endpoint("service") is None
    assert room.vault.stored == {}
    assert room.vault.held == {}
    assert "0123456789" not in repr(gone[0])
    room.endpoints.restore(gone[0])
    room.endpoints.restore(gone[0])
    await until(lambda: "service-proxy" in room.vault.stored)
    assert [endpoint.id for endpoint in room.endpoints.endpoints] == before
    assert room.endpoints.endpoint("service") == WHOLE
    assert room.vault.stored == {"service": KEY, "service-proxy": LOGIN}
    assert room.vault.held == {"service/x-side": SIDE}
    await until(lambda: any(item.id == "service" for item in room.settings.endpoints))
    await room.close()


async def test_keys_of_the_environment_are_not_taken_over_and_trouble_is_said(qapp):
    vault, said = MemoryVault(), []
    vault.environment = {"SERVICE_API_KEY": "sk-from-outside-0123456789"}
    assert await take_keys(vault, SERVICE, said.append) == ()
    assert said == []
    vault.problem = "The keyring is locked."
    assert await take_keys(vault, WHOLE, said.append) == ()
    assert said == ["The keyring is locked."] * len(refs_of(WHOLE))
