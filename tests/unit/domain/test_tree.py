import pytest

from desktop.domain.message import Message, Role, TextPart
from desktop.domain.tree import ConversationTree


def message(name: str, parent: str | None = None, role: Role = Role.USER) -> Message:
    return Message(id=name, conversation_id="c", parent_id=parent, role=role, parts=(TextPart(name),))


def ids(messages: tuple[Message, ...]) -> list[str]:
    return [item.id for item in messages]


def test_a_sibling_makes_a_branch_and_both_stay():
    tree = ConversationTree([message("q"), message("a1", "q"), message("more", "a1")])
    assert ids(tree.branch()) == ["q", "a1", "more"]
    tree.add(message("a2", "q"))
    assert ids(tree.branch()) == ["q", "a2"]
    assert tree.siblings("a1") == tree.siblings("a2") == ("a1", "a2")
    tree.switch_to("a1")
    assert ids(tree.branch()) == ["q", "a1", "more"]


def test_switching_goes_down_to_the_newest_leaf():
    tree = ConversationTree(
        [message("q1"), message("q2"), message("a", "q1"), message("b", "q1"), message("c", "b")], "q2"
    )
    assert ids(tree.branch()) == ["q2"]
    tree.switch_to("q1")
    assert ids(tree.branch()) == ["q1", "b", "c"]


def test_a_message_without_its_parent_is_a_root_and_still_shown():
    tree = ConversationTree([message("a", "lost"), message("b", "a")], "gone")
    assert ids(tree.branch()) == ["a", "b"]
    assert tree.siblings("a") == ("a",)


def test_a_loop_of_parents_ends():
    tree = ConversationTree([message("a", "b"), message("b", "a")], "a")
    assert set(ids(tree.branch())) == {"a", "b"}
    tree.switch_to("b")


def test_a_newer_state_takes_the_place_but_never_moves():
    tree = ConversationTree([message("q"), message("a", "q")])
    tree.replace(message("a", "q", Role.ASSISTANT))
    assert tree["a"].role is Role.ASSISTANT
    with pytest.raises(ValueError, match="never moves"):
        tree.replace(message("a", None))


def test_an_empty_tree_has_an_empty_branch():
    tree = ConversationTree()
    assert tree.branch() == ()
    assert tree.head_id is None
    assert len(tree) == 0


def grown() -> ConversationTree:
    return ConversationTree(
        [message("q"), message("a", "q"), message("b", "q"), message("c", "q"), message("d", "b")], "d"
    )


def test_a_removed_message_takes_along_what_follows_it_and_comes_back_where_it_was():
    tree = grown()
    removed = tree.remove("b")
    assert removed.ids == ("b", "d")
    assert "d" not in tree
    assert tree.siblings("a") == ("a", "c")
    assert ids(tree.branch()) == ["q", "a"]
    tree.restore(removed)
    assert tree.siblings("a") == ("a", "b", "c")
    assert ids(tree.branch()) == ["q", "b", "d"]


def test_after_the_first_sibling_is_removed_the_next_one_is_shown():
    tree = grown()
    tree.switch_to("a")
    tree.remove("a")
    assert ids(tree.branch()) == ["q", "b", "d"]


def test_after_the_only_child_is_removed_the_branch_ends_with_its_parent():
    tree = grown()
    tree.remove("d")
    assert ids(tree.branch()) == ["q", "b"]


def test_a_tree_can_be_emptied_and_filled_again():
    tree = grown()
    removed = tree.remove("q")
    assert tree.branch() == ()
    tree.restore(removed)
    assert ids(tree.branch()) == ["q", "b", "d"]
    assert tree.siblings("c") == ("a", "b", "c")


def test_what_stands_elsewhere_is_not_moved_by_a_removal():
    tree = grown()
    tree.remove("c")
    assert ids(tree.branch()) == ["q", "b", "d"]
