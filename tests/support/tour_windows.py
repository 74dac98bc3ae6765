"""The tour of the windows beside the main one: settings, sheet of shortcuts, inspector, usage."""

import datetime
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QWidget

from desktop.domain.endpoint import OWN_KEY
from desktop.domain.message import Conversation
from desktop.domain.transfer import ImportReport
from desktop.ui.inspector.window import InspectorWindow
from desktop.ui.shortcut_sheet import ShortcutSheet
from desktop.ui.usage.window import UsageWindow
from tests.support import showpiece
from tests.support.chatting import until
from tests.support.server import LoopbackServer, openai_stream
from tests.support.tour import Place, resized, settle
from tests.support.usage_pictures import replies

PAGES = (
    "endpoints",
    "local",
    "network",
    "prompts",
    "personas",
    "appearance",
    "keyboard",
    "desktop",
    "data",
    "about",
)


async def other_windows(place: Place, server: LoopbackServer) -> None:
    """Show every window of its own."""
    if place.wants("settings"):
        await _settings(place)
    if place.wants("shortcuts"):
        await _shortcuts(place)
    if place.wants("inspector"):
        await _inspector(place)
    if place.wants("usage"):
        await _usage(place)
    if place.wants("quick"):
        await _quick(place, server)


def _scrolled(place: Place, name: str, window: QWidget) -> None:
    """Show a page of the settings from its beginning and from its end."""
    place.show(name, window)


async def _settings(place: Place) -> None:
    settings = place.window.settings
    settings.show()
    await until(settings.isVisible)
    usual = settings.size()
    for size in place.sizes:
        await resized(settings, usual if size == "usual" else settings.minimumSize())
        for page in PAGES:
            settings.show_page(page)
            settle(settings)
            _scrolled(place, f"settings, {page} ({size})", settings)
        await _forms(place, settings, size)
    settings.hide()


async def _forms(place: Place, settings: QWidget, size: str) -> None:
    core = place.core
    window = place.window.settings
    window.show_endpoints("example")
    place.show(f"settings, an endpoint ({size})", settings)
    editor = window.endpoints.editor
    protocols = editor.findChildren(QComboBox)[0]
    editor.test.click()
    await until(lambda: bool(editor.checks.lines) and all(line[0] != "run" for line in editor.checks.lines))
    place.show(f"settings, an endpoint was tested ({size})", settings)
    window.show_new_endpoint()
    for row in range(protocols.count()):
        protocols.setCurrentIndex(row)
        protocols.activated.emit(row)
        place.show(f"settings, an endpoint of {protocols.itemText(row)} ({size})", settings)
    own = replace(core.endpoints.presets[0], provider="custom", headers=(("X-Agent-Key", OWN_KEY),))
    editor.edit(own, is_new=True)
    place.show(f"settings, an endpoint with a key of its own in a header ({size})", settings)
    for preset in core.endpoints.presets[:3]:
        window.endpoints.add_new(preset.id)
        place.show(f"settings, a new endpoint at {preset.name} ({size})", settings)
    window.endpoints.show_list()
    for page in ("prompts", "personas"):
        shown = window.show_page(page)
        assert shown is not None
        shown.edit(None)
        place.show(f"settings, new of the {page} ({size})", settings)
        shown.show_list()
    keyboard = window.show_page("keyboard")
    assert keyboard is not None
    keyboard.record()
    place.show(f"settings, keys are taken ({size})", settings)
    keyboard._on_cancelled()
    window.show_page("data")
    window.data.show_offer("history-2026-11-21.db")
    window.data.show_running("import")
    window.data.show_share(0.4)
    place.show(f"settings, an archive is read ({size})", settings)
    window.data.show_running("")
    window.data.show_report(ImportReport(added=12, extended=2, known=3))
    place.show(f"settings, an archive was read ({size})", settings)
    window.data.show_offer("")


async def _shortcuts(place: Place) -> None:
    place.window.show_shortcuts()
    sheet = place.window.findChildren(ShortcutSheet)[0]
    await until(sheet.isVisible)
    await place.window_stop("shortcuts", sheet)
    sheet.hide()


async def _inspector(place: Place) -> None:
    window = place.window
    window.actions_["inspect"].trigger()
    inspector = window.findChildren(InspectorWindow)[0]
    await until(inspector.isVisible)
    await place.window_stop("inspector", inspector)
    for page, tab in enumerate(inspector.details.tabs):
        tab.click()
        inspector.records.selectRow(min(1, inspector.model.rowCount() - 1))
        await place.window_stop(f"inspector, page {page}", inspector)
    inspector.hide()


async def _quick(place: Place, server: LoopbackServer) -> None:
    server.default = openai_stream([showpiece.REPLY])
    quick = place.outside.wishes.quick
    quick.come_up()
    await until(quick.isVisible)
    place.show("quick, nothing asked", quick)
    quick.come_up(showpiece.PROMPT, sends=True)
    live = quick._question.live
    await until(lambda: bool(live.transcript) and live.turn is None and bool(live.transcript[-1].text))
    place.show("quick, answered", quick)
    quick._on_picker()
    place.show("quick, models", quick)
    quick._on_picker()
    quick.close()


async def _usage(place: Place) -> None:
    window, history = place.window, place.core.store.history
    await history.write_conversation(Conversation(id="c", title="Used", created=1, updated=1))
    for number, message in enumerate(replies(datetime.datetime.now().astimezone())):
        if number % 6 == 0:
            await history.write_message(message)
    window.actions_["usage"].trigger()
    await until(lambda: bool(window.findChildren(UsageWindow)))
    page = window.findChildren(UsageWindow)[0]
    await until(lambda: page.is_loaded and page.isVisible())
    await place.window_stop("usage, charts", page)
    page.show_table(True)
    await place.window_stop("usage, table", page)
    await place.menu_stop("usage, export", page._export_menu)
    page.hide()
