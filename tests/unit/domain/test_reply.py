from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.delta import (
    FinishDelta,
    PlaceholderDelta,
    ProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.message import PlaceholderPart, ReasoningPart, RefusalPart, TextPart, ToolCallPart
from desktop.domain.reply import ReplyBuffer


def test_neighbours_of_one_kind_grow_one_part():
    buffer = ReplyBuffer()
    buffer.add_all([ReasoningDelta("Let me "), ReasoningDelta("see.", "seal")], 1_000)
    buffer.add_all([TextDelta("It is "), TextDelta("four.")], 3_500)
    assert buffer.parts() == (ReasoningPart("Let me see.", 2_500, "seal"), TextPart("It is four."))
    assert buffer.text() == "It is four."


def test_reasoning_that_never_led_to_text_ends_with_the_turn():
    buffer = ReplyBuffer()
    buffer.add(ReasoningDelta("Hm"), 100)
    buffer.close(350)
    assert buffer.parts() == (ReasoningPart("Hm", 250),)


def test_pieces_of_tool_calls_are_joined_by_index():
    buffer = ReplyBuffer()
    buffer.add_all(
        [
            ToolCallDelta(0, "clock", "", "call-1"),
            ToolCallDelta(1, "weather", '{"city"', "call-2"),
            ToolCallDelta(0, arguments="{}"),
            ToolCallDelta(1, arguments=':"Oslo"}'),
        ]
    )
    assert buffer.parts() == (
        ToolCallPart("clock", "{}", "call-1"),
        ToolCallPart("weather", '{"city":"Oslo"}', "call-2"),
    )


def test_the_last_usage_and_reason_count():
    buffer = ReplyBuffer()
    assert buffer.is_empty
    buffer.add_all([UsageDelta(Usage(input=1)), ProgressDelta(0.5), UsageDelta(Usage(input=1, output=9))])
    buffer.add_all([FinishDelta(StopReason.LENGTH, "max_tokens")])
    assert buffer.is_empty
    assert (buffer.usage, buffer.progress) == (Usage(input=1, output=9), 0.5)
    assert (buffer.stop_reason, buffer.raw_stop_reason) == (StopReason.LENGTH, "max_tokens")


def test_refusals_and_unknown_content_are_parts_of_their_own():
    buffer = ReplyBuffer()
    buffer.add_all([RefusalDelta("I "), RefusalDelta("won't."), PlaceholderDelta("audio", "{}")])
    assert buffer.parts() == (RefusalPart("I won't."), PlaceholderPart("audio", "{}"))


@given(st.lists(st.tuples(st.booleans(), st.text())))
def test_no_character_is_lost_however_the_text_is_cut(pieces: list[tuple[bool, str]]):
    buffer = ReplyBuffer()
    for is_text, piece in pieces:
        buffer.add(TextDelta(piece) if is_text else ReasoningDelta(piece))
        buffer.parts()
    texts = "".join(part.text for part in buffer.parts() if isinstance(part, TextPart))
    thoughts = "".join(part.text for part in buffer.parts() if isinstance(part, ReasoningPart))
    assert texts == buffer.text() == "".join(piece for is_text, piece in pieces if is_text)
    assert thoughts == "".join(piece for is_text, piece in pieces if not is_text)


def test_a_reply_that_goes_on_keeps_what_it_began_with():
    began = (ReasoningPart("Hm", 40, "seal"), TextPart("A low "))
    buffer = ReplyBuffer(began)
    assert buffer.is_empty
    assert (buffer.parts(), buffer.text()) == (began, "A low ")
    buffer.add_all([TextDelta("da"), TextDelta("m.")])
    assert not buffer.is_empty
    assert buffer.parts() == (began[0], TextPart("A low dam."))
    assert buffer.text() == "A low dam."


def test_new_reasoning_stands_between_the_old_text_and_the_new():
    buffer = ReplyBuffer((TextPart("One."),))
    buffer.add_all([ReasoningDelta("Hm"), TextDelta(" Two.")])
    buffer.close(0)
    assert [part.kind for part in buffer.parts()] == ["text", "reasoning", "text"]
    assert buffer.text() == "One. Two."
