"""The mouse over the timeline: selecting, links, code boxes, folds, hover and wheel."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QGuiApplication,
    QHelpEvent,
    QMouseEvent,
    QScrollEvent,
    QScrollPrepareEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip

from desktop.ui.controls import plain_tip
from desktop.ui.timeline import words
from desktop.ui.timeline.below import Foot
from desktop.ui.timeline.menu import TimelineMenu
from desktop.ui.timeline.spots import Mark
from desktop.ui.timeline.under import Under
from desktop.ui.used import lines_tip

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_SAFE = ("http://", "https://", "mailto:")
_DRAG_MS = 30


class Pointer(QObject):
    """Turns mouse events of the viewport into what they mean.

    `hover` is the painted control under the pointer as section key and name, in the message
    `hover_index`.
    """

    def __init__(self, timeline: "Timeline") -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self.hover: tuple[int, str] = (0, "")
        self.hover_index = -1
        self._link = ""
        self._clicks = 0
        self._last_press = (0, QPoint())
        self._pressed: Under | None = None
        self._is_dragging = False
        self._drag_at = QPointF()
        self._wheel_rest = 0.0
        self._finger = 0
        self.menu = TimelineMenu(timeline)
        self._drag = QTimer(self)
        self._drag.setInterval(_DRAG_MS)
        self._drag.timeout.connect(self._on_drag)

    def stop(self) -> None:
        """Let go of a drag."""
        self._drag.stop()
        self._is_dragging = False

    def handle(self, event: QEvent) -> bool:
        """Take an event of the viewport; return whether it is dealt with."""
        kind = event.type()
        if isinstance(event, QHelpEvent):
            return self._tip(event)
        if isinstance(event, QContextMenuEvent):
            self.menu.open_at(event, self.under(QPointF(event.pos())))
            return True
        if kind == QEvent.Type.Leave:
            self._leave()
            return False
        if isinstance(event, QScrollPrepareEvent | QScrollEvent):
            return self._touch(event)
        if not isinstance(event, QMouseEvent):
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(event)
        if kind == QEvent.Type.MouseMove:
            self._move(event)
            return True
        if kind == QEvent.Type.MouseButtonRelease:
            self._release(event)
            return True
        return False

    # What is where

    def under(self, point: QPointF) -> Under:
        """Return what is at a point of the viewport."""
        page = self._timeline.page
        found = Under()
        found.spot = page.spot_at(point.y())
        if found.spot is None:
            return found
        local = QPointF(point.x() - page.left, point.y() - found.spot.y)
        section = found.spot.item.section_at(local.y())
        if section is None:
            return found
        found.section = section
        inside = local - QPointF(0, section.top)
        found.control = section.control_at(inside)
        found.inner = inside - section.flow_at
        flow = section.flow
        if flow is not None and section.has_text and 0 <= found.inner.y() <= flow.height:
            found.link = flow.link_at(found.inner) or ""
            found.picture = flow.picture_at(found.inner) or ""
            found.code = flow.code_at(found.inner)
        return found

    def look_again(self) -> None:
        """Work out anew what is under a pointer that did not move while the page did."""
        view = self._timeline.viewport()
        at = view.mapFromGlobal(QCursor.pos())
        if view.underMouse() and view.rect().contains(at) and not self._is_dragging:
            self._hover(self.under(QPointF(at)))

    def _hover(self, found: Under) -> None:
        timeline = self._timeline
        if found.spot is not None:
            timeline.marker.point_at(found.spot.item.message.id)
        key = found.section.key if found.section is not None else 0
        index = found.spot.index if found.spot is not None else -1
        if (self.hover, self.hover_index) != ((key, found.control), index):
            had = self.hover[1] or found.control
            self.hover, self.hover_index = (key, found.control), index
            if had:
                timeline.viewport().update()
        if found.link != self._link:
            self._link = found.link
            timeline.link_hovered.emit(found.link)
        shape = Qt.CursorShape.ArrowCursor
        if found.link or found.control or found.code_control:
            shape = Qt.CursorShape.PointingHandCursor
        elif found.is_text:
            shape = Qt.CursorShape.IBeamCursor
        if timeline.viewport().cursor().shape() != shape:
            timeline.viewport().setCursor(shape)

    def _leave(self) -> None:
        self.hover, self.hover_index = (0, ""), -1
        if self._link:
            self._link = ""
            self._timeline.link_hovered.emit("")
        self._timeline.marker.point_at("")

    def _tip(self, event: QHelpEvent) -> bool:
        found = self.under(QPointF(event.pos()))
        text = found.link
        if not text and found.section is not None and found.spot is not None and found.section.key < 0:
            text = words.full_when(found.spot.item.message.created)
        tip = plain_tip(text) if text else ""
        if not tip and isinstance(found.section, Foot) and found.spot is not None:
            tip = lines_tip(words.used(found.spot.item.message))
        if tip:
            QToolTip.showText(event.globalPos(), tip, self._timeline.viewport())
        else:
            QToolTip.hideText()
        return True

    # Pressing and dragging

    def _press(self, event: QMouseEvent) -> bool:
        timeline = self._timeline
        timeline.glide.stop()
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        timeline.setFocus(Qt.FocusReason.MouseFocusReason)
        found = self.under(event.position())
        self._pressed = found
        self._count(event)
        if found.control or found.code_control:
            return True
        caret = timeline.page.hit(event.position())
        if caret is None:
            return True
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        selection = timeline.selection
        if shift and selection.anchor is not None:
            selection.extend(timeline.page, caret)
        else:
            selection.begin(timeline.page, caret, ("char", "word", "block")[self._clicks - 1])
        self._is_dragging = True
        timeline.viewport().update()
        return True

    def _count(self, event: QMouseEvent) -> None:
        """Count clicks that follow each other at one place, up to three."""
        time, at = self._last_press
        near = (event.position().toPoint() - at).manhattanLength() <= QApplication.startDragDistance()
        quick = event.timestamp() - time <= QGuiApplication.styleHints().mouseDoubleClickInterval()
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self._clicks = 2
        else:
            self._clicks = 3 if near and quick and self._clicks == 2 else 1
        self._last_press = (event.timestamp(), event.position().toPoint())

    def _move(self, event: QMouseEvent) -> None:
        if not self._is_dragging:
            self._hover(self.under(event.position()))
            return
        self._drag_at = event.position()
        view = self._timeline.viewport()
        outside = event.position().y() < 0 or event.position().y() > view.height()
        if outside and not self._drag.isActive():
            self._drag.start()
        elif not outside:
            self._drag.stop()
        self._extend()

    def _extend(self) -> None:
        timeline = self._timeline
        caret = timeline.page.hit(self._drag_at)
        if caret is not None and timeline.selection.anchor is not None:
            timeline.selection.extend(timeline.page, caret)
            timeline.viewport().update()

    def _on_drag(self) -> None:
        """Move the page while the pointer is held beyond its edge, the faster the farther."""
        y = self._drag_at.y()
        over = y if y < 0 else y - self._timeline.viewport().height()
        self._timeline.scroll_by(int(over / 3) + (1 if over > 0 else -1))
        self._extend()

    def _release(self, event: QMouseEvent) -> None:
        timeline = self._timeline
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.stop()
        pressed, self._pressed = self._pressed, None
        timeline.copying.offer_selection()
        if pressed is None:
            return
        is_control = bool(pressed.control or pressed.code_control)
        if not is_control and timeline.selection.bounds is not None:
            return
        found = self.under(event.position())
        if found.spot is None or pressed.spot is None or found.spot.index != pressed.spot.index:
            return
        if found.control and found.control == pressed.control:
            self._control(found)
        elif found.code_control and found.code_control == pressed.code_control:
            self._code(found)
        elif found.link and found.link == pressed.link and self._clicks == 1:
            if found.picture and not timeline.inlays.is_shown(found.picture):
                timeline.inlays.load(found.picture)
            else:
                self.open_link(found.link)

    def open_link(self, address: str) -> None:
        """Hand an address on if it is one that may be opened."""
        if address.lower().startswith(_SAFE):
            self._timeline.link_activated.emit(address)

    def _control(self, found: Under) -> None:
        timeline = self._timeline
        if found.spot is None or found.section is None:
            return
        message_id = found.spot.item.message.id
        if found.control != "fold":
            timeline.marker.act(found.control, message_id)
            return
        section = found.section
        page = timeline.page
        # The line that was clicked stays under the pointer, even at the end.
        y = found.spot.y + section.top
        page.is_pinned = False
        found.spot.item.toggle_fold(section.key)
        page.remeasure(found.spot.item)
        page.show(found.spot.index, y - section.top)
        if page.is_at_end:
            page.pin()
        timeline.refresh()

    def _code(self, found: Under) -> None:
        timeline = self._timeline
        code, section, spot = found.code, found.section, found.spot
        if code is None or section is None or spot is None or section.flow is None:
            return
        name = found.code_control
        if name == "copy":
            QGuiApplication.clipboard().setText(code.text)
            timeline.code_copied.emit(code.text)
            #: Said once a text is on the clipboard
            QToolTip.showText(QCursor.pos(), words.tr("Copied"), timeline.viewport())
            return
        if name == "save":
            timeline.code_save_requested.emit(code.text, code.language)
            return
        page = timeline.page
        mark = Mark(spot.item.message.id, None, spot.y)
        was_pinned, page.is_pinned = page.is_pinned, False
        with page.held(mark):
            if name == "wrap":
                section.flow.toggle_wrap(code.block)
            else:
                section.flow.toggle_fold(code.block)
            spot.item.refit(section.key)
            page.remeasure(spot.item)
        if was_pinned and page.is_at_end:
            page.pin()
        timeline.refresh()

    # Wheel

    def wheel(self, event: QWheelEvent) -> None:
        """Move the page, or wide code under the pointer sideways."""
        timeline = self._timeline
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        pixels, angle = event.pixelDelta(), event.angleDelta()
        lines = QApplication.wheelScrollLines() * timeline.page.look.line_height / 120
        across = float(pixels.x()) if not pixels.isNull() else angle.x() * lines
        down = float(pixels.y()) if not pixels.isNull() else angle.y() * lines
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not across:
            across, down = down, 0.0
        event.accept()
        if abs(across) > abs(down):
            self._sideways(event.position(), -across)
            return
        self._wheel_rest -= down
        step = int(self._wheel_rest)
        self._wheel_rest -= step
        if not step:
            return
        if pixels.isNull() and event.phase() == Qt.ScrollPhase.NoScrollPhase:
            # A wheel with notches; what has pixels of its own moves smoothly by itself.
            timeline.scroll_on(step)
        else:
            timeline.glide.stop()
            timeline.scroll_by(step)

    def _touch(self, event: QScrollPrepareEvent | QScrollEvent) -> bool:
        """Move the page with a finger, by how far it went since the last time."""
        timeline = self._timeline
        page = timeline.page
        if isinstance(event, QScrollPrepareEvent):
            self._finger = page.value
            event.setViewportSize(QSizeF(page.width, page.height))
            # Heights are estimates; a finger that reaches an end of them may go on.
            event.setContentPosRange(QRectF(0, -page.height, 0, page.most + 2 * page.height))
            event.setContentPos(QPointF(0, page.value))
            event.accept()
            return True
        timeline.glide.stop()
        at = round(event.contentPos().y())
        step, self._finger = at - self._finger, at
        if step:
            timeline.scroll_by(step)
        return True

    def _sideways(self, point: QPointF, by: float) -> None:
        found = self.under(point)
        flow = found.section.flow if found.section is not None else None
        if flow is not None and flow.scroll_sideways(found.inner, by) is not None:
            self._timeline.viewport().update()
