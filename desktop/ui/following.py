"""Following: a turn shown by a timeline, from its first sign of life to its end."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.chat.turn import Turn, TurnState

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline


class Following:
    """Lets a timeline show what a turn brings, until `release`. The reply must be in the timeline."""

    def __init__(self, timeline: "Timeline", turn: Turn) -> None:
        self.turn = turn
        self._timeline = timeline
        timeline.begin_reply(turn.reply_id, waits=turn.state is not TurnState.STREAMING)
        turn.delta_arrived.connect(timeline.feed)
        turn.state_changed.connect(self._on_state)
        turn.progress_changed.connect(timeline.set_waiting)
        self._on_state(turn.state)

    def release(self) -> None:
        """Let the turn go on unseen."""
        self.turn.delta_arrived.disconnect(self._timeline.feed)
        self.turn.state_changed.disconnect(self._on_state)
        self.turn.progress_changed.disconnect(self._timeline.set_waiting)

    def _on_state(self, state: TurnState) -> None:
        if state is TurnState.CONNECTING:
            words = QCoreApplication.translate("Following", "Connecting")
            self._timeline.set_waiting(words, None)
        elif state is TurnState.WAITING:
            words = QCoreApplication.translate("Following", "Waiting for the first words")
            self._timeline.set_waiting(words, None)
