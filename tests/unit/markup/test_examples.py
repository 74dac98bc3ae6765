"""Every example of the specifications, whatever the cuts: the blocks of a whole text, and the reference's."""

import random

import pytest

from tests.support.growing import grown, shape, whole
from tests.support.markdown import cut, examples, joins
from tests.unit.markup.test_blocks import ours, theirs

COMMONMARK = examples("commonmark")
GFM = examples("gfm")

# A formula's marks and footnotes are ours; the reference shows them as text.
OURS_ALONE = ("$$", "\\[", "[^")

# The reference lets a table's head win over the list or heading it stands in, and a list over a table whose
# delimiter row begins with "- "; we read these as the specification's order of blocks and as a table.
READ_OTHERWISE = {"tables 145", "tables 393", "tables 417", "tables 885"}


def test_all_examples_are_here() -> None:
    assert len(COMMONMARK) == 652
    assert len(GFM) > 100


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11])
def test_an_example_in_pieces_of_a_size_has_the_blocks_of_the_whole(size: int) -> None:
    for name, source in (*COMMONMARK, *GFM):
        pieces = [source[at : at + size] for at in range(0, len(source), size)]
        assert shape(grown(pieces)) == shape(whole(source)), name


def test_an_example_cut_at_random_has_the_blocks_of_the_whole() -> None:
    chance = random.Random(5)
    for name, source in (*COMMONMARK, *GFM):
        for _ in range(3):
            one, other = whole(source), grown(cut(source, chance))
            assert shape(other) == shape(one), name
            assert other.labels == one.labels, name


def test_random_joins_of_examples_have_the_blocks_of_the_whole() -> None:
    for source, pieces in joins(1_500, seed=8):
        one, other = whole(source), grown(pieces)
        assert shape(other) == shape(one), repr(source)
        assert other.labels == one.labels, repr(source)


def test_the_blocks_of_every_example_are_the_references() -> None:
    wrong = [
        name
        for name, source in (*COMMONMARK, *GFM)
        if not any(mark in source for mark in OURS_ALONE)
        and not name.startswith("tasklists")
        and ours(whole(source)) != theirs(source)
    ]
    assert set(wrong) == READ_OTHERWISE
