"""The whole program by a screen reader alone: the real accessibility bus, nothing but names and roles."""

import threading
from pathlib import Path

import pytest

from tests.flows.place import configure, messages
from tests.support.answers import Gate, Send, Stall, models_answer, openai_chunks
from tests.support.atspi import Accessibility, Reader, Thing
from tests.support.program import Program
from tests.support.server import Answer, LoopbackServer, openai_stream

KEY = "sk-test-" + "a" * 40
TEXTS = [
    "A weir is a low dam. ",
    "It raises the water. ",
    "The rest flows over.\n\n```python\nprint('one')\nprint('two')\n```\n\n",
    "See [the notes](https://example.org/) on $x^2$.\n\n| Kind | Use |\n|---|---|\n| sharp | to measure |\n",
]

OTHER = """
[[endpoint]]
id = "other"
name = "Other"
provider = "openai-chat"
base_url = "{url}"
models = ["gamma"]
"""

pytestmark = pytest.mark.timeout(180)


def gated(texts: list[str], *, ends: bool = True) -> tuple[Answer, list[threading.Event]]:
    """A reply that sends the next text when the test says so."""
    gates = [threading.Event() for _ in texts]
    role, *rest = openai_chunks(texts) if ends else openai_chunks(texts, finish=None, done=False)
    steps: list[object] = [Send(role)]
    for gate, chunk in zip(gates, rest, strict=False):
        steps += [Gate(gate), Send(chunk)]
    steps += [Send(chunk) for chunk in rest[len(gates) :]]
    return Answer(steps=[*steps, *([] if ends else [Stall()])]), gates  # type: ignore[list-item]


def button(reader: Reader, name: str) -> Thing:
    return reader.find(("push button", "button menu", "check box"), name)


def ask(reader: Reader, text: str) -> None:
    """Write a prompt and send it."""
    prompt = reader.find("text", "Prompt")
    prompt.write(text)
    reader.until(lambda: prompt.text == text, "the text in the prompt")
    reader.until(lambda: "enabled" in button(reader, "Send").states, "a button that sends")
    button(reader, "Send").do()


def said(reader: Reader, since: int = 0) -> list[str]:
    """Return the sentences that were said aloud."""
    return "\n".join(reader.announced(since)).split("\n")


def children_of(reader: Reader, name: str) -> list[Thing]:
    """Return the rows of a list on screen."""
    return [thing for thing in reader.find("list", name).children if thing.role == "list item"]


def row(reader: Reader, name: str, words: str) -> Thing:
    """Wait for a row of a list by the words in its name."""

    def found() -> Thing | None:
        return next((each for each in children_of(reader, name) if words in each.name), None)

    return reader.until(found, f"{words!r} in the list {name!r}")


def add_endpoint(reader: Reader, address: str) -> None:
    """Add an endpoint of its own with a key, as the settings offer it."""
    button(reader, "Another server or your own endpoint…").do()
    settings = reader.find("frame", "Settings")
    reader.find("text", "Address", settings).write(address)
    reader.find("text", "Name", settings).write("Loopback")
    reader.find("text", "Key", settings).insert(KEY)
    reader.find("text", "Models, one a line", settings).write("alpha\nbeta")
    button(reader, "Save").do()
    button(reader, "Edit Loopback")


def choose_model(reader: Reader, now: str, model: str) -> None:
    """Open the list of models and choose one."""
    button(reader, now).do()
    row(reader, "Models", model).do()
    button(reader, f"Model: {model}")


def test_an_endpoint_is_set_up_and_a_reply_is_heard_sentence_by_sentence(
    tmp_path: Path, accessibility: Accessibility
) -> None:
    reader = accessibility.reader
    answer, gates = gated(TEXTS)
    with LoopbackServer(default=openai_stream(["Fine. ", "Done."])) as server:
        server.answer(models_answer(["alpha", "beta"]), path="/v1/models")
        data = tmp_path / "weir"
        with Program(data, env=accessibility.environment) as weir:
            reader.attach(weir.process.pid)
            add_endpoint(reader, server.base_url)
            reader.until(lambda: KEY in accessibility.service.entries().values(), "the key in the keyring")
            server.answer(answer, path="/v1/chat/completions")
            choose_first_model(reader)
            ask(reader, "What is a weir?")
            first = reader.until(lambda: said_so_far(reader, gates, 0), "the first sentence")
            assert first == "A weir is a low dam."
            # The next is said only when it has come, and while the reply still grows.
            for number, sentence in enumerate(["It raises the water.", "The rest flows over."], 1):
                assert sentence not in said(reader)
                gates[number].set()
                reader.until(lambda: sentence in said(reader), sentence)  # noqa: B023
            assert "Reply finished" not in said(reader)
            gates[3].set()
            reader.until(lambda: "Reply finished" in said(reader), "the end")
            heard = said(reader)
            assert any(each.startswith("Code block, Python, 2 line") for each in heard)
            assert not any("print" in each for each in heard)
            assert "See the notes on x squared." in heard
            assert "sharp, to measure" in heard
            check_blocks(reader)
            assert weir.errors == ""


def choose_first_model(reader: Reader) -> None:
    """Choose a model where a new endpoint has not been given one."""
    reader.until(
        lambda: [each for each in reader.find_all("button menu") if each.name.startswith("Model: ")],
        "the button of the model",
    )
    now = next(each.name for each in reader.find_all("button menu") if each.name.startswith("Model: "))
    if now != "Model: alpha":
        choose_model(reader, now, "alpha")


def said_so_far(reader: Reader, gates: list[threading.Event], number: int) -> str:
    gates[number].set()
    heard = [each for each in said(reader) if each.startswith("A weir")]
    return heard[0] if heard else ""


def check_blocks(reader: Reader) -> None:
    """Everything in the reply is there in the order of reading, with what can be done."""
    reply = row(reader, "Conversation", "A weir is")
    found = [(thing.role, thing.name) for thing in reply.walk(hidden=True)][1:]
    roles = [role for role, _ in found]
    assert roles == [
        "paragraph", "section", "label", "push button", "push button", "paragraph", "link", "equation",
        "table", "row", "column header", "column header", "row", "cell", "cell",
    ]  # fmt: skip
    names = dict(zip(roles, (name for _, name in found), strict=True))
    assert names["link"] == "the notes"
    assert names["equation"] == "x squared"
    things = list(reply.walk(hidden=True))[1:]
    cells = [thing for thing in things if thing.role in ("cell", "column header")]
    places = [cell.get("org.a11y.atspi.TableCell", "Position") for cell in cells]
    assert [tuple(place) for place in places] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    link = next(thing for thing in things if thing.role == "link")
    assert link.actions == ["Press"]
    assert link.description == "https://example.org/"
    code = next(thing for thing in things if thing.role == "label")
    assert code.text == "print('one')\nprint('two')"
    assert [thing.place for thing in reply.children] == list(range(len(reply.children)))


def test_stop_search_branch_and_model_by_names_alone(tmp_path: Path, accessibility: Accessibility) -> None:
    reader = accessibility.reader
    endless, gates = gated(["Part of it. ", "More."], ends=False)
    with LoopbackServer(default=openai_stream(["Second try. ", "Done."])) as server:
        server.answer(endless, path="/v1/chat/completions")
        data = configure(tmp_path / "weir", server.base_url, more=OTHER.format(url=server.base_url))
        with Program(data, env=accessibility.environment) as weir:
            reader.attach(weir.process.pid)
            ask(reader, "Tell me about rivers")
            gates[0].set()
            reader.until(lambda: "Part of it." in said(reader), "the first sentence")
            assert "busy" in row(reader, "Conversation", "Part of it").states
            assert "busy" in row(reader, "Conversations", "Tell me about rivers").states
            button(reader, "Stop").do()
            assert server.wait_request().wait_closed(5)
            reader.until(lambda: "Stopped" in said(reader), "that it was stopped")
            reply = row(reader, "Conversation", "Part of it")
            assert "busy" not in reply.states
            # A second attempt, and the way between the two.
            reply.do("retry")
            row(reader, "Conversation", "Second try. Done.")
            press_inside(reader, "Second try", "Previous version")
            row(reader, "Conversation", "Part of it")
            press_inside(reader, "Part of it", "Next version")
            row(reader, "Conversation", "Second try. Done.")
            choose_model(reader, "Model: alpha", "gamma")
            ask(reader, "And lakes?")
            reader.until(lambda: states(data).count("finished") == 4, "the next reply on disk")
            assert server.requests[-1].json["model"] == "gamma"
            search(reader)
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""


def states(data: Path) -> list[str]:
    return [each.state for each in messages(data)]


def press_inside(reader: Reader, words: str, name: str) -> None:
    """Press a painted button inside a message."""

    def found() -> Thing | None:
        inside = row(reader, "Conversation", words).children
        return next((thing for thing in inside if thing.name == name), None)

    reader.until(found, f"{name!r} at the message").do()


def search(reader: Reader) -> None:
    """Find the conversation from a new one, and open it."""
    button(reader, "New conversation").do()
    reader.until(lambda: not reader.find_all("list", "Conversation"), "the empty page")
    field = reader.find("text", "Search everything")
    field.write("rivers")
    hit = row(reader, "Found", "rivers")
    assert "selectable" in hit.states
    hit.do()
    row(reader, "Conversation", "Tell me about rivers")


def test_a_fast_long_reply_does_not_flood(tmp_path: Path, accessibility: Accessibility) -> None:
    reader = accessibility.reader
    sentences = [f"Sentence number {number} of a long reply stands here. " for number in range(200)]
    with LoopbackServer(default=openai_stream(sentences)) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data, env=accessibility.environment) as weir:
            reader.attach(weir.process.pid)
            ask(reader, "Much")
            reader.until(lambda: "Reply finished" in said(reader), "the end")
            announced = reader.ear.heard("announcement")
            assert announced[0].value == sentences[0].strip()
            assert len(announced) < 20
            assert all(len(each.value) < 2_300 for each in announced)
            assert any("more sentence" in each.value for each in announced)
            assert len(children_of(reader, "Conversation")[1].name) > 9_000
