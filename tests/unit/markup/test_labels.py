"""Link definitions at the start of a paragraph."""

import pytest

from desktop.markup.labels import take_definitions


@pytest.mark.parametrize(
    ("source", "labels", "rest"),
    [
        ("[a]: /u", {"A": ("/u", "")}, ""),
        ('[a]: /u "t"\nrest', {"A": ("/u", "t")}, "rest"),
        ("[a]:\n/u\n'two\nlines'", {"A": ("/u", "two\nlines")}, ""),
        ('[a]: /u\n"t" x', {"A": ("/u", "")}, '"t" x'),
        ("[a]: /u\n[A]: /v", {"A": ("/u", "")}, ""),
        ("[a b]: <x y>", {"A B": ("x%20y", "")}, ""),
        ("[a]: <>", {"A": ("", "")}, ""),
        ('[a]: /u "t" x', {}, '[a]: /u "t" x'),
        ("[a]:", {}, "[a]:"),
        ("[a] /u", {}, "[a] /u"),
        ("[ ]: /u", {}, "[ ]: /u"),
        ("[" * 5000, {}, "[" * 5000),
    ],
)
def test_definitions(source: str, labels: dict[str, tuple[str, str]], rest: str) -> None:
    found, left = take_definitions(source)
    assert {label: (entry["href"], entry["title"]) for label, entry in found.items()} == labels
    assert left == rest
