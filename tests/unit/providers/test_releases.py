"""The one question about newer versions, asked of a real server."""

from pathlib import Path

import pytest

from desktop.base.paths import resources
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.release import Release
from desktop.providers.releases import fetch_release, releases_address
from desktop.wire.client import WireClient
from tests.support.answers import json_answer
from tests.support.server import LoopbackServer


async def ask(address: str) -> Release:
    client = WireClient()
    try:
        return await fetch_release(client, address)
    finally:
        await client.aclose()


async def test_the_newest_release_is_read_and_nothing_of_the_users_is_sent(qloop, server: LoopbackServer):
    server.answer(json_answer({"tag_name": "v0.3.0", "html_url": "https://releases.test/0.3.0", "body": "x"}))
    assert await ask(f"{server.url}/latest") == Release("0.3.0", "https://releases.test/0.3.0")
    request = server.wait_request()
    assert (request.method, request.path, request.body) == ("GET", "/latest", b"")
    assert not {"cookie", "authorization", "referer"} & {name.lower() for name in request.headers}


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"tag_name": 3, "html_url": "https://releases.test"},
        {"tag_name": "1.0"},
        {"tag_name": "1.0", "html_url": "file:///etc/passwd"},
        {"tag_name": "1.0", "html_url": "http://plain.test/"},
        {"tag_name": "1.0", "html_url": "https://[broken"},
    ],
)
async def test_an_answer_that_names_no_safe_page_is_none(qloop, server: LoopbackServer, answer: object):
    server.answer(json_answer(answer))
    with pytest.raises(TurnFailedError) as caught:
        await ask(server.url)
    assert caught.value.failure.kind is FailureKind.GARBLED


async def test_without_a_network_it_is_a_failure_in_words(qloop):
    with pytest.raises(TurnFailedError) as caught:
        await ask("https://releases.invalid/latest")
    assert caught.value.failure.kind is FailureKind.DNS
    assert caught.value.failure.host == "releases.invalid"


def test_a_checkout_knows_no_address_and_a_broken_one_counts_as_none(tmp_path: Path, expect_log):
    assert releases_address(resources()) == ""
    file = tmp_path / "releases.toml"
    file.write_text('address = "https://releases.test/latest"\n', encoding="utf-8")
    assert releases_address(tmp_path) == "https://releases.test/latest"
    for address in ("http://plain.test", "file:///x", "no address"):
        file.write_text(f'address = "{address}"\n', encoding="utf-8")
        assert releases_address(tmp_path) == ""
    expect_log("address of the releases can't be read")
    file.write_text("address = ", encoding="utf-8")
    assert releases_address(tmp_path) == ""
