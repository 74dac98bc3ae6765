"""A flow that grows looks like one that came at once, and says truly what has to be painted again."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from desktop.ui.theme import Theme
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from tests.benchmarks._texts import deltas, sample, single_blocks
from tests.support.growing import cut_sources
from tests.support.markdown import cut, examples, joins, long_answer

WIDTH = 420


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.choose("light")
    return theme


def grown(theme: Theme, pieces: list[str]) -> Flow:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    for piece in pieces:
        flow.feed(piece)
    flow.close()
    return flow


def whole(theme: Theme, source: str) -> Flow:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    flow.set_source(source)
    return flow


def look(flow: Flow) -> list[tuple[float, str, str]]:
    found = []
    for index in range(flow.block_count):
        start, end = flow.block_at(Position(index, 0))
        found.append((flow.block_top(index), flow.text_between(start, end), flow.html_between(start, end)))
    return [*found, (flow.height, "", "")]


def paint(image: QImage, flow: Flow, top: float, bottom: float, caret: bool = True) -> None:
    painter = QPainter(image)
    clip = QRectF(0, int(top), image.width(), int(bottom) - int(top) + 1)
    painter.setClipRect(clip)
    painter.fillRect(clip, 0xFFFFFF)
    flow.paint(painter, clip, None, caret)
    painter.end()


def blank(height: float) -> QImage:
    image = QImage(WIDTH, int(height) + 200, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    return image


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=cut_sources())
def test_random_fragments(theme: Theme, cut: tuple[str, list[str]]) -> None:
    source, pieces = cut
    assert look(grown(theme, pieces)) == look(whole(theme, source))


@pytest.mark.parametrize("kind", ["list", "fenced-list", "table", "quote", "paragraph"])
def test_long_blocks(theme: Theme, kind: str) -> None:
    source = single_blocks(4_000)[kind]
    assert look(grown(theme, deltas(source))) == look(whole(theme, source))


def test_a_page_of_everything(theme: Theme) -> None:
    source = sample(6_000, seed=5)
    assert look(grown(theme, deltas(source))) == look(whole(theme, source))


@pytest.mark.parametrize("kind", ["page", "list", "fenced-list", "fence", "table", "quote", "paragraph"])
def test_painting_the_damage_alone_gives_the_whole_picture(theme: Theme, kind: str) -> None:
    source = sample(1_500, seed=4) if kind == "page" else single_blocks(1_200)[kind]
    flow = Flow(theme)
    flow.set_width(WIDTH)
    kept = blank(2_400)
    chance = random.Random(6)
    height = 0.0
    for number, piece in enumerate(deltas(source)):
        damage = flow.feed(piece)
        assert damage.growth == flow.height - height
        height = flow.height
        paint(kept, flow, damage.top, damage.bottom)
        if chance.random() < 0.06 or number < 3:
            expected = blank(2_400)
            paint(expected, flow, 0, 2_500)
            assert kept == expected, (number, damage)
    damage = flow.close()
    paint(kept, flow, damage.top, damage.bottom, caret=False)
    expected = blank(2_400)
    paint(expected, flow, 0, 2_500, caret=False)
    assert kept == expected


def test_the_damage_of_a_growing_paragraph_is_its_last_lines(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    flow.feed("word " * 400)
    for _ in range(50):
        damage = flow.feed("more words ")
        assert damage.bottom - damage.top < 130


def test_the_damage_of_a_growing_fence_is_its_end(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    flow.feed("```python\n" + "x = 1\n" * 100)
    for _ in range(50):
        damage = flow.feed("y = f(")
        assert damage.bottom - damage.top < 60


def test_a_feed_says_what_it_cost(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    flow.feed("text")
    assert 0 < flow.feed_seconds < 5


def test_text_fed_before_the_first_width_is_laid_out_then(theme: Theme) -> None:
    flow = Flow(theme)
    flow.feed(sample(1_000))
    flow.set_width(WIDTH)
    flow.feed("\n\nend")
    flow.close()
    assert look(flow) == look(whole(theme, sample(1_000) + "\n\nend"))


def test_the_head_of_a_table_never_shows_its_bars(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    seen = set()
    for piece in "| Name | Size |\n|---|--:|\n| a | 1 |":
        flow.feed(piece)
        seen.add(flow.text_between(Position(0, 0), flow.end))
    assert "Name\tSize" in seen
    assert not any("|" in text for text in seen if len(text) > 8)
    other = grown(theme, list("| not a table |\nat all"))
    assert other.text_between(Position(0, 0), other.end) == "| not a table | at all"


def test_text_that_moves_into_a_container_is_laid_out_for_its_width(theme: Theme) -> None:
    source = "[^1]: " + "words " * 40
    assert look(grown(theme, list(source))) == look(whole(theme, source))


def test_the_mark_at_the_end_goes_back_when_a_block_is_taken_away(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    kept = blank(200)
    for piece in ("text\n\n", "[a", "]: /u", "\n\n"):
        damage = flow.feed(piece)
        paint(kept, flow, damage.top, damage.bottom)
    assert flow.block_count == 1
    expected = blank(200)
    paint(expected, flow, 0, 300)
    assert kept == expected


def test_the_mark_at_the_end_stays_beside_code_that_is_wider_than_its_box(theme: Theme) -> None:
    flow = Flow(theme)
    flow.set_width(WIDTH)
    flow.feed("```\nshort")
    assert flow.caret_rect().right() < WIDTH
    flow.feed(" and then very long" * 20)
    assert flow.caret_rect().left() == WIDTH


def test_every_example_of_the_specifications_looks_as_if_it_came_at_once(theme: Theme) -> None:
    chance = random.Random(11)
    for name, source in (*examples("commonmark"), *examples("gfm")):
        assert look(grown(theme, cut(source, chance))) == look(whole(theme, source)), name


def test_random_joins_of_examples_look_as_if_they_came_at_once(theme: Theme) -> None:
    for source, pieces in joins(250, seed=12):
        assert look(grown(theme, pieces)) == look(whole(theme, source)), repr(source)


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_long_answers_cut_at_random_look_as_if_they_came_at_once(theme: Theme, seed: int) -> None:
    chance = random.Random(seed)
    source = long_answer(seed)
    assert look(grown(theme, cut(source, chance, 60))) == look(whole(theme, source))
