"""What is said before a prompt goes where its images and files can't."""

import pytest

from desktop.domain.abilities import Abilities
from desktop.domain.delta import StopReason
from desktop.domain.ending import ENDINGS, NO_ROOM, ending_words
from desktop.domain.failure import FailureKind
from desktop.domain.message import FilePart, ImagePart, Message, MessageState, Part, Role, TextPart
from desktop.domain.options import Option, Options

PNG = ImagePart("image/png", b"x", "a.png")
TIFF = ImagePart("image/tiff", b"x", "scan.tiff")
PDF = FilePart("a.pdf", "application/pdf", b"%PDF")
NOTES = FilePart("n.txt", "text/plain", b"hi", "hi")
ZIP = FilePart("a.zip", "application/zip", b"PK")
STRICT = Abilities(images=("image/png", "image/jpeg"), files=("application/pdf",), most_images=1)
BLIND = Abilities(images=(), files=())


@pytest.mark.parametrize(
    ("abilities", "parts", "kind", "words"),
    [
        (Abilities(), (PNG, PNG, PDF, ZIP, NOTES), None, ""),
        (STRICT, (TextPart("Hi"), PNG, PDF, NOTES), None, ""),
        (STRICT, (PNG, PNG), FailureKind.TOO_MANY_IMAGES, ""),
        (STRICT, (TIFF,), FailureKind.NO_FILES, "scan.tiff (image/tiff)"),
        (STRICT, (ZIP,), FailureKind.NO_FILES, "a.zip (application/zip)"),
        (BLIND, (PNG,), FailureKind.NO_IMAGES, ""),
        (BLIND, (PDF,), FailureKind.NO_FILES, "a.pdf (application/pdf)"),
        (BLIND, (NOTES, TextPart("Hi")), None, ""),
    ],
)
def test_objections(
    abilities: Abilities, parts: tuple[Part, ...], kind: FailureKind | None, words: str
) -> None:
    failure = abilities.objection(parts, "Service", "model-x")
    assert (failure.kind if failure else None, failure.words if failure else "") == (kind, words)
    if failure is not None:
        assert "model-x" in failure.sentence
        assert not failure.is_passing


def test_what_is_beyond_a_service_s_limits_is_not_sent_and_why() -> None:
    limits = Abilities(
        title="S",
        options=frozenset(Option) - {Option.SEED, Option.STOP},
        refused={Option.STOP: "Never."},
        most_temperature=1.0,
        least_budget=1024,
    )
    options = Options(temperature=1.5, reasoning_budget=100, seed=3, stop=("x",), top_p=0.5)
    assert limits.sent(options) == Options(top_p=0.5)
    assert limits.sent(Options(temperature=1.0, reasoning_budget=1024)).chosen == {
        Option.TEMPERATURE,
        Option.REASONING_BUDGET,
    }
    assert [limits.why_not(option) for option in sorted(options.chosen - {Option.TOP_P})] == [
        "It has to be 1024 or more.",
        "Not known to S.",
        "Never.",
        "It has to be from 0 to 1.",
    ]


def reply(state: MessageState, reason: StopReason | None, text: str = "Half") -> Message:
    return Message(
        id="r",
        conversation_id="c",
        parent_id="p",
        role=Role.ASSISTANT,
        parts=(TextPart(text),) if text else (),
        state=state,
        stop_reason=reason,
    )


def test_every_ending_that_matters_has_words() -> None:
    for reason in StopReason:
        words = ending_words(reply(MessageState.FINISHED, reason))
        assert bool(words) == (reason is not StopReason.STOP)
        assert words == ENDINGS.get(reason, "")
    assert ending_words(reply(MessageState.FINISHED, StopReason.LENGTH, "")) == NO_ROOM
    assert ending_words(reply(MessageState.FAILED, StopReason.LENGTH)) == ""
    assert ending_words(reply(MessageState.FINISHED, None)) == ""
