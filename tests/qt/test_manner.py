"""Motion and following: what the user chose, what the desktop asks for, and what comes of it."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScroller, QScrollerProperties
from pytestqt.qtbot import QtBot

from desktop.ui import preferences as names
from desktop.ui.desktop_wants import ASKED
from desktop.ui.manner import Manner
from desktop.ui.preferences import Preferences
from desktop.ui.settings.appearance import AppearancePage
from desktop.ui.theme import Theme
from tests.support.transcript import conversation, cut, prompt, reply, shown_timeline, streaming

LONG = "\n\n".join(f"Paragraph {number} " + "has some words. " * 14 for number in range(40))


def kept(**values: str) -> tuple[dict[str, str], Preferences]:
    store = dict(values)
    return store, Preferences(store.get, store.__setitem__)


class TestChoice:
    def test_choices_are_kept_and_heard(self, qtbot: QtBot) -> None:
        store, preferences = kept()
        manner = Manner(preferences)
        with qtbot.waitSignals([manner.changed, manner.changed]):
            manner.choose_motion("reduced")
            manner.keep_start(True)
        assert manner.is_reduced
        assert store == {names.MOTION: "reduced", names.KEEPS_START: "yes"}
        assert manner.says_replies
        manner.say_replies(False)
        again = Manner(preferences)
        assert (again.motion, again.keeps_start, again.says_replies) == ("reduced", True, False)

    def test_page_of_the_settings_changes_both(self, qtbot: QtBot) -> None:
        manner = Manner()
        page = AppearancePage(Theme(), manner)
        qtbot.addWidget(page)
        page.show()
        QTest.mouseClick(page.motions.button(2), Qt.MouseButton.LeftButton)
        assert manner.motion == "reduced"
        QTest.keyClick(page.keeps_start, Qt.Key.Key_Space)
        assert manner.keeps_start
        QTest.keyClick(page.says_replies, Qt.Key.Key_Space)
        assert not manner.says_replies

    @pytest.mark.parametrize(
        ("number", "value", "reduces"),
        [
            (0, 1, True),
            (0, 0, False),
            (1, False, True),
            (1, True, False),
            (2, "0", True),
            (2, "1.5", False),
            (3, 1, True),
            (3, 0, False),
            (4, True, True),
            (4, False, False),
        ],
    )
    def test_answers_of_the_desktop(self, number: int, value: object, reduces: bool) -> None:
        assert ASKED[number][3](value) is reduces


class TestTouch:
    def test_a_view_stops_where_the_fingers_leave_it(self, qtbot: QtBot) -> None:
        timeline = shown_timeline(qtbot)
        metric = QScrollerProperties.ScrollMetric.MaximumVelocity

        def fastest() -> float:
            return float(QScroller.scroller(timeline.viewport()).scrollerProperties().scrollMetric(metric))

        usual = fastest()
        timeline.set_reduced_motion(True)
        assert usual > fastest() == 0
        timeline.set_reduced_motion(False)
        assert fastest() == usual


class TestStart:
    @pytest.fixture
    def timeline(self, qtbot: QtBot):
        made = shown_timeline(qtbot)
        made.set_reduced_motion(True)
        made.set_keeps_start(True)
        made.open([*conversation(6), prompt(1000), streaming(1000)])
        made.begin_reply("r1000")
        return made

    def start_y(self, timeline) -> int:
        spot = timeline.page.spot_of("r1000")
        assert spot is not None
        return spot.y

    def test_reply_is_followed_until_its_start_is_at_the_top(self, timeline) -> None:
        timeline.stream(["A few words."])
        assert timeline.is_followed
        timeline.stream(cut(LONG))
        assert not timeline.is_followed
        assert self.start_y(timeline) == 12
        assert timeline.end_button.isVisible()
        timeline.end_reply(reply(1000, LONG))
        assert self.start_y(timeline) == 12

    def test_reader_who_goes_to_the_end_is_taken_along(self, timeline) -> None:
        timeline.stream([LONG])
        QTest.keyClick(timeline, Qt.Key.Key_End)
        assert timeline.is_followed
        timeline.gaps.clear()
        timeline.stream(cut("And more. " * 60))
        assert timeline.is_followed
        assert set(timeline.gaps) == {0}

    def test_reader_who_went_up_before_is_left_alone(self, timeline) -> None:
        timeline.stream(["A few words."])
        timeline.wheel(60)
        y = self.start_y(timeline)
        timeline.stream(cut(LONG))
        assert self.start_y(timeline) == y

    def test_reasoning_folds_when_the_answer_begins_and_the_start_stays(self, timeline) -> None:
        timeline.stream(cut(LONG), "reasoning")
        assert self.start_y(timeline) == 12
        timeline.stream(["The answer."])
        assert timeline.page.growing.sections[1].is_folded

    def test_reply_that_goes_on_does_not_jump_to_its_start(self, timeline) -> None:
        timeline.open([prompt(0), streaming(0, LONG)])
        timeline.begin_reply("r0")
        timeline.stream(cut("More text. " * 40))
        assert timeline.is_followed


PORTAL = """
    from jeepney import DBusAddress, MessageType, new_error, new_method_return, new_signal
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    connection = open_dbus_connection()
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.portal.Desktop"))
    print("ready", flush=True)
    portal = DBusAddress("/org/freedesktop/portal/desktop", interface="org.freedesktop.portal.Settings")
    while True:
        call = connection.receive()
        if call.header.message_type is not MessageType.method_call:
            continue
        if call.body == ("org.freedesktop.appearance", "contrast"):
            connection.send(new_method_return(call, "v", (("v", ("u", 0)),)))
            for key, value in (("contrast", 1), ("reduced-motion", 0)):
                said = ("org.freedesktop.appearance", key, ("u", value))
                connection.send(new_signal(portal, "SettingChanged", "ssv", said))
        elif call.body == ("org.freedesktop.appearance", "reduced-motion"):
            connection.send(new_method_return(call, "v", (("v", ("u", 1)),)))
        else:
            connection.send(new_error(call, "org.freedesktop.portal.Error.NotFound", "s", ("No such key",)))
"""

PROGRAM = """
    import time
    from PySide6.QtWidgets import QApplication
    from desktop.ui.manner import Manner

    application = QApplication([])
    manner = Manner()
    before = manner.is_reduced
    manner.ask_desktop()
    seen = []
    manner.changed.connect(lambda: seen.append((manner.is_reduced, manner.wants_contrast)))
    until = time.monotonic() + 10
    while len(seen) < 3 and time.monotonic() < until:
        application.processEvents()
    print(before, seen)
    manner.choose_motion("reduced")
    print(manner.is_reduced)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the portal")
def test_the_desktop_is_asked_over_its_portal(tmp_path) -> None:
    if shutil.which("dbus-run-session") is None:
        pytest.skip("there is no dbus-run-session")
    (tmp_path / "portal.py").write_text(textwrap.dedent(PORTAL))
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    wait = "until grep -q ready ready; do sleep 0.05; done"
    script = f'"$1" "$2" > ready & portal=$!; {wait}; "$1" "$3"; kill $portal'
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, "sh", sys.executable, "portal.py", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # The answer to the question came first, then what the desktop said by itself.
    assert done.stdout.splitlines() == ["False [(True, False), (True, True), (False, True)]", "True"], (
        done.stderr
    )
