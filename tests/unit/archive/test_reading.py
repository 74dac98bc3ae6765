"""Exports of the four programs come in with their trees, pictures and files, and never twice."""

import dataclasses
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.archive.fields import stable_id
from desktop.archive.reading import import_archive
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    MessageState,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.order import Folder
from desktop.domain.transfer import ImportReport
from tests.support import exports
from tests.unit.archive.conftest import Place

MANY = 5_000


def chatgpt(folder: Path, count: int) -> Path:
    return exports.chatgpt_zip(folder / "chatgpt.zip", count)


def claude(folder: Path, count: int) -> Path:
    file = folder / "claude.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([exports.claude(n) for n in range(count)]))
        archive.writestr("users.json", "[]")
        archive.writestr("projects.json", "[]")
    return file


def open_webui(folder: Path, count: int) -> Path:
    return exports.write_json(folder / "chats.json", (exports.open_webui(n) for n in range(count)))


def librechat(folder: Path, count: int) -> Path:
    return exports.librechat_zip(folder / "librechat.zip", count)


FORMATS = [
    (chatgpt, "ChatGPT", 6),
    (claude, "Claude", 4),
    (open_webui, "Open WebUI", 3),
    (librechat, "LibreChat", 3),
]


class Memory:
    """A history in memory that takes what comes in as the one on disk does."""

    def __init__(self) -> None:
        self.messages: dict[str, set[str]] = {}

    def add_folders(self, folders: tuple[Folder, ...]) -> None:
        pass

    def add(self, conversation: Conversation, messages: tuple[Message, ...]) -> tuple[bool, int]:
        is_new = conversation.id not in self.messages
        known = self.messages.setdefault(conversation.id, set())
        before = len(known)
        known.update(message.id for message in messages)
        return is_new, len(known) - before


@pytest.mark.parametrize(("make", "source", "messages"), FORMATS)
def test_five_thousand_conversations_are_read(
    tmp_path: Path, make: Callable[[Path, int], Path], source: str, messages: int
) -> None:
    file, memory = make(tmp_path, MANY), Memory()
    first = import_archive(file, memory)
    assert (first.source, first.added, first.messages) == (source, MANY, MANY * messages)
    assert first.skipped == []
    assert len(memory.messages) == MANY


@pytest.mark.parametrize(("make", "source", "messages"), FORMATS)
async def test_conversations_come_into_the_history_once(
    place: Place, tmp_path: Path, make: Callable[[Path, int], Path], source: str, messages: int
) -> None:
    file = make(tmp_path, 100)
    first = await place.bring(file)
    assert (first.source, first.added, first.messages) == (source, 100, 100 * messages)
    shown = await place.rows()
    again = await place.bring(file)
    assert (again.added, again.extended, again.known, again.messages) == (0, 0, 100, 0)
    assert await place.rows() == shown


async def test_chatgpt_keeps_branches_steps_pictures_and_files(place: Place, tmp_path: Path) -> None:
    report = await place.bring(chatgpt(tmp_path, 4))
    assert report.missing_files == 2
    conversation, messages = await place.read("Conversation 1")
    assert conversation.created == (exports.BASE + 100) * 1000 + 250
    answer = messages["It is **42**."]
    assert answer.parts == (
        ReasoningPart("**Looking**\n\nWhere is it?"),
        ToolCallPart("python", "print(6 * 7)"),
        PlaceholderPart("What python said", "42"),
        TextPart("It is **42**."),
    )
    assert (answer.model, answer.endpoint) == ("gpt-4o", "ChatGPT")
    first, edited = messages["Question 1?"], messages["Question 1, put better: 東京?"]
    assert first.parent_id is None
    assert edited.parent_id is None
    assert messages["The first answer."].parent_id == first.id
    assert answer.parent_id == edited.id
    shown = messages["What is this?"]
    assert shown.parts[0] == ImagePart("image/png", exports.PNG, "dot.png")
    assert shown.parts[2] == FilePart("notes.txt", "text/plain", b"Notes of 1", "Notes of 1")
    assert conversation.head_id == messages["One dot."].id


async def test_chatgpt_without_its_pictures_names_them(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([exports.chatgpt(1)]))
    report = await place.bring(file)
    assert report.missing_files == 2
    _, messages = await place.read("Conversation 1")
    labels = [part.label for part in messages["What is this?"].parts if isinstance(part, PlaceholderPart)]
    assert labels == ["Image", "notes.txt"]


async def test_one_file_and_many_are_the_same_conversations(place: Place, tmp_path: Path) -> None:
    await place.bring(chatgpt(tmp_path, 60))
    single = exports.write_json(tmp_path / "conversations.json", [exports.chatgpt(n) for n in range(60)])
    again = await place.bring(single)
    assert (again.added, again.messages, again.known) == (0, 0, 60)


async def test_an_export_that_was_unpacked_is_read_from_its_folder(place: Place, tmp_path: Path) -> None:
    with zipfile.ZipFile(chatgpt(tmp_path, 6)) as archive:
        archive.extractall(tmp_path / "unpacked")
    (tmp_path / "unpacked" / "file-Link0000-x.png").symlink_to("/etc/hostname")
    report = await place.bring(tmp_path / "unpacked")
    assert report.added == 6
    assert [skipped.what for skipped in report.skipped] == ["file-Link0000-x.png"]
    _, messages = await place.read("Conversation 0")
    assert isinstance(messages["What is this?"].parts[0], ImagePart)


async def test_claude_keeps_both_answers_thoughts_tools_and_documents(place: Place, tmp_path: Path) -> None:
    report = await place.bring(claude(tmp_path, 2))
    assert report.missing_files == 2
    conversation, messages = await place.read("Claude 1")
    prompt = messages["Read this, 1."]
    assert prompt.parts[1:] == (
        FilePart("plan.md", "text/markdown", b"# A plan", "# A plan"),
        PlaceholderPart("photo.jpg", prompt.parts[2].raw),  # type: ignore[union-attr]
    )
    one, other = messages["One answer."], messages["Another answer."]
    assert one.parent_id == other.parent_id == prompt.id
    assert one.parts[0] == ReasoningPart("Hm.")
    assert other.parts[:2] == (
        ToolCallPart("artifacts", '{"title": "Plan"}', "t1"),
        PlaceholderPart("What artifacts said", "OK"),
    )
    assert conversation.head_id == messages["Good."].id


async def test_open_webui_keeps_both_models_pictures_thoughts_and_tags(place: Place, tmp_path: Path) -> None:
    await place.bring(open_webui(tmp_path, 2))
    conversation, messages = await place.read("Sum 1")
    assert conversation.pinned
    assert conversation.tags == ("maths",)
    prompt, one, other = messages["One plus one, 1?"], messages["Two."], messages["2"]
    assert prompt.parts[1] == ImagePart("image/png", exports.PNG, "")
    assert one.parts[0] == ReasoningPart("It is <simple>.", 3000)
    assert (one.model, other.model) == ("qwen3", "llama3")
    assert one.usage is not None
    assert (one.usage.input, one.usage.output) == (12, 3)
    assert conversation.head_id == one.id


@pytest.mark.parametrize("is_nested", [False, True])
async def test_librechat_nested_and_flat(place: Place, tmp_path: Path, is_nested: bool) -> None:
    file = tmp_path / "Libre.json"
    file.write_text(json.dumps(exports.librechat(7, is_nested=is_nested, length=4)))
    report = await place.bring(file)
    assert (report.added, report.messages) == (1, 5)
    conversation, messages = await place.read("Libre 7")
    again = messages["Again."]
    assert again.parts[0] == ReasoningPart("Hm.")
    assert again.parent_id == messages["Step 3 of 7"].parent_id == messages["Step 2 of 7"].id
    assert messages["Step 0 of 7"].role is Role.USER
    assert conversation.head_id == again.id


async def test_a_conversation_that_grew_gets_what_is_new_and_follows_it(place: Place, tmp_path: Path) -> None:
    row: dict[str, Any] = exports.claude(1)
    whole = list(row["chat_messages"])
    row["chat_messages"] = whole[:2]
    await place.bring(exports.write_json(tmp_path / "a.json", [row]))
    row["chat_messages"] = whole
    report = await place.bring(exports.write_json(tmp_path / "b.json", [row]))
    assert (report.added, report.extended, report.messages) == (0, 1, 2)
    conversation, messages = await place.read("Claude 1")
    assert conversation.head_id == messages["Good."].id


async def test_what_was_renamed_and_thrown_away_here_stays_so(place: Place, tmp_path: Path) -> None:
    file = claude(tmp_path, 2)
    await place.bring(file)
    first, second = await place.rows()
    await place.store.history.delete_conversation(first.id)
    await place.store.history.write_conversation(dataclasses.replace(second, title="Mine"))
    again = await place.bring(file)
    assert (again.added, again.messages, again.known) == (0, 0, 2)
    assert [row.title for row in await place.rows()] == ["Mine"]


async def test_cancelling_keeps_what_came_in(place: Place, tmp_path: Path) -> None:
    def tell(share: float) -> None:
        if share > 0.3:
            place.archives.cancel()

    report: ImportReport = await place.archives.import_file(chatgpt(tmp_path, 200), tell)
    assert report.is_cancelled
    assert 0 < report.added < 200
    assert len(await place.rows()) == report.added - sum(
        1 for number in range(report.added) if number % 10 == 3
    )


async def test_a_reply_that_was_cut_off_is_one_that_was_interrupted(place: Place, tmp_path: Path) -> None:
    row = exports.chatgpt(1)
    row["mapping"]["sees"]["message"]["status"] = "in_progress"
    await place.bring(exports.write_json(tmp_path / "conversations.json", [row]))
    _, messages = await place.read("Conversation 1")
    assert messages["One dot."].state is MessageState.INTERRUPTED


def test_ids_are_the_same_in_every_run() -> None:
    assert stable_id("chatgpt", "c", "m") == "408da722a284cff286b2b49f915469e8"
    assert stable_id("ab", "c") != stable_id("a", "bc")
