"""The inspector: the request of a reply, the raw stream as it comes, and what is to be said of it."""

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.base import tongue
from desktop.domain.inspection import Examination, Inspection, InspectionError, ShownRecord
from desktop.domain.recording import Exchange, Recording, shown
from desktop.ui import wording
from desktop.ui.controls import Chooser, ElidedLabel, announce, button, label, separator, set_look, turn
from desktop.ui.forward import come_forward
from desktop.ui.inspector import words
from desktop.ui.inspector.detail import RECORD, Details
from desktop.ui.inspector.plot import GapPlot
from desktop.ui.inspector.records import RecordModel, RecordView
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme
from desktop.ui.wrapping import WrapRow, hold_least

SIZE = QSize(1120, 740)
LEAST_SIZE = QSize(450, 420)
_LEFT = 640
_FOLDS_BELOW = 760
_SILENT_S = 3
_FRAME_MS = 33
_IDLE_MS = 400
# Of each frame at most this much is spent on making records.
_SHARE_S = 0.007
_FINDINGS_EVERY = 8
_TOLD_MS = 4000
_MOST_BODY = 32 * 1024


class InspectorWindow(QWidget):
    """Shows one reply's exchanges, live. Nothing is made of what is recorded while it is hidden.

    `closed` follows when it is put away.
    """

    closed = Signal()

    def __init__(self, theme: Theme, inspection: Inspection, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._zoom = theme.zoom
        self._inspection = inspection
        self._reply_id = ""
        self._recording: Recording | None = None
        self._exchange: Exchange | None = None
        self._examination: Examination | None = None
        self._count = 0
        self._ticks = 0
        self.setWindowTitle(self.tr("Stream inspector"))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = RecordModel(self)
        self.records = RecordView(theme, self.model)
        self.plot = GapPlot(theme)
        self.details = Details(theme)
        self._build()
        self._connect()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        theme.changed.connect(self._restyle)
        hold_least(self, theme, LEAST_SIZE)
        self._restyle()
        self._fit()
        self._show_nothing()

    @property
    def reply_id(self) -> str:
        """The reply that is shown."""
        return self._reply_id

    def show_reply(self, reply_id: str) -> None:
        """Show a reply's stream from its last attempt on, or that nothing was recorded of it."""
        if reply_id != self._reply_id or self._recording is None:
            self._reply_id = reply_id
            self._recording = None
            self._exchange = None
            self._count = 0
            self.attempts.clear()
            self._show_nothing()
            self._look()
        self._pace()

    def come(self) -> None:
        """Show the window before the others."""
        come_forward(self)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to follow what comes."""
        super().showEvent(event)
        self.records.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_tick()

    def hideEvent(self, event: object) -> None:
        """Follow nothing any more."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape, or with the system's keys for that."""
        if event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close):
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that it is put away."""
        super().closeEvent(event)
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details below the records where there is no room beside them."""
        super().resizeEvent(event)
        self._turn()

    # What it is made of

    def _build(self) -> None:
        px = self._theme.px
        self.title = ElidedLabel(size="title")
        self.summary = ElidedLabel(tone="muted")
        self.told = label(tone="ok")
        self.told.hide()
        #: Which of several requests for one reply
        self.attempts = Chooser(self._theme, self.tr("Attempt"))
        self.curl = button(self.tr("Copy as curl"))
        self.body = button(self.tr("Copy the body"))
        self.save = button(self.tr("Save…"))
        for made, tip in (
            (self.curl, self.tr("The request as a command, with a variable in place of the key")),
            (self.body, self.tr("The JSON that was sent")),
            (self.save, self.tr("A file that “weir replay” plays")),
        ):
            made.setToolTip(tip)
        self.attempts.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToContents)
        self._buttons = WrapRow(px(8))
        self._buttons.add_spring()
        for widget in (self.told, self.attempts, self.curl, self.body, self.save):
            self._buttons.addWidget(widget)
        self._head = QHBoxLayout()
        self._head.setSpacing(px(12))
        self._head.addWidget(self.title, 1)
        self._head.addLayout(self._buttons, 2)
        heads = QVBoxLayout()
        heads.setContentsMargins(px(18), px(12), px(14), px(10))
        heads.setSpacing(px(6))
        heads.addLayout(self._head)
        heads.addWidget(self.summary)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(px(6), 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.plot)
        column.addWidget(self.records, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setAccessibleName(self.tr("Records and details"))
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setSizes([px(_LEFT), px(SIZE.width() - _LEFT)])
        self.nothing = label(tone="muted", wraps=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setMargin(px(40))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self._splitter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(heads)
        whole.addWidget(separator())
        whole.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.records.selectionModel().currentRowChanged.connect(self._on_chosen)
        self.records.pressed.connect(lambda: self.details.show_page(RECORD))
        self.records.activated.connect(lambda: self.details.show_page(RECORD))
        self.plot.chosen.connect(self._on_record_wanted)
        self.details.record_wanted.connect(self._on_record_wanted)
        self.attempts.activated.connect(self._on_attempt)
        self.curl.clicked.connect(self._on_curl)
        self.body.clicked.connect(self._on_body)
        self.save.clicked.connect(self.ask_for_file)

    # What is shown

    def _on_tick(self) -> None:
        self._look()
        examination, exchange = self._examination, self._exchange
        if examination is not None and exchange is not None:
            was_over = examination.is_over
            records = examination.advance(_SHARE_S)
            if records:
                self._take(records)
            self._ticks += 1
            if examination.is_over and not was_over:
                self.model.show_end()
                self.details.record.show_record(self.records.chosen)
            if not was_over and (examination.is_over or self._ticks % _FINDINGS_EVERY == 0):
                self._show_figures(exchange)
                self.details.show_findings(examination.findings())
        self._pace()

    def _pace(self) -> None:
        """Look every frame while something comes, seldom where nothing does, never unseen."""
        if not self.isVisible():
            self._timer.stop()
            return
        is_busy = self._examination is not None and not self._examination.is_over
        wanted = _FRAME_MS if is_busy else _IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != wanted:
            self._timer.start(wanted)

    def _look(self) -> None:
        """Take what was recorded since the last look: the recording itself, and further attempts."""
        if not self._reply_id:
            return
        found = self._inspection.recording(self._reply_id)
        if found is None or (found is self._recording and len(found.exchanges) == self._count):
            if found is None and self._recording is not None:
                self._drop()
            return
        self._recording = found
        was_at_last = self.attempts.currentIndex() == self.attempts.count() - 1
        for exchange in found.exchanges[self._count :]:
            self._count += 1
            self.attempts.addItem(self._name_of(self._count, exchange))
        self.attempts.setVisible(self._count > 1)
        if found.exchanges and (self._exchange is None or was_at_last):
            self.attempts.setCurrentIndex(self._count - 1)
            self._show_exchange(found.exchanges[-1])

    def _show_exchange(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._examination = self._inspection.examine(exchange)
        self.model.clear()
        self.plot.clear()
        self.records.follow()
        self.details.record.show_record(None)
        self.details.show_findings(())
        self._stack.setCurrentWidget(self._splitter)
        for each in (self.curl, self.body, self.save):
            each.setEnabled(True)
        self.body.setEnabled(bool(exchange.body))
        recording = exchange.recording
        name = self.tr("{model} at {endpoint}")
        self.title.setText(name.format(model=recording.model, endpoint=recording.endpoint.name))
        self.details.request.show_text(self._request_text(exchange))
        self._show_figures(exchange)
        self._pace()

    def _take(self, records: Sequence[ShownRecord]) -> None:
        self.model.add(records)
        self.plot.add(records)

    def _show_figures(self, exchange: Exchange) -> None:
        pieces = [f"{exchange.method} {shown(exchange.address)}", self._status_of(exchange)]
        pieces.append(self.tr("%n record(s)", "", self.model.rowCount()))
        pieces.append(tongue.size(exchange.size + exchange.missed))
        if exchange.is_open:
            silence = time.monotonic() - (exchange.times[-1] if exchange.times else exchange.started)
            #: The stream is coming at this moment
            text = self.tr("live") if silence < _SILENT_S else self.tr("silent for {time}")
            pieces.append(text.format(time=wording.seconds(int(silence))))
        elif exchange.ended is not None:
            pieces.append(words.seconds(exchange.ended - exchange.started))
        self.summary.setText(" · ".join(filter(None, pieces)))
        self.details.answer.show_text(self._answer_text(exchange))
        at = self.attempts.currentIndex()
        if at >= 0:
            self.attempts.setItemText(at, self._name_of(at + 1, exchange))

    def _show_nothing(self) -> None:
        self.title.setText(self.tr("Stream of a reply"))
        self.summary.setText("")
        self._examination = None
        self.model.clear()
        self.plot.clear()
        self.attempts.hide()
        for each in (self.curl, self.body, self.save):
            each.setEnabled(False)
        text = self.tr("Nothing is recorded of this reply.")
        if not self._reply_id:
            text = self.tr(
                "There is no reply here yet. Send a prompt, and its stream is shown while it comes."
            )
        else:
            kept = self.tr(
                "What crosses the wire is kept for this run of Weir alone, and never written to a file "
                "unless you save it."
            )
            text = tongue.sentences(text, kept)
            if self._inspection.dropped:
                room = self.tr("Of the older replies some were dropped: there is room for {size}.")
                text = tongue.sentences(text, room.format(size=tongue.size(32_000_000)))
        self.nothing.setText(text)
        self._stack.setCurrentWidget(self.nothing)

    def _drop(self) -> None:
        """Say that a recording had to make room."""
        self._recording = self._exchange = None
        self._count = 0
        self.attempts.clear()
        self._show_nothing()

    def _name_of(self, number: int, exchange: Exchange) -> str:
        return wording.pair(tongue.number(number), self._status_of(exchange))

    def _status_of(self, exchange: Exchange) -> str:
        if exchange.status:
            return f"{exchange.status} {exchange.reason}".strip()
        #: The request was sent, and there is no answer yet
        return self.tr("no answer") if exchange.ended is not None else self.tr("waiting")

    def _request_text(self, exchange: Exchange) -> str:
        lines = [f"{exchange.method} {shown(exchange.address)}"]
        lines += [f"{name}: {shown(value)}" for name, value in exchange.headers]
        body = self._inspection.body(exchange, _MOST_BODY)
        if exchange.body_size and not body:
            body = self.tr("(The body was too large to be kept.)")
        elif exchange.body_size > _MOST_BODY:
            text = self.tr("… {size} in all; “Copy the body” has the rest.")
            body += "\n" + text.format(size=tongue.size(exchange.body_size))
        return "\n".join([*lines, "", body])

    def _answer_text(self, exchange: Exchange) -> str:
        if not exchange.status:
            return exchange.trouble or self.tr("There is no answer yet.")
        lines = [f"{exchange.http_version} {exchange.status} {exchange.reason}".strip()]
        veil = exchange.recording.veil
        lines += [f"{name}: {shown(veil.header(name, value))}" for name, value in exchange.answer_headers]
        lines.append("")
        if exchange.answered is not None:
            after = words.seconds(exchange.answered - exchange.started)
            lines.append(self.tr("The head came after {time}.").format(time=after))
        ends = {
            "end": self.tr("The answer ended as HTTP has it."),
            "cut": self.tr("The connection broke."),
            "closed": self.tr("Weir closed the connection."),
        }
        lines.append(ends.get(exchange.end, self.tr("More may come.")))
        if exchange.trouble:
            lines.append(exchange.trouble)
        return "\n".join(lines)

    # What is done

    def _on_chosen(self) -> None:
        record = self.records.chosen
        self.details.record.show_record(record)
        self.plot.mark(record)

    def _on_record_wanted(self, number: int) -> None:
        self.records.choose(number)
        self.details.show_page(RECORD)

    def _on_attempt(self, number: int) -> None:
        if self._recording is not None and number < len(self._recording.exchanges):
            self._show_exchange(self._recording.exchanges[number])

    def _on_curl(self) -> None:
        if self._exchange is not None:
            QGuiApplication.clipboard().setText(self._inspection.curl(self._exchange))
            self._tell(self.tr("Copied"))

    def _on_body(self) -> None:
        if self._exchange is not None:
            QGuiApplication.clipboard().setText(self._inspection.body(self._exchange))
            self._tell(self.tr("Copied"))

    def ask_for_file(self) -> None:
        """Ask where the stream is to be saved, and save it."""
        dialog = QFileDialog(self, self.tr("Save the stream"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        open_in_last_folder(dialog, "stream")
        dialog.setDefaultSuffix("sse")
        dialog.setNameFilters([self.tr("Recorded streams (*.sse)"), self.tr("All files (*)")])
        dialog.selectFile("stream.sse")
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Save the stream on screen to a file."""
        if self._exchange is None:
            return
        try:
            self._inspection.save(self._exchange, Path(path))
        except InspectionError as error:
            self._tell(str(error), "bad")
        else:
            self._tell(self.tr("Saved"))

    def _tell(self, text: str, tone: str = "ok") -> None:
        self.told.setText(text)
        set_look(self.told, tone=tone)
        self.told.show()
        announce(self, text)
        QTimer.singleShot(_TOLD_MS if tone == "ok" else 4 * _TOLD_MS, self.told, self.told.hide)

    # How it looks

    def _fit(self) -> None:
        room = self.screen().availableSize() * 0.92
        self.resize((SIZE * self._theme.zoom).boundedTo(room))

    def _turn(self) -> None:
        is_tight = self.width() < self._theme.px(_FOLDS_BELOW)
        way = Qt.Orientation.Vertical if is_tight else Qt.Orientation.Horizontal
        if self._splitter.orientation() is not way:
            self._splitter.setOrientation(way)
        turn(self._head, is_tight)

    def _restyle(self) -> None:
        line = self._theme.colors.line
        self.setStyleSheet(style_sheet(self._theme) + f"QSplitter::handle {{ background: {line}; }}")
        self._splitter.setHandleWidth(1)
        if self._theme.zoom != self._zoom:
            self._zoom = self._theme.zoom
            self._fit()
        self._turn()
