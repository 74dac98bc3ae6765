"""Files as parts of a prompt: what they are is told from their content, and nothing is trusted."""

import os
from pathlib import Path

import pytest

from desktop.attach import LARGEST, FileOpener, image_type, part_from, read_file, text_of
from desktop.domain.failure import AttachError
from desktop.domain.message import FilePart, ImagePart
from desktop.domain.tokens import estimate_tokens
from tests.support.pdf import pdf_bytes

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 JFIF", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"BM" + b"\0" * 12 + b"\x28\0\0\0" + b"pixels", "image/bmp"),
        (b"BMW makes cars, and this is a text", ""),
        (b"II*\x00....", "image/tiff"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
    ],
)
def test_an_image_is_told_by_its_first_bytes(data: bytes, kind: str):
    assert image_type(data) == kind


def test_a_name_says_nothing_about_what_is_inside():
    part = part_from("photo.txt", PNG)
    assert isinstance(part, ImagePart)
    assert (part.media_type, part.name) == ("image/png", "photo.txt")
    svg = part_from("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert isinstance(svg, FilePart)
    assert svg.text.startswith("<svg")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1251"])
def test_text_in_the_encodings_people_have(encoding: str):
    texts = {
        "gb18030": "这是一个关于河流和水坝的简短说明。" * 20,
        "cp1251": "Это короткий рассказ о реке и плотине. " * 20,
    }
    text = texts.get(encoding, "Déjà vu: naïve ☕\n")
    data = text.encode(encoding)
    if encoding == "utf-16-le":
        assert text_of(data) is None
    else:
        assert text_of(data) == text


def test_what_is_no_text_is_refused_by_name():
    for name, data in (
        ("song.mp3", b"ID3\x04\0\0\0\0" * 50),
        ("paper.docx", b"PK\x03\x04"),
        ("nothing.txt", b""),
    ):
        with pytest.raises(AttachError, match=name):
            part_from(name, data)


def test_a_pdf_gives_its_text_and_itself():
    data = pdf_bytes("A weir is a low dam.")
    part = part_from("weir.pdf", data)
    assert isinstance(part, FilePart)
    assert part.media_type == "application/pdf"
    assert part.data == data
    assert part.text == "A weir is a low dam."


def test_a_pdf_that_is_locked_or_broken_says_so():
    with pytest.raises(AttachError, match=r"weir\.pdf.*password"):
        part_from("weir.pdf", pdf_bytes("Secret", password="opens"))
    with pytest.raises(AttachError, match=r"weir\.pdf.*damaged"):
        part_from("weir.pdf", b"%PDF-1.7\n" + os.urandom(2000))


def test_only_ordinary_files_are_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", LARGEST + 1)
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "gone.txt", tmp_path / "large", Path("/dev/zero")):
        with pytest.raises(AttachError, match=path.name):
            read_file(path)
    (tmp_path / "notes.md").write_text("# Notes\n", encoding="utf-8")
    part = read_file(tmp_path / "notes.md")
    assert isinstance(part, FilePart)
    assert (part.name, part.text) == ("notes.md", "# Notes\n")
    assert part.media_type.startswith("text/")


async def test_an_image_is_fitted_away_from_the_loop(aioloop, tmp_path: Path):
    (tmp_path / "a.png").write_bytes(PNG)
    opener = FileOpener(lambda part: ImagePart("image/jpeg", b"smaller", part.name))
    assert await opener.open_file(tmp_path / "a.png") == ImagePart("image/jpeg", b"smaller", "a.png")
    assert await opener.open_data("b.png", PNG) == ImagePart("image/jpeg", b"smaller", "b.png")
    assert isinstance(await opener.open_data("c.txt", b"text"), FilePart)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("word", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("人工智能" * 25, 80, 120),
    ],
)
def test_tokens_are_guessed_within_a_third(text: str, least: int, most: int):
    assert least <= estimate_tokens(text) <= most
