"""What stands beside the records: findings, the chosen record, the request and the answer."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.base import tongue
from desktop.domain.inspection import Finding, ShownRecord, Tone
from desktop.ui.controls import button, is_tab, label
from desktop.ui.inspector import words
from desktop.ui.theme import SMALL_PX, Theme

FINDINGS, RECORD, REQUEST, ANSWER = range(4)
_LOOK = {Tone.BAD: "bad", Tone.WARN: "warn", Tone.NOTE: "", Tone.GOOD: ""}


class Reading(QPlainTextEdit):
    """A text to read and copy, in the code font."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "field")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        theme.changed.connect(self._restyle)
        self._restyle()

    def minimumSizeHint(self) -> QSize:
        """Return the least size: two lines."""
        return QSize(self._theme.px(40), 2 * self.fontMetrics().lineSpacing() + self._theme.px(18))

    def show_text(self, text: str) -> None:
        """Show a text, where it is another one."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def _restyle(self) -> None:
        self.setFont(self._theme.code_font(SMALL_PX - 0.4))
        self.setStyleSheet(f"font-size: {self._theme.points(SMALL_PX - 0.4):.2f}pt;")


class FindingCard(QFrame):
    """One finding, and a way to the first record that it is about."""

    record_wanted = Signal(int)

    def __init__(self, theme: Theme, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        self.setProperty("kind", "notice")
        self.setProperty("tone", _LOOK[finding.tone])
        #: What was found, and what can be done about it
        words = self.tr("{title}. {advice}")
        self.setAccessibleName(words.format(title=finding.title, advice=finding.advice))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(9), theme.px(12), theme.px(9))
        column.setSpacing(theme.px(3))
        tone = {Tone.BAD: "bad", Tone.WARN: "warn", Tone.GOOD: "ok"}.get(finding.tone, "")
        self.title = label(finding.title, size="strong", tone=tone, wraps=True)
        column.addWidget(self.title)
        column.addWidget(label(finding.advice, tone="muted" if finding.tone is Tone.NOTE else "", wraps=True))
        self.go: QPushButton | None = None
        if finding.records:
            number = finding.records[0]
            self.go = button(self.tr("Show record {number}").format(number=tongue.number(number)), "action")
            self.go.clicked.connect(lambda: self.record_wanted.emit(number))
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(self.go)
            row.addStretch(1)
            column.addLayout(row)


class FindingsPage(QScrollArea):
    """The findings, what matters most first."""

    record_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Finding, ...] = ()
        self.cards: list[FindingCard] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Findings"))
        inside = QWidget()
        inside.setProperty("surface", "page")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, theme.px(6), 0)
        self._column.setSpacing(theme.px(8))
        self._none = label(self.tr("Nothing to say about it yet."), tone="muted", wraps=True)
        self._column.addWidget(self._none)
        self._column.addStretch(1)
        self.setWidget(inside)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these findings; those that stay are left alone, with the keyboard if it is there."""
        if tuple(findings) == self._shown:
            return
        self._shown = tuple(findings)
        kept = {card.finding: card for card in self.cards}
        cards = [kept.pop(finding) if finding in kept else self._made(finding) for finding in findings]
        for card in kept.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for at, card in enumerate(cards):
            if self._column.indexOf(card) != at:
                self._column.insertWidget(at, card)
        self.cards = cards
        self._none.setVisible(not cards)

    def _made(self, finding: Finding) -> FindingCard:
        card = FindingCard(self._theme, finding)
        card.record_wanted.connect(self.record_wanted)
        return card


class RecordPage(QScrollArea):
    """One record: its figures, what it became, and its bytes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("surface", "page")
        self.setWidget(inside)
        self.figures = label(tone="muted", wraps=True)
        self.became = Reading(theme, self.tr("What it became"))
        self.raw = Reading(theme, self.tr("As it came"))
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.figures)
        column.addWidget(_heading(self.tr("What it became")))
        column.addWidget(self.became, 1)
        column.addWidget(_heading(self.tr("As it came")))
        column.addWidget(self.raw, 2)
        self.show_record(None)

    def show_record(self, record: ShownRecord | None) -> None:
        """Show a record, or that none is chosen."""
        if record is None:
            self.figures.setText(self.tr("Choose a record in the list."))
            self.became.show_text("")
            self.raw.show_text("")
            return
        #: A read is one portion of bytes as it came over the connection
        figures = self.tr(
            "Record {number}: after {time}, {gap} after the one before; {size} in %n read(s).",
            "",
            record.reads,
        ).format(
            number=tongue.number(record.number),
            time=words.seconds(record.at),
            gap=words.gap(record.gap),
            size=tongue.size(record.size),
        )
        if record.event:
            event = self.tr("Event “{event}”.").format(event=words.one_line(record.event, 60))
            figures = tongue.sentences(figures, event)
        self.figures.setText(figures)
        pieces = [words.became_lines(record.became), record.remark]
        self.became.show_text("\n".join(filter(None, pieces)) or self.tr("Nothing."))
        self.raw.show_text(words.raw_text(record.raw))


class Details(QWidget):
    """The pages with their names above them, changed by Left and Right when the keyboard is there."""

    record_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.findings = FindingsPage(theme)
        self.findings.record_wanted.connect(self.record_wanted)
        self.record = RecordPage(theme)
        self.request = Reading(theme, self.tr("The request"))
        self.answer = Reading(theme, self.tr("The answer’s head"))
        self._names = (
            #: A page of the stream’s window: what is remarkable about the stream
            self.tr("Findings"),
            #: A page of the stream’s window: one record of the stream
            self.tr("Record"),
            #: A page of the stream’s window: the HTTP request that was sent
            self.tr("Request"),
            #: A page of the stream’s window: the HTTP answer’s head
            self.tr("Answer"),
        )
        self.tabs: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._pages = QStackedWidget()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        pages = (self.findings, self.record, self.request, self.answer)
        for number, (name, page) in enumerate(zip(self._names, pages, strict=True)):
            tab = button(name, "pill")
            tab.setCheckable(True)
            is_tab(tab)
            tab.setAccessibleName(name)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(tab, number)
            self._pages.addWidget(page)
            self.tabs.append(tab)
            row.addWidget(tab)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(12))
        column.setSpacing(theme.px(10))
        column.addLayout(row)
        column.addWidget(self._pages, 1)
        self._group.idClicked.connect(self.show_page)
        self.show_page(FINDINGS)

    @property
    def page(self) -> int:
        """The number of the page on screen."""
        return self._pages.currentIndex()

    def show_page(self, number: int) -> None:
        """Show a page."""
        self._pages.setCurrentIndex(number)
        self.tabs[number].setChecked(True)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show the findings, and how many of them matter beside their page's name."""
        self.findings.show_findings(findings)
        count = sum(finding.tone in (Tone.BAD, Tone.WARN) for finding in findings)
        tab = self.tabs[FINDINGS]
        name = self._names[FINDINGS]
        #: A page, and how much there is on it
        words = self.tr("{name} ({count})")
        tab.setText(words.format(name=name, count=tongue.number(count)) if count else name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the page beside."""
        step = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}.get(event.key(), 0)
        if step and self.focusWidget() in self.tabs:
            number = (self.page + step) % len(self.tabs)
            self.show_page(number)
            self.tabs[number].setFocus(Qt.FocusReason.TabFocusReason)
            return
        super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: the pages wrap and scroll."""
        return QSize(self._theme.px(240), self._theme.px(180))


def _heading(text: str) -> QLabel:
    return label(text, size="group")
