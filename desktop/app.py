"""The composition root: builds every object behind the window, connects them, owns the order of stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop import __version__
from desktop.archive.late import LateArchives
from desktop.attach import FileOpener
from desktop.base.memory import give_back
from desktop.base.paths import Paths, resources
from desktop.base.tongue import translate
from desktop.chat.desk import Desk
from desktop.chat.endpoints import EndpointPorts, Endpoints
from desktop.chat.entries import Entries
from desktop.chat.network import NetworkSettings
from desktop.chat.shelf import Shelf
from desktop.chat.tasks import TaskOwner
from desktop.chat.titles import BY_MODEL, Titles
from desktop.chat.transfer import Transfer
from desktop.chat.turn import Ports
from desktop.chat.watch import Watch
from desktop.chat.works import ShownModel, TransferWork, Works, show_backups
from desktop.domain.failure import StorageError
from desktop.domain.message import ImagePart
from desktop.domain.persona import Persona
from desktop.domain.recording import Recorder
from desktop.domain.template import Template
from desktop.domain.wish import Wish, WishKind
from desktop.local.endpoint import embedded_endpoint
from desktop.local.late import LateFinder, LateModel
from desktop.providers.late import LateReleases, LateSender
from desktop.providers.presets import load_presets
from desktop.store.preferences import PreferencesFile
from desktop.store.store import Store, open_store
from desktop.vault import KeyringVault

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop.archive.writing import Printer
    from desktop.chat.updates import Updates
    from desktop.ui.doorbell import Doorbell
    from desktop.ui.preferences import Preferences
    from desktop.ui.shell import Shell
    from desktop.ui.theme import Theme
    from desktop.ui.window import MainWindow
    from desktop.wire.client import WireClient

logger = logging.getLogger(__name__)

# The old of the bin goes when the start is long over.
PURGE_AFTER_S = 20.0
_DAY_S = 24 * 60 * 60
# By then a start has freed what it freed.
_SETTLED_AFTER_S = 1.5
# Names of services are looked up on these threads too, which may take long where the network is gone.
_WORKERS = 10


@dataclass(frozen=True, slots=True)
class Core:
    """Everything below the window: what `weir` and `weir ask` share."""

    paths: Paths
    tasks: TaskOwner
    store: Store
    vault: KeyringVault
    sender: "LateSender"
    local: "LateModel"
    endpoints: Endpoints
    desk: Desk
    shelf: Shelf
    archives: LateArchives
    transfer: Transfer
    prompts: Entries[Template]
    personas: Entries[Persona]
    works: Works

    async def close(self) -> None:
        """End the turns, then the other tasks, the writer, the model's process and the client."""
        await self.desk.close()
        self.archives.cancel()
        await self.tasks.close()
        await self.archives.close()
        await self.store.close()
        await self.local.stop()
        await self.sender.close()
        self.vault.close()


def _certificate_problem(path: str) -> str:
    from desktop.wire.clients import check_certificates

    return check_certificates(path)


def build_core(
    paths: Paths,
    client: "WireClient | None" = None,
    preferences: PreferencesFile | None = None,
    fit: Callable[[ImagePart], ImagePart] = lambda part: part,
    recorder: Recorder | None = None,
) -> Core:
    """Build the parts below the window. The history opens on its own thread meanwhile.

    `fit` makes an attached image one that services take, on a worker thread. `recorder` keeps what
    crosses the wire for the inspector.
    """
    tasks = TaskOwner()
    store = open_store(paths, preferences)
    vault = KeyringVault()
    network = NetworkSettings(store.settings, vault, tasks, _certificate_problem)
    sender = LateSender(network.route, client, recorder)
    local = LateModel(paths)
    endpoints = Endpoints(
        EndpointPorts(sender, vault, store.settings, LateFinder(), network, sender.watched),
        tasks,
        embedded_endpoint(),
        load_presets(resources()),
        os.environ,
    )
    works = Works()
    ports = Ports(sender, store.history, vault, ShownModel(local, works, tasks))
    desk = Desk(ports, endpoints, tasks, FileOpener(fit))
    Titles(ports, desk, tasks, lambda: store.settings.preference(BY_MODEL) == "yes", desk)
    shelf = Shelf(store.history, desk, tasks, works)
    archives = LateArchives(store.transfer, _printer)
    transfer = Transfer(archives, tasks)
    TransferWork(works, transfer)
    prompts = Entries(store.settings.prompts, tasks)
    personas = Entries(store.settings.personas, tasks)
    return Core(
        paths,
        tasks,
        store,
        vault,
        sender,
        local,
        endpoints,
        desk,
        shelf,
        archives,
        transfer,
        prompts,
        personas,
        works,
    )


def _printer() -> "Printer":
    from desktop.ui.paper import pdf_of

    return pdf_of


def run(
    application: "QApplication",
    paths: Paths,
    kept: PreferencesFile,
    theme: "Theme",
    shell: "Shell",
    report: Path | None = None,
    on_built: "Callable[[Core, MainWindow], None] | None" = None,
    wish: Wish | None = None,
    doorbell: "Doorbell | None" = None,
) -> int:
    """Fill the shown window and run until it is closed; return the exit status.

    `kept` are the preferences as read for the first frame, `report` what the run before left of a crash.
    `on_built` is called once everything stands, before the endpoints are read; `wish` is done
    then, and what comes by the `doorbell`.
    """
    from qasync import QEventLoop

    loop = QEventLoop(application)
    # qasync's own begins with all of its threads at once.
    loop.set_default_executor(ThreadPoolExecutor(_WORKERS, "weir-work"))
    asyncio.set_event_loop(loop)
    try:
        life = _live(paths, kept, theme, shell, loop, report, on_built, wish or Wish(), doorbell)
        return int(loop.run_until_complete(life))
    finally:
        loop.close()
        asyncio.set_event_loop(None)


async def _live(
    paths: Paths,
    kept: PreferencesFile,
    theme: "Theme",
    shell: "Shell",
    loop: asyncio.AbstractEventLoop,
    report: Path | None,
    on_built: "Callable[[Core, MainWindow], None] | None",
    wish: Wish,
    doorbell: "Doorbell | None",
) -> int:
    from desktop.beside import window_maker
    from desktop.doors import fetch_picture, help_writing, open_doors, open_outside
    from desktop.ui import preferences as names
    from desktop.ui.collector import Collector
    from desktop.ui.field_keys import commit_composed
    from desktop.ui.pictures import fit
    from desktop.ui.preferences import Preferences
    from desktop.ui.warm_up import WarmUp
    from desktop.ui.window import MainWindow
    from desktop.ui.windows import Windows

    if shell.is_closed:
        return 0
    core = build_core(paths, preferences=kept, fit=fit, recorder=Recorder())
    try:
        preferences = Preferences(core.store.settings.preference, lambda *what: _keep(core, *what))
        window = MainWindow(core.desk, core.shelf, core.endpoints, theme, preferences, _places(paths), shell)
        window.page.set_picture_source(lambda *wish: fetch_picture(core, *wish))
        updates = window.updates = _updates(core, preferences)
        closed = asyncio.Event()
        make = window_maker(core, theme, _places(paths), updates, window.page.manner)
        windows = Windows(window, preferences, make, window)
        windows.last_closed.connect(closed.set)
        outside = open_outside(core, windows, theme, preferences)
        shell.close_requested.connect(window.leave)
        _stop_on_signals(loop, closed.set)
        shell.fill(window)
        open_doors(core, window)
        writing = help_writing(core, window, theme, preferences)
        writing.offer_spelling()
        window.settings_made.connect(lambda made: writing.add_spelling_card(made.appearance))
        if on_built is not None:
            on_built(core, window)
        core.tasks.start(report_opening(core))
        core.store.tell_of_backups(show_backups(core.works, loop))
        core.tasks.start(_empty_old_bin(core))
        core.tasks.start(_give_back_memory())
        core.endpoints.load()
        core.shelf.load()
        core.desk.drafts.load()
        updates.begin()
        if report is not None:
            window.telling.offer_report(report)
        last = preferences.read(names.CONVERSATION, "")
        if last:
            core.desk.restore(last)
        if wish.kind is WishKind.QUICK:
            outside.wishes.before_shown = windows.restore
        else:
            windows.restore()
        watch = Watch(core.store.history, core.desk, core.shelf)
        core.tasks.start(watch.run(windows.are_seen))
        collector = Collector(window)
        warm_up = WarmUp(window, core.desk, core.sender.prepare)
        if wish.kind not in (WishKind.SHOW, WishKind.NEW_WINDOW):
            outside.wishes.do(wish)
        if doorbell is not None:
            doorbell.begin(outside.wishes.do)
        core.tasks.start(outside.join_bus())
        await closed.wait()
        commit_composed()
        warm_up.close()
        if doorbell is not None:
            doorbell.close()
        await outside.close()
        writing.close()
        collector.close()
        windows.close()
        shell.hide()
    finally:
        await core.close()
    windows.delete()
    return 0


def _updates(core: Core, preferences: "Preferences") -> "Updates":
    from desktop.chat.updates import Updates

    return Updates(LateReleases(core.sender), preferences, core.tasks, __version__)


def _keep(core: Core, name: str, value: str) -> None:
    """Change a preference; the disk follows, and nothing waits for it."""
    if value != core.store.settings.preference(name):
        core.tasks.start(_write(core, name, value))


async def _write(core: Core, name: str, value: str) -> None:
    try:
        await core.store.settings.write_preference(name, value)
    except StorageError as error:
        logger.warning("the preference %s was not stored: %s", name, error)


def _places(paths: Paths) -> tuple[tuple[str, str], ...]:
    """Return what is kept where, for the page that says so."""
    return (
        (translate("Places", "Conversations"), str(paths.history)),
        (translate("Places", "Endpoints, without keys"), str(paths.endpoints)),
        (translate("Places", "Prompts"), str(paths.prompts)),
        (translate("Places", "Personas"), str(paths.personas)),
        (translate("Places", "Log, without texts and keys"), str(paths.log_file)),
        (translate("Places", "Reports of crashes, which are sent nowhere"), str(paths.crashes)),
    )


async def _empty_old_bin(core: Core) -> None:
    """Delete for good what has been in the bin for long enough, after the start and once a day."""
    while True:
        await asyncio.sleep(PURGE_AFTER_S)
        try:
            await core.store.history.purge()
        except StorageError as error:
            logger.info("the bin was not emptied: %s", error)
        await asyncio.sleep(_DAY_S)


async def _give_back_memory() -> None:
    """Give back what the start freed. Not later: in a large heap it takes longer than a frame may."""
    await asyncio.sleep(_SETTLED_AFTER_S)
    await asyncio.to_thread(give_back)


async def report_opening(core: Core) -> None:
    """Say in the window what was met when the history was opened."""
    core.works.begin("opening", translate("Works", "Opening and checking the history"))
    try:
        opening = await core.store.opened()
    except StorageError as error:
        core.desk.failed.emit(str(error))
        return
    finally:
        core.works.end("opening")
    if opening.damaged is not None:
        core.transfer.offer_recovery(opening.damaged, opening.newest_backup)


def _stop_on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows: the loop has no signal handlers
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
