"""Titles made from prompts."""

from desktop.base.graphemes import beginning

TITLE_LENGTH = 60


def title_from(text: str) -> str:
    """Return a title made from a prompt: its first line with words in it, cut between words."""
    line = next((line for line in map(str.strip, text.splitlines()) if line), "")
    line = " ".join(line.lstrip("#>*- ").split()) or line
    if len(line) <= TITLE_LENGTH:
        return line
    cut = beginning(line, TITLE_LENGTH)
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > TITLE_LENGTH // 2 else cut}…"
