"""Reasoning that a model writes into its text: <think>…</think> at the very start."""

from desktop.domain.delta import Delta, ReasoningDelta, TextDelta

_OPENERS = {"<think>": "</think>", "<thinking>": "</thinking>", "<thought>": "</thought>"}
_LONGEST = max(map(len, _OPENERS))


class ThinkTags:
    """Sorts text into reasoning and text while it grows; a tag may be cut anywhere.

    Only a tag at the very start counts, so that an answer about tags is left alone. `is_settled`
    says that all further text is plain and need not pass through here.
    """

    def __init__(self) -> None:
        self.is_settled = False
        self._held = ""
        self._closer = ""
        self._is_fresh = False
        self._follows_reasoning = False

    def feed(self, text: str) -> list[Delta]:
        """Take more text; return what is certain now."""
        if self.is_settled:
            return [TextDelta(text)] if text else []
        text = self._held + text
        self._held = ""
        if self._closer:
            return self._reason(text)
        return self._start(text)

    def flush(self) -> list[Delta]:
        """Return what was held back, at the end of the text."""
        held, self._held = self._held, ""
        self.is_settled = True
        if not held:
            return []
        if self._closer:
            return [ReasoningDelta(held)] if held.strip() else []
        return [TextDelta(held)]

    def settle(self) -> list[Delta]:
        """Expect no tag any more, because the reasoning comes in a field of its own."""
        return [] if self._closer else self.flush()

    def _start(self, text: str) -> list[Delta]:
        start = text.lstrip()
        if self._follows_reasoning:
            text = start
        for opener, closer in _OPENERS.items():
            if start.startswith(opener):
                self._closer = closer
                self._is_fresh = True
                return self._reason(start[len(opener) :])
        if len(start) < _LONGEST and any(opener.startswith(start) for opener in _OPENERS):
            self._held = text
            return []
        self.is_settled = True
        return [TextDelta(text)]

    def _reason(self, text: str) -> list[Delta]:
        if self._is_fresh:
            text = text.lstrip()
            self._is_fresh = not text
        reasoning, closer, rest = text.partition(self._closer)
        if closer:
            deltas: list[Delta] = [ReasoningDelta(kept)] if (kept := reasoning.rstrip()) else []
            self._closer = ""
            return deltas + self._after(rest)
        # White space and the beginning of a closing tag wait for what follows.
        end = len(text)
        for length in range(min(len(self._closer) - 1, len(text)), 0, -1):
            if text.endswith(self._closer[:length]):
                end -= length
                break
        end = len(text[:end].rstrip())
        self._held = text[end:]
        return [ReasoningDelta(text[:end])] if end else []

    def _after(self, rest: str) -> list[Delta]:
        """Drop the white space between the closing tag and the answer, also where it comes later."""
        self._follows_reasoning = True
        return self._start(rest) if rest.strip() else []
