"""How text looks whose marks are not closed yet: as it will once they are.

Only for showing the end of a growing text; what is closed is parsed as it stands.
"""

import re

# Escaped signs and closed code spans, in which no mark means anything.
_SETTLED = re.compile(r"\\.|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LONGEST = 2_000
_TICKS = re.compile(r"`+")
_HALF_LINK = re.compile(r"!?\[([^\[\]]+)\]\([^()\s]*$")
_STRONG = re.compile(r"(?<!\*)\*\*(?!\*)")


def as_if_finished(source: str) -> str:
    """Return an inline source with an open code span or strong emphasis closed, and half a link as its text.

    Texts beyond a few paragraphs come back as they are.
    """
    if len(source) > _LONGEST:
        return source
    if "`" not in source and "**" not in source and "](" not in source:
        return source
    bare = _SETTLED.sub(lambda match: "x" * len(match.group()), source)
    ending = ""
    ticks = _TICKS.search(bare)
    if ticks:
        if ticks.end() == len(bare):
            source, bare = source[: ticks.start()], bare[: ticks.start()]
        else:
            ending = ticks.group()
            bare = bare[: ticks.start()] + "x" * (len(bare) - ticks.start())
    link = _HALF_LINK.search(bare)
    if link:
        source = source[: link.start()] + source[link.start(1) : link.end(1)]
        bare = bare[: link.start()] + bare[link.start(1) : link.end(1)]
    strong = list(_STRONG.finditer(bare))
    if len(strong) % 2 == 0:
        return source + ending
    last = strong[-1]
    if not bare[last.end() :].strip():
        return source[: last.start()]
    if bare[last.end()].isspace():
        return source + ending
    return (source + ending).rstrip() + "**"
