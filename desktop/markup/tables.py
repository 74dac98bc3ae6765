"""Tables of GitHub Flavored Markdown 0.29, section 4.10: the delimiter row and the cells of a row."""

import re

_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_MOST_COLUMNS = 128


def aligns_of(line: str) -> tuple[str, ...] | None:
    """Return the alignment of each column ("", "left", "right", "center"), or None if no delimiter row."""
    line = line.strip()
    if "|" not in line and ":" not in line:
        return None
    if not line or not _DELIMITER.fullmatch(line):
        return None
    aligns = []
    for cell in line.strip("|").split("|"):
        dashes = cell.strip()
        left, right = dashes.startswith(":"), dashes.endswith(":")
        aligns.append("center" if left and right else "right" if right else "left" if left else "")
    return tuple(aligns) if len(aligns) <= _MOST_COLUMNS else None


def cells_of(row: str) -> list[str]:
    r"""Return the inline sources of a row's cells; `\|` is a bar inside a cell, even within code."""
    row = row.strip()
    row = row.removeprefix("|")
    if "\\" not in row:
        row = row.removesuffix("|")
        return [cell.strip() for cell in row.split("|")]
    cells = []
    begin = at = 0
    text = ""
    while at < len(row):
        char = row[at]
        if char == "\\" and row[at + 1 : at + 2] == "|":
            text += row[begin:at]
            begin = at + 1
            at += 2
            continue
        if char == "|":
            cells.append((text + row[begin:at]).strip())
            text = ""
            begin = at + 1
        at += 1
    last = text + row[begin:]
    if last or not row.endswith("|"):
        cells.append(last.strip())
    return cells


def head_fits(row: str, aligns: tuple[str, ...]) -> bool:
    """Return whether a line can be the head of a table with these columns."""
    return "|" in row and len(cells_of(row)) == len(aligns)
