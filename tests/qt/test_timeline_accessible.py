"""What a screen reader finds: a list of messages with their text."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import MessageState, ReasoningPart
from desktop.ui.timeline import acts
from desktop.ui.timeline.reading import code_words
from desktop.ui.timeline.voice import Herald, Voice
from tests.support.transcript import (
    WatchedTimeline,
    conversation,
    cut,
    prompt,
    reply,
    shown_timeline,
    streaming,
)

NAME = QAccessible.Text.Name


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    return shown_timeline(qtbot)


def names(timeline: WatchedTimeline) -> list[str]:
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    count = len(timeline.page.messages)
    assert found.childCount() >= count
    children = [found.child(index) for index in range(count)]
    assert all(child.role() == QAccessible.Role.ListItem for child in children)
    return [child.text(NAME) for child in children]


def test_transcript_is_a_list_of_messages(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0, "Why?"), reply(0, "Because **so**.")])
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    assert found.role() == QAccessible.Role.List
    assert found.text(NAME) == "Conversation"
    assert names(timeline) == ["You: Why?", "alpha: Because so."]


def test_messages_know_their_place(timeline: WatchedTimeline) -> None:
    timeline.open(conversation(40))
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    first, last = found.child(0), found.child(39)
    assert found.indexOfChild(last) == 39
    assert first.state().offscreen
    assert not last.state().offscreen
    assert first.rect().isEmpty()
    assert last.rect().intersects(timeline.viewport().rect().translated(timeline.mapToGlobal(QPoint(0, 0))))
    middle = last.rect().center()
    at = found.childAt(middle.x(), timeline.mapToGlobal(QPoint(0, 560)).y())
    assert at is not None
    assert at.text(NAME) == last.text(NAME)
    parent = last.parent()
    assert parent is not None
    assert parent.role() == QAccessible.Role.List


def test_what_went_wrong_is_said(timeline: WatchedTimeline) -> None:
    failure = Failure(kind=FailureKind.OVERLOADED, endpoint="Alpha", words="<b>busy</b>")
    timeline.open(
        [
            reply(0, "Half", state=MessageState.FAILED, failure=failure),
            reply(1, "Some", state=MessageState.STOPPED),
        ]
    )
    assert names(timeline) == [
        "alpha: Half\n\nAlpha is overloaded right now. Try again in a moment.\n\n<b>busy</b>",
        "alpha: Some\n\nStopped",
    ]


def test_growing_reply_is_heard_as_far_as_it_came(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0, "Why?"), streaming(0)])
    timeline.begin_reply("r0")
    timeline.stream(["It ", "grows"])
    assert names(timeline)[1] == "alpha: It grows"
    timeline.end_reply(reply(0, "It grows."))
    assert names(timeline)[1] == "alpha: It grows."


def test_message_that_is_gone_is_no_longer_valid(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0), reply(0, "The answer.")])
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    child = found.child(1)
    assert child.isValid()
    timeline.remove("r0")
    assert not child.isValid()
    assert child.text(NAME) == ""
    assert names(timeline) == ["You: How do I retry?"]


def test_actions_are_children_with_names(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0), reply(0, "The answer.")])
    timeline.marker.mark("r0")
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    row = found.child(2)
    assert row.text(NAME) == "Actions of: alpha: The answer."
    assert [row.child(index).text(NAME) for index in range(row.childCount())] == [
        "Copy",
        "Try again",
        "More actions",
    ]


def test_ten_thousand_messages_cost_nothing_until_asked_for(timeline: WatchedTimeline) -> None:
    timeline.open(conversation(10_000))
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None
    assert found.childCount() >= 10_000
    assert found.child(5000).text(NAME).startswith("You: Question 2500:")


@pytest.mark.parametrize("seed", range(3))
def test_sentences_of_a_reply_are_said_once_and_without_marks(seed: int) -> None:
    said: list[str] = []
    voice = Voice(said.append, lambda: True)
    voice.hear("reasoning", "Let me think. ")
    text = (
        "## A heading\n\nUse **two** things: `a` and [b](https://example.org). It costs 3.5 s! Does it?\n"
        "- first point\n- second (e.g.)\n1. [x] third\n\n| A | B |\n|---|---|\n| one | two |\n\n"
        "```python\nprint('not. said.')\n```\n\n$$\nx^2\n$$\n\n東京です。雨です。Last words"
    )
    for piece in cut(text, seed):
        voice.hear("text", piece)
    voice.end("Reply finished")
    assert said == [
        "A heading",
        "Use two things: a and b.",
        "It costs 3.5 s!",
        "Does it?",
        "first point",
        "second (e.g.)",
        "third",
        "A, B",
        "one, two",
        code_words("python", 1),
        "x squared",
        "東京です。",
        "雨です。",
        "Last words",
        "Reply finished",
    ]


def test_nothing_is_gathered_while_nobody_listens() -> None:
    said: list[str] = []
    voice = Voice(said.append, lambda: False)
    voice.hear("text", "One. Two. ")
    assert said == []
    assert voice._text == ""


INSIDE = """## Steps

Read [the notes](https://example.org/a) and $x^2$.

1. [x] one
2. two

```python
print(1)
```

> said
"""


def inside_of(timeline: WatchedTimeline, index: int) -> list[QAccessibleInterface]:
    """Return everything inside a message in the order of reading."""
    found = QAccessible.queryAccessibleInterface(timeline)
    assert found is not None

    def walk(thing: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
        for number in range(thing.childCount()):
            child = thing.child(number)
            assert thing.indexOfChild(child) == number
            assert child.parent() is thing
            yield child
            yield from walk(child)

    return list(walk(found.child(index)))


def test_a_message_is_made_of_what_it_shows(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0, "Why?"), reply(0, INSIDE)])
    inside = inside_of(timeline, 1)
    role = QAccessible.Role
    assert [(thing.role(), thing.text(NAME)) for thing in inside] == [
        (role.Heading, "Steps"),
        (role.Paragraph, "Read the notes and x squared."),
        (role.Link, "the notes"),
        (role.Equation, "x squared"),
        (role.List, inside[4].text(NAME)),
        (role.ListItem, "1. one"),
        (role.ListItem, "2. two"),
        (role.Section, code_words("python", 1)),
        (role.StaticText, "print(1)"),
        (role.Button, "Copy code"),
        (role.Button, "Save code"),
        (role.BlockQuote, "Quote"),
        (role.Paragraph, "said"),
    ]
    heading, paragraph, item = inside[0], inside[1], inside[5]
    level = heading.attributesInterface().attributeValue(QAccessible.Attribute.Level)
    assert level == 2
    assert paragraph.textInterface().text(5, 14) == "the notes"
    assert item.state().checked
    assert timeline.rect().contains(timeline.mapFromGlobal(heading.rect().center()))


def test_controls_inside_a_message_can_be_pressed(timeline: WatchedTimeline, qtbot: QtBot) -> None:
    timeline.open([prompt(0, "Why?"), reply(0, ReasoningPart("Hm.", 900), INSIDE)])
    link = next(each for each in inside_of(timeline, 1) if each.role() == QAccessible.Role.Link)
    with qtbot.waitSignal(timeline.link_activated) as opened:
        link.actionInterface().doAction("Press")
    assert opened.args == ["https://example.org/a"]
    thoughts = inside_of(timeline, 1)[0]
    assert thoughts.state().collapsed
    assert thoughts.childCount() == 0
    thoughts.actionInterface().doAction("Press")
    qtbot.waitUntil(lambda: bool(thoughts.state().expanded))
    assert thoughts.child(0).text(NAME) == "Hm."


def test_the_menu_offers_the_controls_inside_a_message(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0, "Why?"), reply(0, ReasoningPart("Hm.", 900), INSIDE)])
    menu = QMenu()
    acts.offer(menu, timeline, "r0")
    (inside,) = (action.menu() for action in menu.actions())
    assert isinstance(inside, QMenu)
    texts = [action.text() for action in inside.actions()]
    assert texts[:2] == ["Show: Thought for 1 s", "Open link: the notes"]
    assert texts[2].startswith("Copy code: Code block, Python")
    opened: list[str] = []
    timeline.link_activated.connect(opened.append)
    inside.actions()[1].trigger()
    assert opened == ["https://example.org/a"]
    empty = QMenu()
    acts.offer(empty, timeline, "p0")
    assert empty.isEmpty()


def test_what_is_said_fast_is_said_together_and_never_too_much(qtbot: QtBot) -> None:
    said: list[str] = []
    owner = QObject()
    herald = Herald(said.append, owner)
    herald.say("First.")
    assert said == ["First."]
    for number in range(400):
        herald.say(f"Sentence {number}.")
    assert said == ["First."]
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1].startswith("Sentence 0.\nSentence 1.")
    assert len(said[1]) < 2_200
    assert "Sentence 399." in said[1]
    assert "more sentence" in said[1]
    herald.say("Gone.")
    herald.forget()
    herald.flush()
    assert len(said) == 2


def test_a_reply_is_said_only_to_those_who_want_it(
    timeline: WatchedTimeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(timeline.growth._herald, "_speak", said.append)
    QAccessible.setActive(True)
    try:
        for number, is_wanted in enumerate((True, False)):
            timeline.is_read_aloud = is_wanted
            timeline.open([prompt(number, "Why?"), streaming(number)])
            timeline.begin_reply(f"r{number}")
            timeline.stream([f"Sentence {number}. ", "More."])
            timeline.end_reply(reply(number, f"Sentence {number}. More."))
    finally:
        QAccessible.setActive(False)
    assert said == ["Sentence 0.", "More.\nReply finished"]
