"""Each guard is seen to fail a test that deserves it, and to say why."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

BAD_TESTS = """
import asyncio, logging, os, socket, threading, time, warnings
import httpx, pytest
from PySide6.QtCore import QObject, QTimer, QVariantAnimation, qWarning
from PySide6.QtWidgets import QLabel

kept = []

def test_connects_away():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)

def test_looks_up_a_name():
    with pytest.raises(OSError):
        socket.getaddrinfo("example.com", 443)

async def test_httpx_goes_away():
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.HTTPError):
            await client.get("http://192.0.2.1/")

def test_sends_a_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, pytest.raises(OSError):
        s.sendto(b"x", ("192.0.2.1", 53))

def test_logs():
    logging.getLogger("some.where").warning("odd %s", "thing")

def test_expects_a_log_in_vain(expect_log):
    expect_log("never said")

def test_qt_warns():
    qWarning("qt is unhappy")

@pytest.fixture
def late():
    yield
    qWarning("qt is unhappy late")

def test_qt_warns_in_teardown(late): pass

def test_python_warns():
    warnings.warn("old ways", DeprecationWarning)

async def test_leaves_a_task():
    kept.append(asyncio.get_running_loop().create_task(asyncio.sleep(60), name="orphan"))

async def test_leaves_a_task_on_qt(qloop):
    kept.append(asyncio.get_running_loop().create_task(asyncio.sleep(60), name="orphan"))

def test_leaves_a_thread():
    threading.Thread(target=time.sleep, args=(6,), name="straggler", daemon=True).start()

def test_leaves_a_timer(qapp):
    timer = QTimer()
    timer.start(1000)
    kept.append(timer)

def test_leaves_an_animation(qapp):
    animation = QVariantAnimation()
    animation.setStartValue(0)
    animation.setEndValue(1)
    animation.setDuration(60_000)
    animation.start()
    kept.append(animation)

def test_leaves_a_window(qapp):
    window = QLabel("lost")
    window.setWindowTitle("Lost")
    window.show()
    kept.append(window)

def test_leaves_a_hidden_window(qapp):
    kept.append(QLabel("lost"))

@pytest.mark.within(0.2)
async def test_never_ends():
    await asyncio.Event().wait()

@pytest.mark.within(0.2)
async def test_never_ends_on_qt(qloop):
    await asyncio.Event().wait()

def test_a_slot_raises(qapp, qtbot):
    QTimer.singleShot(0, lambda: 1 / 0)
    qtbot.wait(20)

@pytest.fixture
async def without_a_loop():
    return 1

def test_async_fixture_without_a_loop(without_a_loop): pass

async def test_dialog_inside_a_task(qloop):
    from PySide6.QtWidgets import QDialog
    QDialog().exec()
"""

GOOD_TESTS = """
import asyncio, logging, os, socket, threading
from pathlib import Path
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit

def test_announced_log(expect_log):
    expect_log("some.where: odd")
    logging.getLogger("some.where").warning("odd")

def test_seen_log(caplog):
    logging.getLogger("some.where").warning("odd")
    assert "odd" in caplog.text
    caplog.clear()

def test_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()

def test_no_such_host():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("host.invalid", 80)

def test_everything_ended(qapp):
    thread = threading.Thread(target=int)
    thread.start()
    timer = QTimer()
    timer.start(1000)
    timer.stop()
    window = QLabel("x")
    window.show()
    window.deleteLater()

def test_a_window_forgotten_by_everyone(qapp):
    QLabel("x").show()

def test_a_window_of_qtbot(qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    with qtbot.waitActive(field):
        field.activateWindow()
    qtbot.waitUntil(field.hasFocus)

def test_a_popup_of_qt(qtbot):
    box = QComboBox()
    box.addItems(["a", "b"])
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    box.showPopup()
    box.hidePopup()

def test_the_platform_is_a_real_one(qapp):
    assert QGuiApplication.platformName() == "xcb"

def test_home_is_empty(home):
    assert Path.home() == home
    assert list(home.iterdir()) == []
    assert not [name for name in os.environ if name.endswith("API_KEY")]

def test_home_is_written(home):
    (home / "left").touch()

def test_home_is_empty_again(home):
    assert list(home.iterdir()) == []

def test_level_is_changed():
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger().addHandler(logging.NullHandler())

def test_level_is_as_before():
    assert logging.getLogger().level == logging.WARNING
    assert not [h for h in logging.getLogger().handlers if type(h) is logging.NullHandler]
"""


def _run(folder: Path, text: str) -> dict[str, tuple[bool, str]]:
    """Run tests under the guards in a process of their own; return for each whether it passed and why not."""
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "--real-screen", "-c"]
    command += [str(ROOT / "pyproject.toml"), "--rootdir", str(folder), f"--junitxml={report}", "test_it.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-of-the-developer"}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, tuple[bool, str]] = {}
    for case in ET.parse(report).iter("testcase"):
        reasons = "".join((child.get("message") or "") + (child.text or "") for child in case)
        bad = any(child.tag in {"failure", "error"} for child in case)
        known = found.get(case.get("name", ""), (True, ""))
        found[case.get("name", "")] = (known[0] and not bad, known[1] + reasons)
    return found


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, str]]:
    return _run(tmp_path_factory.mktemp("bad"), BAD_TESTS)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bool, str]]:
    return _run(tmp_path_factory.mktemp("good"), GOOD_TESTS)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("connects_away", "socket.connect to 192.0.2.1"),
        ("looks_up_a_name", "socket.getaddrinfo of example.com"),
        ("httpx_goes_away", "socket.connect to 192.0.2.1"),
        ("sends_a_datagram", "socket.sendto to 192.0.2.1"),
        ("logs", "some.where: odd thing"),
        ("expects_a_log_in_vain", "never came: never said"),
        ("qt_warns", "qt is unhappy"),
        ("qt_warns_in_teardown", "qt is unhappy late"),
        ("python_warns", "old ways"),
        ("leaves_a_task", "in test_leaves_a_task\n"),
        ("leaves_a_task_on_qt", "in test_leaves_a_task_on_qt\n"),
        ("leaves_a_thread", "in test_leaves_a_thread\n"),
        ("leaves_a_timer", "in test_leaves_a_timer\n"),
        ("leaves_an_animation", "in test_leaves_an_animation\n"),
        ("leaves_a_window", "in test_leaves_a_window\n"),
        ("leaves_a_hidden_window", "the window QLabel"),
        ("never_ends", "did not end within 0.2 seconds"),
        ("never_ends_on_qt", "did not end within 0.2 seconds"),
        ("a_slot_raises", "ZeroDivisionError"),
        ("async_fixture_without_a_loop", "must take qloop or aioloop"),
        ("dialog_inside_a_task", "QDialog.exec inside a task"),
    ],
)
def test_a_guard_fails_a_bad_test(bad: dict[str, tuple[bool, str]], name: str, reason: str) -> None:
    passed, why = bad[f"test_{name}"]
    assert not passed
    assert reason in why


def test_every_bad_test_is_looked_at(bad: dict[str, tuple[bool, str]]) -> None:
    assert [name for name, (passed, _) in bad.items() if passed] == []
    assert len(bad) == BAD_TESTS.count("def test_")


def test_the_guards_let_good_tests_pass(good: dict[str, tuple[bool, str]]) -> None:
    assert {name: why for name, (passed, why) in good.items() if not passed} == {}
    assert len(good) == GOOD_TESTS.count("def test_")
