"""A computer without any network: the program starts, reads, searches and exports, and asks nobody."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.place import configure, messages
from tests.support.program import ROOT, Program

# Only this computer's own address is there; whatever goes elsewhere finds no route and is counted.
_ALONE = ("unshare", "--net", "--", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")

_FILL = """
import sys
from pathlib import Path
from desktop.app import build_core
from desktop.base.paths import user_paths
import asyncio
from desktop.base.clock import now_ms
from desktop.chat.ports import Conversation, Message
from desktop.domain.message import Role, TextPart
async def fill():
    core = build_core(user_paths(sys.argv[1]))
    core.paths.create()
    for number, words in enumerate(("alpine weather", "harbour tides", "weir and miller"), 1):
        now = now_ms() + number
        row = Conversation(id=f"c{number}", title=words, created=now, updated=now, head_id=f"m{number}")
        await core.store.history.write_conversation(row)
        message = Message(id=f"m{number}", conversation_id=row.id, parent_id=None, role=Role.USER,
                          parts=(TextPart("Tell me of " + words),), created=now)
        await core.store.history.write_message(message)
    await core.close()
asyncio.run(fill())
"""
_EXPORT = """
import asyncio, sys
from pathlib import Path
from desktop.app import build_core
from desktop.base.paths import user_paths
from desktop.domain.transfer import ArchiveFormat
async def export():
    core = build_core(user_paths(sys.argv[1]))
    done = asyncio.get_running_loop().create_future()
    core.transfer.exported.connect(lambda *_: done.set_result(""))
    core.transfer.failed.connect(done.set_result)
    core.transfer.export(Path(sys.argv[2]), ArchiveFormat(sys.argv[3]))
    assert await done == ""
    await core.close()
asyncio.run(export())
"""


@pytest.fixture
def alone() -> tuple[str, ...]:
    """The command that something is started through to be without a network."""
    missing = [tool for tool in ("unshare", "ip") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"a network of its own needs {', '.join(missing)}")
    tried = subprocess.run([*_ALONE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0 or tried.stderr:
        pytest.skip(f"this system does not permit a network of its own: {tried.stderr.strip()}")
    return _ALONE


def lost(process: int) -> int:
    """Return how often something in a process's network wanted to leave the computer."""
    count = 0
    lines = Path(f"/proc/{process}/net/snmp").read_text(encoding="ascii").splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        if names.startswith("Ip:"):
            count += int(dict(zip(names.split(), values.split(), strict=True))["OutNoRoutes"])
    for line in Path(f"/proc/{process}/net/snmp6").read_text(encoding="ascii").splitlines():
        name, value = line.split()
        count += int(value) if name == "Ip6OutNoRoutes" else 0
    return count


def test_the_count_sees_who_leaves(alone: tuple[str, ...]):
    code = (
        "import socket, sys\n"
        "try: socket.create_connection(('192.0.2.1', 443), 1)\n"
        "except OSError: print('refused', flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [*alone, sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"refused\n"
        assert lost(process.pid) == 1


@pytest.mark.timeout(180)
def test_without_a_network_it_starts_reads_searches_and_exports(tmp_path: Path, alone: tuple[str, ...]):
    data = configure(tmp_path / "weir", "https://service.invalid/v1")
    python = [*alone, sys.executable, "-c"]
    subprocess.run([*python, _FILL, str(data)], cwd=ROOT, check=True, timeout=60)
    began = time.monotonic()
    with Program(data, before=alone) as weir:
        weir.widget("MainWindow")
        assert time.monotonic() - began < 20, "the start waits for a network"
        weir.until(lambda: "weir and miller" in str(weir.ask("rows", name="Conversations")), "the shelf")
        # Time enough for what starts by itself a while after the window.
        time.sleep(2)
        assert lost(weir.process.pid) == 0
        weir.write_into("Prompt", "Anybody there?")
        weir.key("Return")
        weir.until(lambda: messages(data)[-1].state == "failed", "a failure instead of a reply", 30)
        asked = lost(weir.process.pid)
        weir.key("ctrl+shift+f")
        weir.write("harbour")
        weir.until(lambda: "harbour tides" in str(weir.ask("rows", name="Found")), "what was searched for")
        assert lost(weir.process.pid) == asked, "reading and searching ask nobody"
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
    file = tmp_path / "out.json"
    subprocess.run([*python, _EXPORT, str(data), str(file), "json"], cwd=ROOT, check=True, timeout=60)
    assert "Tell me of harbour tides" in file.read_text(encoding="utf-8")
