"""A damaged history is set aside whole, and what its backup has and what can still be read comes back."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.archive.work import Archives
from desktop.base.paths import Paths, user_paths
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.domain.transfer import ArchiveError
from desktop.store import Store, open_store
from desktop.store.database import open_database
from desktop.store.migrations import MIGRATIONS

CONVERSATIONS = 60
MESSAGES = 8


def conversation(number: int) -> Conversation:
    return Conversation(id=f"c{number}", title=f"Title {number}", created=number + 1, updated=number + 1)


def message(number: int, place: int) -> Message:
    return Message(
        id=f"m{number}-{place}",
        conversation_id=f"c{number}",
        parent_id=f"m{number}-{place - 1}" if place else None,
        role=Role.ASSISTANT if place % 2 else Role.USER,
        parts=(TextPart(f"Text {number} {place} " + "lorem ipsum " * 40),),
        created=number * 100 + place + 1,
    )


async def fill(store: Store, first: int = 0, last: int = CONVERSATIONS) -> None:
    for number in range(first, last):
        messages = [message(number, place) for place in range(MESSAGES)]
        store.transfer.add(replace(conversation(number), head_id=messages[-1].id), messages)


def tear(file: Path, pages: range) -> None:
    """Overwrite pages of a database as a failing disk might."""
    with file.open("r+b") as opened:
        for page in pages:
            opened.seek(page * 4096)
            opened.write(os.urandom(4096))


async def reopen(paths: Paths) -> tuple[Store, Archives]:
    store = open_store(paths)
    return store, Archives(store.transfer)


async def count(store: Store) -> int:
    return len(await store.history.list_conversations(10_000))


async def test_backup_and_what_can_still_be_read_come_back_together(
    paths: Paths, expect_log: Callable[[str], None]
) -> None:
    expect_log("damaged and is set aside")
    store = open_store(paths)
    await fill(store, 0, 40)
    await store.history.back_up()
    await fill(store, 40, CONVERSATIONS)
    await store.close()
    size = paths.history.stat().st_size // 4096
    tear(paths.history, range(size // 2, size // 2 + 6))

    store, archives = await reopen(paths)
    opening = await store.opened()
    assert opening.damaged is not None
    assert opening.newest_backup is not None
    before = opening.damaged.read_bytes()
    assert await count(store) == 0
    report = await archives.recover((opening.newest_backup, opening.damaged), lambda _share: None)
    rows = {row.id: row for row in await store.history.list_conversations(10_000)}
    assert {f"c{number}" for number in range(40)} <= rows.keys()
    assert len(rows) > 45, "nothing came back from the damaged file itself"
    assert report.added == len(rows)
    for name in rows:
        found = await store.history.read_conversation(name)
        assert found is not None
        number = int(name[1:])
        known = {(each.id, each.text) for each in (message(number, place) for place in range(MESSAGES))}
        assert {(each.id, each.text) for each in found[1]} <= known
        if number < 40:
            assert len(found[1]) == MESSAGES
    assert opening.damaged.read_bytes() == before, "the file that was set aside was changed"
    again = await archives.recover((opening.newest_backup, opening.damaged), lambda _share: None)
    assert (again.added, again.messages) == (0, 0)
    await archives.close()
    await store.close()
    assert not list(paths.data.glob(".recovery-*"))


@pytest.mark.parametrize("pages", [range(1, 3), range(3, 9), range(5, 60, 7)])
async def test_whatever_is_torn_the_rest_is_read_or_it_is_said(
    paths: Paths, pages: range, expect_log: Callable[[str], None]
) -> None:
    expect_log("damaged and is set aside")
    store = open_store(paths)
    await fill(store)
    await store.close()
    tear(paths.history, pages)
    store, archives = await reopen(paths)
    opening = await store.opened()
    assert opening.damaged is not None
    with contextlib.suppress(ArchiveError):
        report = await archives.recover((opening.damaged,), lambda _share: None)
        assert report.added == await count(store)
    # Whatever came of it, the new history works.
    await fill(store, 100, 101)
    assert await count(store) > 0
    await archives.close()
    await store.close()


async def test_a_backup_of_an_older_shape_comes_back(paths: Paths, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    opened = open_database(older, tmp_path / "backups", MIGRATIONS[:1])
    for statement in (
        "INSERT INTO conversation (id, title, created, updated) VALUES ('a', 'Old', 1, 2)",
        """INSERT INTO message (id, conversation_id, role, state, created)
           VALUES ('b', 'a', 'user', 'finished', 1)""",
        "INSERT INTO part (message_id, position, kind, text) VALUES ('b', 0, 'text', 'Hi')",
    ):
        opened.connection.execute(statement)
    opened.close()
    store, archives = await reopen(paths)
    report = await archives.import_file(older, lambda _share: None)
    assert (report.source, report.added, report.messages) == ("Weir", 1, 1)
    found = await store.history.read_conversation("a")
    assert found is not None
    assert found[1][0].text == "Hi"
    await archives.close()
    await store.close()


async def test_a_database_of_another_program_is_refused(paths: Paths, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as sql:
        sql.execute("CREATE TABLE conversation (id)")
    store, archives = await reopen(paths)
    with pytest.raises(ArchiveError, match="another program"):
        await archives.import_file(other, lambda _share: None)
    await archives.close()
    await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where the test may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a small disk can't be mounted here: that takes the rights of root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_disk_that_fills_up_is_told_and_what_was_there_stays(small_disk: Path) -> None:
    paths = user_paths(small_disk / "data")
    store = open_store(paths)
    await store.history.write_conversation(conversation(0))
    kept = await write_until_full(store)
    assert kept > 10
    with pytest.raises(StorageError, match="disk is full"):
        await fill_with(store, 1)
    found = await store.history.read_conversation("c0")
    assert found is not None
    assert len(found[1]) == kept
    await store.close()

    store = open_store(paths)
    opening = await store.opened()
    assert opening.damaged is None
    found = await store.history.read_conversation("c0")
    assert found is not None
    assert len(found[1]) == kept
    await store.close()
    with contextlib.closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def write_until_full(store: Store) -> int:
    """Write messages until the disk takes no more; return how many it took."""
    said, number = "", 0
    while not said and number < 2_000:
        try:
            await store.history.write_message(replace(message(0, 0), id=f"m{number}", created=number + 1))
            number += 1
        except StorageError as problem:
            said = str(problem)
    assert "disk is full" in said
    return number


async def fill_with(store: Store, number: int) -> None:
    """Bring in a conversation that is larger than the disk."""
    large = replace(message(number, 0), parts=(TextPart("x" * 3_000_000),))
    store.transfer.add(conversation(number), [large])


@contextlib.contextmanager
def unwritable(paths: Paths) -> Iterator[None]:
    """Let nobody write to the data folder; root only minds a disk that is mounted for reading."""
    folder = str(paths.data)
    if os.geteuid() != 0:
        paths.data.chmod(0o500)
        paths.history.chmod(0o400)
        yield
        paths.data.chmod(0o700)
        paths.history.chmod(0o600)
        return
    for arguments in (("--bind", folder, folder), ("-o", "remount,bind,ro", folder)):
        if subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode:
            subprocess.run(["umount", folder], capture_output=True, check=False)
            pytest.skip("a folder can't be made read-only for root here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.name != "posix", reason="folders have no such permissions here")
async def test_a_folder_that_can_not_be_written_is_told(paths: Paths) -> None:
    store = open_store(paths)
    await fill(store, 0, 2)
    await store.close()
    with unwritable(paths):
        store = open_store(paths)
        with pytest.raises(StorageError, match="permissions"):
            await store.opened()
        with pytest.raises(StorageError, match="permissions"):
            await store.history.write_conversation(conversation(5))
        with contextlib.suppress(StorageError):
            await store.close()
    store = open_store(paths)
    assert await count(store) == 2
    await store.close()


async def test_files_are_their_owners_alone(paths: Paths) -> None:
    store = open_store(paths)
    await fill(store, 0, 2)
    copy = await store.history.back_up()
    for file in (paths.history, copy):
        assert file.stat().st_mode & 0o777 == 0o600
    for folder in (paths.data, copy.parent):
        assert folder.stat().st_mode & 0o777 == 0o700
    for beside in paths.data.glob("history.db-*"):
        assert beside.stat().st_mode & 0o077 == 0, beside.name
    await store.close()
