"""Weir as the desktop's bus sees it: the calls of org.freedesktop.Application as wishes.

https://specifications.freedesktop.org/desktop-entry-spec/latest/dbus.html
"""

from typing import Any

from desktop.domain.wish import MOST_FILES, Wish, WishKind, path_of, token_from

PATH = "/chat/weir/Weir"
INTERFACE = "org.freedesktop.Application"
METHODS = {"Activate": "a{sv}", "Open": "asa{sv}", "ActivateAction": "sava{sv}"}

_ACTIONS = {kind.value: kind for kind in (WishKind.QUICK, WishKind.NEW_WINDOW, WishKind.NEW_CONVERSATION)}
_TOKENS = ("activation-token", "desktop-startup-id")


def wish_of(method: str, arguments: tuple[Any, ...]) -> Wish | None:
    """Return what a call asks for, None for an action that there is not."""
    token = _token(arguments[-1])
    if method == "Open":
        files = tuple(path for address in arguments[0][:MOST_FILES] if (path := path_of(address)))
        return Wish(WishKind.OPEN, files=files, token=token) if files else None
    if method == "ActivateAction":
        kind = _ACTIONS.get(arguments[0])
        text = next((value for signature, value in arguments[1] if signature == "s"), "")
        return Wish(kind, text, token=token) if kind is not None else None
    return Wish(token=token)


def _token(platform: dict[str, tuple[str, Any]]) -> str:
    for name in _TOKENS:
        signature, value = platform.get(name, ("", ""))
        if signature == "s" and token_from(value):
            return token_from(value)
    return ""
