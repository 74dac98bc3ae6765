"""The way to the services as a setting, over preferences and a keyring in memory."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from desktop.chat.network import PROXY_KEY, NetworkSettings
from desktop.chat.tasks import TaskOwner
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind, StorageError, TurnFailedError
from desktop.domain.network import DIRECT, SYSTEM, Network, ProxyAddressError, Route
from desktop.domain.secret import Secret
from tests.support.chatting import until
from tests.support.memory import MemorySettings, MemoryVault

ENDPOINT = Endpoint(id="e", name="Service", base_url="https://service.test/v1")
LOGIN = "anna:geheim"


class FullDisk(MemorySettings):
    async def write_preference(self, name: str, value: str) -> None:
        raise StorageError("The disk is full.")


@dataclass
class Bench:
    settings: MemorySettings = field(default_factory=MemorySettings)
    vault: MemoryVault = field(default_factory=MemoryVault)
    tasks: TaskOwner = field(default_factory=TaskOwner)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.network = NetworkSettings(
            self.settings, self.vault, self.tasks, lambda path: "" if path == "/good.pem" else f"{path}: bad"
        )
        self.network.failed.connect(self.problems.append)

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    def again(self) -> NetworkSettings:
        """The settings as the next run reads them."""
        return NetworkSettings(self.settings, self.vault, self.tasks)


@pytest.fixture
async def bench(qapp, aioloop) -> AsyncGenerator[Bench, None]:
    made = Bench()
    yield made
    await made.tasks.close()


async def test_nothing_set_is_the_system_s_way(bench: Bench) -> None:
    assert await bench.network.route(ENDPOINT) == Route()


async def test_a_proxy_counts_at_once_and_its_login_is_in_the_keyring_alone(bench: Bench) -> None:
    heard: list[None] = []
    bench.network.changed.connect(lambda: heard.append(None))
    assert bench.network.set_proxy(f"http://{LOGIN}@p.example:8080") == "http://p.example:8080"
    assert bench.network.network.proxy == "http://p.example:8080"
    assert heard
    await bench.settle()
    assert await bench.network.route(ENDPOINT) == Route(proxy="http://p.example:8080", login=Secret(LOGIN))
    assert bench.vault.stored == {PROXY_KEY: Secret(LOGIN)}
    assert "geheim" not in repr(bench.settings.preferences)
    assert (await bench.again().route(ENDPOINT)).login == Secret(LOGIN)


async def test_the_same_proxy_keeps_its_login_and_another_gets_none(bench: Bench) -> None:
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    await bench.settle()
    bench.network.set_proxy("http://p.example:8080")
    assert bench.network.has_login
    bench.network.set_proxy("http://q.example:8080")
    await bench.settle()
    assert not bench.network.has_login
    assert bench.vault.stored == {}
    assert (await bench.network.route(ENDPOINT)).login is None


async def test_the_login_can_be_removed(bench: Bench) -> None:
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    await bench.settle()
    bench.network.forget_login()
    await bench.settle()
    assert bench.vault.stored == {}
    assert await bench.network.route(ENDPOINT) == Route(proxy="http://p.example:8080")


async def test_what_was_set_by_hand_is_kept_beside_the_other_ways(bench: Bench) -> None:
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    bench.network.choose_mode(DIRECT)
    await bench.settle()
    assert await bench.network.route(ENDPOINT) == Route(proxy=DIRECT)
    assert (bench.again().mode, bench.again().address) == (DIRECT, "http://p.example:8080")
    bench.network.choose_mode("manual")
    assert (await bench.network.route(ENDPOINT)).login == Secret(LOGIN)
    bench.network.choose_mode(SYSTEM)
    assert await bench.network.route(ENDPOINT) == Route()


async def test_a_bad_address_changes_nothing(bench: Bench) -> None:
    bench.network.set_proxy("http://p.example:8080")
    with pytest.raises(ProxyAddressError):
        bench.network.set_proxy("http://anna:geheim@p.example")
    await bench.settle()
    assert bench.network.network.proxy == "http://p.example:8080"
    assert bench.vault.stored == {}


async def test_a_keyring_that_refuses_leaves_the_login_for_this_run(bench: Bench) -> None:
    bench.vault.problem = "The keyring is locked."
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    await bench.settle()
    assert bench.problems == ["The keyring is locked."]
    assert (await bench.network.route(ENDPOINT)).login == Secret(LOGIN)


async def test_a_keyring_that_does_not_answer_is_said(bench: Bench) -> None:
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    await bench.settle()
    bench.vault.held.clear()
    bench.vault.problem = "The keyring is locked."
    with pytest.raises(TurnFailedError) as caught:
        await bench.network.route(ENDPOINT)
    failure = caught.value.failure
    assert (failure.kind, failure.words, failure.host) == (
        FailureKind.PROXY,
        "The keyring is locked.",
        "service.test",
    )


@pytest.mark.parametrize("text", ["http://anna:geheim@p.example:1", "http://p.example", "nonsense", ""])
async def test_a_proxy_edited_into_the_file_is_used_only_if_it_is_one(bench: Bench, text: str) -> None:
    bench.settings.preferences |= {"network.proxy_mode": "manual", "network.proxy": text}
    with pytest.raises(TurnFailedError) as caught:
        await bench.network.route(ENDPOINT)
    assert caught.value.failure.kind is FailureKind.PROXY
    assert "geheim" not in str(caught.value.failure)


async def test_an_endpoint_s_own_way_comes_first(bench: Bench) -> None:
    bench.network.set_proxy(f"http://{LOGIN}@p.example:8080")
    bench.network.set_seconds("connect_seconds", 3)
    await bench.settle()
    own = Endpoint(id="e", name="Service", network=Network(proxy=DIRECT, between_bytes_seconds=7))
    assert await bench.network.route(own) == Route(proxy=DIRECT, connect_seconds=3, between_bytes_seconds=7)


@pytest.mark.parametrize(
    ("kept", "counts"), [("3", 3), ("0", 1), ("999", 120), ("soon", None), ("nan", None), ("", None)]
)
async def test_times_edited_into_the_file_stay_within_reason(
    bench: Bench, kept: str, counts: float | None
) -> None:
    bench.settings.preferences["network.connect_seconds"] = kept
    assert bench.network.network.connect_seconds == counts


async def test_a_file_of_certificates_is_used_only_if_it_is_good(bench: Bench) -> None:
    heard: list[tuple[str, str]] = []
    bench.network.ca_file_checked.connect(lambda path, problem: heard.append((path, problem)))
    bench.network.check_ca_file("/good.pem", uses=True)
    await until(lambda: len(heard) == 1)
    bench.network.check_ca_file("/bad.pem", uses=True)
    await until(lambda: len(heard) == 2)
    assert heard == [("/good.pem", ""), ("/bad.pem", "/bad.pem: bad")]
    assert bench.network.network.ca_file == "/good.pem"
    bench.network.check_ca_file("", uses=True)
    await until(lambda: len(heard) == 3)
    assert bench.network.network.ca_file == ""


async def test_a_disk_that_takes_nothing_is_said(bench: Bench) -> None:
    network = NetworkSettings(FullDisk(), bench.vault, bench.tasks)
    network.failed.connect(bench.problems.append)
    network.set_seconds("connect_seconds", 3)
    await bench.settle()
    assert bench.problems == ["The disk is full."]
    assert network.network.connect_seconds == 3
