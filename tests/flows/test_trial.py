"""The test of an endpoint in the real window over real sockets: what each step found, in words."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.network import Network
from desktop.domain.secret import Secret
from desktop.ui.settings.endpoint_editor import EndpointEditor
from tests.support.answers import Answer
from tests.support.chatting import until
from tests.support.keyring import SecretService
from tests.support.proxies import LoopbackProxy
from tests.support.server import LoopbackServer, SeenRequest, json_answer, openai_error, unused_port
from tests.support.stage import Stage

KEY = "sk-test-0123456789abcdefghij"
MODELS = {"object": "list", "data": [{"id": "alpha", "object": "model"}, {"id": "beta", "object": "model"}]}


def for_key(request: SeenRequest) -> Answer:
    """List models to who has the key, and to nobody else."""
    if request.headers.get("authorization") == f"Bearer {KEY}":
        return json_answer(MODELS)
    return openai_error(401, "Incorrect API key provided.")


@pytest.fixture
async def stage(qloop, qtbot, tmp_path: Path, secret_service: SecretService) -> AsyncGenerator[Stage, None]:
    made = Stage.open(tmp_path / "weir")
    await made.core.endpoints.read()
    yield made
    await made.close()


def opened(stage: Stage, address: str, *, network: Network | None = None, key: str = KEY) -> EndpointEditor:
    """The form of an endpoint with this address, its key pasted and nothing stored."""
    settings = stage.window.settings
    settings.show_new_endpoint()
    editor = settings.endpoints.editor
    editor.edit(
        Endpoint(id="loop", name="Loop", base_url=address, key=KeyRef("loop"), network=network or Network()),
        is_new=True,
    )
    if key:
        QGuiApplication.clipboard().setText(key)
        editor.key.setFocus()
        editor.key.paste()
    return editor


async def tried(editor: EndpointEditor) -> list[str]:
    """Press Test, wait for its end, and return its lines, each with its mark."""
    QTest.mouseClick(editor.test, Qt.MouseButton.LeftButton)
    assert not editor.test.isEnabled()
    assert editor.checks.words[0].startswith(("Asking", "Looking"))
    await until(editor.test.isEnabled)
    marks = {"ok": "✓", "bad": "✗", "muted": " ", "run": "…"}
    return [f"{marks[tone]} {words}" for tone, words, _ in editor.checks.lines]


async def test_every_step_is_told_over_tls(stage: Stage) -> None:
    with LoopbackServer(tls=True) as server:
        server.answer(for_key, for_key, path="/models")
        editor = opened(
            stage, f"https://localhost:{server.port}/v1", network=Network(ca_file=str(server.ca_file))
        )
        lines = await tried(editor)
    assert re.fullmatch(r"✓ localhost is [\d.:]+( and \d+ more)?", lines[0])
    assert lines[1:] == [
        f"✓ Connected to localhost:{server.port}",
        "✓ Secure connection, its certificate is trusted (TLS 1.3)",
        "✓ The key was accepted",
        "✓ 2 models",
    ]
    assert all(re.fullmatch(r"\d+ ms", time) for _, _, time in editor.checks.lines[:3])
    assert keyring.get_password("weir", "loop") is None


async def test_a_certificate_that_is_not_trusted_is_where_it_ends(stage: Stage) -> None:
    with LoopbackServer(tls=True) as server:
        lines = await tried(opened(stage, f"https://127.0.0.1:{server.port}/v1"))
    assert lines[0] == f"✓ Connected to 127.0.0.1:{server.port}"
    assert lines[1].startswith("✗ No secure connection to 127.0.0.1: its certificate was not accepted.")
    assert len(lines) == 3
    assert "✓ The key was accepted" not in lines


async def test_a_refused_key_is_told_after_what_worked(stage: Stage) -> None:
    with LoopbackServer() as server:
        server.answer(for_key, path="/models")
        lines = await tried(opened(stage, server.base_url, key="sk-wrong-0123456789abcdef"))
    assert lines[0] == f"✓ Connected to 127.0.0.1:{server.port}"
    assert lines[1].startswith("✗ Loop did not accept the key.")
    assert lines[2] == "  Incorrect API key provided."


async def test_a_list_that_is_open_to_all_says_nothing_of_the_key(stage: Stage) -> None:
    with LoopbackServer() as server:
        lines = await tried(opened(stage, server.base_url))
        assert [request.headers.get("authorization") for request in server.requests] == [
            f"Bearer {KEY}",
            None,
        ]
    assert lines[1].startswith("  The models are listed without a key too")
    assert lines[2] == "✓ 2 models"


async def test_a_name_that_nobody_knows(stage: Stage) -> None:
    lines = await tried(opened(stage, "https://nowhere.invalid/v1"))
    assert lines == ["✗ The name nowhere.invalid was not found. Check the address and your connection."]


async def test_nothing_listens(stage: Stage) -> None:
    port = unused_port()
    lines = await tried(opened(stage, f"http://127.0.0.1:{port}/v1"))
    assert lines[0].startswith(f"✗ Nothing is listening at http://127.0.0.1:{port}/v1/models.")


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_the_way_through_a_proxy(stage: Stage, kind: str) -> None:
    with LoopbackServer(tls=True) as server, LoopbackProxy(kind) as proxy:
        server.answer(for_key, for_key, path="/models")
        network = Network(proxy=proxy.url, ca_file=str(server.ca_file))
        lines = await tried(opened(stage, f"https://service.test:{server.port}/v1", network=network))
        address = proxy.url.rpartition("//")[2]
    assert lines == [
        f"✓ The proxy {address} lets it through",
        "✓ Secure connection, its certificate is trusted (TLS 1.3)",
        "✓ The key was accepted",
        "✓ 2 models",
    ]


async def test_a_proxy_that_is_not_there(stage: Stage) -> None:
    network = Network(proxy=f"http://127.0.0.1:{unused_port()}")
    lines = await tried(opened(stage, "http://service.test/v1", network=network))
    assert lines[0].startswith("✗ The proxy did not let the request to service.test through.")


async def test_the_stored_key_is_tried_and_stays(stage: Stage, secret_service: SecretService) -> None:
    keyring.set_password("weir", "loop", KEY)
    with LoopbackServer() as server:
        stage.core.endpoints.add(
            Endpoint(id="loop", name="Loop", base_url=server.base_url, key=KeyRef("loop"))
        )
        await until(lambda: stage.core.endpoints.key_source("loop") is not None)
        settings = stage.window.settings
        settings.show_endpoints("loop")
        lines = await tried(settings.endpoints.editor)
        assert lines[-1] == "✓ 2 models"
    assert keyring.get_password("weir", "loop") == KEY


async def test_what_is_typed_meanwhile_ends_what_is_told(stage: Stage) -> None:
    with LoopbackServer() as server:
        editor = opened(stage, server.base_url)
        QTest.mouseClick(editor.test, Qt.MouseButton.LeftButton)
        editor.edit(Endpoint(id="other", name="Other", base_url=server.base_url), is_new=True)
        await until(lambda: bool(server.requests))
        stage.core.endpoints.test(Endpoint(id="third", name="T", base_url=server.base_url), Secret(KEY))
        seen: list[str] = []
        stage.core.endpoints.tested.connect(lambda name, _outcome: seen.append(name))
        await until(lambda: "third" in seen)
        assert editor.checks.words == ()


@pytest.mark.parametrize("is_asked", [False, True])
async def test_the_program_may_end_in_the_middle(stage: Stage, is_asked: bool) -> None:
    with LoopbackServer() as server:
        editor = opened(stage, server.base_url)
        QTest.mouseClick(editor.test, Qt.MouseButton.LeftButton)
        await until(lambda: bool(server.requests) or not is_asked)
        await stage.core.close()
    assert stage.core.desk.streaming == ()
