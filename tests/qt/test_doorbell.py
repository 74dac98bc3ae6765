"""The doorbell: one start of the program hands its wish over to another."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.base.bell import address, is_ours
from desktop.domain.wish import MOST_BYTES, Wish, WishKind
from desktop.ui.callers import PipeDoor, SocketDoor
from desktop.ui.doorbell import Doorbell, ring
from tests.support.chatting import until
from tests.support.program import ROOT

_RING = """
import sys
from pathlib import Path
from desktop.domain.wish import Wish, WishKind
from desktop.ui.doorbell import ring
data, kind, text = sys.argv[1:]
print(ring(Path(data), Wish(WishKind(kind), text)))
"""


def ringing(data: Path, kind: str, text: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _RING, str(data), kind, text], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture(params=[SocketDoor, PipeDoor] if os.name == "posix" else [PipeDoor])
def heard(request: pytest.FixtureRequest, tmp_path: Path, qloop):
    """A doorbell at both kinds of door; Qt's is a socket's file too where there are such."""
    bell = Doorbell(tmp_path, open_door=request.param)
    wishes: list[Wish] = []
    bell.begin(wishes.append)
    yield bell, wishes
    bell.close()
    bell.deleteLater()


async def test_a_wish_of_another_process_comes_whole(tmp_path: Path, qloop, heard):
    _, wishes = heard
    # Longer than a socket takes at once.
    text = "Zwei Wörter\n" + "x" * 100_000
    process = ringing(tmp_path, "quick", text)
    await until(lambda: bool(wishes))
    await until(lambda: process.poll() is not None)
    assert process.communicate()[0] == "True\n"
    assert wishes == [Wish(WishKind.QUICK, text)]


async def test_nobody_there_is_said(tmp_path: Path, qloop):
    assert not ring(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_garbage_is_ignored_and_the_next_one_is_heard(tmp_path: Path, qloop, heard):
    bell, wishes = heard
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100 + b"\n", b"{}\n", b'{"wish": "burn"}\n'):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(address(tmp_path))
            caller.sendall(garbage)
            await until(lambda: bell.callers == 0)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(address(tmp_path))
        await until(lambda: bell.callers == 1)
        process = ringing(tmp_path, "show", "")
        await until(lambda: bool(wishes))
        await until(lambda: process.poll() is not None)
        process.communicate()
    assert wishes == [Wish()]
    await until(lambda: bell.callers == 0)


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_what_never_ends_is_cut_off(tmp_path: Path, qloop, heard):
    bell, wishes = heard
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(address(tmp_path))
        caller.setblocking(False)
        sent = 0

        def is_cut() -> bool:
            nonlocal sent
            try:
                sent += caller.send(b"x" * 65_536)
            except BlockingIOError:
                return False
            except OSError:
                return True
            return False

        await until(is_cut)
    assert sent > MOST_BYTES
    await until(lambda: bell.callers == 0)
    assert wishes == []


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_only_this_user_may_connect(tmp_path: Path, qloop, heard):
    assert is_ours(address(tmp_path))
    assert os.stat(address(tmp_path)).st_mode & 0o077 == 0  # noqa: PTH116


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can be another user")
async def test_nothing_is_said_to_another_users_socket(tmp_path: Path, qloop, heard):
    _, wishes = heard
    os.lchown(address(tmp_path), 65534, 65534)
    assert not ring(tmp_path, Wish(WishKind.QUICK, "a secret"))
    os.lchown(address(tmp_path), 0, 0)
    process = ringing(tmp_path, "show", "")
    await until(lambda: bool(wishes))
    await until(lambda: process.poll() is not None)
    process.communicate()
    assert wishes == [Wish()]


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_what_a_killed_process_left_is_taken_away(tmp_path: Path, qloop):
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(address(tmp_path))
    assert not ring(tmp_path)
    bell = Doorbell(tmp_path)
    wishes: list[Wish] = []
    bell.begin(wishes.append)
    process = ringing(tmp_path, "show", "")
    await until(lambda: bool(wishes))
    await until(lambda: process.poll() is not None)
    process.communicate()
    bell.close()
    assert not is_ours(address(tmp_path))
    bell.deleteLater()


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_whoever_hangs_up_early_is_forgotten(tmp_path: Path, qloop, heard):
    bell, wishes = heard
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(address(tmp_path))
        caller.sendall(b'{"wish": ')
        await until(lambda: bell.callers == 1)
    await until(lambda: bell.callers == 0)
    assert wishes == []


@pytest.mark.skipif(os.name != "posix", reason="local sockets are files here")
async def test_where_nothing_can_be_written_the_window_does_without(
    tmp_path: Path, qloop, monkeypatch: pytest.MonkeyPatch, expect_log
):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    expect_log("no other start of Weir can be heard")
    bell = Doorbell(tmp_path)
    assert not ring(tmp_path)
    bell.close()
    bell.deleteLater()
