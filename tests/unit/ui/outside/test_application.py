"""What the calls of org.freedesktop.Application ask for."""

from typing import Any

import pytest

from desktop.domain.wish import MOST_FILES, Wish, WishKind
from desktop.ui.outside.application import wish_of

TOKEN = {"activation-token": ("s", "tok")}


@pytest.mark.parametrize(
    ("method", "arguments", "wish"),
    [
        ("Activate", (TOKEN,), Wish(token="tok")),
        ("Activate", ({"desktop-startup-id": ("s", "a_TIME1")},), Wish(token="a_TIME1")),
        ("Activate", ({"activation-token": ("i", 5)},), Wish()),
        ("Activate", ({"activation-token": ("s", "a\nb")},), Wish()),
        ("Open", (["file:///a%20b.gguf"], {}), Wish(WishKind.OPEN, files=("/a b.gguf",))),
        ("Open", (["https://example.com/a.gguf"], {}), None),
        ("ActivateAction", ("quick", [], TOKEN), Wish(WishKind.QUICK, token="tok")),
        ("ActivateAction", ("quick", [("s", "Why?")], {}), Wish(WishKind.QUICK, "Why?")),
        ("ActivateAction", ("quick", [("u", 5)], {}), Wish(WishKind.QUICK)),
        ("ActivateAction", ("new-window", [], {}), Wish(WishKind.NEW_WINDOW)),
        ("ActivateAction", ("new-conversation", [("s", "x")], {}), Wish(WishKind.NEW_CONVERSATION, "x")),
        ("ActivateAction", ("open", [], {}), None),
        ("ActivateAction", ("delete-everything", [], {}), None),
    ],
)
def test_calls_become_wishes(method: str, arguments: tuple[Any, ...], wish: Wish | None):
    assert wish_of(method, arguments) == wish


def test_of_very_many_files_the_first_are_opened():
    wish = wish_of("Open", ([f"file:///{number}.gguf" for number in range(1000)], {}))
    assert wish is not None
    assert len(wish.files) == MOST_FILES
