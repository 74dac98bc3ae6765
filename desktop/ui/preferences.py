"""What the window asks of the preferences, and the names it keeps there."""

from collections.abc import Callable
from dataclasses import dataclass

GEOMETRY = "window.geometry"
READING = "transcript.places"
MORE_WINDOWS = "windows.more"
CONVERSATION = "conversation"
SHELF_WIDTH = "window.shelf_width"
SHELF_HIDDEN = "window.shelf_hidden"
LANGUAGE = "language"
SCHEME = "look.scheme"
ZOOM = "look.zoom"
MOTION = "look.motion"
KEEPS_START = "transcript.keeps_start"
SAYS_REPLIES = "transcript.says_replies"
TITLES = "titles.by_model"
NOTIFIES = "desktop.notifies"
NOTIFIES_TEXT = "desktop.notifies_text"
TRAY = "desktop.tray"
TRAY_KEEPS = "desktop.tray_keeps"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Reads a preference by name, with what stands in for it, and writes one; neither waits for the disk."""

    read: Callable[[str, str], str]
    write: Callable[[str, str], None]
