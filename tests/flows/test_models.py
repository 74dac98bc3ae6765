"""The models of a service: asked for when the list is opened, shown at the next start, service or not."""

from pathlib import Path

from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.server import LoopbackServer, models_answer, openai_error
from tests.support.stage import Stage


async def rows(stage: Stage, wanted: str) -> tuple[str, ...]:
    """Open the list, wait until `wanted` is in it, and return its rows."""
    await until(lambda: stage.core.endpoints.is_ready)
    header = stage.window.page.header
    header.picker.click()
    await until(lambda: any(wanted in row for row in stage.window.popup.rows()))
    return stage.window.popup.rows()


async def test_the_list_is_there_at_the_next_start_without_the_service(qloop: object, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        server.answer(models_answer(["alpha", "beta-large"]), path="/models")
        folder = configure(tmp_path / "weir", server.base_url)
        stage = Stage.open(folder)
        stage.core.endpoints.load()
        assert "beta-large" in await rows(stage, "beta-large")
        assert [request.path for request in server.requests] == ["/v1/models"]
        await stage.close()
    again = Stage.open(folder)
    again.core.endpoints.load()
    found = await rows(again, "beta-large")
    assert found[found.index("Loopback") :] == ("Loopback", "alpha", "beta-large")
    await again.close()


async def test_nobody_is_asked_before_the_list_is_opened(qloop: object, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        stage = Stage.open(configure(tmp_path / "weir", server.base_url))
        stage.core.endpoints.load()
        await until(lambda: stage.core.endpoints.is_ready)
        await stage.close()
        assert server.requests == []


async def test_a_service_that_fails_is_said_in_the_list_alone(qloop: object, tmp_path: Path) -> None:
    with LoopbackServer() as server:
        server.answer(openai_error(401, "Incorrect API key provided."), path="/models")
        stage = Stage.open(configure(tmp_path / "weir", server.base_url))
        stage.core.endpoints.load()
        found = await rows(stage, "Not refreshed.")
        assert found[-2] == "alpha"
        assert "needs a key" in found[-1]
        assert stage.window.notices.shown == ()
        await stage.close()
