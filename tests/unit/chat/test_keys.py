"""Keys beside the endpoint's: read for a turn, kept in the keyring, never in the endpoint."""

import pytest

from desktop.chat.keys import read_keys
from desktop.chat.ports import VaultError
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import FailureKind
from desktop.domain.secret import Secret
from tests.support.chatting import ChatRoom, until
from tests.support.memory import MemorySettings, MemoryVault

TWO = Endpoint(
    id="two",
    name="Two keys",
    base_url="https://two.test/v1",
    key=KeyRef("two"),
    models=("m",),
    headers=(("superAgentKey", "{secret}"), ("X-Title", "Weir")),
)
ANOTHER = KeyRef("two/superAgentKey", ("SUPER_AGENT_KEY",))


async def test_the_key_comes_with_those_beside_it():
    vault = MemoryVault()
    await vault.write(KeyRef("two"), Secret("first"))
    await vault.write(ANOTHER, Secret("second"))
    found = await read_keys(vault, TWO)
    assert found is not None
    assert found.secret.reveal() == "first"
    assert found.secret.beside == {"superAgentKey": Secret("second")}


async def test_a_header_s_key_may_stand_in_the_environment():
    vault = MemoryVault()
    vault.environment["SUPER_AGENT_KEY"] = "from outside"
    found = await read_keys(vault, TWO)
    assert found is not None
    assert not found.secret
    assert found.secret.beside["superAgentKey"].reveal() == "from outside"


async def test_no_key_at_all_is_none_and_a_broken_keyring_raises():
    vault = MemoryVault()
    assert await read_keys(vault, TWO) is None
    vault.problem = "The keyring is locked."
    with pytest.raises(VaultError):
        await read_keys(vault, TWO)


@pytest.fixture
async def room(qloop):
    made = ChatRoom(settings=MemorySettings(TWO, model="two\tm"))
    made.endpoints.load()
    await until(lambda: made.endpoints.is_ready)
    yield made
    await made.close()


async def test_a_turn_takes_both_and_removing_the_endpoint_removes_both(room: ChatRoom):
    room.endpoints.store_key("two", Secret("first"))
    room.endpoints.store_header_key(ANOTHER, Secret("second"))
    await until(lambda: len(room.vault.stored) == 2)
    assert room.desk.send("Hello")
    await until(lambda: bool(room.sender.keys))
    (key,) = room.sender.keys
    assert key is not None
    assert (key.reveal(), key.beside) == ("first", {"superAgentKey": Secret("second")})
    room.endpoints.remove("two")
    await until(lambda: not room.vault.stored)


async def test_a_typed_key_is_tested_with_the_stored_one_beside_it(room: ChatRoom):
    room.endpoints.store_header_key(ANOTHER, Secret("second"))
    await until(lambda: bool(room.vault.stored))
    room.endpoints.test(TWO, Secret("typed"))
    await until(lambda: bool(room.sender.keys))
    (key,) = room.sender.keys
    assert key is not None
    assert (key.reveal(), key.beside) == ("typed", {"superAgentKey": Secret("second")})


async def test_a_turn_without_any_key_says_so(room: ChatRoom):
    assert room.desk.send("Hello")
    await until(lambda: room.desk.current.turn is None and len(room.desk.current.transcript) == 2)
    failure = room.desk.current.transcript[-1].failure
    assert failure is not None
    assert failure.kind is FailureKind.NO_KEY
