"""Guesses of the heights of messages that were not laid out yet."""

from collections.abc import Sequence

from desktop.domain.message import Message

_READ_FOR_ESTIMATES = 1_000


def estimates(messages: Sequence[Message], chars_per_line: int, line_height: int) -> list[int]:
    """Guess the messages' heights from their texts, until each is first laid out.

    This runs before anything is on screen, hence one loop without calls; in a very long transcript
    the oldest messages are taken to be like the newest.
    """
    found = []
    for message in messages[-_READ_FOR_ESTIMATES:]:
        lines = 2
        for part in message.parts:
            kind = part.kind
            if kind == "text" or kind == "refusal":
                text = part.text  # type: ignore[union-attr]
                lines += len(text) // chars_per_line + text.count("\n") + 1
            else:
                lines += 1 if kind == "reasoning" else 2
        found.append(lines * line_height)
    older = len(messages) - len(found)
    return [sum(found) // len(found)] * older + found if older else found
