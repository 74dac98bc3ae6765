"""`weir replay`: a recorded stream in a window of its own, through the reader and turn that a service has.

The window works in a temporary folder that is deleted when it closes: the history, the endpoints and the
keys of the user are neither read nor written, and nobody but this program itself is asked.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.base.paths import Paths, user_paths
from desktop.base.tongue import sentences, translate
from desktop.chat.endpoints import CHOICE
from desktop.domain.endpoint import Endpoint
from desktop.domain.inspection import InspectionError
from desktop.inspection.protocol import settled
from desktop.inspection.replay import ReplayServer, prompt_of, replay_endpoint
from desktop.inspection.tape import Tape, read_tape
from desktop.store.endpoints import EndpointsFile
from desktop.store.preferences import PreferencesFile
from desktop.ui import preferences as names

if TYPE_CHECKING:
    from desktop.app import Core
    from desktop.ui.window import MainWindow

# How the window looks is the user's; everything else begins anew.
_KEPT = (names.SCHEME, names.ZOOM, names.MOTION, names.GEOMETRY)

OpenWindow = Callable[[Paths, "Callable[[Core, MainWindow], None]"], int]


def run(arguments: argparse.Namespace, paths: Paths, open_window: OpenWindow) -> int:
    """Play a file in a window; return the exit status, 1 for a file that can't be played."""
    try:
        tape = settled(read_tape(Path(arguments.file)), arguments.protocol)
    except InspectionError as error:
        print(error, file=sys.stderr)
        return 1
    # On Windows a file may stay open a moment longer than its reader.
    with tempfile.TemporaryDirectory(prefix="weir-replay-", ignore_cleanup_errors=True) as folder:
        own = user_paths(folder)
        server = ReplayServer(tape, is_fast=arguments.fast)
        try:
            _furnish(own, paths, replay_endpoint(tape, server.address))
            return open_window(own, lambda core, window: _play(core, window, tape, is_fast=arguments.fast))
        finally:
            server.close()


def _furnish(own: Paths, users: Paths, endpoint: Endpoint) -> None:
    """Put the one endpoint of a replay and the user's look into its folder."""
    own.create()
    EndpointsFile(own.endpoints).write((endpoint,))
    look = PreferencesFile(users.preferences)
    look.read()
    preferences = PreferencesFile(own.preferences)
    for name in _KEPT:
        if value := look.get(name, ""):
            preferences.put(name, value)
    preferences.put(names.SHELF_HIDDEN, "yes")
    preferences.put(CHOICE, f"{endpoint.id}\t{endpoint.default_model}")
    preferences.write()


def _play(core: "Core", window: "MainWindow", tape: Tape, *, is_fast: bool) -> None:
    """Have the recorded reply asked for as soon as the endpoint is known, and say what this is."""

    def begin() -> None:
        core.endpoints.loaded.disconnect(begin)
        core.desk.send(prompt_of(tape))
        core.desk.current.rename(translate("Inspection", "Replay of {name}").format(name=tape.name))

    words = (
        translate("Inspection", "A replay of “{name}”, as fast as it can be read.")
        if is_fast
        else translate("Inspection", "A replay of “{name}”, at the pace of the recording.")
    ).format(name=tape.name)
    nowhere = translate("Inspection", "This conversation is kept nowhere, and nobody is asked.")
    window.notices.show_notice("replay", sentences(words, nowhere, tape.remark))
    core.endpoints.loaded.connect(begin)
