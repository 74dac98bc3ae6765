"""Conversations written for another program to take."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from desktop.archive.dragged import KEPT, DraggedFiles
from desktop.domain.message import Conversation
from desktop.domain.transfer import ArchiveFormat, ExportReport


class Written:
    """Writes the ids into the files."""

    async def export(
        self, file: Path, form: ArchiveFormat, ids: Sequence[str] | None, tell: Callable[[float], None]
    ) -> ExportReport:
        assert form is ArchiveFormat.MARKDOWN
        write(file, " ".join(ids or ()))
        return ExportReport()


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def texts(files: Sequence[Path]) -> list[tuple[str, str]]:
    return [(file.name, file.read_text(encoding="utf-8")) for file in files]


def are_there(files: Sequence[Path]) -> list[bool]:
    return [file.exists() for file in files]


def row(name: str, title: str) -> Conversation:
    return Conversation(id=name, title=title, created=1, updated=1)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


async def test_files_bear_the_titles_and_no_two_the_same_name(aioloop):
    dragged = DraggedFiles(Written())
    files = await dragged.write([row("a", "Why? Why/not"), row("b", "WHY Why not"), row("c", "")])
    assert next(name for name, _ in texts(files)) == "Why Why not.md"
    assert [text for _, text in texts(files)] == ["a", "b", "c"]
    assert len({file.name.casefold() for file in files}) == 3
    await dragged.close()
    assert not any(are_there(files))


async def test_the_files_of_the_last_drags_stay_and_older_ones_go(aioloop, temporary):
    dragged = DraggedFiles(Written())
    drags = [await dragged.write([row("a", "A title")]) for _ in range(KEPT + 2)]
    assert [are_there(files) for files in drags] == [[False]] * 2 + [[True]] * KEPT
    await dragged.close()
    assert list(map(str, sorted(temporary.iterdir()))) == []
