"""Formulas and pictures from elsewhere in the place of their text: made beside it, and nothing moves."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desktop.markup.formula import LONGEST
from desktop.ui.theme import Theme
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.inlays import Inlays
from tests.support.transcript import WatchedTimeline, conversation, prompt, reply, shown_timeline

TEXT = r"Before $\frac{a}{b}$ between \(x_i\) behind, and prices of $5 and $6 stay."
DISPLAY = "$$\n\\int_0^1 x^2\\,dx = \\frac{1}{3}\n$$"
ADDRESS = "https://pictures.example/one.png"


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.choose("light")
    return theme


@pytest.fixture
def inlays(qapp: QApplication) -> Inlays:
    return Inlays()


def flow_of(theme: Theme, source: str, inlays: Inlays | None, width: float = 600.0) -> Flow:
    flow = Flow(theme, inlays=inlays)
    flow.set_width(width)
    flow.set_source(source)
    return flow


def ready(qtbot: QtBot, theme: Theme, inlays: Inlays, source: str, width: float = 600.0) -> Flow:
    """Return a flow whose formulas are set."""
    flow_of(theme, source, inlays, width)
    qtbot.waitUntil(lambda: inlays.is_idle, timeout=20_000)
    return flow_of(theme, source, inlays, width)


def painted(flow: Flow, scale: float = 1.0) -> QImage:
    image = QImage(int(640 * scale), int((flow.height + 20) * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    flow.paint(painter, QRectF(0, 0, 640, flow.height + 20))
    painter.end()
    return image


class TestFormulas:
    def test_the_source_stands_until_the_formula_is_set(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        flow = flow_of(theme, TEXT, inlays)
        source = painted(flow)
        assert source == painted(flow_of(theme, TEXT, None))
        arrived: list[object] = []
        inlays.arrived.connect(arrived.append)
        qtbot.waitUntil(lambda: bool(arrived) and inlays.is_idle, timeout=20_000)
        for keys in arrived:
            assert flow.take_inlays(keys)  # type: ignore[arg-type]
        assert not flow.take_inlays(frozenset({("formula", "other", False)}))
        assert painted(flow) != source
        assert painted(flow) == painted(flow_of(theme, TEXT, inlays))

    def test_the_text_stays_the_source(self, qtbot: QtBot, theme: Theme, inlays: Inlays) -> None:
        for source in (TEXT, DISPLAY, f"| a | b |\n|---|---|\n| {TEXT} | 2 |", f"- x\n\n  {DISPLAY}"):
            flow, plain = ready(qtbot, theme, inlays, source), flow_of(theme, source, None)
            everything = Position(0, 0), flow.end
            assert flow.text_between(*everything) == plain.text_between(*everything)
            assert flow.markdown_between(*everything) == plain.markdown_between(*everything)
            assert flow.html_between(*everything) == plain.html_between(*everything)

    def test_places_and_points_agree_around_formulas(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        flow = ready(qtbot, theme, inlays, "🎉 " + TEXT + " 東京")
        text = flow.text_between(Position(0, 0), flow.end)
        formula = text.index("\\frac")
        inside = range(formula + 1, formula + len(r"\frac{a}{b}"))
        for char in range(len(text)):
            place = flow.rect_of(Position(0, char))
            hit = flow.hit(QPointF(place.left() + 0.6, place.center().y()))
            if char in inside:
                assert hit.char in (formula, inside.stop)
            elif not text[char].isspace() and char < text.index("x_i"):
                assert hit.char == char

    def test_a_formula_is_as_wide_as_it_is_painted(self, qtbot: QtBot, theme: Theme, inlays: Inlays) -> None:
        flow = ready(qtbot, theme, inlays, r"a $\frac{a}{b}$ b")
        wide = flow.rect_of(Position(0, 13)).left() - flow.rect_of(Position(0, 2)).left()
        assert 8 < wide < 24
        assert flow.height > flow_of(theme, "a b", None).height - 1

    def test_a_display_formula_stands_in_the_middle_and_is_chosen_whole(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        flow = ready(qtbot, theme, inlays, DISPLAY)
        left, right = flow.rect_of(Position(0, 0)).left(), flow.rect_of(flow.end).left()
        assert abs((left + right) / 2 - 300) < 2
        assert flow.hit(QPointF(left + 1, 10)) == Position(0, 0)
        assert flow.hit(QPointF(right - 1, 10)) == flow.end

    def test_a_formula_wider_than_the_page_scrolls_sideways(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        source = "$$\n" + " + ".join(f"x_{{{n}}}" for n in range(60)) + "\n$$"
        flow = ready(qtbot, theme, inlays, source, 300)
        assert flow.scroll_sideways(QPointF(20, 10), 50) is not None
        assert flow.scroll_sideways(QPointF(20, 10), -500) is not None
        assert flow.scroll_sideways(QPointF(20, 10), -500) is None

    def test_an_inline_formula_much_wider_than_the_line_stays_source(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        source = "$" + " + ".join(f"x_{{{n}}}" for n in range(60)) + "$"
        flow = ready(qtbot, theme, inlays, source, 300)
        assert flow.height > 4 * flow_of(theme, "a", None).height

    def test_formulas_follow_theme_zoom_and_scale(self, qtbot: QtBot, theme: Theme, inlays: Inlays) -> None:
        flow = ready(qtbot, theme, inlays, DISPLAY)
        light, height = painted(flow), flow.height
        assert painted(flow, 2.0).width() == 2 * light.width()
        theme.choose("dark")
        flow.retheme()
        assert painted(flow) != light
        theme.set_zoom(1.5)
        flow.retheme()
        assert flow.height > 1.3 * height

    def test_nothing_is_asked_for_a_source_that_is_far_too_long(self, theme: Theme, inlays: Inlays) -> None:
        flow_of(theme, "$$\n" + "x+\n" * LONGEST + "$$", inlays)
        assert inlays.is_idle

    def test_a_formula_that_still_comes_in_is_not_set(self, theme: Theme, inlays: Inlays) -> None:
        flow = Flow(theme, inlays=inlays)
        flow.set_width(600)
        flow.feed("$$\n\\frac{1}")
        assert inlays.is_idle
        flow.feed("{2}\n$$\n")
        assert not inlays.is_idle
        flow.close()

    def test_streamed_and_whole_are_the_same_once_all_is_set(
        self, qtbot: QtBot, theme: Theme, inlays: Inlays
    ) -> None:
        source = f"{TEXT}\n\n{DISPLAY}\n\n- {TEXT}\n\n| a |\n|---|\n| {TEXT} |\n"
        whole = ready(qtbot, theme, inlays, source)
        grown = Flow(theme, inlays=inlays)
        grown.set_width(600)
        for char in source:
            grown.feed(char)
        grown.close()
        qtbot.waitUntil(lambda: inlays.is_idle, timeout=20_000)
        grown.take_inlays(inlays.known)
        assert grown.height == whole.height
        assert painted(grown) == painted(whole)

    def test_the_gui_thread_sets_nothing(
        self, qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import desktop.ui.timeline.inlays as module

        threads = []
        original = module.set_formula

        def noting(source: str, *, is_display: bool) -> object:
            threads.append(threading.current_thread())
            return original(source, is_display=is_display)

        monkeypatch.setattr(module, "set_formula", noting)
        ready(qtbot, theme, Inlays(), TEXT)
        assert threads
        assert threading.main_thread() not in threads


class TestReader:
    @pytest.mark.parametrize("where", ["above", "below"])
    def test_a_formula_that_arrives_moves_nothing_the_reader_looks_at(self, qtbot: QtBot, where: str) -> None:
        timeline = shown_timeline(qtbot)
        timeline.set_reduced_motion(True)
        formulas = "\n\n".join([DISPLAY, TEXT] * 4)
        lines = "\n\n".join(f"Line {number} of the reader." for number in range(60))
        text = f"{formulas}\n\n{lines}" if where == "above" else f"{lines}\n\n{formulas}"
        seen: list[int] = []
        timeline.inlays.arrived.connect(lambda _: seen.append(timeline.line_y("r100", "Line 30 ")))
        timeline.open([*conversation(4), prompt(100), reply(100, text), prompt(101), reply(101, lines)])
        timeline.show_message("r100")
        for _ in range(40):
            if "Line 30 " in visible(timeline):
                break
            timeline.wheel(-100)
        y = timeline.line_y("r100", "Line 30 ")
        before = timeline.page.total
        qtbot.waitUntil(lambda: timeline.inlays.is_idle, timeout=20_000)
        timeline.settle()
        assert seen
        assert set(seen) == {y}
        assert timeline.line_y("r100", "Line 30 ") == y
        assert timeline.page.total != before


def visible(timeline: WatchedTimeline) -> list[str]:
    found = []
    for number in range(60):
        try:
            y = timeline.line_y("r100", f"Line {number} ")
        except AssertionError:
            continue
        if 0 < y < timeline.page.height:
            found.append(f"Line {number} ")
    return found


def png(width: int = 300, height: int = 200) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


class Source:
    """Notes what is fetched, and answers when told to."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.put: Callable[[bytes, str], None] = lambda *_: None

    def __call__(self, address: str, put: Callable[[bytes, str], None]) -> None:
        self.addresses.append(address)
        self.put = put


class TestPictures:
    @pytest.fixture
    def timeline(self, qtbot: QtBot) -> WatchedTimeline:
        return shown_timeline(qtbot)

    @pytest.fixture
    def source(self, timeline: WatchedTimeline) -> Source:
        timeline.inlays.source = source = Source()
        return source

    def click(self, timeline: WatchedTimeline, text: str = "a chart") -> None:
        view = timeline.viewport()
        y = timeline.line_y("r0", text)
        at = QPoint(timeline.page.left + 40, y + 8)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def show(self, timeline: WatchedTimeline, text: str = f"![a chart]({ADDRESS}) and text") -> None:
        timeline.open([prompt(0), reply(0, text)])

    def test_nothing_is_fetched_before_the_click_and_once_after_it(
        self, timeline: WatchedTimeline, source: Source, qtbot: QtBot
    ) -> None:
        opened: list[str] = []
        timeline.link_activated.connect(opened.append)
        self.show(timeline)
        assert source.addresses == []
        self.click(timeline)
        self.click(timeline)
        assert source.addresses == [ADDRESS]
        height = timeline.page.total
        with qtbot.waitSignal(timeline.inlays.arrived):
            source.put(png(), "")
        timeline.settle()
        assert timeline.page.total > height + 100
        assert opened == []
        assert timeline.inlays.is_shown(ADDRESS)
        self.click(timeline)
        assert source.addresses == [ADDRESS]
        assert opened == [ADDRESS]

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"", "not there any more"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", ""),
            (b"\x89PNG\r\n\x1a\n broken", ""),
            (b"<html>", ""),
        ],
    )
    def test_what_cannot_be_shown_says_so_and_can_be_tried_again(
        self, timeline: WatchedTimeline, source: Source, qtbot: QtBot, data: bytes, problem: str
    ) -> None:
        self.show(timeline)
        self.click(timeline)
        with qtbot.waitSignal(timeline.inlays.arrived):
            source.put(data, problem)
        assert not timeline.inlays.is_shown(ADDRESS)
        assert timeline.inlays.picture(ADDRESS).problem == (problem or "not a picture")
        timeline.settle()
        self.click(timeline)
        assert source.addresses == [ADDRESS, ADDRESS]

    @pytest.mark.parametrize(
        "address", ["file:///etc/passwd", "data:image/png;base64,AAAA", "javascript:alert(1)", "//host/x.png",
                    "\\\\host\\share\\x.png", "/etc/passwd", "x.png"],
    )  # fmt: skip
    def test_other_addresses_are_names_alone(
        self, timeline: WatchedTimeline, source: Source, address: str
    ) -> None:
        opened: list[str] = []
        timeline.link_activated.connect(opened.append)
        self.show(timeline, f"![a chart](<{address}>) and text")
        self.click(timeline)
        timeline.inlays.load(address)
        assert source.addresses == opened == []

    def test_the_address_is_shown_before_anything_happens(
        self, timeline: WatchedTimeline, source: Source, qtbot: QtBot
    ) -> None:
        hovered: list[str] = []
        timeline.link_hovered.connect(hovered.append)
        self.show(timeline)
        timeline.point_at(qtbot, QPoint(timeline.page.left + 40, timeline.line_y("r0", "a chart") + 8))
        assert hovered == [ADDRESS]
        QToolTip.hideText()
        assert source.addresses == []
        timeline.point_at(qtbot, QPoint(4, 4))

    def test_a_picture_that_arrives_above_moves_nothing(
        self, timeline: WatchedTimeline, source: Source, qtbot: QtBot
    ) -> None:
        lines = "\n\n".join(f"Line {number} of the reader." for number in range(60))
        timeline.open([prompt(0), reply(0, f"![a chart]({ADDRESS})\n\n{lines}")])
        timeline.go_to_top()
        self.click(timeline)
        timeline.wheel(-500)
        y = timeline.line_y("r0", "Line 30 ")
        with qtbot.waitSignal(timeline.inlays.arrived):
            source.put(png(), "")
        timeline.settle()
        assert timeline.line_y("r0", "Line 30 ") == y
