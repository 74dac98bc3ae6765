"""The way to a service as a user sets it: through the window, and obeyed by `weir ask` too."""

from collections.abc import AsyncGenerator
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.domain.failure import FailureKind
from desktop.domain.message import MessageState
from desktop.ui.settings.network_fields import BY_HAND
from tests.flows.place import configure
from tests.flows.test_ask import ask
from tests.flows.test_failures import Place, press
from tests.support.chatting import until
from tests.support.keyring import SecretService
from tests.support.proxies import LoopbackProxy
from tests.support.server import LoopbackServer, openai_stream, unused_port
from tests.support.stage import Stage

LOGIN = ("anna", "pa:ss@wörd-0123")


@pytest.fixture
async def place(qloop, qtbot, tmp_path: Path, secret_service: SecretService) -> AsyncGenerator[Place, None]:
    stage = Stage.open(tmp_path / "weir")
    await stage.core.endpoints.read()
    yield Place(stage.core, stage.window)
    await stage.close()


def set_proxy(place: Place, address: str) -> None:
    """Type a proxy's address into the settings."""
    fields = place.window.settings.network.proxy
    fields.mode.setCurrentIndex(fields.mode.findData(BY_HAND))
    fields.address.setFocus()
    fields.address.setText(address)
    QTest.keyClick(fields.address, Qt.Key.Key_Return)


def written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_what_is_set_counts_for_the_next_request(place: Place, tmp_path: Path, qloop) -> None:
    with LoopbackServer(tls=True, default=openai_stream(["A low ", "dam."])) as server:
        place.choose(f"https://service.test:{server.port}/v1")
        place.window.settings.show_network()
        set_proxy(place, f"http://127.0.0.1:{unused_port()}")
        await place.ask()
        assert "The proxy did not let the request to service.test through." in place.heard
        assert "Nothing is listening at http://127.0.0.1:" in place.heard
        with LoopbackProxy("socks5", login=LOGIN) as proxy:
            set_proxy(place, proxy.url)
            await place.ask()
            assert "The proxy asks for a name and password." in place.heard
            set_proxy(place, proxy.url_with("anna", "wrong"))
            await place.ask()
            assert "The proxy did not accept the name and password." in place.heard
            set_proxy(place, proxy.url_with(*LOGIN))
            await place.ask()
            assert "its certificate was not accepted" in place.heard
            assert "name the file of that authority under Settings, Network" in place.heard
            field = place.window.settings.network.certificates
            field.path.setText(str(server.ca_file))
            QTest.keyClick(field.path, Qt.Key.Key_Return)
            await until(lambda: place.core.endpoints.network.network.ca_file == str(server.ca_file))
            await place.ask()
            reply = place.core.desk.current.transcript[-1]
            assert (reply.text, reply.state) == ("A low dam.", MessageState.FINISHED)
            assert proxy.targets[-1] == f"service.test:{server.port}"
    await until(lambda: keyring.get_password("weir", "network/proxy") == ":".join(LOGIN))
    assert LOGIN[1].encode() not in written(tmp_path / "weir")
    assert b"wrong" not in written(tmp_path / "weir" / "preferences.toml")


async def test_the_failure_leads_to_the_page(place: Place, qloop) -> None:
    place.choose("http://service.test/v1")
    set_proxy(place, f"http://127.0.0.1:{unused_port()}")
    await place.ask()
    reply = place.core.desk.current.transcript[-1]
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.PROXY
    press(place.window.page.timeline, reply.id, "settings")
    settings = place.window.settings
    await until(settings.isVisible)
    assert settings.network.isVisible()


async def test_a_short_patience_is_kept_to(place: Place, qloop) -> None:
    with LoopbackServer() as server:
        place.choose(server.base_url)
        page = place.window.settings.network
        field = page.times.fields["between_bytes_seconds"]
        field.setText("5")
        QTest.keyClick(field, Qt.Key.Key_Return)
        endpoint = place.core.endpoints.endpoint("loop")
        assert endpoint is not None
        route = await place.core.endpoints.network.route(endpoint)
    assert route.between_bytes_seconds == 5


@pytest.mark.parametrize("own", [False, True], ids=["for all", "of the endpoint"])
def test_weir_ask_obeys_too(tmp_path: Path, secret_service: SecretService, own: bool) -> None:
    name = "network/proxy/0123456789ab" if own else "network/proxy"
    keyring.set_password("weir", name, ":".join(LOGIN))
    with (
        LoopbackServer(tls=True, default=openai_stream(["Yes."])) as server,
        LoopbackProxy(login=LOGIN) as proxy,
    ):
        way = {"proxy": proxy.url, "proxy_key": name, "ca_file": str(server.ca_file)}
        lines = "".join(f'{field} = "{value}"\n' for field, value in way.items())
        data = configure(
            tmp_path / "weir", f"https://service.test:{server.port}/v1", more=lines if own else ""
        )
        if not own:
            lines = "".join(f'"network.{field}" = "{value}"\n' for field, value in way.items())
            with (data / "preferences.toml").open("a", encoding="utf-8") as file:
                file.write(f'"network.proxy_mode" = "manual"\n{lines}')
        done = ask(data, "Hello")
        assert (done.returncode, done.stdout, done.stderr) == (0, "Yes.\n", "")
        assert proxy.targets == [f"service.test:{server.port}"]
        assert proxy.logins == [LOGIN]
    assert LOGIN[1].encode() not in written(data)
