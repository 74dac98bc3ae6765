"""ReplyBuffer: folds deltas into parts while a reply grows."""

from collections.abc import Iterable, Sequence

from desktop.domain.delta import (
    Delta,
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
from desktop.domain.message import (
    Part,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)


class _Growing:
    """A part under way. Text is kept as fragments: joining on request is linear, `+=` is not."""

    __slots__ = ("duration_ms", "fragments", "kind", "label", "name", "signature", "tag")

    def __init__(self, kind: str, tag: int = 0) -> None:
        self.kind = kind
        self.tag = tag
        self.fragments: list[str] = []
        self.signature = ""
        self.name = ""
        self.label = ""
        self.duration_ms: int | None = None

    def part(self) -> Part:
        if len(self.fragments) > 1:
            self.fragments[:] = ["".join(self.fragments)]
        text = self.fragments[0] if self.fragments else ""
        match self.kind:
            case "text":
                return TextPart(text)
            case "reasoning":
                return ReasoningPart(text, self.duration_ms, self.signature)
            case "refusal":
                return RefusalPart(text)
            case "tool_call":
                return ToolCallPart(self.name, text, self.label)
            case _:
                return PlaceholderPart(self.label, text)


class ReplyBuffer:
    """The reply as far as it has come.

    Deltas are added in the order of their arrival; neighbouring deltas of one kind grow one part.
    `usage` is the last one heard of, `stop_reason` is set once the model said that it ended.

    A reply that goes on after another begins with the parts of that one, which stay as they are but
    for a last text, which grows.
    """

    def __init__(self, kept: Sequence[Part] = ()) -> None:
        self._kept = tuple(kept)
        self._parts: list[_Growing] = []
        self._tool_calls: dict[int, _Growing] = {}
        self._reasoning_since: int | None = None
        self.usage: Usage | None = None
        self.stop_reason: StopReason | None = None
        self.raw_stop_reason = ""
        self.progress: float | None = None

    def add_all(self, deltas: Iterable[Delta], now_ms: int = 0) -> None:
        """Add each of `deltas`; `now_ms` is a monotonic time in milliseconds."""
        for delta in deltas:
            self.add(delta, now_ms)

    def add(self, delta: Delta, now_ms: int = 0) -> None:
        """Add one delta; `now_ms` is a monotonic time in milliseconds, for the reasoning's duration."""
        kind = type(delta)
        if kind is TextDelta:
            self._grow("text", now_ms).fragments.append(delta.text)  # type: ignore[union-attr]
        elif isinstance(delta, ReasoningDelta):
            growing = self._grow("reasoning", now_ms)
            if delta.text:
                growing.fragments.append(delta.text)
            growing.signature += delta.signature
        elif isinstance(delta, RefusalDelta):
            self._grow("refusal", now_ms).fragments.append(delta.text)
        elif isinstance(delta, ToolCallDelta):
            self._add_tool_call(delta, now_ms)
        elif isinstance(delta, PlaceholderDelta):
            growing = _Growing("placeholder")
            growing.label = delta.label
            growing.fragments.append(delta.raw)
            self._parts.append(growing)
        elif isinstance(delta, UsageDelta):
            self.usage = delta.usage
        elif isinstance(delta, FinishDelta):
            self.stop_reason = delta.reason
            self.raw_stop_reason = delta.raw
        elif isinstance(delta, ProgressDelta):
            self.progress = delta.fraction

    def _grow(self, kind: str, now_ms: int) -> _Growing:
        if self._parts and self._parts[-1].kind == kind:
            return self._parts[-1]
        self._end_reasoning(now_ms)
        growing = _Growing(kind)
        if kind == "reasoning":
            self._reasoning_since = now_ms
        self._parts.append(growing)
        return growing

    def _add_tool_call(self, delta: ToolCallDelta, now_ms: int) -> None:
        growing = self._tool_calls.get(delta.index)
        if growing is None:
            self._end_reasoning(now_ms)
            growing = self._tool_calls[delta.index] = _Growing("tool_call", delta.index)
            self._parts.append(growing)
        growing.name += delta.name
        growing.label = growing.label or delta.call_id
        growing.fragments.append(delta.arguments)

    def _end_reasoning(self, now_ms: int) -> None:
        if self._reasoning_since is not None and self._parts and self._parts[-1].kind == "reasoning":
            self._parts[-1].duration_ms = now_ms - self._reasoning_since
        self._reasoning_since = None

    def close(self, now_ms: int) -> None:
        """End a reasoning part that is still open, so that its duration is known."""
        self._end_reasoning(now_ms)

    @property
    def is_empty(self) -> bool:
        """Whether nothing that can be shown has come, apart from what it began with."""
        return not self._parts

    def parts(self) -> tuple[Part, ...]:
        """Return the parts as far as they have come."""
        kept = self._kept
        come = tuple(growing.part() for growing in self._parts)
        if kept and come and isinstance(kept[-1], TextPart) and isinstance(come[0], TextPart):
            return (*kept[:-1], TextPart(kept[-1].text + come[0].text), *come[1:])
        return kept + come

    def text(self) -> str:
        """Return the text parts, joined."""
        kept = "".join(part.text for part in self._kept if isinstance(part, TextPart))
        return kept + "".join("".join(part.fragments) for part in self._parts if part.kind == "text")
