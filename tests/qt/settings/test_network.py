"""Settings, Network and an endpoint's own way, driven as the user does."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.domain.network import DIRECT, SYSTEM, Network
from desktop.ui.settings.network_fields import BY_HAND
from tests.support.chatting import until
from tests.support.windows import breathe

PROXY = "http://proxy.example:8080"


@pytest.fixture
async def settings(qloop, opened):
    opened.window.settings.show_network()
    return opened.window.settings


@pytest.fixture
async def page(qloop, settings):
    return settings.network


@pytest.fixture
async def editor(qloop, settings):
    settings.show_endpoints("service")
    return settings.endpoints.editor


def choose(fields, mode):
    fields.mode.setCurrentIndex(fields.mode.findData(mode))


def type_into(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


async def test_it_begins_with_the_system_s_way(page, room):
    assert page.proxy.choice == SYSTEM
    assert not page.proxy.address.isVisible()
    assert "NO_PROXY" in page.proxy.words.text()
    assert [field.placeholderText() for field in page.times.fields.values()] == ["10", "600", "120"]


async def test_a_proxy_is_set_by_hand_and_its_login_leaves_the_window(page, room):
    choose(page.proxy, BY_HAND)
    assert page.proxy.problem.text() == "Not used yet: enter its address."
    assert room.endpoints.network.network.proxy == SYSTEM
    type_into(page.proxy.address, "http://anna:geheim@proxy.example:8080")
    assert page.proxy.address.text() == PROXY
    assert not page.proxy.problem.isVisible()
    assert room.endpoints.network.network.proxy == PROXY
    await until(lambda: "network/proxy" in room.vault.stored)
    assert room.settings.preferences["network.proxy"] == PROXY
    assert "geheim" not in repr(room.settings.preferences)
    assert "in the keyring" in page.proxy.words.text()
    page.proxy.forget.click()
    await until(lambda: room.vault.stored == {})
    assert not page.proxy.forget.isVisible()


async def test_a_login_that_the_keyring_did_not_take_is_said_to_be_in_memory(page, room):
    room.vault.problem = "The keyring is locked."
    choose(page.proxy, BY_HAND)
    type_into(page.proxy.address, "http://anna:geheim@proxy.example:8080")
    await until(lambda: "for this run only" in page.proxy.words.text())
    assert page.proxy.forget.isVisible()


async def test_what_can_not_be_used_is_said_and_stays_as_typed(page, room, settings):
    choose(page.proxy, BY_HAND)
    type_into(page.proxy.address, PROXY)
    type_into(page.proxy.address, "http://anna:geheim@proxy.example")
    assert page.proxy.address.text() == "http://anna:geheim@proxy.example"
    assert page.proxy.problem.text() == (
        "The port is missing: a proxy’s address ends like :8080. Until then requests go as before."
    )
    assert room.endpoints.network.network.proxy == PROXY
    settings.nav.setCurrentRow(0)
    settings.nav.setCurrentRow(2)
    assert page.proxy.address.text() == "http://anna:geheim@proxy.example"
    choose(page.proxy, DIRECT)
    assert room.endpoints.network.network.proxy == DIRECT
    assert not page.proxy.problem.isVisible()


async def test_times_are_set_and_emptied(page, room):
    fields = page.times.fields
    type_into(fields["between_bytes_seconds"], "300")
    assert room.endpoints.network.network.between_bytes_seconds == 300
    type_into(fields["connect_seconds"], "500")
    assert page.times.problem.text() == "“500” has to be a number of seconds from 1 to 120."
    assert room.endpoints.network.network.connect_seconds is None
    assert fields["connect_seconds"].text() == "500"
    type_into(fields["connect_seconds"], "2.5")
    assert not page.times.problem.isVisible()
    assert room.endpoints.network.network.connect_seconds == 2.5
    fields["between_bytes_seconds"].clear()
    QTest.keyClick(fields["between_bytes_seconds"], Qt.Key.Key_Return)
    assert room.endpoints.network.network.between_bytes_seconds is None


async def test_a_file_of_certificates_is_chosen(page, room):
    page.certificates.choose.click()
    dialog = page.findChild(QFileDialog)
    await until(dialog.isVisible)
    dialog.fileSelected.emit("/company.pem")
    dialog.reject()
    await until(lambda: room.endpoints.network.network.ca_file == "/company.pem")
    assert page.certificates.path.text() == "/company.pem"
    await breathe(4)


async def test_an_endpoint_s_own_way_is_opened_typed_and_saved(editor, room):
    way = editor.own_way
    assert not way.inside.isVisible()
    way.open.click()
    assert way.proxy.choice == ""
    choose(way.proxy, BY_HAND)
    way.proxy.address.setText("socks5://anna:geheim@proxy.example:1080")
    way.certificates.path.setText("/company.pem")
    way.times.fields["first_byte_seconds"].setText("30")
    editor.save.click()
    await breathe(6)
    saved = room.settings.endpoints[-1].network
    assert saved == Network(
        proxy="socks5://proxy.example:1080",
        proxy_key=saved.proxy_key,
        ca_file="/company.pem",
        first_byte_seconds=30,
    )
    assert room.vault.stored[saved.proxy_key].reveal() == "anna:geheim"


async def test_an_endpoint_s_way_is_shown_changed_and_taken_back(editor, settings, room):
    editor.own_way.open.click()
    choose(editor.own_way.proxy, BY_HAND)
    editor.own_way.proxy.address.setText("http://anna:geheim@proxy.example:8080")
    editor.save.click()
    await breathe(6)
    settings.endpoints.edit("service")
    way = editor.own_way
    assert way.inside.isVisible()
    assert (way.proxy.address.text(), way.proxy.forget.isVisible()) == (PROXY, True)
    editor.save.click()
    await breathe(6)
    assert len(room.vault.stored) == 1
    settings.endpoints.edit("service")
    choose(way.proxy, "")
    editor.save.click()
    await breathe(6)
    assert room.endpoints.endpoint("service").network == Network()
    assert room.vault.stored == {}


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [("address", "proxy.example", "The port is missing"), ("time", "soon", "a number of seconds")],
)
async def test_a_way_that_can_not_be_used_is_not_saved(editor, room, field, text, words):
    before = room.endpoints.endpoints
    way = editor.own_way
    way.open.click()
    choose(way.proxy, BY_HAND)
    way.proxy.address.setText(text if field == "address" else PROXY)
    way.times.fields["connect_seconds"].setText(text if field == "time" else "")
    editor.save.click()
    assert words in editor.problem.text()
    assert room.endpoints.endpoints == before


async def test_testing_an_endpoint_stores_no_login(editor, room):
    editor.own_way.open.click()
    choose(editor.own_way.proxy, BY_HAND)
    editor.own_way.proxy.address.setText("http://anna:geheim@proxy.example:8080")
    editor.test.click()
    await until(lambda: editor.checks.words)
    await breathe(4)
    assert room.vault.stored == {}
    assert [login.reveal() for login in room.vault.held.values()] == ["anna:geheim"]


async def test_removing_an_endpoint_removes_its_login(editor, settings, room):
    editor.own_way.open.click()
    choose(editor.own_way.proxy, BY_HAND)
    editor.own_way.proxy.address.setText("http://anna:geheim@proxy.example:8080")
    editor.save.click()
    await until(lambda: room.vault.stored)
    settings.endpoints.edit("service")
    editor.remove.click()
    await until(lambda: room.vault.stored == {})
