"""What is under the pointer in a timeline."""

from PySide6.QtCore import QPointF

from desktop.ui.timeline.flow_place import CodeBox
from desktop.ui.timeline.section import Section
from desktop.ui.timeline.spots import Spot


class Under:
    """What is under the pointer."""

    __slots__ = ("code", "control", "inner", "link", "picture", "section", "spot")

    def __init__(self) -> None:
        self.spot: Spot | None = None
        self.section: Section | None = None
        self.inner = QPointF()
        self.control = ""
        self.link = ""
        self.picture = ""
        self.code: CodeBox | None = None

    @property
    def code_control(self) -> str:
        """The button of a code box, or an empty text."""
        if self.code is None:
            return ""
        for name in ("copy", "save", "wrap", "fold"):
            if getattr(self.code, name).contains(self.inner):
                return name
        return ""

    @property
    def is_text(self) -> bool:
        """Whether the pointer is over text that can be selected."""
        return (
            self.section is not None
            and self.section.has_text
            and self.inner.y() >= 0
            and not self.control
            and not self.code_control
        )
