"""What is inside a message, for screen readers: headings, paragraphs, lists, tables, code, links, buttons."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleTableCellInterface

from desktop.ui.access import NOTHING, Deed, Deeds, Is, Level, Part, ReadText
from desktop.ui.timeline.acts import perform
from desktop.ui.timeline.reading import Node

if TYPE_CHECKING:
    from desktop.ui.timeline.accessible_list import MessageInterface

_CELLS = (QAccessible.Role.Cell, QAccessible.Role.ColumnHeader)
_MOST_TEXT = 20_000


class NodeInterface(Part):
    """One thing inside a message, known by its place there: while a reply grows it may become another."""

    def __init__(self, message: "MessageInterface", path: tuple[int, ...]) -> None:
        super().__init__()
        self._message = message
        self.path = path
        self._others: dict[QAccessible.InterfaceType, Any] = {}

    @property
    def node(self) -> Node | None:
        """What stands at the place now."""
        return self._message.node(self.path)

    def isValid(self) -> bool:
        """Whether something still stands there."""
        return self._message.isValid() and self.node is not None

    def parent(self) -> QAccessibleInterface:
        """Return what it is inside of."""
        return self._message.part_at(self.path[:-1]) if len(self.path) > 1 else self._message

    def childCount(self) -> int:
        """Return how many things are inside."""
        node = self.node
        return len(node.children) if node is not None else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        return self._message.part_at((*self.path, index)) if 0 <= index < self.childCount() else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a thing inside, or -1."""
        is_inside = isinstance(child, NodeInterface) and child.path[:-1] == self.path
        return child.path[-1] if is_inside and isinstance(child, NodeInterface) else -1

    def role(self) -> QAccessible.Role:
        """Return what it is."""
        node = self.node
        return node.role if node is not None else QAccessible.Role.NoRole

    def text(self, kind: QAccessible.Text) -> str:
        """Return its words, and what is said beyond them: an address, a formula's source."""
        node = self.node
        if node is None:
            return ""
        if kind == QAccessible.Text.Name:
            return node.name[:_MOST_TEXT]
        return node.description if kind == QAccessible.Text.Description else ""

    def state(self) -> QAccessible.State:
        """Return what it can be, and whether it is out of sight."""
        state = QAccessible.State()
        node = self.node
        if node is None:
            state.invalid = True
            return state
        state.readOnly = True
        state.selectableText = bool(node.text)
        state.linked = node.role is QAccessible.Role.Link
        for name in node.states:
            setattr(state, name, True)
        if self.rect().isEmpty():
            state.offscreen = True
        return state

    def rect(self) -> QRect:
        """Return where it is on the screen as far as that is known; empty while it is out of sight."""
        node = self.node
        timeline = self._message.timeline
        spot = timeline.page.spot_of(self._message.message_id)
        if node is None or spot is None:
            return QRect()
        item, page = spot.item, timeline.page
        section = item.section(node.section) if node.section is not None else None
        top, height = (0, item.height) if section is None else (section.top, section.height)
        flow = section.flow if section is not None and section.has_text else None
        if section is not None and flow is not None and node.block is not None:
            if node.block >= flow.block_count:
                return QRect()
            begin = flow.block_top(node.block)
            is_last = node.block + 1 >= flow.block_count
            end = flow.height if is_last else flow.block_top(node.block + 1)
            top, height = section.top + int(section.flow_at.y() + begin), max(1, int(end - begin))
        corner = timeline.viewport().mapToGlobal(QPoint(page.left, spot.y + top))
        return QRect(corner.x(), corner.y(), page.column_width, height)

    # What else it can do

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return the interface for actions, a heading's level, reading by character, or a table's cell."""
        node = self.node
        if node is None or not _can(node, kind):
            return NOTHING
        if kind not in self._others:
            self._others[kind] = self._other(kind)
        return self._others[kind]

    def _other(self, kind: QAccessible.InterfaceType) -> Any:
        if kind is Is.ActionInterface:
            return Deeds(self._offered)
        if kind is Is.AttributesInterface:
            return Level(lambda: node.level if (node := self.node) is not None else 0)
        if kind is Is.TextInterface:
            return ReadText(lambda: node.text if (node := self.node) is not None else "", self.rect)
        return CellInterface(self)

    def _offered(self) -> list[Deed]:
        node = self.node
        act = node.act if node is not None else None
        if act is None:
            return []
        timeline, message_id = self._message.timeline, self._message.message_id
        return [Deed("Press", act.words, lambda: perform(timeline, message_id, act))]


def _can(node: Node, kind: QAccessible.InterfaceType) -> bool:
    if kind is Is.ActionInterface:
        return node.act is not None
    if kind is Is.AttributesInterface:
        return node.level > 0
    if kind is Is.TextInterface:
        return bool(node.text)
    return kind is Is.TableCellInterface and node.role in _CELLS


class CellInterface(QAccessibleTableCellInterface):
    """Where a cell of a table stands, and what heads its column."""

    def __init__(self, cell: NodeInterface) -> None:
        super().__init__()
        self._cell = cell

    def _place(self) -> tuple[int, int]:
        node = self._cell.node
        return node.cell if node is not None and node.cell is not None else (0, 0)

    def rowIndex(self) -> int:
        """Return the row, from 0, which is the head."""
        return self._place()[0]

    def columnIndex(self) -> int:
        """Return the column, from 0."""
        return self._place()[1]

    def rowExtent(self) -> int:
        """Return 1: no cell of Markdown spans rows."""
        return 1

    def columnExtent(self) -> int:
        """Return 1."""
        return 1

    def isSelected(self) -> bool:
        """Return that it is not."""
        return False

    def columnHeaderCells(self) -> list[QAccessibleInterface]:
        """Return the cell at the head of the column."""
        row, column = self._place()
        head = self.table().child(0)
        cell = head.child(column) if row and head is not None else None
        return [cell] if cell is not None else []

    def rowHeaderCells(self) -> list[QAccessibleInterface]:
        """Return none: Markdown has no heads of rows."""
        return []

    def table(self) -> QAccessibleInterface:
        """Return the table."""
        found = self._cell.parent().parent()
        assert found is not None  # noqa: S101 (for the type checker)
        return found
