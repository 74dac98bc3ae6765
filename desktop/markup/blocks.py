"""Markdown grown in place: closed blocks and one open tail; only the tail is looked at again."""

from typing import Any

from desktop.markup.model import Block, Kind


class Document:
    """The blocks of a text that arrives in pieces."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.labels: dict[str, Any] = {}
        self._text = ""

    def feed(self, text: str) -> int:
        """Append text; return the index of the first block that may have changed."""
        self._text += text
        first = max(0, len(self.blocks) - 1)
        self.blocks = [
            Block(Kind.PARAGRAPH, lines=part.strip("\n").split("\n"), is_open=False)
            for part in self._text.split("\n\n")
            if part.strip()
        ]
        return first

    def close(self) -> int:
        """Say that nothing more comes; return the index of the first block that may have changed."""
        return max(0, len(self.blocks) - 1)
