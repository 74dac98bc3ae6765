"""What the words on the command line ask for: files, a window, a quick question."""

from pathlib import Path

import pytest

from desktop.cli import COMMANDS, parser
from desktop.cli.opening import open_wish, split_files
from desktop.domain.wish import Wish, WishKind


@pytest.mark.parametrize(
    ("arguments", "files", "others"),
    [
        (["a.gguf"], ["a.gguf"], []),
        (["--data-dir", "/d", "/x/a", "b.json"], ["/x/a", "b.json"], ["--data-dir", "/d"]),
        (["--data-dir=/d", "file:///a"], ["file:///a"], ["--data-dir=/d"]),
        (["a.gguf", "--new-window"], ["a.gguf"], ["--new-window"]),
        (["--", "-odd-.gguf"], ["-odd-.gguf"], []),
        (["quick", "a.gguf"], [], ["quick", "a.gguf"]),
        (["import", "chat.zip"], [], ["import", "chat.zip"]),
        (["a.gguf", "import"], ["a.gguf", "import"], []),
        (["instal"], [], ["instal"]),
        (["--version"], [], ["--version"]),
        (["--data-dir"], [], ["--data-dir"]),
    ],
)
def test_files_are_told_from_commands(arguments: list[str], files: list[str], others: list[str]):
    assert split_files(arguments, COMMANDS) == (files, others)


def test_the_commands_are_those_of_the_parser():
    (commands,) = (action.choices for action in parser()._actions if action.dest == "command")
    assert commands is not None
    assert sorted(commands) == sorted(COMMANDS)


def test_files_are_handed_over_by_their_whole_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    wish = open_wish(["Größe.gguf", "file:///a%20b/c%C3%A9.json", "file://localhost/x.zip"])
    assert wish == Wish(WishKind.OPEN, files=(str(tmp_path / "Größe.gguf"), "/a b/cé.json", "/x.zip"))


@pytest.mark.parametrize(
    "files", [["https://example.com/a.gguf"], ["file://elsewhere/a"], ["a\0b"], ["x"] * 200]
)
def test_what_is_no_file_of_this_computer_is_not_opened(files: list[str]):
    with pytest.raises(ValueError, match="no files"):
        open_wish(files)
