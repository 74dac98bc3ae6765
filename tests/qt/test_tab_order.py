"""Tab leads through every window in the order in which one reads, to everything, visibly, and round."""

from tests.support.chatting import until
from tests.support.tabbing import out_of_order, stops, unreached, unseen
from tests.support.windows import breathe, bring_forward


async def check(window, first):
    """Go through a window by Tab and Shift+Tab, and say what is wrong with the way."""
    await breathe()
    found = stops(window)
    assert unreached(window, found) == []
    assert out_of_order(window, found, first) == []
    back = stops(window, back=True)
    assert set(back) == set(found)
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
