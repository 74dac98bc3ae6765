"""The inspector's window over recordings made by hand: live, large, by keyboard, in every look."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.inspection import Tone
from desktop.domain.recording import Recorder, Veil
from desktop.inspection.late import LateInspection
from desktop.ui.inspector import words
from desktop.ui.inspector.detail import ANSWER, FINDINGS, RECORD, REQUEST
from desktop.ui.inspector.plot import Buckets
from desktop.ui.inspector.records import BECAME, EVENT, GAP, SIZE
from desktop.ui.inspector.window import InspectorWindow
from desktop.ui.theme import Theme
from tests.support.recorded import examined, exchange_of
from tests.support.server import openai_chunks, sse
from tests.support.tabbing import stops, unreached, unseen, untold
from tests.support.windows import cut_controls

SECRET = "sk-live-4f9d2c7e81b64a0f"
USAGE = {"prompt_tokens": 5, "completion_tokens": 9}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def theme() -> Theme:
    return Theme()


@pytest.fixture
def window(qtbot: QtBot, recorder: Recorder, theme: Theme) -> InspectorWindow:
    made = InspectorWindow(theme, LateInspection(recorder))
    qtbot.addWidget(made)
    made.come()
    qtbot.waitUntil(lambda: made.activateWindow() or made.isActiveWindow())
    return made


def shown(qtbot: QtBot, window: InspectorWindow, count: int) -> None:
    qtbot.waitUntil(lambda: window.model.rowCount() == count, timeout=20_000)


def names(window: InspectorWindow) -> list[str]:
    return [card.finding.name for card in window.details.findings.cards]


class TestRecords:
    def test_records_are_shown_as_they_come(self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder):
        window.show_reply("r1")
        assert "Nothing is recorded" in window.nothing.text()
        exchange = exchange_of([], end="", recorder=recorder)
        events = list(openai_chunks(["a", "b"], usage=USAGE))
        for number, event in enumerate(events, 1):
            exchange.take(event)
            shown(qtbot, window, number)
        assert "live" in window.summary.text()
        exchange.close("end")
        qtbot.waitUntil(lambda: names(window) == ["sound"])
        assert "live" not in window.summary.text()
        assert f"{len(events)} records" in window.summary.text()
        assert window.title.text() == "alpha at Test"
        assert window.model.index(1, BECAME).data() == "a"

    def test_twenty_thousand_records_come_in_batches(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        batches: list[int] = []
        window.model.rowsInserted.connect(lambda _, first, last: batches.append(last - first + 1))
        exchange_of(openai_chunks(["word "] * 20_000), recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 20_003)
        assert sum(batches) == 20_003
        assert len(batches) > 3, "the work is spread over frames"
        assert max(batches) < 15_000
        bar = window.records.verticalScrollBar()
        assert bar.value() == bar.maximum(), "the end is in view"
        QTest.keyClick(window.records, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        assert window.records.currentIndex().row() == 0

    def test_a_chosen_record_stays_while_more_come(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        exchange = exchange_of(openai_chunks(["a"] * 60), end="", recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 63)
        window.records.choose(5)
        at = window.records.verticalScrollBar().value()
        exchange.take(b": more\n\n" * 50)
        shown(qtbot, window, 113)
        assert window.records.verticalScrollBar().value() == at
        assert window.records.chosen is not None
        assert window.records.chosen.number == 5

    def test_one_record_in_full(self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder):
        event = sse({"choices": [{"delta": {"content": "x\ny"}}]}, "note").replace(b"\n\n", b"\r\n\r\n")
        exchange_of([event[:9], event[9:]], recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 1)
        assert not window.records.isColumnHidden(EVENT)
        window.records.choose(1)
        window.records.activated.emit(window.records.currentIndex())
        page = window.details.record
        assert window.details.page == RECORD
        assert "2 reads" in page.figures.text()
        assert "“note”" in page.figures.text()
        assert page.became.toPlainText() == "text: x\ny"
        assert "␍" in page.raw.toPlainText()
        QTest.keyClick(window.records, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == event.decode()

    def test_a_document_is_shown_once_its_end_makes_it_whole(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        whole = json.dumps({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}).encode()
        exchange = exchange_of([whole], content_type="application/json", end="", recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 1)
        window.records.choose(1)
        exchange.close("end")
        qtbot.waitUntil(lambda: "Hi" in str(window.model.index(0, BECAME).data()))
        assert "text: Hi" in window.details.record.became.toPlainText()

    def test_the_event_column_is_there_only_where_events_have_names(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        exchange_of(openai_chunks(["a"]), recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 4)
        assert window.records.isColumnHidden(EVENT)
        assert not window.records.isColumnHidden(SIZE)


class TestFindings:
    def test_findings_lead_to_their_records(self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder):
        events = list(openai_chunks(["a", "b"], usage=USAGE))
        exchange_of([*events[:2], b"data: {broken\n\n", *events[2:]], recorder=recorder)
        window.show_reply("r1")
        qtbot.waitUntil(lambda: "garbled" in names(window))
        assert window.details.tabs[FINDINGS].text().startswith("Findings (")
        card = next(card for card in window.details.findings.cards if card.finding.name == "garbled")
        assert card.finding.tone is Tone.BAD
        assert card.go is not None
        card.go.setFocus()
        QTest.keyClick(card.go, Qt.Key.Key_Space)
        assert window.details.page == RECORD
        assert window.records.chosen is not None
        assert window.records.chosen.number == 3

    def test_findings_that_stay_are_left_alone(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        exchange = exchange_of([b": ping\n\n", *openai_chunks(["a"])], end="", recorder=recorder)
        window.show_reply("r1")
        qtbot.waitUntil(lambda: names(window) == ["comments"])
        card = window.details.findings.cards[0]
        exchange.close("end")
        qtbot.waitUntil(lambda: "no_usage" in names(window))
        assert card in window.details.findings.cards


class TestRequest:
    def test_keys_are_nowhere(self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder):
        veil = Veil([(SECRET, "MY_KEY")])
        recording = exchange_of(
            [sse({"error": {"message": f"{SECRET} is wrong"}})], veil=veil, recorder=recorder
        ).recording
        headers = [("Authorization", f"Bearer {SECRET}"), ("X-Api-Key", SECRET)]
        body = json.dumps({"model": "alpha", "key": SECRET}).encode()
        exchange = recording.begin("POST", f"https://a:b@host/v1?key={SECRET}", headers, body)
        exchange.answer(200, "OK", "HTTP/1.1", [("content-type", "text/event-stream"), ("x-echo", SECRET)])
        exchange.take(sse({"choices": [{"delta": {"content": SECRET}}]}))
        exchange.close("end")
        window.show_reply("r1")
        shown(qtbot, window, 1)
        window.records.choose(1)
        for number in range(4):
            window.details.show_page(number)
        texts = [window.details.request.toPlainText(), window.details.answer.toPlainText()]
        texts += [window.summary.text(), window.details.record.raw.toPlainText()]
        texts += [window.details.record.became.toPlainText(), str(window.model.index(0, BECAME).data())]
        QTest.mouseClick(window.curl, Qt.MouseButton.LeftButton)
        texts.append(QGuiApplication.clipboard().text())
        QTest.mouseClick(window.body, Qt.MouseButton.LeftButton)
        texts.append(QGuiApplication.clipboard().text())
        assert not [text for text in texts if SECRET in text]
        assert '"$MY_KEY"' in texts[-2]
        assert "Bearer •••" in texts[0]
        assert "•••@host" in texts[0]
        assert "x-echo: •••" in texts[1]
        assert window.told.isVisible()
        assert window.told.text() == "Copied"

    def test_attempts_are_chosen_by_keyboard(self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder):
        exchange_of(
            [b'{"error":{"message":"busy"}}'], status=503, content_type="application/json", recorder=recorder
        )
        window.show_reply("r1")
        shown(qtbot, window, 1)
        assert not window.attempts.isVisible()
        exchange_of(openai_chunks(["a"]), recorder=recorder)
        qtbot.waitUntil(window.attempts.isVisible)
        shown(qtbot, window, 4)
        window.attempts.setFocus()
        QTest.keyClick(window.attempts, Qt.Key.Key_Up)
        shown(qtbot, window, 1)
        qtbot.waitUntil(lambda: "status" in names(window))
        assert "503" in window.summary.text()
        assert "503" in window.details.answer.toPlainText()

    def test_saving_and_what_can_go_wrong(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder, tmp_path: Path
    ):
        exchange_of(openai_chunks(["a"]), recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 4)
        window.save_to(str(tmp_path / "some.sse"))
        assert window.told.text() == "Saved"
        assert (tmp_path / "some.sse").read_bytes().startswith(b":weir recording 1\n")
        window.save_to(str(tmp_path / "none" / "some.sse"))
        assert "could not be written" in window.told.text()


class TestWindow:
    def test_escape_closes_and_nothing_is_made_unseen(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        exchange = exchange_of(openai_chunks(["a"]), end="", recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 4)
        with qtbot.waitSignal(window.closed):
            QTest.keyClick(window.records, Qt.Key.Key_Escape)
        assert not window.isVisible()
        exchange.take(b": more\n\n")
        qtbot.wait(120)
        assert window.model.rowCount() == 4
        window.come()
        shown(qtbot, window, 5)

    def test_what_made_room_is_said(self, qtbot: QtBot, theme: Theme):
        recorder = Recorder(limit=4000)
        exchange_of([b": x\n\n" * 200], reply_id="old", recorder=recorder)
        window = InspectorWindow(theme, LateInspection(recorder))
        qtbot.addWidget(window)
        window.come()
        window.show_reply("old")
        shown(qtbot, window, 200)
        exchange_of([b": y\n\n" * 500], reply_id="new", recorder=recorder)
        qtbot.waitUntil(window.nothing.isVisible)
        assert "dropped" in window.nothing.text()
        assert not window.curl.isEnabled()

    def test_everything_has_a_name_and_the_keyboard_reaches_it(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        exchange_of(openai_chunks(["a"]), recorder=recorder)
        exchange_of([b": ping\n\n", *openai_chunks(["a"])], recorder=recorder)
        window.show_reply("r1")
        qtbot.waitUntil(lambda: "comments" in names(window))
        wanted: set[QWidget] = {window.attempts, window.curl, window.body, window.save, window.records}
        # Of the pages' names the chosen one; the arrows go to the others.
        wanted.add(window.details.tabs[FINDINGS])
        reached: set[QWidget | None] = set()
        window.records.setFocus()
        for _ in range(40):
            QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            reached.add(focused)
            assert focused is not None
            name = focused.accessibleName() or (focused.text() if isinstance(focused, QPushButton) else "")
            assert name, focused
        assert wanted <= reached
        assert window.plot.accessibleName()
        assert "longest" in window.plot.accessibleDescription()
        tab = window.details.tabs[FINDINGS]
        tab.setFocus()
        QTest.keyClick(tab, Qt.Key.Key_Right)
        assert window.details.page == RECORD
        QTest.keyClick(window.details.tabs[RECORD], Qt.Key.Key_Right)
        assert window.details.page == REQUEST
        QTest.keyClick(window.details.tabs[REQUEST], Qt.Key.Key_Right)
        assert window.details.page == ANSWER

    @pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
    @pytest.mark.parametrize("size", [(420, 420), (700, 600), (1100, 700)])
    def test_nothing_is_cut(
        self, qtbot: QtBot, recorder: Recorder, theme: Theme, zoom: float, size: tuple[int, int]
    ):
        theme.set_zoom(zoom)
        window = InspectorWindow(theme, LateInspection(recorder))
        qtbot.addWidget(window)
        exchange_of(openai_chunks(["a"]), status=503, recorder=recorder)
        exchange_of([b": ping\n\n", *openai_chunks(["a"])], recorder=recorder)
        window.come()
        window.show_reply("r1")
        window.resize(max(size[0], window.minimumWidth()), max(size[1], window.minimumHeight()))
        qtbot.waitUntil(lambda: "comments" in names(window))
        assert cut_controls(window) == []

    def test_colours_and_sizes_follow_the_theme(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder, theme: Theme
    ):
        exchange_of(openai_chunks(["a"] * 40), recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, 43)
        height = window.records.rowHeight(0)
        theme.choose("light")
        light = window.grab().toImage().pixelColor(window.width() // 2, window.height() - 30).lightness()
        theme.choose("dark")
        dark = window.grab().toImage().pixelColor(window.width() // 2, window.height() - 30).lightness()
        theme.choose("")
        assert light > dark
        theme.set_zoom(1.5)
        assert window.records.rowHeight(0) > height


class TestPlot:
    def test_a_click_chooses_the_nearest_record(
        self, qtbot: QtBot, window: InspectorWindow, recorder: Recorder
    ):
        events = list(openai_chunks(["a", "b", "c"]))
        exchange_of(events, times=[0.1, 0.2, 0.3, 6.0, 6.1, 6.2][: len(events)], recorder=recorder)
        window.show_reply("r1")
        shown(qtbot, window, len(events))
        plot = window.plot
        assert "before record 4" in plot.accessibleDescription()
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(plot.width() - 20, 30))
        assert window.records.chosen is not None
        assert window.records.chosen.number >= 4
        at = QPoint(plot.width() - 20, 30)
        QApplication.sendEvent(plot, QHelpEvent(QEvent.Type.ToolTip, at, plot.mapToGlobal(at)))
        assert "before record" in QToolTip.text()
        QToolTip.hideText()
        image = plot.grab().toImage()
        assert len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(image.height())}) > 4

    def test_the_memory_of_the_plot_does_not_grow(self):
        records, _ = examined(exchange_of(openai_chunks(["a"] * 5000), times=[0.5 * n for n in range(5003)]))
        buckets = Buckets()
        for record in records:
            buckets.add(record)
        assert len(buckets.gaps) <= 512
        assert len(buckets.gaps) == len(buckets.numbers)
        assert buckets.end == pytest.approx(2501, abs=1)
        assert buckets.longest == pytest.approx(0.5)


def test_words():
    assert words.gap(0.0002) == "200 µs"
    assert words.gap(0.25) == "250 ms"
    assert words.gap(2.5) == "2.50 s"
    assert words.raw_text(b"a\r\n\x00\xff") == "a␍\n␀\\xff"
    assert "more bytes" in words.raw_text(b"x" * 100_000)
    assert words.one_line("a\r\nb\nc") == "a↵b↵c"
    assert GAP < SIZE


def test_tab_leads_round_visibly_and_each_stop_is_named(
    qtbot: QtBot, window: InspectorWindow, recorder: Recorder
) -> None:
    exchange_of(openai_chunks(["a"]), recorder=recorder)
    window.show_reply("r1")
    qtbot.waitUntil(lambda: window.model.rowCount() > 2 and bool(names(window)))
    found = stops(window)
    assert len(found) > 4
    assert unreached(window, found) == []
    assert untold(found) == []
    assert unseen(window, found) == []
