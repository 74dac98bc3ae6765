"""The tour of the main window: the transcript and what is around it, the shelf, what opens over them."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.domain.endpoint import ModelRef
from desktop.domain.order import SHELF, Scope
from desktop.domain.order import Place as Where
from desktop.ui.options.field import OptionField
from tests.support import showpiece
from tests.support.answers import Answer, Send, Stall, openai_chunks, openai_error
from tests.support.chatting import until
from tests.support.server import LoopbackServer, SeenRequest, openai_stream
from tests.support.tour import Place, settle


async def main_window(place: Place, server: LoopbackServer) -> None:
    """Fill the history and show the main window in all its states."""
    await fill(place, server)
    for stops in (
        _empty,
        _conversation,
        _failures,
        _writing,
        _lists,
        _menus,
        _shelf,
        _notices,
        _finding,
        _options,
        _context,
        _comparing,
        _streaming,
    ):
        if place.wants(stops.__name__.strip("_")):
            await stops(place, server)


async def fill(place: Place, server: LoopbackServer) -> None:
    """Have endpoints, conversations, folders, tags and a bin with something in it."""
    core = place.core
    history = core.store.history
    for row in showpiece.shelf_rows():
        await history.write_conversation(row)
    line, choice = showpiece.talk_with_line()
    for talk in (showpiece.showpiece(), showpiece.failures(), line):
        row = talk.row()
        await history.write_conversation(replace(row, context=choice) if talk is line else row)
        for message in talk.messages:
            await history.write_message(message)
    core.endpoints.load()
    core.shelf.load()
    await until(lambda: core.endpoints.is_ready and core.shelf.rowCount() >= len(showpiece.SHELF))
    server.models = ["gpt-5.2", "gpt-5.2-mini"]
    for endpoint in showpiece.endpoints(server.base_url):
        core.endpoints.add(endpoint)
    core.endpoints.choose(ModelRef("example", "gpt-5.2"))
    ids = [str(core.shelf.index(row).data(core.shelf.Role.ID)) for row in range(8)]
    folder = core.shelf.order.add_folder("Work & travel")
    await until(lambda: core.shelf.order.folder(folder) is not None)
    core.shelf.set_folder(ids[5:7], folder)
    core.shelf.set_tag(ids[4:6], "tools", True)
    await until(lambda: bool(core.shelf.order.tags))


async def open_talk(place: Place, name: str) -> None:
    """Put a conversation on screen and wait until all of it is there."""
    desk = place.core.desk
    desk.open(name)
    await until(lambda: desk.current.conversation.id == name and desk.current.is_whole)
    await until(lambda: bool(desk.current.transcript) and bool(place.window.page.timeline.page.messages))


async def _empty(place: Place, _server: LoopbackServer) -> None:
    place.core.desk.start_new()
    place.stop("empty, a new conversation")


async def _conversation(place: Place, _server: LoopbackServer) -> None:
    await open_talk(place, "showpiece")
    timeline = place.window.page.timeline
    place.stop("conversation")
    timeline.page.show(0, 0)
    timeline.refresh()
    place.stop("conversation, its beginning")
    for message in place.core.desk.current.transcript[:2]:
        timeline.show_message(message.id)
        timeline.marker.point_out(message.id)
        timeline.marker.row.show()
        place.stop(f"conversation, the {message.role.value}’s actions")
    place.window.page.header.title.edit()
    place.stop("conversation, its title is changed")
    QTest.keyClick(place.window.page.header.title.field, Qt.Key.Key_Escape)
    if "least" in place.sizes:
        place.resize("least")
        place.window.toggle_shelf()
        place.show("conversation, the shelf over it (least)")
        place.window.toggle_shelf()
        place.resize(place.sizes[0])


async def _failures(place: Place, _server: LoopbackServer) -> None:
    await open_talk(place, "failures")
    timeline = place.window.page.timeline
    replies = place.core.desk.current.transcript[1::2]
    for number, message in enumerate(replies):
        # Three or four stand below each other on screen.
        if number % 3 == 0:
            timeline.show_message(message.id)
            timeline.refresh()
            settle(place.window)
            place.stop(f"failures, from {number} on")


async def _writing(place: Place, _server: LoopbackServer) -> None:
    place.core.desk.start_new()
    composer = place.window.page.composer
    composer.set_text("Look at these, please: " + "it rains and the river rises. " * 12)
    files = QMimeData()
    folder = place.core.paths.data
    (folder / "notes-on-the-water-level.txt").write_text("It rises.", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    (folder / "gauge.png").write_bytes(showpiece.picture())
    files.setUrls(
        [
            QUrl.fromLocalFile(str(folder / name))
            for name in ("notes-on-the-water-level.txt", "gauge.png", "broken.pdf")
        ]
    )
    composer.take(files)
    await until(lambda: len(composer.attachments.parts) >= 2)
    place.stop("writing, with files")
    for item in composer.attachments.items:
        composer.attachments.remove(item.id)
    composer.clear()
    await open_talk(place, "showpiece")
    prompt = place.core.desk.current.transcript[0]
    place.window.page.edit_prompt(prompt.id)
    place.stop("writing, an earlier prompt with what is attached")
    composer.cancelled.emit()
    QTest.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.clear()


async def _lists(place: Place, _server: LoopbackServer) -> None:
    window = place.window
    place.core.desk.start_new()
    edit = window.page.composer.edit
    edit.setFocus()
    for sign in ("/", "@"):
        QTest.keyClicks(edit, sign)
        popup = place.door.companion.popup
        await until(popup.isVisible)
        place.show(f"lists, behind {sign}")
        if sign == "@":
            popup.step(1)
            popup.take()
            place.stop("lists, another model this once")
            QTest.keyClick(edit, Qt.Key.Key_Escape)
        popup.close_list()
        edit.clear()
    for size in place.sizes:
        place.resize(size)
        window.toggle_models()
        await until(window.popup.isVisible)
        place.show(f"lists, models ({size})")
        window.popup.filter.setText("nothing of this name")
        place.show(f"lists, no model of this name ({size})")
        window.popup.filter.clear()
        window.popup.close_list()
        window.open_palette()
        assert window._palette is not None
        await until(window._palette.isVisible)
        place.show(f"lists, palette ({size})")
        window._palette.close_palette()
    place.resize(place.sizes[0])
    button = place.door.persona_button
    assert button is not None
    button.open_menu()
    await place.menu_stop("lists, personas")


async def _menus(place: Place, _server: LoopbackServer) -> None:
    window = place.window
    await open_talk(place, "showpiece")
    window.commands.open_menu()
    await place.menu_stop("menus, more")
    timeline = window.page.timeline
    for message in place.core.desk.current.transcript[:2]:
        timeline.pointer.menu.open_more(message.id, window.mapToGlobal(QPoint(300, 200)))
        await place.menu_stop(f"menus, {message.role.value}")
    timeline.select_all()
    at = QPoint(timeline.viewport().width() // 2, 60)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, timeline.viewport().mapToGlobal(at))
    QApplication.sendEvent(timeline.viewport(), event)
    await place.menu_stop("menus, selection")
    view = window.sidebar.view
    await place.menu_stop("menus, a conversation", view.menu_of(view.shelf.index(1)))
    await place.menu_stop("menus, filters", window.sidebar.filters.build())


async def _shelf(place: Place, _server: LoopbackServer) -> None:
    window, shelf = place.window, place.core.shelf
    sidebar = window.sidebar
    sidebar.toggle_folders()
    place.stop("shelf, folders", has_shelf=True)
    panel = sidebar.panel
    for row in range(panel.list.count()):
        menu = panel.list.menu_of(panel.list.item(row))
        if not menu.isEmpty():
            await place.menu_stop(f"shelf, folder {row}", menu)
    for where, name in ((Where.ARCHIVE, "archive"), (Where.BIN, "bin")):
        shelf.set_scope(Scope(where))
        place.stop(f"shelf, {name} with nothing in it", has_shelf=True)
    shelf.set_scope(SHELF)
    sidebar.toggle_folders()
    sidebar.search.setText("jitter")
    await until(lambda: shelf.finds.rowCount() > 0)
    place.stop("shelf, found", has_shelf=True)
    sidebar.search.setText("nothing like this")
    await until(lambda: not shelf.finds.is_searching and shelf.finds.rowCount() == 0)
    place.stop("shelf, nothing found", has_shelf=True)
    sidebar.search.clear()
    sidebar.view.rename(shelf.index(1))
    place.show("shelf, a title is changed")
    sidebar.view.setFocus()
    shelf.delete(str(shelf.index(shelf.rowCount() - 1).data(shelf.Role.ID)))
    await until(lambda: bool(window.notices.shown))
    place.stop("shelf, deleted")
    sidebar.toggle_bin()
    await until(lambda: shelf.rowCount() == 1)
    place.stop("shelf, bin", has_shelf=True)
    sidebar._on_empty_bin()
    await place.dialog_stop("shelf, bin is emptied")
    sidebar.toggle_bin()
    await until(lambda: shelf.rowCount() > 1)
    panel._on_new()
    await place.dialog_stop("shelf, a new folder")


async def _notices(place: Place, _server: LoopbackServer) -> None:
    window, core = place.window, place.core
    while window.notices.dismiss_newest():
        pass
    telling = window.telling
    telling.offer_report(core.paths.crashes)
    telling._on_failed("The conversation could not be saved: the disk is full.")
    telling.offer_undo(
        "undo",
        telling.tr("The folder “{name}” was deleted. What was in it is kept.").format(name="Work & travel"),
        lambda: None,
    )
    place.stop("notices")
    while window.notices.dismiss_newest():
        pass
    core.works.begin("import", core.works.tr("Opening and checking the history"), lambda: None)
    core.works.tell("import", 0.4)
    door = window.findChildren(_work_door())[0]
    door._clock.timeout.emit() if hasattr(door, "_clock") else None
    await until(lambda: any(row.isVisible() for row in window.findChildren(_work_row())))
    place.stop("notices, what takes long")
    core.works.end("import", core.works.tr("Opening and checking the history"))
    place.stop("notices, what took long")


def _work_door() -> type:
    from desktop.ui.works import WorkDoor

    return WorkDoor


def _work_row() -> type:
    from desktop.ui.works import WorkRow

    return WorkRow


async def _finding(place: Place, _server: LoopbackServer) -> None:
    await open_talk(place, "showpiece")
    window = place.window
    window.actions_.run("find")
    bar = window.page.timeline.find_bar
    for text in ("retry", "nothing like this"):
        bar.edit.setText(text)
        bar.go_on()
        await until(lambda: not bar._finder.is_busy)
        place.stop(f"finding, {text}")
    bar.leave()


async def _options(place: Place, _server: LoopbackServer) -> None:
    page = place.window.page
    for size in place.sizes:
        place.resize(size)
        page.header.tune.click()
        await until(page.options.isVisible)
        for item in page.options.fields:
            if isinstance(item, OptionField) and isinstance(item.edit, QLineEdit):
                item.show_text("nonsense")
        place.show(f"options ({size})")
        page.options.show_context()
        place.show(f"options, context ({size})")
        page.options.close_panel()
    place.resize(place.sizes[0])


async def _context(place: Place, _server: LoopbackServer) -> None:
    await open_talk(place, "summarised")
    page, desk = place.window.page, place.core.desk
    page.timeline.page.show(4, 40)
    page.timeline.refresh()
    place.stop("context, the line")
    live = desk.current
    live.set_context(replace(live.conversation.context, window=200, cuts=()))
    page.composer.set_text("How did people measure the height of the water before there were gauges?")
    bars = _overflow_bars(place)
    await until(lambda: any(bar.isVisible() for bar in bars()))
    place.stop("context, the choice")
    page.composer.request_send()
    await until(lambda: any(len(bar.offered) > 3 for bar in bars()))
    place.stop("context, held back")
    page.composer.clear()


def _overflow_bars(place: Place) -> Callable[[], list]:  # type: ignore[type-arg]
    from desktop.ui.context.bar import OverflowBar

    return lambda: place.window.findChildren(OverflowBar)


_HALF = [showpiece.MATHS, "Think of a dam that is *meant* to be overtopped."]


async def _comparing(place: Place, server: LoopbackServer) -> None:
    core, window = place.core, place.window
    half = list(openai_chunks(_HALF, finish=None, done=False))
    answers = {
        "gpt-5.2": openai_stream([showpiece.REPLY], usage={"prompt_tokens": 24, "completion_tokens": 118}),
        "gpt-5.2-mini": Answer(steps=[*map(Send, half), Stall()]),
        "qwen3-8b": openai_error(401, "API key not valid. Please pass a valid API key."),
    }
    server.default = lambda request: _answer(answers, request)
    core.desk.start_new()
    core.desk.lineup.take([ModelRef("example", "gpt-5.2"), ModelRef("example", "gpt-5.2-mini")])
    place.stop("comparing, models are chosen")
    for size in place.sizes:
        place.resize(size)
        window.toggle_comparing()
        place.show(f"comparing, the list ({size})")
        window.toggle_comparing()
    place.resize(place.sizes[0])
    core.desk.send(showpiece.PROMPT)
    live = core.desk.current
    await until(lambda: window.page.compare.is_open and len(live.turns) == 1)
    place.stop("comparing, side by side")
    live.stop("")
    await until(lambda: not live.turns)
    place.stop("comparing, ended")
    window.page.compare.ask_again_with(live.transcript[-1].id)
    place.show("comparing, with another model")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    window.page.compare.leave()
    core.desk.lineup.clear()


def _answer(answers: dict[str, Answer], request: SeenRequest) -> Answer:
    return answers[request.json["model"]]


async def _streaming(place: Place, server: LoopbackServer) -> None:
    core = place.core
    half = list(openai_chunks([showpiece.REPLY], reasoning=[showpiece.REASONING], finish=None, done=False))
    server.default = Answer(steps=[*map(Send, half), Stall()])
    core.desk.start_new()
    core.desk.send(showpiece.PROMPT)
    live = core.desk.current
    await until(lambda: (bool(live.transcript) and "text" in live.transcript[-1].text) or _has_come(place))
    place.stop("streaming")
    live.stop("")
    await until(lambda: live.turn is None)
    place.stop("streaming, stopped")


def _has_come(place: Place) -> bool:
    turn = place.core.desk.current.turn
    return turn is not None and turn.state == "streaming"
