"""An answer's bytes in, what a reply makes of them out: framer, reader and reply without a network."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.domain.delta import FinishDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import PlaceholderPart, RefusalPart, ToolCallPart
from desktop.domain.reply import ReplyBuffer
from desktop.providers.base import Provider
from desktop.providers.reading import Reader, read_records
from desktop.wire.answer import AnswerFramer, AnswerHead, NotAReplyError

CORPUS = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read: the reply, how it ended, and whether its end was seen."""

    buffer: ReplyBuffer
    failure: Failure | None
    is_complete: bool
    finishes: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.buffer.text()

    @property
    def reasoning(self) -> str:
        return "".join(part.text for part in self.buffer.parts() if part.kind == "reasoning")  # type: ignore[union-attr]

    @property
    def refusal(self) -> str:
        return "".join(part.text for part in self.buffer.parts() if isinstance(part, RefusalPart))

    @property
    def tool_calls(self) -> list[dict[str, str]]:
        return [
            {"name": part.name, "arguments": part.arguments, "id": part.call_id}
            for part in self.buffer.parts()
            if isinstance(part, ToolCallPart)
        ]

    @property
    def placeholders(self) -> list[str]:
        return [part.label for part in self.buffer.parts() if isinstance(part, PlaceholderPart)]

    def summary(self) -> dict[str, Any]:
        """Return everything that is not empty, in the form of a corpus case's expected.json."""
        usage = self.buffer.usage
        fields = ("input", "output", "cached", "reasoning", "total", "cost")
        whole = {
            "text": self.text,
            "reasoning": self.reasoning,
            "refusal": self.refusal,
            "tool_calls": self.tool_calls,
            "placeholders": self.placeholders,
            "stop_reason": str(self.buffer.stop_reason) if self.buffer.stop_reason else "",
            "usage": {
                name: getattr(usage, name)
                for name in fields
                if usage is not None and getattr(usage, name) is not None
            },
            "failure": str(self.failure.kind) if self.failure else "",
            "words": self.failure.words if self.failure else "",
            "is_complete": self.is_complete,
        }
        return {name: value for name, value in whole.items() if value not in ("", [], {})}


def read_answer(
    provider: Provider,
    endpoint: Endpoint,
    chunks: Iterable[bytes],
    *,
    headers: Mapping[str, str] | None = None,
    accepts_text: bool = False,
) -> Outcome:
    """Read an answer as the sender does; an end without the protocol's own end mark is a cut."""
    framer = AnswerFramer(AnswerHead(headers=headers or {}), accepts_text=accepts_text)
    buffer = ReplyBuffer()
    reader: Reader | None = None
    failure: Failure | None = None
    finishes: list[str] = []

    def take(records: Any) -> None:
        nonlocal reader
        if records:
            reader = reader or provider.reader(endpoint, framer.head)
            deltas = read_records(reader, records)
            finishes.extend(delta.raw for delta in deltas if isinstance(delta, FinishDelta))
            buffer.add_all(deltas)

    try:
        for chunk in chunks:
            take(framer.feed(chunk))
            if reader is not None and reader.is_done:
                break
        else:
            take(framer.close())
    except NotAReplyError as error:
        failure = Failure(kind=FailureKind.NOT_A_STREAM if error.is_page else FailureKind.GARBLED)
    if reader is not None:
        buffer.add_all(reader.close())
        failure = failure or reader.failure
    is_complete = reader is not None and (reader.is_complete or (reader.close_is_end and not failure))
    if failure is None and not is_complete:
        failure = Failure(kind=FailureKind.CUT)
    return Outcome(buffer, failure, is_complete, tuple(finishes))


def split(body: bytes, size: int) -> list[bytes]:
    """Return `body` in pieces of `size` bytes."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def streams_folder() -> Path | None:
    """Return the folder of recorded streams, which lives outside the project, or None."""
    folder = os.environ.get("WEIR_STREAMS")
    return Path(folder) if folder and (Path(folder) / "manifest.json").is_file() else None
