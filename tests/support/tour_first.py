"""The tour of a Weir that is started for the first time."""

from desktop.domain.endpoint import Endpoint
from desktop.domain.local import FoundServer
from desktop.ui.first_start import FirstStart
from tests.support.chatting import until
from tests.support.tour import Place


async def first_start(place: Place) -> None:
    """Show the page of the first start: looking, nothing found, servers found, a key typed."""
    if not place.wants("first"):
        return
    core, window = place.core, place.window
    core.shelf.load()
    core.endpoints.load()
    await until(lambda: core.endpoints.is_ready and window.is_first_start)
    page: FirstStart = window.first_start
    place.stop("first start")
    page.key.field.setText("sk-proj-0123456789abcdefghijklmnop")
    place.stop("first start, a key is typed")
    page.key.field.setText("nonsense")
    place.stop("first start, no key of any service")
    found = Endpoint(id="ollama", name="Ollama", provider="ollama", base_url="http://127.0.0.1:11434")
    core.endpoints._found = (
        FoundServer("Ollama", found, ("llama3.3", "qwen3", "gemma3", "mistral", "phi4")),
        FoundServer("LM Studio", found, ()),
    )
    core.endpoints.found_changed.emit()
    place.stop("first start, servers are found")
