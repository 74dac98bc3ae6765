"""Routes over real sockets: proxies of every kind, their logins, and files of certificates."""

import asyncio
import contextlib
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.network import DIRECT, SYSTEM, Route
from desktop.domain.secret import Secret
from desktop.wire.client import Patience, WireClient
from desktop.wire.clients import check_certificates
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest
from tests.support.proxies import LoopbackProxy
from tests.support.server import LoopbackServer, openai_stream, unused_port

LOGIN = ("anna", "pa:ss@wörd")
SECRET = Secret("anna:pa:ss@wörd")


def client_of(patience: Patience | None = None) -> WireClient:
    # Without the system's certificates, so that only the file under test can vouch for anyone.
    return WireClient(patience, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def named(server: LoopbackServer) -> str:
    """Return the server's address by a name that only a proxy can find."""
    scheme = "https" if server.ssl_context else "http"
    return f"{scheme}://service.test:{server.port}/v1"


async def ask(client: WireClient, url: str, route: Route) -> str:
    request = WireRequest(url=url, body={"a": 1})
    stream = await client.open(request, Place(endpoint="Test", url=url, route=route))
    try:
        last = ""
        while (batch := await stream.read()) is not None:
            last = batch[-1].data if batch else last
        return last
    finally:
        await stream.aclose()


async def failure_of(url: str, route: Route, patience: Patience | None = None) -> Failure:
    async with contextlib.aclosing(client_of(patience)) as client:
        with pytest.raises(TurnFailedError) as caught:
            await ask(client, url, route)
    failure = caught.value.failure
    assert LOGIN[1] not in f"{failure} {caught.value}"
    return failure


class TestProxy:
    @pytest.mark.parametrize("kind", ["http", "socks5"])
    @pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "login"])
    @pytest.mark.parametrize("tls", [False, True], ids=["http", "tls"])
    async def test_a_request_goes_through(self, kind: str, login: tuple[str, str] | None, tls: bool) -> None:
        with LoopbackServer(tls=tls) as server, LoopbackProxy(kind, login=login) as proxy:
            server.answer(openai_stream(["a"]), openai_stream(["b"]))
            route = Route(
                proxy=proxy.url, login=SECRET if login else None, ca_file=str(server.ca_file) if tls else ""
            )
            async with contextlib.aclosing(client_of()) as client:
                assert await ask(client, named(server), route) == "[DONE]"
                assert await ask(client, named(server), route) == "[DONE]"
            assert set(proxy.targets) == {f"service.test:{server.port}"}
            assert proxy.logins[:1] == ([login] if login else [])
            assert "proxy-authorization" not in server.requests[0].headers or not tls

    async def test_the_login_is_not_shown_to_the_service(self) -> None:
        with LoopbackServer(tls=True) as server, LoopbackProxy(login=LOGIN) as proxy:
            server.answer(openai_stream(["a"]))
            route = Route(proxy=proxy.url, login=SECRET, ca_file=str(server.ca_file))
            async with contextlib.aclosing(client_of()) as client:
                await ask(client, named(server), route)
            assert "proxy-authorization" not in server.requests[0].headers

    async def test_socks5h_is_the_same(self) -> None:
        with LoopbackServer() as server, LoopbackProxy("socks5") as proxy:
            server.answer(openai_stream(["a"]))
            route = Route(proxy=proxy.url.replace("socks5:", "socks5h:"))
            async with contextlib.aclosing(client_of()) as client:
                assert await ask(client, named(server), route) == "[DONE]"
            assert proxy.targets == [f"service.test:{server.port}"]

    async def test_a_proxy_that_is_spoken_to_in_tls(self) -> None:
        with LoopbackServer(tls=True) as server:
            server.answer(openai_stream(["a"]))
            with LoopbackProxy("https", context=server.ssl_context) as proxy:
                route = Route(proxy=proxy.url, ca_file=str(server.ca_file))
                async with contextlib.aclosing(client_of()) as client:
                    assert await ask(client, named(server), route) == "[DONE]"
                failure = await failure_of(named(server), Route(proxy=proxy.url))
        assert failure.kind is FailureKind.TLS
        assert failure.host == "127.0.0.1"
        assert failure.words.startswith("This is the certificate of the proxy.")

    @pytest.mark.parametrize("proxy", ["http", "socks5", SYSTEM])
    async def test_this_computer_is_never_asked_through_one(
        self, proxy: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dead = f"127.0.0.1:{unused_port()}"
        monkeypatch.setenv("http_proxy", f"http://{dead}")
        with LoopbackServer() as server:
            server.answer(openai_stream(["a"]))
            async with contextlib.aclosing(client_of()) as client:
                route = Route(proxy=proxy if proxy == SYSTEM else f"{proxy}://{dead}")
                assert await ask(client, f"{server.url}/v1", route) == "[DONE]"

    async def test_none_passes_over_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port()}")
        failure = await failure_of("http://service.invalid/v1", Route(proxy=DIRECT))
        assert failure.kind is FailureKind.DNS

    async def test_every_route_has_a_client_of_its_own(self) -> None:
        with (
            LoopbackServer() as server,
            LoopbackProxy() as one,
            LoopbackProxy("socks5") as other,
        ):
            server.default = openai_stream(["a"])
            async with contextlib.aclosing(client_of()) as client:
                for proxy in (one, other, one, other):
                    await ask(client, named(server), Route(proxy=proxy.url))
            assert len(one.targets) == 1
            assert len(other.targets) == 1
            assert (server.connection_count, len(server.requests)) == (2, 4)


class TestProxyFailure:
    async def failed(self, proxy: LoopbackProxy, *, login: bool = False, tls: bool = True) -> Failure:
        scheme = "https" if tls else "http"
        route = Route(proxy=proxy.url, login=SECRET if login else None)
        failure = await failure_of(f"{scheme}://service.test:1/v1", route, Patience(connect=0.3))
        assert failure.kind is FailureKind.PROXY
        assert failure.sentence == (
            "The proxy did not let the request to service.test through. Check it under Settings, Network."
        )
        return failure

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    @pytest.mark.parametrize("tls", [True, False], ids=["tls", "http"])
    async def test_it_asks_for_a_login(self, kind: str, tls: bool) -> None:
        with LoopbackProxy(kind, login=LOGIN) as proxy:
            failure = await self.failed(proxy, tls=tls)
        assert failure.words.startswith("The proxy asks for a name and password.")
        assert not failure.is_passing

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    @pytest.mark.parametrize("tls", [True, False], ids=["tls", "http"])
    async def test_it_refuses_the_login(self, kind: str, tls: bool) -> None:
        with LoopbackProxy(kind, login=("anna", "other")) as proxy:
            failure = await self.failed(proxy, login=True, tls=tls)
        assert failure.words.startswith("The proxy did not accept the name and password.")

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_nothing_is_there(self, kind: str) -> None:
        route = Route(proxy=f"{kind}://127.0.0.1:{unused_port()}")
        failure = await failure_of("https://service.test/v1", route)
        assert failure.kind is FailureKind.PROXY
        assert failure.words == f"Nothing is listening at {route.proxy}."

    async def test_its_name_is_unknown(self) -> None:
        failure = await failure_of("https://service.test/v1", Route(proxy="http://proxy.invalid:8080"))
        assert (failure.kind, failure.words) == (
            FailureKind.PROXY,
            "The proxy’s name proxy.invalid was not found.",
        )

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_it_says_nothing(self, kind: str) -> None:
        with LoopbackProxy(kind, is_silent=True) as proxy:
            failure = await self.failed(proxy)
        assert failure.words == f"{proxy.url} did not answer in time."

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    @pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.7\r\n", b"\x05\xff\xff\xff", b""])
    async def test_it_is_none(self, kind: str, said: bytes) -> None:
        with LoopbackProxy(kind, speaks=said or b"\r\n") as proxy:
            failure = await self.failed(proxy)
        assert failure.words

    @pytest.mark.parametrize(("status", "passes"), [(403, False), (502, True), (503, True)])
    async def test_it_refuses_the_connection(self, status: int, passes: bool) -> None:
        with LoopbackProxy(status=status) as proxy:
            failure = await self.failed(proxy)
        assert failure.words.startswith(f"The proxy answered HTTP {status} ")
        assert failure.is_passing is passes

    async def test_it_can_not_reach_the_service(self) -> None:
        with LoopbackProxy("socks5", reply=4) as proxy:
            failure = await self.failed(proxy)
        assert failure.words == "The proxy could not reach service.test: host unreachable."

    @pytest.mark.parametrize("given", ["http://proxy", "gopher://p:1", "http://anna:pa:ss@wörd@p"])
    async def test_its_address_can_not_be_used(self, given: str) -> None:
        failure = await failure_of("https://service.test/v1", Route(proxy=given))
        assert failure.kind is FailureKind.PROXY
        assert failure.words


class TestStopAtTheProxy:
    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_the_connection_is_closed(self, kind: str) -> None:
        with LoopbackProxy(kind, is_silent=True) as proxy:
            async with contextlib.aclosing(client_of()) as client:
                asking = asyncio.ensure_future(ask(client, "https://service.test/v1", Route(proxy=proxy.url)))
                assert await asyncio.to_thread(proxy.wait_greeted)
                asking.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asking
                assert await asyncio.to_thread(proxy.wait_left)

    @pytest.mark.parametrize("kind", ["http", "socks5"])
    async def test_on_qts_loop(self, kind: str, qloop: asyncio.AbstractEventLoop) -> None:
        await self.test_the_connection_is_closed(kind)


class TestCertificates:
    async def test_a_file_is_trusted_beside_the_system(self, tmp_path: Path) -> None:
        with LoopbackServer(tls=True) as system, LoopbackServer(tls=True) as company:
            system.default = company.default = openai_stream(["a"])
            client = WireClient(None, lambda: ssl.create_default_context(cafile=system.ca_file))
            route = Route(ca_file=str(company.ca_file))
            async with contextlib.aclosing(client):
                assert await ask(client, f"{system.url}/v1", Route()) == "[DONE]"
                assert await ask(client, f"{company.url}/v1", route) == "[DONE]"
                assert await ask(client, f"{system.url}/v1", route) == "[DONE]"
                with pytest.raises(TurnFailedError) as caught:
                    await ask(client, f"{company.url}/v1", Route())
        failure = caught.value.failure
        assert failure.kind is FailureKind.TLS
        assert failure.words == (
            "Unable to get local issuer certificate. If you trust who issued it, name the file of that "
            "authority under Settings, Network."
        )

    async def test_with_the_system_s_own_certificates_too(self) -> None:
        with LoopbackServer(tls=True) as server:
            server.default = openai_stream(["a"])
            async with contextlib.aclosing(WireClient()) as client:
                route = Route(ca_file=str(server.ca_file))
                assert await ask(client, f"{server.url}/v1", route) == "[DONE]"

    async def test_a_file_that_is_replaced_counts_at_once(self, tmp_path: Path) -> None:
        file = tmp_path / "ca.pem"
        with LoopbackServer(tls=True) as one, LoopbackServer(tls=True) as other:
            one.default = other.default = openai_stream(["a"])
            assert one.ca_file
            assert other.ca_file
            file.write_bytes(one.ca_file.read_bytes())
            async with contextlib.aclosing(client_of()) as client:
                route = Route(ca_file=str(file))
                assert await ask(client, f"{one.url}/v1", route) == "[DONE]"
                file.write_bytes(other.ca_file.read_bytes() + b"\n# another\n")
                assert await ask(client, f"{other.url}/v1", route) == "[DONE]"

    async def test_an_expired_certificate_is_said_to_be(self) -> None:
        with LoopbackServer(tls=True, is_expired=True) as server:
            failure = await failure_of(f"{server.url}/v1", Route(ca_file=str(server.ca_file)))
        assert failure.kind is FailureKind.TLS
        assert failure.words.startswith("Certificate has expired. Check this computer’s clock")

    async def test_a_certificate_for_another_name(self) -> None:
        with LoopbackServer(tls=True) as server, LoopbackProxy() as proxy:
            route = Route(ca_file=str(server.ca_file), proxy=proxy.url)
            failure = await failure_of(f"https://other.test:{server.port}/v1", route)
        assert (failure.kind, failure.host) == (FailureKind.TLS, "other.test")
        assert "is for another name" in failure.words

    async def test_a_self_signed_certificate(self) -> None:
        with LoopbackServer(tls=True, is_self_signed=True) as server:
            server.default = openai_stream(["a"])
            failure = await failure_of(f"{server.url}/v1", Route())
            assert failure.kind is FailureKind.TLS
            assert "If the server is yours, name its certificate’s file" in failure.words
            async with contextlib.aclosing(client_of()) as client:
                route = Route(ca_file=str(server.ca_file))
                assert await ask(client, f"{server.url}/v1", route) == "[DONE]"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (None, "There is no file"),
            (b"", "holds no certificates in PEM form"),
            (b"\x30\x82\x01\x00", "holds no certificates in PEM form"),
            (b"-----BEGIN PRIVATE KEY-----\nAAAA\n", "holds a private key"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "are damaged"),
        ],
    )
    async def test_a_file_that_can_not_be_used(
        self, tmp_path: Path, content: bytes | None, words: str
    ) -> None:
        file = tmp_path / "ca.pem"
        if content is not None:
            file.write_bytes(content)
        assert words in check_certificates(str(file))
        failure = await failure_of("https://service.test/v1", Route(ca_file=str(file)))
        assert failure.kind is FailureKind.TLS
        assert words in failure.words

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        assert "is a folder" in check_certificates(str(tmp_path))

    def test_a_good_file_is_good(self) -> None:
        with LoopbackServer(tls=True) as server:
            assert check_certificates(str(server.ca_file)) == ""


async def test_a_route_s_times_come_before_the_normal_ones() -> None:
    patience = Patience(connect=1, begin=2, between=3)
    place = Place(route=Route(first_byte_seconds=20))
    assert patience.at(place) == replace(patience, begin=20)
    assert patience.at(Place()) == patience
    assert Patience().at(Place()) == Patience(connect=10, begin=600, between=120)
