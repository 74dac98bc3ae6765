"""Own entries beside those that come with the program."""

from desktop.domain.kept import Kept
from desktop.domain.template import Template


def entry(name, text=""):
    return Template(id=name, name=name.upper(), text=text)


BUILTIN = (entry("a"), entry("b"))


def ids(kept):
    return [item.id for item in kept.arranged(BUILTIN)]


def test_own_ones_come_before_the_programs():
    assert ids(Kept(own=(entry("z"),))) == ["z", "a", "b"]


def test_hidden_ones_are_left_out_and_changed_ones_stand_in_their_place():
    kept = Kept(own=(entry("a", "mine"),), hidden=("b",))
    assert kept.arranged(BUILTIN) == (entry("a", "mine"),)


def test_the_order_names_who_comes_first():
    assert ids(Kept(own=(entry("z"),), order=("b", "z", "gone"))) == ["b", "z", "a"]
