"""How the window moves and what it keeps in view: the user's choice, and what the desktop says of motion."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStyle

from desktop.base.session_bus import has_session_bus
from desktop.ui import preferences as names
from desktop.ui.preferences import Preferences

if TYPE_CHECKING:
    from desktop.ui.desktop_wants import DesktopWants
    from desktop.ui.theme import Theme
    from desktop.ui.timeline.view import Timeline

_ASKED_AFTER_MS = 200


class Manner(QObject):
    """Less motion or not, and where a growing reply is read; `changed` is emitted when either changes."""

    changed = Signal()

    def __init__(self, preferences: Preferences | None = None, parent: QObject | None = None) -> None:
        """Without `preferences` a choice lasts as long as this object."""
        super().__init__(parent)
        self._preferences = preferences
        self._motion = self._read(names.MOTION)
        self._keeps_start = self._read(names.KEEPS_START) == "yes"
        self._says_replies = self._read(names.SAYS_REPLIES) != "no"
        self._titles_by_model = self._read(names.TITLES) == "yes"
        self._desktop: DesktopWants | None = None

    def _read(self, name: str) -> str:
        return self._preferences.read(name, "") if self._preferences is not None else ""

    def _write(self, name: str, value: str) -> None:
        if self._preferences is not None:
            self._preferences.write(name, value)
        self.changed.emit()

    @property
    def motion(self) -> str:
        """The user's choice: "reduced", "full", or empty for what the desktop says."""
        return self._motion

    def choose_motion(self, motion: str) -> None:
        """Choose "reduced", "full", or an empty text for what the desktop says."""
        if motion != self._motion:
            self._motion = motion
            self._write(names.MOTION, motion)

    @property
    def titles_by_model(self) -> bool:
        """Whether the model may write titles."""
        return self._titles_by_model

    def let_model_title(self, is_allowed: bool) -> None:
        """Let the model write titles, or make them from the questions."""
        if is_allowed != self._titles_by_model:
            self._titles_by_model = is_allowed
            self._write(names.TITLES, "yes" if is_allowed else "")

    @property
    def is_reduced(self) -> bool:
        """Whether what could glide is to jump."""
        if self._motion:
            return self._motion == "reduced"
        style = QApplication.style() if isinstance(QApplication.instance(), QApplication) else None
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        wants = self._desktop is not None and self._desktop.wants("motion")
        return wants or (style is not None and not style.styleHint(hint))

    @property
    def keeps_start(self) -> bool:
        """Whether a reply is followed only until its start has come to the top."""
        return self._keeps_start

    def keep_start(self, keeps_start: bool) -> None:
        """Choose whether a reply is followed only until its start has come to the top."""
        if keeps_start != self._keeps_start:
            self._keeps_start = keeps_start
            self._write(names.KEEPS_START, "yes" if keeps_start else "")

    @property
    def says_replies(self) -> bool:
        """Whether a screen reader is told the sentences of a reply as they come."""
        return self._says_replies

    def say_replies(self, says_replies: bool) -> None:
        """Choose whether a screen reader is told the sentences of a reply as they come."""
        if says_replies != self._says_replies:
            self._says_replies = says_replies
            self._write(names.SAYS_REPLIES, "" if says_replies else "no")

    @property
    def wants_contrast(self) -> bool:
        """Whether the desktop asks for more contrast."""
        return self._desktop is not None and self._desktop.wants("contrast")

    def guide(self, timeline: "Timeline") -> None:
        """Have a timeline move and speak as is chosen now."""
        timeline.set_reduced_motion(self.is_reduced)
        timeline.set_keeps_start(self._keeps_start)
        timeline.is_read_aloud = self._says_replies

    def tell(self, theme: "Theme") -> None:
        """Have a theme follow what the desktop wants of contrast, which is asked in a moment."""
        self.changed.connect(lambda: theme.want_contrast(self.wants_contrast))
        # The first frames need not wait for the answer.
        QTimer.singleShot(_ASKED_AFTER_MS, self, self.ask_desktop)

    def ask_desktop(self) -> None:
        """Ask the desktop what it wants of motion and contrast; the answer comes later, or never."""
        if self._desktop is None and has_session_bus():
            from desktop.ui.desktop_wants import DesktopWants

            self._desktop = DesktopWants(self)
            self._desktop.changed.connect(self.changed)
            self._desktop.ask()
