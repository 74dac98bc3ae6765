"""A screen that becomes denser while the window stands: all of it is drawn anew, sharp and in its place."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.display import VirtualScreen

# Shows a conversation, says what it looks like, waits until the screen is half as dense again, says it again.
PROGRAM = """
    import asyncio, json, sys
    from pathlib import Path
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QColor, QImage
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop
    from desktop.domain.message import ImagePart, Role, TextPart
    from tests.support.chatting import until
    from tests.support.fitting import faults
    from tests.support.showpiece import Talk, endpoints
    from tests.support.stage import Stage
    from tests.support.tour import settle

    MATHS = r"Here $Q = C L H^{3/2}$, or: $$Q = \\tfrac{2}{3} C_d \\sqrt{2g} L H^{3/2}$$ Much water. "

    def large_picture():
        image = QImage(1600, 1200, QImage.Format.Format_RGB32)
        image.fill(QColor(90, 140, 180))
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")
        return bytes(buffer.data().data())

    def pictures(timeline):
        sections = [each for message in timeline.page.messages
                    if (spot := timeline.page.spot_of(message.id)) is not None for each in spot.item.sections]
        return [(each._image.width(), each._rect.width()) for each in sections
                if getattr(each, "_image", None) is not None]

    def look(stage, message_id):
        window, timeline = stage.window, stage.window.page.timeline
        settle(window)
        more, grabbed = window.page.header.more, window.grab()
        ratio = window.devicePixelRatioF()
        return {
            "ratio": ratio,
            "size": [window.width(), window.height()],
            "grabbed": [grabbed.width(), grabbed.height()],
            "icon": [more.icon().pixmap(more.iconSize(), ratio).width(), more.iconSize().width()],
            "pictures": pictures(timeline),
            "place": timeline.page.spot_of(message_id).y,
            "faults": faults(window),
        }

    async def run(folder):
        stage = Stage.open(folder, size=(700, 500))
        core, timeline = stage.core, stage.window.page.timeline
        stage.theme.choose("light")
        talk = Talk("talk", "Weirs")
        for number in range(8):
            given = [ImagePart("image/png", large_picture(), "gauge.png")] if number == 4 else []
            talk.ask(f"How much water, part {number}?", *given)
            talk.say(Role.ASSISTANT, TextPart(MATHS * 4))
        await core.store.history.write_conversation(talk.row())
        for message in talk.messages:
            await core.store.history.write_message(message)
        core.endpoints.load()
        core.shelf.load()
        await until(lambda: core.endpoints.is_ready)
        for endpoint in endpoints("http://127.0.0.1:9/v1"):
            core.endpoints.add(endpoint)
        core.desk.open("talk")
        await until(lambda: core.desk.current.is_whole and len(timeline.page.messages) == len(talk.messages))
        read = talk.messages[8].id
        timeline.show_message(read)
        await until(lambda: bool(pictures(timeline)) and timeline.inlays.is_idle)
        print(json.dumps(look(stage, read)), flush=True)
        await until(lambda: stage.window.devicePixelRatioF() == 1.5)
        await until(lambda: timeline.inlays.is_idle and all(wide > room for wide, room in pictures(timeline)))
        print(json.dumps(look(stage, read)), flush=True)
        await stage.close()

    application = QApplication([])
    application.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(run(Path(sys.argv[1])))
"""

SETTINGS = "Xft/DPI {dpi}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the settings of an X screen")
def test_a_screen_that_becomes_denser_is_followed_at_once(
    tmp_path: Path, virtual_screen: VirtualScreen
) -> None:
    if shutil.which("xsettingsd") is None:
        pytest.skip("there is no xsettingsd")
    environment = {**os.environ, "DISPLAY": virtual_screen.start(), "PYTHONPATH": str(Path.cwd())}
    settings = tmp_path / "xsettings"
    settings.write_text(SETTINGS.format(dpi=96 * 1024), encoding="utf-8")
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    manager = subprocess.Popen(
        ["xsettingsd", "-c", str(settings)], env=environment, stderr=subprocess.DEVNULL
    )
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path / "weir")]
    program = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        first = program.stdout.readline()
        settings.write_text(SETTINGS.format(dpi=144 * 1024), encoding="utf-8")
        manager.send_signal(signal.SIGHUP)
        rest, problems = program.communicate(timeout=60)
        assert program.returncode == 0, problems
        before, after = json.loads(first), json.loads(rest)
    finally:
        program.kill()
        manager.kill()
        manager.wait()
    assert (before["ratio"], after["ratio"]) == (1.0, 1.5)
    assert after["grabbed"] == [round(side * 1.5) for side in after["size"]]
    assert after["icon"][0] == round(after["icon"][1] * 1.5)
    assert before["faults"] == after["faults"] == []
    assert all(wide >= round(room * 1.5) - 4 for wide, room in after["pictures"])
    assert abs(after["place"] - before["place"]) <= 2
