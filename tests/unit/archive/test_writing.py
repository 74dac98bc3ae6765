"""What goes out comes in again byte for byte, and the pages run nothing, load nothing and tell no key."""

import dataclasses
import json
import re
import stat
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from desktop.archive.formulas import PrintFormulas, ScreenFormulas
from desktop.archive.html_text import html_of
from desktop.domain.cut import ContextChoice, Cut, Overflow
from desktop.domain.delta import StopReason, Timing, Usage
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    MessageState,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.options import Options
from desktop.domain.transfer import ArchiveError, ArchiveFormat
from desktop.store import Store
from tests.support import exports
from tests.unit.archive.conftest import Place, open_place

HOSTILE = """# <script>alert(1)</script>

An <img src=x onerror=alert(1)> and ![a picture](http://example.com/x.png) and [a link](javascript:alert(1)).

```python
print("<b>")  # 東京
```

| a | b |
|---|--:|
| 1 | 2 |

1. one
2. two
   - [x] done
"""


async def fill(store: Store) -> tuple[Conversation, tuple[Message, ...]]:
    """Put a conversation with everything that there is into a history."""
    await store.history.write_folder("f" * 32, "Work & <play>")
    row = Conversation(
        id="c" * 32,
        title="All <of> it",
        created=1_760_000_000_123,
        updated=1_760_000_009_000,
        endpoint_id="own",
        model="m",
        pinned=True,
        folder_id="f" * 32,
        tags=("b", "Ä"),
        options=Options(system="Be kind", temperature=0.3, stop=("\n\n", "END")),
        context=ContextChoice(
            window=4_096,
            overflow=Overflow.SUMMARY,
            cuts=(
                Cut(after_id=f"{2:032x}", at=1_760_000_000_003, count=2),
                Cut(
                    after_id=f"{3:032x}",
                    at=1_760_000_000_004,
                    count=3,
                    summary="They <b>spoke</b>.",
                    missed=1,
                    model="m",
                    endpoint="Own",
                    usage=Usage(input=9, output=1),
                    timing=Timing(first_ms=1, total_ms=2),
                ),
            ),
        ),
    )
    await store.history.write_conversation(row)

    def message(number: int, parent: int | None, role: Role, *parts: object, **more: object) -> Message:
        return Message(
            id=f"{number:032x}",
            conversation_id=row.id,
            parent_id=None if parent is None else f"{parent:032x}",
            role=role,
            parts=parts,  # type: ignore[arg-type]
            created=1_760_000_000_000 + number,
            **more,  # type: ignore[arg-type]
        )

    user, reply = Role.USER, Role.ASSISTANT
    messages = (
        message(1, None, user, ImagePart("image/png", exports.PNG, "dot.png"), TextPart("Look\nhere")),
        message(
            2,
            1,
            reply,
            ReasoningPart("Hm", 1200, "seal"),
            TextPart(HOSTILE),
            model="gpt",
            endpoint="Own",
            usage=Usage(input=3, output=5, cost=0.000123),
            timing=Timing(first_ms=5, total_ms=70),
            stop_reason=StopReason.LENGTH,
        ),
        message(3, 1, reply, RefusalPart("No."), state=MessageState.STOPPED, model="gpt"),
        message(
            4, 3, user, FilePart("n.txt", "text/plain", b"\x00\xff", "words"), TextPart("\u202eAnd 東京?")
        ),
        message(
            5,
            4,
            reply,
            ToolCallPart("find", '{"q":1}', "call-1"),
            PlaceholderPart("Something", '{"x":1}'),
            state=MessageState.FAILED,
            failure=Failure(kind=FailureKind.CUT, endpoint="Own", status=502, words="<b>gone</b>"),
        ),
    )
    for each in messages:
        await store.history.write_message(each)
    return row, messages


async def export_again(file: Path, folder: Path) -> tuple[Place, Path]:
    """Bring an archive into an empty history and write that out."""
    other = open_place(folder)
    try:
        await other.bring(file)
        second = folder / "second.json"
        await other.save(second, ArchiveFormat.JSON)
    finally:
        await other.close()
    return other, second


async def test_out_in_and_out_again_is_the_same_to_the_byte(place: Place, tmp_path: Path) -> None:
    row, messages = await fill(place.store)
    await place.bring(exports.chatgpt_zip(tmp_path / "g.zip", 40))
    await place.bring(exports.write_json(tmp_path / "w.json", [exports.open_webui(n) for n in range(40)]))
    first = tmp_path / "first.json"
    report = await place.save(first, ArchiveFormat.JSON)
    assert report.conversations == 81
    _, second = await export_again(first, tmp_path / "other")
    assert second.read_bytes() == first.read_bytes()

    other = open_place(tmp_path / "other")
    found = await other.store.history.read_conversation(row.id)
    folders = await other.store.history.list_folders()
    await other.close()
    assert found is not None
    assert tuple(found[1]) == messages
    assert found[0] == dataclasses.replace(row, head_id=messages[-1].id, updated=found[0].updated)
    assert [(folder.id, folder.name) for folder in folders] == [("f" * 32, "Work & <play>")]


async def test_one_conversation_comes_back_as_well(place: Place, tmp_path: Path) -> None:
    row, _ = await fill(place.store)
    await place.bring(exports.chatgpt_zip(tmp_path / "g.zip", 3))
    first = tmp_path / "first.json"
    await place.save(first, ArchiveFormat.JSON, [row.id])
    _, second = await export_again(first, tmp_path / "other")
    assert second.read_bytes() == first.read_bytes()
    again = await place.bring(first)
    assert (again.added, again.messages, again.known) == (0, 0, 1)


async def test_a_reply_that_grows_goes_out_as_one_that_was_interrupted(place: Place, tmp_path: Path) -> None:
    row, messages = await fill(place.store)
    growing = dataclasses.replace(messages[-1], id="9" * 32, state=MessageState.STREAMING, failure=None)
    await place.store.history.write_message(growing)
    await place.save(tmp_path / "a.json", ArchiveFormat.JSON, [row.id])
    (kept,) = json.loads((tmp_path / "a.json").read_text())["conversations"]
    assert kept["messages"][-1]["state"] == "interrupted"


class Page(HTMLParser):
    """Collects what a page has in it that could run or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in ("src", "href"):
                self.addresses.append(value or "")


async def test_a_page_runs_nothing_and_loads_nothing(place: Place, tmp_path: Path) -> None:
    row, messages = await fill(place.store)
    await place.store.history.set_head(row.id, messages[1].id)
    await place.save(tmp_path / "a.html", ArchiveFormat.HTML, [row.id])
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not page.tags & {"script", "link", "iframe", "object", "embed", "form", "base", "svg"}
    assert [address[:22] for address in page.addresses] == [
        "data:image/png;base64,",
        "http://example.com/x.p",
    ]
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text
    assert "&lt;script&gt;" in text
    assert '<span class="s">' in text
    assert re.search(r"<li class=.task.>☑\s+done", text)
    assert "Look<br>" in text
    assert "No." not in text, "the page shows the branch that is on screen"


def test_formulas_are_drawn_in_the_text_s_colour_and_say_their_source() -> None:
    text = "With $h^2$ and $h^2$:\n\n$$\\frac{1}{2} < \\sqrt{x}$$\n\nNot $\\nosuchcommand{x}$, nor $5 and $6."
    page = html_of(text, formulas=ScreenFormulas())
    ElementTree.fromstring(f"<main>{page}</main>")
    assert page.count("<svg ") == 3
    assert page.count('aria-label="h^2"') == 2
    assert 'aria-label="\\frac{1}{2} &lt; \\sqrt{x}"' in page
    assert 'fill="currentColor"' in page
    assert '<code class="math">\\nosuchcommand{x}</code>, nor $5 and $6.' in page
    drawn = ElementTree.fromstring(page[page.index("<svg ") : page.index("</svg>") + 6])
    _, top, width, height = map(int, drawn.attrib["viewBox"].split())
    assert width > 300
    assert -top > 500
    assert height >= -top


def test_formulas_on_paper_stand_on_the_line() -> None:
    formulas = PrintFormulas(13.0, 3.5)
    page = html_of("A $y$ and $$x$$ here, $\\nosuchcommand$.", formulas=formulas)
    assert page.count("<img ") == 2
    assert 'src="formula:0"' in page
    assert '<code class="math">\\nosuchcommand</code>' in page
    one = formulas.made["formula:0"]
    assert one.baseline - one.height / 2 == pytest.approx(3.5)
    assert one.formula.descent * one.size <= one.height - one.baseline
    assert one.formula.ascent * one.size <= one.baseline


async def test_markdown_has_the_text_as_it_was(place: Place, tmp_path: Path) -> None:
    row, messages = await fill(place.store)
    await place.store.history.set_head(row.id, messages[1].id)
    await place.save(tmp_path / "a.md", ArchiveFormat.MARKDOWN, [row.id])
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    assert text.startswith("# All \\<of\\> it\n")
    assert HOSTILE.strip() in text
    assert "> Hm" in text
    assert "![dot.png](data:image/png;base64," in text


@pytest.mark.parametrize("form", [ArchiveFormat.MARKDOWN, ArchiveFormat.HTML])
async def test_everything_goes_into_a_zip_with_names_that_every_system_takes(
    place: Place, tmp_path: Path, form: ArchiveFormat
) -> None:
    titles = ["a/b:c", "a/b:c", "CON", "..", "Ünï", "x" * 300]
    rows = [{**exports.claude(number), "name": title} for number, title in enumerate(titles)]
    await place.bring(exports.write_json(tmp_path / "c.json", rows))
    report = await place.save(tmp_path / "all.zip", form)
    assert report.conversations == 6
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    pages = [name for name in names if name != "index.html"]
    assert len(pages) == len({name.casefold() for name in pages}) == 6
    for name in names:
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert len(name) < 100
        assert not name.startswith(("..", "con.", "CON."))
    assert ("index.html" in names) == (form is ArchiveFormat.HTML)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_file_is_its_owners_and_stands_there_whole_or_not_at_all(
    place: Place, tmp_path: Path
) -> None:
    await fill(place.store)
    target = tmp_path / "out" / "a.json"
    target.parent.mkdir()
    await place.save(target, ArchiveFormat.JSON)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    with pytest.raises(ArchiveError, match="nothing that could be exported"):
        await place.save(target, ArchiveFormat.JSON, ["0" * 32])
    assert target.read_bytes() == before
    assert names_in(target.parent) == ["a.json"]
    with pytest.raises(ArchiveError, match="could not be read or written"):
        await place.save(tmp_path / "nowhere" / "a.json", ArchiveFormat.JSON)


async def test_cancelling_leaves_no_file(place: Place, tmp_path: Path) -> None:
    await place.bring(exports.chatgpt_zip(tmp_path / "g.zip", 20))

    def tell(share: float) -> None:
        if share > 0.2:
            place.archives.cancel()

    report = await place.archives.export(tmp_path / "a.json", ArchiveFormat.JSON, None, tell)
    assert report.is_cancelled
    assert names_in(tmp_path) == ["data", "g.zip"]
