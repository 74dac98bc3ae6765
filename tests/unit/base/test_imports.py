"""The program imports as Python does."""

import subprocess
import sys

from tests.support.server import LoopbackServer

_PROGRAM = """
import builtins, linecache
import PySide6.QtCore
from desktop.base.imports import stop_watching_imports
if {stops}:
    stop_watching_imports()
linecache.clearcache()
import wave
print(len(linecache.cache))
"""


def _sources_kept(*, stops: bool) -> int:
    program = _PROGRAM.format(stops=stops)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(told.stdout)


def test_the_sources_of_modules_are_not_read() -> None:
    # The other way round it is what this is there for; where PySide6 has given it up, it can go.
    assert _sources_kept(stops=False) > 0
    assert _sources_kept(stops=True) == 0


def test_nothing_happens_where_python_imports_itself() -> None:
    program = "from desktop.base.imports import stop_watching_imports as s; s(); import wave"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


_CALL = """
import sys
from desktop.base.imports import import_asyncio_without_tls
import_asyncio_without_tls()
import asyncio, desktop.app
assert "ssl" not in sys.modules and "_hashlib" not in sys.modules
import ssl
from desktop.domain.network import Route
from desktop.wire.client import WireClient
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest
url, ca_file = sys.argv[1:]
async def ask():
    client = WireClient(None, lambda: ssl.create_default_context(cafile=ca_file))
    print(await client.fetch_json(WireRequest(url=url, method="GET"), Place(url=url, route=Route())))
    await client.aclose()
asyncio.run(ask())
"""


def test_a_service_is_reached_over_tls_without_that_of_asyncio() -> None:
    with LoopbackServer(tls=True) as server:
        program = [sys.executable, "-c", _CALL, f"{server.url}/v1/models", str(server.ca_file)]
        told = subprocess.run(program, capture_output=True, text=True, check=False)
    assert "'alpha'" in told.stdout, told.stderr


def test_asyncio_that_is_there_already_stays_as_it_is() -> None:
    program = (
        "import asyncio.sslproto, sys\n"
        "from desktop.base.imports import import_asyncio_without_tls as without; without()\n"
        "assert asyncio.sslproto.ssl is sys.modules['ssl']"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
