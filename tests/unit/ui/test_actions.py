"""The registry of actions: added once, done when possible, with keys of the user's own."""

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.ui.actions import Actions, Group
from tests.support.windows import Kept


@pytest.fixture
def owner(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def texts(actions, name):
    return [keys.toString() for keys in actions.keys(name)]


def test_an_action_is_added_once_and_found_by_its_name(owner):
    actions, done = Actions(owner), []
    made = actions.add("new", "New", lambda: done.append("new"), "Ctrl+N", group=Group.CONVERSATION)
    assert actions["new"] is made
    assert actions.new is made
    assert "new" in actions
    assert [action.words for action in actions] == ["New"]
    made.trigger()
    assert done == ["new"]
    with pytest.raises(ValueError, match="new"):
        actions.add("new", "Again", print, group=Group.CONVERSATION)
    with pytest.raises(AttributeError):
        _ = actions.missing


def test_what_is_not_possible_is_not_done_and_gives_its_keys_away(owner):
    actions, done, can = Actions(owner), [], []
    actions.add("stop", "Stop", lambda: done.append(1), "Esc", group=Group.REPLY, when=lambda: bool(can))
    assert not actions.run("stop")
    actions.refresh()
    assert not actions["stop"].isEnabled()
    can.append(True)
    actions.refresh()
    assert actions["stop"].isEnabled()
    assert actions.run("stop")
    assert done == [1]


def test_keys_are_kept_taken_over_and_reset(owner):
    kept = Kept()
    actions = Actions(owner, kept.ports())
    actions.add("a", "A", print, "Ctrl+A", "F5", group=Group.VIEW)
    actions.add("b", "B", print, "Ctrl+B", group=Group.VIEW)
    changed = []
    actions.keys_changed.connect(lambda: changed.append(1))
    assert actions.owner_of(QKeySequence("F5"), "b").name == "a"
    assert actions.owner_of(QKeySequence("F5"), "a") is None
    actions.set_keys("b", (QKeySequence("F5"),))
    assert texts(actions, "a") == ["Ctrl+A"]
    assert texts(actions, "b") == ["F5"]
    assert [keys.toString() for keys in actions["b"].shortcuts()] == ["F5"]
    assert kept.values == {"keys.a": "Ctrl+A", "keys.b": "F5"}
    assert changed == [1]
    again = Actions(owner, kept.ports())
    again.add("a", "A", print, "Ctrl+A", "F5", group=Group.VIEW)
    again.add("b", "B", print, "Ctrl+B", group=Group.VIEW)
    assert (texts(again, "a"), texts(again, "b")) == (["Ctrl+A"], ["F5"])
    again.reset_keys("a")
    assert (texts(again, "a"), texts(again, "b")) == (["Ctrl+A", "F5"], [])
    again.reset_all()
    assert (texts(again, "a"), texts(again, "b")) == (["Ctrl+A", "F5"], ["Ctrl+B"])
    assert set(kept.values.values()) == {""}


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_default_yields_to_keys_that_the_user_gave_to_another_action(owner, order):
    kept = Kept(**{"keys.b": "Ctrl+A"})
    actions = Actions(owner, kept.ports())
    for name in order:
        actions.add(name, name, print, f"Ctrl+{name.upper()}", group=Group.VIEW)
    assert (texts(actions, "a"), texts(actions, "b")) == ([], ["Ctrl+A"])


def test_keys_of_two_places_do_not_meet_and_those_of_the_window_do(owner):
    actions = Actions(owner)
    actions.add("shelf", "In the shelf", print, "Del", group=Group.SHELF, place="shelf")
    actions.add("text", "In the text", print, "Del", group=Group.READING, place="transcript")
    actions.add("all", "Anywhere", print, "F5", group=Group.VIEW)
    assert actions.owner_of(QKeySequence("Del"), "shelf") is None
    assert actions.owner_of(QKeySequence("F5"), "shelf").name == "all"
    assert actions["shelf"].shortcuts() == []


def test_a_tip_follows_the_keys(owner):
    actions = Actions(owner)
    actions.add("new", "New", print, "Ctrl+N", group=Group.VIEW)
    actions.show_keys(owner, "new", "Make a new one")
    assert owner.toolTip() == "Make a new one (Ctrl+N)"
    actions.set_keys("new", ())
    assert owner.toolTip() == "Make a new one"
