"""A flow: places, copies, buttons, and text that only ever is text."""

from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.ui.theme import Theme
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position

PAGE = """# Title

First paragraph with **bold**, `code` and [a link](https://example.org/x).

- one
- two
  - three

1. [x] done

> quoted *text*

```python
def f():
    return 1
```

| a | b |
|---|--:|
| left | 12 |

---

$$
x^2
$$

last 東京 🎉 words
"""


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.choose("light")
    return theme


def flow_of(theme: Theme, source: str, width: float = 760.0) -> Flow:
    flow = Flow(theme)
    flow.set_width(width)
    flow.set_source(source)
    return flow


def everything(flow: Flow) -> tuple[Position, Position]:
    return Position(0, 0), flow.end


def painted(flow: Flow, selection: tuple[Position, Position] | None = None) -> QImage:
    image = QImage(800, max(40, int(flow.height) + 20), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    painter.translate(20, 10)
    flow.paint(painter, QRectF(-20, -10, image.width(), image.height()), selection)
    painter.end()
    return image


def block_texts(flow: Flow) -> list[str]:
    return [
        flow.text_between(*flow.block_at(Position(index, 0))).strip() for index in range(flow.block_count)
    ]


def test_every_block_has_a_place_below_the_one_before(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    tops = [flow.block_top(index) for index in range(flow.block_count)]
    assert flow.block_count == 12
    assert tops == sorted(set(tops))
    assert flow.height > tops[-1]


def test_hit_and_rect_of_agree_on_every_character(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    for index in range(flow.block_count):
        length = flow.block_at(Position(index, 0))[1].char
        for char in range(length):
            place = flow.rect_of(Position(index, char))
            assert flow.hit(place.center() + QPointF(0.6, 0)).block == index
            found = flow.rect_of(flow.hit(QPointF(place.left() + 0.6, place.center().y())))
            assert abs(found.left() - place.left()) < 9
            assert abs(found.center().y() - place.center().y()) < 6


def test_points_outside_fall_on_the_ends(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    assert flow.hit(QPointF(10, -50)) == Position(0, 0)
    assert flow.hit(QPointF(10, flow.height + 50)) == flow.end
    assert flow_of(theme, "").hit(QPointF(5, 5)) == Position(0, 0)


def test_plain_text_copies_what_the_reader_sees(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    assert flow.text_between(*everything(flow)) == (
        "Title\n\nFirst paragraph with bold, code and a link.\n\n- one\n- two\n  - three\n\n1. [x] done\n\n"
        "quoted text\n\ndef f():\n    return 1\n\na\tb\nleft\t12\n\n---\n\nx^2\n\nlast 東京 🎉 words"
    )


def test_markdown_of_everything_gives_the_same_page_again(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    copied = flow.markdown_between(*everything(flow))
    again = flow_of(theme, copied)
    assert again.markdown_between(*everything(again)) == copied
    assert block_texts(again) == block_texts(flow)
    assert again.height == flow.height


def test_markdown_of_a_part_keeps_its_marks(theme: Theme) -> None:
    flow = flow_of(theme, "one **two three** and `f(x)` or [here](https://example.org) 2 * 3\n\nnext")
    text = flow.text_between(*flow.block_at(Position(0, 0)))
    start, end = text.index("three"), text.index(" 3") + 2
    assert flow.markdown_between(Position(0, start), Position(0, end)) == (
        "**three** and `f(x)` or [here](https://example.org) 2 \\* 3"
    )
    assert flow.text_between(Position(0, end), Position(1, 4)) == "next"


def test_html_is_escaped_and_nested(theme: Theme) -> None:
    flow = flow_of(theme, "- **a** <b>\n- c\n\n> d\n\n| x |\n|--:|\n| <i> |")
    assert flow.html_between(*everything(flow)) == (
        "<ul><li><p><strong>a</strong> &lt;b&gt;</p></li><li><p>c</p></li></ul>"
        '<blockquote><p>d</p></blockquote><table><tr><th align="right">x</th></tr>'
        '<tr><td align="right">&lt;i&gt;</td></tr></table>'
    )


def test_words_lines_and_blocks(theme: Theme) -> None:
    flow = flow_of(theme, "alpha don't beta " + "gamma " * 60 + "\n\nend")
    assert flow.word_at(Position(0, 8)) == (Position(0, 6), Position(0, 11))
    first, last = flow.line_at(Position(0, 3))
    assert first == Position(0, 0)
    assert last < flow.block_at(Position(0, 0))[1]
    assert flow.line_at(last)[0] == last
    assert flow.block_at(Position(1, 1)) == (Position(1, 0), Position(1, 3))


def test_find_sees_rendered_text(theme: Theme) -> None:
    flow = flow_of(theme, "a **bo**ld word\n\n```\nBOLD\n```\n\n| bold |\n|---|\n| x |")
    assert flow.find("bold") == [
        (Position(0, 2), Position(0, 6)),
        (Position(1, 0), Position(1, 4)),
        (Position(2, 0), Position(2, 4)),
    ]
    assert flow.find("") == []
    assert flow.find("(") == []


def test_links_are_found_under_the_point_and_nowhere_else(theme: Theme) -> None:
    flow = flow_of(theme, "see [a link](https://example.org/x) now\n\n| t |\n|---|\n| <https://b.c> |")
    inside = flow.rect_of(Position(0, 6)).center()
    assert flow.link_at(inside) == "https://example.org/x"
    assert flow.link_at(flow.rect_of(Position(0, 1)).center()) is None
    assert flow.link_at(QPointF(700, inside.y())) is None
    assert flow.link_at(flow.rect_of(Position(1, 5)).center()) == "https://b.c"


def test_a_code_box_says_what_and_where_it_is(theme: Theme) -> None:
    flow = flow_of(theme, "text\n\n```python\nx = 1\ny = 2\n```")
    box = flow.code_at(QPointF(100, flow.block_top(1) + 40))
    assert box is not None
    assert (box.block, box.language, box.text) == (1, "python", "x = 1\ny = 2")
    assert box.rect.contains(box.header)
    buttons = [box.wrap, box.save, box.copy]
    assert all(box.header.contains(button) for button in buttons)
    assert all(a.right() < b.left() for a, b in pairwise(buttons))
    assert flow.code_at(QPointF(10, 5)) is None


def test_long_lines_wrap_when_asked_and_scroll_when_not(theme: Theme) -> None:
    flow = flow_of(theme, "```\n" + "x" * 500 + "\n```\n\nafter")
    point = QPointF(100, 50)
    moved = flow.scroll_sideways(point, 120)
    assert moved is not None
    assert moved.growth == 0
    assert flow.scroll_sideways(QPointF(10, flow.block_top(1) + 5), 10) is None
    before = flow.height
    damage = flow.toggle_wrap(0)
    assert damage.growth > 0
    assert flow.height == before + damage.growth
    assert flow.scroll_sideways(point, 120) is None
    assert flow.toggle_wrap(0).growth == -damage.growth


def test_long_code_folds_and_unfolds(theme: Theme) -> None:
    flow = flow_of(theme, "```\n" + "line\n" * 100 + "```")
    folded = flow.height
    box = flow.code_at(QPointF(100, 50))
    assert box is not None
    assert box.fold.bottom() <= folded
    assert box.text.count("line") == 100
    assert flow.toggle_fold(0).growth > 500
    assert flow.toggle_fold(0).growth < -500
    assert flow.height == folded


def test_code_that_arrives_while_one_reads_stays_open(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(760)
    flow.feed("```\n" + "line\n" * 100)
    growing = flow.height
    flow.feed("```\n")
    flow.close()
    assert flow.height >= growing


def test_wide_tables_move_sideways(theme: Theme) -> None:
    cells = " | ".join(["several words in a cell"] * 12)
    flow = flow_of(theme, f"| {cells} |\n|{'---|' * 12}\n| {cells} |")
    place = flow.rect_of(Position(0, 0))
    assert flow.scroll_sideways(place.center(), 50) is not None
    assert flow.rect_of(Position(0, 0)).left() == place.left() - 50


def test_text_is_laid_out_again_at_another_width(theme: Theme) -> None:
    flow = flow_of(theme, PAGE * 3)
    tall = flow_of(theme, PAGE * 3, 160).height
    flow.set_width(160)
    assert flow.height == tall
    flow.set_width(760)
    assert flow.height == flow_of(theme, PAGE * 3).height < tall


def test_zoom_and_colors_are_taken_anew(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    small, light = flow.height, painted(flow)
    theme.set_zoom(1.5)
    theme.choose("dark")
    flow.retheme()
    assert flow.height > small * 1.3
    theme.set_zoom(1.0)
    flow.retheme()
    assert flow.height == small
    assert painted(flow) != light


def test_a_selection_is_painted(theme: Theme) -> None:
    flow = flow_of(theme, PAGE)
    plain = painted(flow)
    for index in range(flow.block_count):
        start, end = flow.block_at(Position(index, 0))
        if end > start:
            assert painted(flow, (start, end)) != plain, index
    assert painted(flow, (Position(1, 2), Position(1, 2))) == plain


def test_right_to_left_text_stands_at_the_right(theme: Theme) -> None:
    flow = flow_of(theme, "مرحبا بالعالم\n\nhello\n\n- عنصر")
    assert flow.rect_of(Position(0, 0)).left() > 700
    assert flow.rect_of(Position(1, 0)).left() < 5
    assert 700 < flow.rect_of(Position(2, 0)).left() < 750


def test_characters_beyond_the_first_plane_count_once(theme: Theme) -> None:
    flow = flow_of(theme, "🎉🎉 **b** `c` end")
    assert flow.find("end") == [(Position(0, 7), Position(0, 10))]
    assert flow.hit(flow.rect_of(Position(0, 7)).center() + QPointF(1, 0)) == Position(0, 7)
    assert flow.text_between(Position(0, 1), Position(0, 4)) == "🎉 b"


def test_nothing_is_read_from_the_disk(theme: Theme, tmp_path: Path) -> None:
    picture = tmp_path / "red.png"
    red = QImage(60, 60, QImage.Format.Format_RGB32)
    red.fill(0xFF0000)
    assert red.save(str(picture))
    image = painted(flow_of(theme, f"![x](file://{picture})\n\n![y]({picture})\n\n<img src='{picture}'>"))
    colors = {image.pixel(x, y) & 0xFFFFFF for x in range(image.width()) for y in range(image.height())}
    assert 0xFF0000 not in colors


HOSTILE = {
    "long word": "a" * 300_000,
    "long code": "```\n" + "x" * 300_000 + "\n```",
    "quotes": "> " * 5000 + "x",
    "wide table": "| a " * 3000 + "|\n" + "|-" * 3000 + "|",
    "controls": "\x1b[31mred\x1b[0m\u202eevil\u202c\u2067x\x00",
    "accents": "a" + "\u0301" * 5000,
    "brackets": "[" * 9000,
    "families": "\U0001f469\u200d\U0001f467" * 500,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_laid_out_and_painted(theme: Theme, source: str) -> None:
    flow = flow_of(theme, source)
    assert flow.height > 0
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    flow.paint(painter, QRectF(0, 0, 800, 600), everything(flow), caret=True)
    painter.end()
    assert flow.hit(QPointF(50, flow.height - 2)) <= flow.end
    assert flow.text_between(*everything(flow))


def test_a_table_without_end_says_how_much_it_leaves_out(theme: Theme) -> None:
    flow = flow_of(theme, "| a |\n|---|\n" + "| x |\n" * 2_010)
    assert flow.text_between(*everything(flow)).endswith("x\n… and 11 more rows")
