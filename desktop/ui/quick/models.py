"""The quick window's list of models."""

from PySide6.QtWidgets import QWidget

from desktop.chat.endpoints import Endpoints
from desktop.chat.quick import QuickQuestion
from desktop.domain.endpoint import ModelRef
from desktop.ui.picker import ModelPopup
from desktop.ui.theme import Theme


class QuickModels(ModelPopup):
    """The list of models; what is chosen answers this question alone."""

    def __init__(self, theme: Theme, endpoints: Endpoints, question: QuickQuestion, parent: QWidget) -> None:
        super().__init__(theme, endpoints, parent)
        self._question = question

    def take(self, ref: ModelRef) -> None:
        """Have the model answer this question."""
        self.close_list()
        self._question.choose(ref)

    def ticked(self) -> tuple[ModelRef, ...]:
        """Return the model that answers."""
        ref = self._question.ref
        return (ref,) if ref is not None else ()
