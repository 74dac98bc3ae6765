"""The tree against a plain model in memory, after whatever operations."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desktop.domain.message import Message, Role, TextPart
from desktop.domain.tree import ConversationTree


def message(name: str, parent: str | None, text: str = "") -> Message:
    return Message(
        id=name, conversation_id="c", parent_id=parent, role=Role.USER, parts=(TextPart(text or name),)
    )


class Model:
    """Rows in the order they were added, each with its parent; everything else is worked out anew."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str | None, str]] = []
        self.head: str | None = None

    def children(self, parent: str | None) -> list[str]:
        return [name for name, above, _ in self.rows if above == parent]

    def parent(self, name: str) -> str | None:
        return next(above for each, above, _ in self.rows if each == name)

    def path(self, name: str | None) -> list[str]:
        found: list[str] = []
        while name is not None:
            found.insert(0, name)
            name = self.parent(name)
        return found

    def newest_leaf(self, name: str) -> str:
        while children := self.children(name):
            name = children[-1]
        return name

    def remove(self, name: str) -> None:
        parent = self.parent(name)
        siblings = self.children(parent)
        place = siblings.index(name)
        gone = {each for each, _, _ in self.rows if name in self.path(each)}
        self.rows = [row for row in self.rows if row[0] not in gone]
        siblings.remove(name)
        if self.head in gone:
            self.head = self.newest_leaf(siblings[max(0, place - 1)]) if siblings else parent


class Tree(RuleBasedStateMachine):
    """Writes, edits, tries again, walks branches and reopens, on both."""

    @initialize()
    def begin(self) -> None:
        self.tree = ConversationTree()
        self.model = Model()
        self.count = 0

    def _add(self, parent: str | None) -> None:
        self.count += 1
        name = f"m{self.count}"
        self.tree.add(message(name, parent))
        self.model.rows.append((name, parent, name))
        self.model.head = name

    def _any(self, number: int) -> str:
        return self.model.rows[number % len(self.model.rows)][0]

    @rule()
    def go_on(self) -> None:
        self._add(self.model.head)

    @rule(number=st.integers(0, 1_000))
    @precondition(lambda self: self.model.rows)
    def try_again(self, number: int) -> None:
        """Another reply or an edited prompt: a sibling of any message."""
        self._add(self.model.parent(self._any(number)))

    @rule(number=st.integers(0, 1_000))
    @precondition(lambda self: self.model.rows)
    def go_on_from(self, number: int) -> None:
        self._add(self._any(number))

    @rule(number=st.integers(0, 1_000))
    @precondition(lambda self: self.model.rows)
    def walk(self, number: int) -> None:
        name = self._any(number)
        self.tree.switch_to(name)
        self.model.head = self.model.newest_leaf(name)

    @rule(number=st.integers(0, 1_000), text=st.text(max_size=5))
    @precondition(lambda self: self.model.rows)
    def grow(self, number: int, text: str) -> None:
        at = number % len(self.model.rows)
        name, parent, _ = self.model.rows[at]
        self.tree.replace(message(name, parent, text))
        self.model.rows[at] = (name, parent, text or name)

    @rule(number=st.integers(0, 1_000), is_undone=st.booleans())
    @precondition(lambda self: self.model.rows)
    def remove(self, number: int, is_undone: bool) -> None:
        name = self._any(number)
        removed = self.tree.remove(name)
        if is_undone:
            self.tree.restore(removed)
        else:
            self.model.remove(name)

    @rule()
    def reopen(self) -> None:
        rows = [message(*row) for row in self.model.rows]
        self.tree = ConversationTree(rows, self.model.head)

    @invariant()
    def is_the_same(self) -> None:
        model, tree = self.model, self.tree
        assert len(tree) == len(model.rows)
        assert tree.head_id == model.head
        assert [each.id for each in tree.branch()] == model.path(model.head)
        for name, parent, text in model.rows:
            assert tree.siblings(name) == tuple(model.children(parent))
            assert tree[name].text == text
            assert [each.id for each in tree.path(name)] == model.path(name)


Tree.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestTree = Tree.TestCase
