"""The card on About that asks for a newer version."""

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from desktop.chat.updates import AUTOMATIC, Updates
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.release import Release
from tests.support.chatting import until
from tests.support.windows import Kept
from tests.unit.chat.test_updates import OFFLINE, Published


@pytest.fixture
async def shown(qloop, opened):
    """Shows the page with an answer to come; gives the card, what answers, and what is kept."""

    def show(answer, *, is_known=True):
        published, kept = Published(answer, is_known=is_known), Kept()
        opened.window.updates = Updates(published, kept.ports(), opened.room.tasks, "0.1.0")
        opened.window.settings.show_about()
        return opened.window.settings.about.updates, published, kept

    yield show
    opened.window.settings.close()


async def test_it_asks_when_its_button_is_pressed_and_opens_the_page(shown, monkeypatch):
    opened_pages: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened_pages.append)
    card, published, _ = shown(Release("0.2.0", "https://releases.test/0.2.0"))
    assert "Nothing is asked until" in card.words.text()
    assert not card.page.isVisible()
    assert published.asked == 0
    card.check.click()
    assert not card.check.isEnabled()
    await until(card.page.isVisible)
    assert "Version 0.2.0 is there" in card.words.text()
    card.page.click()
    assert opened_pages == [QUrl("https://releases.test/0.2.0")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Release("0.1.0", "https://releases.test"), "There is no newer one."),
        (OFFLINE, "releases.test can’t be reached. You may be offline"),
        (TurnFailedError(Failure(kind=FailureKind.WRONG_ADDRESS, host="r.test")), "r.test did not say"),
        (TurnFailedError(Failure(kind=FailureKind.PROXY, host="r.test")), "The proxy did not let"),
    ],
)
async def test_every_answer_is_said_in_words(shown, answer, words):
    card, _, _ = shown(answer)
    card.check.click()
    await until(card.check.isEnabled)
    assert words in card.words.text()
    assert not card.page.isVisible()


async def test_the_daily_question_is_off_until_switched_on(shown):
    card, published, kept = shown(OFFLINE)
    assert not card.automatic.isChecked()
    card.automatic.click()
    assert kept.values[AUTOMATIC] == "yes"
    card.automatic.click()
    assert kept.values[AUTOMATIC] == "no"
    assert published.asked == 0


async def test_a_build_that_knows_no_address_says_so(shown):
    card, _, _ = shown(OFFLINE, is_known=False)
    assert "not made from a published release" in card.words.text()
    assert not card.check.isEnabled()
    assert not card.automatic.isVisible()
