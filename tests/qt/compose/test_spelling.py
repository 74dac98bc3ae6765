"""Wrong words are marked in the real composer, by words of the test's own."""

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.ui.compose.spelling import SPELLING, Speller, Spelling
from desktop.ui.composer import Composer
from desktop.ui.settings.spelling import SpellingCard
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme

RIGHT = {"this", "is", "a", "weir", "were", "and", "it", "holds", "the", "water", "so"}


class WordList:
    """A dictionary as the system would open it."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.languages = ("en_US",)
        self.added = []
        self.threads = set()
        self.is_closed = False

    def knows(self, word):
        self.threads.add(threading.current_thread().name)
        return word.casefold() in RIGHT or word in self.added

    def suggestions(self, word):
        return ("weir", "were") if word == "wier" else ()

    def add(self, word):
        self.added.append(word)

    def close(self):
        self.is_closed = True


class Bench:
    def __init__(self, qtbot, **kept):
        self.kept = kept
        self.theme = Theme()
        self.composer = Composer(self.theme)
        self.composer.setStyleSheet(style_sheet(self.theme))
        qtbot.addWidget(self.composer)
        self.composer.resize(700, 200)
        self.composer.show()
        self.composer.activateWindow()
        self.edit = self.composer.edit
        self.edit.setFocus()
        qtbot.waitUntil(self.edit.hasFocus)
        self.lists = []
        self.speller = Speller(self.composer, self.open)
        self.spelling = Spelling(self.theme, self.edit, self, self.composer, self.speller)

    def open(self, wanted):
        self.lists.append(WordList(wanted))
        return self.lists[-1]

    def read(self, name, otherwise):
        return self.kept.get(name, otherwise)

    def write(self, name, value):
        self.kept[name] = value

    @property
    def marked(self):
        """The marked words, from the top."""
        found = []
        block = self.edit.document().firstBlock()
        while block.isValid():
            text = block.text().encode("utf-16-le")
            for span in block.layout().formats():
                raw = text[2 * span.start : 2 * (span.start + span.length)]
                found.append(raw.decode("utf-16-le"))
            block = block.next()
        return found

    def context_menu(self, word):
        cursor = self.edit.document().find(word)
        cursor.setPosition(cursor.selectionStart() + 1)
        place = self.edit.cursorRect(cursor).center()
        QApplication.postEvent(
            self.edit.viewport(),
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, self.edit.viewport().mapToGlobal(place)),
        )


@pytest.fixture
def bench(qtbot):
    made = Bench(qtbot)
    made.spelling.begin()
    qtbot.waitUntil(lambda: made.spelling.marks is not None)
    yield made
    made.spelling.close()
    qtbot.waitUntil(lambda: made.lists[0].is_closed)


def test_wrong_words_are_marked_once_they_are_written(bench, qtbot):
    QTest.keyClicks(bench.edit, "This is a wier")
    qtbot.waitUntil(lambda: bench.speller._known.get("wier") is False)
    assert bench.marked == []
    QTest.keyClicks(bench.edit, " and")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    assert bench.lists[0].threads == {"weir-spelling"}


def test_what_is_corrected_is_marked_no_more(bench, qtbot):
    bench.composer.set_text("This is a wier and it holds")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    cursor = bench.edit.document().find("wier")
    bench.edit.setTextCursor(cursor)
    QTest.keyClicks(bench.edit, "weir")
    QTest.keyClick(bench.edit, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: bench.marked == [])


def test_places_are_right_behind_astral_letters(bench, qtbot):
    bench.composer.set_text("𝄞 🎉 a wier is it")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])


def test_code_is_let_be(bench, qtbot):
    bench.composer.set_text("a wier is\n```\nwrng wrng\n```\nit is `wrng` so\nbad_name /etc/wrng it wass so")
    qtbot.waitUntil(lambda: bench.marked == ["wier", "wass"])


def test_another_language_is_not_a_sea_of_marks(bench, qtbot):
    bench.composer.set_text("Ceci est une phrase tout autre\nThis is a wier and it")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])


def test_the_menu_offers_other_words(bench, qtbot):
    bench.composer.set_text("This is a wier so")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    bench.context_menu("wier")
    qtbot.waitUntil(lambda: bench.spelling.menu is not None)
    actions = bench.spelling.menu.actions()
    assert [action.text() for action in actions[:2]] == ["weir", "were"]
    actions[0].trigger()
    bench.spelling.menu.close()
    assert bench.composer.text() == "This is a weir so"
    bench.edit.undo()
    assert bench.composer.text() == "This is a wier so"
    qtbot.waitUntil(lambda: bench.spelling.menu is None)


@pytest.mark.parametrize("words", ["Add to the dictionary", "Ignore"])
def test_a_word_can_be_kept(bench, qtbot, words):
    bench.composer.set_text("This is a qwertz so")
    qtbot.waitUntil(lambda: bench.marked == ["qwertz"])
    bench.context_menu("qwertz")
    qtbot.waitUntil(lambda: bench.spelling.menu is not None)
    actions = {action.text(): action for action in bench.spelling.menu.actions()}
    assert not actions["No suggestions"].isEnabled()
    actions[words].trigger()
    bench.spelling.menu.close()
    qtbot.waitUntil(lambda: bench.marked == [])
    wanted = ["qwertz"] if words.startswith("Add") else []
    qtbot.waitUntil(lambda: bench.lists[0].added == wanted)
    qtbot.waitUntil(lambda: bench.spelling.menu is None)


def test_the_menu_of_a_right_word_is_the_usual_one(bench, qtbot):
    bench.composer.set_text("This is a wier so")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    cursor = bench.edit.document().find("This")
    assert bench.spelling.wrong_word(cursor) is None
    assert bench.spelling.wrong_word(bench.edit.document().find("wier"))[0] == "wier"


def test_an_input_method_is_let_be(bench, qtbot):
    bench.composer.set_text("a wier is")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    QApplication.sendEvent(bench.edit, QInputMethodEvent("wrng", []))
    assert bench.edit.is_composing
    assert bench.composer.text() == "a wier is"
    commit = QInputMethodEvent()
    commit.setCommitString(" it")
    QApplication.sendEvent(bench.edit, commit)
    assert bench.composer.text() == "a wier is it"
    qtbot.waitUntil(lambda: bench.marked == ["wier"])


def test_it_can_be_switched_off(bench, qtbot):
    card = SpellingCard(bench.theme, bench.spelling)
    qtbot.addWidget(card)
    card.show()
    assert card.words.text().startswith("With this system’s dictionaries: American English.")
    bench.composer.set_text("a wier is")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    QTest.mouseClick(card.box, Qt.MouseButton.LeftButton, pos=QPoint(12, card.box.height() // 2))
    assert bench.kept[SPELLING] == "no"
    assert bench.marked == []
    assert bench.spelling.marks is None
    card.box.setChecked(True)
    qtbot.waitUntil(lambda: bench.marked == ["wier"])


def test_switched_off_nothing_is_opened(qtbot):
    bench = Bench(qtbot, **{SPELLING: "no"})
    bench.spelling.begin()
    QTest.keyClicks(bench.edit, "a wier is ")
    assert bench.lists == []
    assert bench.spelling.marks is None
    bench.spelling.close()


def test_without_a_dictionary_it_says_so(qtbot):
    bench = Bench(qtbot)
    bench.speller._open_them = lambda wanted: None
    card = SpellingCard(bench.theme, bench.spelling)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitUntil(lambda: bench.speller.is_open)
    assert "no dictionary" in card.words.text()
    assert not card.box.isEnabled()
    bench.spelling.begin()
    assert bench.spelling.marks is None
    bench.spelling.close()


def test_another_keyboard_opens_other_dictionaries(bench, qtbot, monkeypatch):
    bench.composer.set_text("This is a wier so")
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    monkeypatch.setattr("desktop.ui.compose.spelling.wanted_languages", lambda: ["nl_NL"])
    bench.speller._on_locale()
    qtbot.waitUntil(lambda: len(bench.lists) == 2 and bench.lists[0].is_closed)
    assert bench.lists[1].wanted == ["nl_NL"]
    qtbot.waitUntil(lambda: bench.marked == ["wier"])
    bench.speller._on_locale()
    assert len(bench.lists) == 2
