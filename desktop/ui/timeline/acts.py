"""What is done with the painted controls inside a message, whoever asks: a screen reader or a menu."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop.ui import wording
from desktop.ui.controls import first_words
from desktop.ui.timeline import words
from desktop.ui.timeline.message_nodes import message_nodes
from desktop.ui.timeline.reading import Act, Node

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_PAINTED = frozenset({"open_link", "load_picture", "copy_code", "save_code", "fold"})
"""What has no button, key or menu entry elsewhere."""

_MOST_OFFERED = 30
_MOST_LETTERS = 48


def nodes_of(timeline: "Timeline", message_id: str) -> list[Node]:
    """Return what a message is made of, in reading order; nothing for one that is not here."""
    page = timeline.page
    index = page.index_of(message_id)
    if index is None:
        return []
    above = page.messages[index - 1].id if index else ""
    cut = page.cut if page.cut is not None and page.cut.after_id == above else None
    growing = page.growing if page.growing is not None and page.growing.message.id == message_id else None
    folds = page.folds.get(message_id, {})
    return message_nodes(page.messages[index], page.siblings(message_id), folds, cut, growing)


def offer(menu: QMenu, timeline: "Timeline", message_id: str) -> None:
    """Add what the painted controls inside a message do, for the keyboard, if there are any."""
    offered = [
        (wording.pair(act.words, first_words(name, _MOST_LETTERS)), act)
        for name, act in _controls(nodes_of(timeline, message_id), "")
        if act.what in _PAINTED
    ]
    if not offered:
        return
    inside = menu.addMenu(words.tr("In this message"))
    for text, act in offered[:_MOST_OFFERED]:
        action = inside.addAction(text.replace("&", "&&"))
        action.triggered.connect(partial(perform, timeline, message_id, act))


def _controls(nodes: list[Node], around: str) -> Iterator[tuple[str, Act]]:
    """Yield what can be done in reading order, each with what it is about."""
    for node in nodes:
        is_button = node.act is not None and node.name == node.act.words
        if node.act is not None:
            yield around if is_button else node.name, node.act
        yield from _controls(node.children, node.name)


def perform(timeline: "Timeline", message_id: str, act: Act) -> None:
    """Do what a control inside a message does. A message that is gone by now is left alone."""
    if timeline.page.index_of(message_id) is None:
        return
    match act.what:
        case "open_link":
            timeline.pointer.open_link(act.about)
        case "load_picture":
            timeline.inlays.load(act.about)
        case "copy_code":
            QGuiApplication.clipboard().setText(act.about)
            timeline.code_copied.emit(act.about)
        case "save_code":
            language, _, code = act.about.partition("\n")
            timeline.code_save_requested.emit(code, language)
        case "fold":
            fold(timeline, message_id, int(act.about))
        case _:
            timeline.marker.act(act.what, message_id)


def fold(timeline: "Timeline", message_id: str, section: int) -> None:
    """Open or fold reasoning or a summary; the reader's line stays where it is."""
    page = timeline.page
    index = page.index_of(message_id)
    if index is None:
        return
    item = page.item(index)
    with page.held():
        item.toggle_fold(section)
        page.remeasure(item)
    timeline.refresh()
