"""What a screen reader finds: a list of messages with their text."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import MessageState
from desktop.ui.timeline.reading import code_words
from desktop.ui.timeline.voice import Voice
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
