"""Files that mean harm or are broken: refused with a sentence, or read without what is wrong in them."""

import io
import json
import random
import resource
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.archive import limits
from desktop.archive.reading import import_archive
from desktop.archive.stream import read_values
from desktop.domain.message import Conversation, Message
from desktop.domain.order import Folder
from desktop.domain.transfer import ArchiveError, ArchiveFormat, ImportReport
from tests.support import exports
from tests.unit.archive.conftest import Place


class Taking:
    """Takes everything and keeps it."""

    def __init__(self) -> None:
        self.found: list[tuple[Conversation, tuple[Message, ...]]] = []

    def add_folders(self, folders: tuple[Folder, ...]) -> None:
        pass

    def add(self, conversation: Conversation, messages: tuple[Message, ...]) -> tuple[bool, int]:
        self.found.append((conversation, messages))
        return True, len(messages)


def bring(file: Path) -> tuple[ImportReport, Taking]:
    taking = Taking()
    return import_archive(file, taking), taking


def whys(report: ImportReport) -> str:
    return " ".join(skipped.why for skipped in report.skipped)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"17", b'"text"', b"not JSON", b"\x00" * 100, b"PK\x03\x04broken", b"[{}]",
     b'[{"mapping": 1}]', b'{"conversations": 3}', b"<html></html>"],
)  # fmt: skip
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "export.json"
    file.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"\w+\.$"):
        bring(file)


def test_a_file_that_ends_too_soon_gives_what_is_whole(tmp_path: Path) -> None:
    text = json.dumps([exports.chatgpt(number) for number in range(20)])
    file = tmp_path / "conversations.json"
    file.write_text(text[: len(text) * 3 // 4])
    report, taking = bring(file)
    assert 10 < len(taking.found) < 20
    assert "not whole" in whys(report)


def test_one_broken_file_of_many_costs_itself_alone(tmp_path: Path) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations-000.json", json.dumps([exports.chatgpt(1)]))
        archive.writestr("conversations-001.json", "[{]")
        archive.writestr("conversations-002.json", json.dumps([exports.chatgpt(2)]))
    report, taking = bring(file)
    assert len(taking.found) == 2
    assert [skipped.what for skipped in report.skipped] == ["conversations-001.json"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("conversations-000.json", "w", force_zip64=True) as entry:
            for _ in range(64):
                entry.write(b" " * limits.MIB)
        archive.writestr("conversations-001.json", json.dumps([exports.chatgpt(1)]))
    report, taking = bring(file)
    assert len(taking.found) == 1
    assert "too large when it is unpacked" in whys(report)


def test_names_that_lead_out_links_and_encrypted_files_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "tricks.zip"
    row = json.dumps([exports.chatgpt(1)])
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("../conversations.json", "/conversations.json", "a/../../conversations.json",
                     "c:conversations.json", "..\\conversations.json"):  # fmt: skip
            archive.writestr(name, row)
        link = zipfile.ZipInfo("conversations-000.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("conversations-001.json", row)
    data = file.read_bytes()
    # The flag "encrypted" of the last entry, in its own head and in the directory at the end.
    last = data.rindex(b"PK\x03\x04")
    entry = data.rindex(b"PK\x01\x02")
    for at in (last + 6, entry + 8):
        data = data[:at] + struct.pack("<H", 1) + data[at + 2 :]
    file.write_bytes(data)
    with pytest.raises(ArchiveError, match="no conversations"):
        bring(file)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["tricks.zip"]


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations-000.json", json.dumps([exports.chatgpt(n) for n in range(50)]))
    data = packed.getvalue()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    many = b"".join(entry.replace(b"-000", f"-{number:03d}".encode()) for number in range(40))
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 40, 40, len(many))
    file = tmp_path / "quine.zip"
    file.write_bytes(data[:start] + many + bytes(tail))
    with pytest.raises(ArchiveError, match=r"claims more|not a whole zip"):
        bring(file)


def test_a_conversation_beyond_the_limits_is_left_out_and_the_next_one_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.archive.stream.MOST_CONVERSATION_BYTES", 200_000)
    large = exports.chatgpt(1)
    large["mapping"]["asks"]["message"]["content"]["parts"] = ["x" * 10_000] * 30
    file = exports.write_json(tmp_path / "conversations.json", [large, exports.chatgpt(2)])
    report, taking = bring(file)
    assert [found[0].title for found in taking.found] == ["Conversation 2"]
    assert whys(report) == "It is too large."


def test_a_single_text_without_end_is_refused_without_being_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.archive.stream.MOST_CONVERSATION_BYTES", 500_000)
    file = tmp_path / "conversations.json"
    file.write_bytes(b'[{"title": "' + b'\\"' * 4_000_000)
    read: list[int] = []
    with file.open("rb") as opened, pytest.raises(ArchiveError, match="too large"):
        list(read_values(opened, read.append))
    assert sum(read) < 1_000_000


def test_nesting_without_end_harms_nothing(tmp_path: Path) -> None:
    deep = exports.chatgpt(1)
    text = json.dumps([deep, exports.chatgpt(2)])
    bottom = '"canvas": ' + '{"a":[' * 100_000 + "]}" * 100_000 + ", "
    file = tmp_path / "conversations.json"
    file.write_text(text.replace('"title"', bottom + '"title"', 1))
    report, taking = bring(file)
    assert [found[0].title for found in taking.found] == ["Conversation 2"]
    assert "nested too deeply" in whys(report)
    # Below the limit, but beyond what recursion could follow: a reply of a kind unknown.
    odd: Any = exports.chatgpt(3)
    odd["mapping"]["sees"]["message"]["content"] = "HERE"
    nested = json.dumps([odd]).replace(
        '"HERE"', '{"content_type":"new","x":' + "[" * 5_000 + "]" * 5_000 + "}"
    )
    file.write_text(nested)
    _, taking = bring(file)
    assert len(taking.found) == 1


def test_a_long_nested_conversation_comes_whole(tmp_path: Path) -> None:
    length = 4_000
    row = exports.librechat(1, length=length)
    flat = row["messages"]
    text = ""
    for message in reversed(flat[:-1]):
        head = json.dumps({**message, "parentMessageId": None})[:-1]
        text = f'{head}, "children": [{text}]}}'
    row["messages"] = "HERE"
    file = tmp_path / "libre.json"
    file.write_text(json.dumps({**row, "recursive": True}).replace('"HERE"', f"[{text}]"))
    _, taking = bring(file)
    assert len(taking.found[0][1]) == length


def test_loops_and_links_to_nothing_are_cut(tmp_path: Path) -> None:
    row = exports.chatgpt(1)
    mapping = row["mapping"]
    mapping["asks"]["parent"] = "first"
    mapping["edited"]["parent"] = "edited"
    mapping["shows"]["parent"] = "nowhere"
    mapping["root"]["parent"] = "system"
    row["current_node"] = "nobody"
    _, taking = bring(exports.write_json(tmp_path / "conversations.json", [row]))
    _, messages = taking.found[0]
    assert len(messages) == 6
    seen: set[str] = set()
    for message in messages:
        assert message.parent_id is None or message.parent_id in seen
        seen.add(message.id)


def test_odd_times_are_none(tmp_path: Path) -> None:
    row = exports.chatgpt(1)
    row["create_time"] = "1e999"
    row["update_time"] = -5
    file = tmp_path / "conversations.json"
    for odd in ("1e400", "-1", "1e30", "null", '"yesterday"', "[]", "true", "9" * 400):
        text = json.dumps([row]).replace('"create_time": 176', '"create_time": ' + odd + ', "x": 176')
        file.write_text(text)
        _, taking = bring(file)
        conversation, messages = taking.found[0]
        times = [conversation.created, conversation.updated, *(message.created for message in messages)]
        assert all(0 < each < limits.LATEST_MS for each in times), odd


def test_members_of_other_types_are_not_there(tmp_path: Path) -> None:
    chance = random.Random(7)
    odd = [None, True, -1, 10**30, 0.5, "", "x", [], [1], {}, {"a": 1}, [[]]]

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: chance.choice(odd) if chance.random() < 0.08 else spoil(each)
                for name, each in value.items()
            }
        return [spoil(each) for each in value] if isinstance(value, list) else value

    for make in (exports.chatgpt, exports.claude, exports.open_webui, exports.librechat):
        rows = [spoil(make(number)) for number in range(150)]
        report, taking = bring(exports.write_json(tmp_path / f"{make.__name__}.json", [*rows, make(1)]))
        assert len(taking.found) + report.skipped_count == 151
        assert "can’t be read" not in whys(report), "a type was not looked at"


async def test_an_archive_can_take_over_nothing(place: Place, tmp_path: Path) -> None:
    await place.bring(exports.write_json(tmp_path / "a.json", [exports.claude(1)]))
    victim, messages = await place.read("Claude 1")
    await place.save(tmp_path / "own.json", ArchiveFormat.JSON)
    archive = json.loads((tmp_path / "own.json").read_text())
    stolen = archive["conversations"][0]
    stolen["id"] = "e" * 32
    stolen["title"] = "Thief"
    for message in stolen["messages"]:
        message["parts"] = [{"kind": "text", "text": "overwritten"}]
    mine = json.loads(json.dumps(stolen))
    mine["id"], mine["title"] = victim.id, "Renamed by a file"
    archive["conversations"] = [stolen, mine]
    (tmp_path / "evil.json").write_text(json.dumps(archive))
    await place.bring(tmp_path / "evil.json")
    after, kept = await place.read("Claude 1")
    assert kept == messages
    assert after == victim


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ({"id": "../../x"}, False),
        ({"id": ""}, False),
        ({"created": "soon"}, False),
        ({"created": -5}, True),
        ({"title": 5}, False),
        ({"head_id": "9"}, True),
        ({"folder_id": "a" * 32}, True),
        ({"tags": "x"}, True),
        ({"pinned": "yes"}, True),
        ({"options": 3}, True),
        ({"messages": []}, False),
        ({"messages": [5]}, False),
    ],
)
async def test_an_own_archive_is_trusted_no_more(
    place: Place, tmp_path: Path, change: dict[str, Any], is_taken: bool
) -> None:
    await place.bring(exports.write_json(tmp_path / "a.json", [exports.claude(1)]))
    await place.save(tmp_path / "own.json", ArchiveFormat.JSON)
    archive = json.loads((tmp_path / "own.json").read_text())
    archive["conversations"][0].update({"folder_id": None, **change})
    (tmp_path / "own.json").write_text(json.dumps(archive))
    report, taking = bring(tmp_path / "own.json")
    assert len(taking.found) == int(is_taken)
    assert report.skipped_count == int(not is_taken)
    for conversation, messages in taking.found:
        assert conversation.head_id in {None, *(message.id for message in messages)}
        assert conversation.folder_id is None
        assert 0 <= conversation.created < limits.LATEST_MS


def test_an_archive_of_a_newer_weir_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"format":"weir-archive","version":2,"conversations":[{}]}')
    with pytest.raises(ArchiveError, match="newer version"):
        bring(file)


def test_memory_stays_bounded(tmp_path: Path) -> None:
    """An export of 60 MB is read with far less than that."""
    file = tmp_path / "conversations.json"
    row = exports.chatgpt(1)
    row["mapping"]["asks"]["message"]["content"]["parts"] = ["word " * 20_000]
    exports.write_json(file, ({**row, "conversation_id": str(number)} for number in range(600)))

    class Counting(Taking):
        count = 0

        def add(self, conversation: Conversation, messages: tuple[Message, ...]) -> tuple[bool, int]:
            self.count += 1
            return True, len(messages)

    size = file.stat().st_size
    assert size > 50_000_000
    counting = Counting()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    import_archive(file, counting)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert counting.count == 600
    assert grown < size / 2


NAMES = [
    *("id", "mapping", "message", "parent", "content", "parts", "chat", "history", "messages", "metadata"),
    *("chat_messages", "uuid", "title", "create_time", "conversationId", "children", "kind", "author"),
    *("attachments", "files"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_no_json_at_all_brings_it_down(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    file = tmp_path_factory.mktemp("any") / "conversations.json"
    file.write_text(
        json.dumps(rows).replace("NaN", "null").replace("-Infinity", "null").replace("Infinity", "null")
    )
    try:
        report, _ = bring(file)
    except ArchiveError:
        return
    assert report.source
