"""What the code below the window says follows the language in force when it is said, tables included."""

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.archive.page import index_page, screen_page
from desktop.attach import part_from
from desktop.base import tongue
from desktop.chat.builtin import NAMES, shown_name
from desktop.domain.abilities import Abilities
from desktop.domain.delta import StopReason
from desktop.domain.ending import ENDINGS, ending_words
from desktop.domain.failure import SENTENCES, AttachError, Failure, FailureKind, TurnFailedError
from desktop.domain.inspection import became_words
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.domain.options import Option
from desktop.domain.placeholder import LABELS, placeholder_words
from desktop.local.endpoint import EMBEDDED_NAME, embedded_endpoint
from desktop.providers.stackai import StackAI
from desktop.store.entries import EntriesFile
from desktop.store.entry_forms import PERSONAS, PROMPTS
from desktop.store.faults import storage_error
from desktop.store.toml_file import SettingsFileError
from desktop.ui.language import Language
from desktop.wire.failures import Place, failed_connection

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


class Marked:
    """A language that puts marks around what it was asked for, so that what is glued or missed shows."""

    name = "ar_EG"

    def translate(self, context: str, text: str, comment: str, n: int) -> str:
        # What joins names and sentences is left bare.
        return text if context == "Wording" else f"«{text}»".replace("%n", str(n))

    def number(self, value: float, digits: int) -> str:
        return f"#{value:.{digits}f}"

    def size(self, count: int) -> str:
        return f"#{count}"


@pytest.fixture(autouse=True)
def marked(english: Language) -> Iterator[None]:
    """Have everything said in that language."""
    tongue.speak(Marked())
    yield
    tongue.speak(english)


def reply(state: MessageState = MessageState.FINISHED, reason: StopReason | None = None) -> Message:
    return Message(
        id="m", conversation_id="c", parent_id=None, role=Role.ASSISTANT, parts=(TextPart("Hi"),),
        state=state, stop_reason=reason,
    )  # fmt: skip


@pytest.mark.parametrize("kind", FailureKind)
def test_a_failures_sentence_is_whole_with_its_names_in_it(kind: FailureKind):
    failure = Failure(kind=kind, endpoint="{E}", model="M", address="https://a.test/v1", host="a.test")
    names = {"endpoint": "{E}", "model": "M", "address": "https://a.test/v1", "host": "a.test"}
    assert failure.sentence == f"«{SENTENCES[kind]}»".format(**names)


def test_the_log_reads_english():
    assert (
        str(TurnFailedError(Failure(kind=FailureKind.STORAGE)))
        == f"storage: {SENTENCES[FailureKind.STORAGE]}"
    )


@pytest.mark.parametrize("reason", ENDINGS)
def test_the_end_of_a_reply_is_translated_when_it_is_said(reason: StopReason):
    assert ending_words(reply(reason=reason)) == f"«{ENDINGS[reason]}»"


def test_why_an_option_is_not_sent_is_translated_when_it_is_said():
    assert StackAI.takes.why_not(Option.SEED) == "«The flow decides this by itself.»"
    takes = Abilities(most_temperature=1.5)
    assert takes.why_not(Option.TEMPERATURE) == "«It has to be from 0 to #1.5.»"


def test_the_networks_own_words_come_with_a_failure():
    unreachable = OSError(errno.ENETUNREACH, "no")
    assert failed_connection(unreachable, Place(url="http://a.test")).failure.words == (
        "«The network is unreachable.»"
    )


def test_what_the_disk_says_is_translated_when_it_is_said():
    full = sqlite3.OperationalError()
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert str(storage_error(full)) == "«The disk is full. Make room on it, then try again.»"


def test_a_settings_file_is_named_with_its_line_around_the_words(tmp_path: Path):
    file = tmp_path / "personas.toml"
    file.write_text('[[persona]]\nname = "A"\nreasoning_effort = "huge"\n', encoding="utf-8")
    with pytest.raises(SettingsFileError) as caught:
        EntriesFile(file, PERSONAS).read()
    efforts = "«one of none, minimal, low, medium, high, xhigh, max»"
    assert str(caught.value) == f"«personas.toml, line 3: «“reasoning_effort” has to be {efforts}.»»"


def test_a_file_that_cannot_go_along_is_told_of():
    with pytest.raises(AttachError, match=r"^«“a\.txt” is empty\.»$"):
        part_from("a.txt", b"")


def test_a_page_has_its_own_words_and_its_language():
    conversation = Conversation(id="c", title="", created=0, updated=0, head_id="m")
    page = screen_page(conversation, [reply(MessageState.STOPPED)])
    assert '<html lang="ar-EG" dir="rtl">' in page
    assert "<title>«Conversation»</title>" in page
    assert "<b>«Reply»</b>" in page
    assert '<p class="ending">«Stopped»</p>' in page
    assert "<title>«Conversations»</title>" in index_page([])


def test_a_page_in_english_runs_from_left_to_right():
    tongue.speak(None)
    assert '<html lang="en" dir="ltr">' in index_page([])


def test_what_stands_for_a_part_is_translated_where_it_is_known():
    assert placeholder_words("hidden reasoning") == "«hidden reasoning»"
    assert placeholder_words("What search said") == "What search said"
    assert {"Image", "image", "Something else"} <= set(LABELS)


def test_the_kinds_that_records_become_are_translated_where_they_are_known():
    assert became_words("tool call") == "«tool call»"


def test_the_model_on_this_computer_has_a_name_in_the_users_language():
    assert embedded_endpoint().name == f"«{EMBEDDED_NAME}»"


def test_every_prompt_and_persona_of_the_program_has_a_name_to_translate():
    prompts = EntriesFile(RESOURCES / "prompts.toml", PROMPTS).read().own
    personas = EntriesFile(RESOURCES / "personas.toml", PERSONAS).read().own
    assert {entry.name for entry in (*prompts, *personas)} == NAMES
    assert shown_name("Tutor") == "«Tutor»"
    assert shown_name("My own") == "My own"
