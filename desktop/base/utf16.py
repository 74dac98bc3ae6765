"""Text in the units of UTF-16, which Qt counts in and JSON escapes in."""


def length(text: str) -> int:
    """Return the length of a text as Qt counts it; half a surrogate pair counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def well_formed(text: str) -> str:
    """Return `text` as UTF-8 can hold it: halves of a surrogate pair joined, lone ones replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
