"""Tab leads through every window in the order in which one reads, to everything, visibly, and round."""

from desktop.doors import open_usage
from tests.support.chatting import until
from tests.support.stage import Stage
from tests.support.tabbing import out_of_order, stops, unreached, unseen, untold
from tests.support.windows import breathe, bring_forward


async def check(window, first):
    """Go through a window by Tab and Shift+Tab, and say what is wrong with the way."""
    await breathe()
    found = stops(window)
    assert unreached(window, found) == []
    assert out_of_order(window, found, first) == []
    back = stops(window, back=True)
    assert set(back) == set(found)
    assert untold(found) == []
    assert unseen(window, found) == []


async def test_the_main_window(opened, room):
    window = opened.window
    window.open_conversation(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    await check(window, window.sidebar.search)


async def test_every_page_of_the_settings(opened):
    settings = opened.window.settings
    for entry in settings._entries:
        settings.show_page(entry.name)
        await bring_forward(settings)
        settings.nav.setFocus()
        await check(settings, settings.nav)
    settings.hide()


async def test_the_form_of_an_endpoint(opened):
    settings = opened.window.settings
    settings.show_endpoints("service")
    await bring_forward(settings)
    settings.nav.setFocus()
    await check(settings, settings.nav)
    settings.hide()


async def test_the_sheet_of_shortcuts(opened):
    opened.window.show_shortcuts()
    sheet = opened.window._sheet
    await bring_forward(sheet)
    await check(sheet, sheet.search)
    sheet.hide()


async def test_the_sheet_of_options(opened, room):
    window = opened.window
    window.open_conversation(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    window.page.open_options()
    await walk(window)


async def test_folders_and_the_bar_that_finds(opened, room):
    window = opened.window
    window.open_conversation(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    window.sidebar.toggle_folders()
    window.page.timeline.open_find()
    await walk(window)


async def test_usage_as_charts_and_as_a_table(qloop, tmp_path):
    stage = Stage.open(tmp_path / "weir")
    try:
        usage = open_usage(stage.core, stage.window)
        stage.window.actions_["usage"].trigger()
        await until(lambda: usage.page.is_loaded and usage.page.isVisible())
        await walk(usage.page)
        usage.page.show_table(True)
        await walk(usage.page)
    finally:
        await stage.close()


async def walk(window):
    """Go round a window whose order is looked at elsewhere."""
    await bring_forward(window)
    await breathe()
    found = stops(window)
    assert unreached(window, found) == []
    assert untold(found) == []
    assert unseen(window, found) == []
