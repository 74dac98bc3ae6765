"""What the palette lists: actions, conversations and models that fit what is typed, best first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QCoreApplication

from desktop.chat.endpoints import Endpoints
from desktop.chat.shelf import Shelf
from desktop.domain.endpoint import ModelRef
from desktop.domain.message import Conversation
from desktop.ui import wording
from desktop.ui.actions import Action, Actions, Group
from desktop.ui.keymap import shown
from desktop.ui.palette.match import Match, match
from desktop.ui.preferences import Preferences
from desktop.ui.shelf.hits import date_words

RECENT = "palette.recent"
_MOST_RECENT = 5
_FIRST_CONVERSATIONS = 7
_MOST_ROWS = 80
_FOR_RECENT = 6.0
# What other words lead to is less likely meant than what is called so.
_BY_OTHER_WORDS = 0.5
_NOT_NOW = -30.0


class Kind(Enum):
    """What a row is; a group's name can't be chosen."""

    GROUP = ""
    ACTION = "action"
    CONVERSATION = "message"
    MODEL = "endpoint"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `note` stands at the right, `marks` are the letters that were typed, `do` opens or runs it."""

    kind: Kind
    words: str
    note: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    do: Callable[[], object] = field(default=lambda: None, compare=False)
    is_possible: bool = True
    score: float = 0.0

    @property
    def spoken(self) -> str:
        """The row as a screen reader says it."""
        #: Said of a row by a screen reader
        parts = [self.words, tr("conversation") if self.kind is Kind.CONVERSATION else ""]
        #: Said of a row by a screen reader
        parts += [tr("model") if self.kind is Kind.MODEL else "", self.note]
        parts.append("" if self.is_possible else tr("not possible now"))
        return wording.parts(*parts)


class Rows:
    """Makes the rows. `open_conversation` is called with the id of the one that was chosen."""

    def __init__(
        self,
        actions: Actions,
        shelf: Shelf,
        endpoints: Endpoints,
        preferences: Preferences,
        open_conversation: Callable[[str], object],
    ) -> None:
        self._actions = actions
        self._shelf = shelf
        self._endpoints = endpoints
        self._preferences = preferences
        self._open = open_conversation

    def of(self, typed: str) -> list[Row]:
        """Return the rows for what is typed; without anything the latest, and then all there is to do."""
        return self._found(typed) if typed.strip() else self._first()

    def _first(self) -> list[Row]:
        recent = [self._action_row(action) for action in self._recent()]
        jumps = [self._conversation_row(row) for row in self._shelf.jumps.recent[:_FIRST_CONVERSATIONS]]
        rows: list[Row] = []
        if recent:
            rows += [Row(Kind.GROUP, tr("Done lately")), *recent]
        if jumps:
            rows += [Row(Kind.GROUP, tr("Latest conversations")), *jumps]
        for group in Group:
            own = [self._action_row(action) for action in self._shown_actions() if action.group is group]
            if own:
                rows += [Row(Kind.GROUP, group.words), *own]
        return rows

    def _found(self, typed: str) -> list[Row]:
        rows = [*self._found_actions(typed), *self._found_conversations(typed), *self._found_models(typed)]
        rows.sort(key=lambda row: -row.score)
        return rows[:_MOST_ROWS]

    def _found_actions(self, typed: str) -> Iterable[Row]:
        recent = [action.name for action in self._recent()]
        for action in self._shown_actions():
            met = match(typed, action.words)
            score = met.score if met is not None else 0.0
            if met is None:
                wide = match(typed, f"{action.words} {action.also} {action.group.words}")
                if wide is None:
                    continue
                met = Match(0.0, tuple(at for at in wide.places if at < len(action.words)))
                score = wide.score * _BY_OTHER_WORDS
            yield self._action_row(action, met, score + _FOR_RECENT * (action.name in recent))

    def _found_conversations(self, typed: str) -> Iterable[Row]:
        jumps = self._shelf.jumps
        seen = set()
        for place, row in enumerate(jumps.recent):
            met = match(typed, row.title)
            if met is not None:
                seen.add(row.id)
                yield self._conversation_row(row, met, met.score + _FOR_RECENT / (1 + place))
        if jumps.text == typed:
            for hit in jumps.found:
                if hit.conversation.id not in seen:
                    title = hit.conversation.title
                    met = match(typed, title) or Match(0.0, tuple(_places(hit.marks)))
                    yield self._conversation_row(hit.conversation, met, met.score)

    def _found_models(self, typed: str) -> Iterable[Row]:
        for endpoint in self._endpoints.endpoints:
            for model in self._endpoints.models(endpoint.id):
                name = model.name or model.id
                met = match(typed, name)
                score = met.score if met is not None else 0.0
                if met is None:
                    wide = match(typed, f"{name} {model.id} {endpoint.name}")
                    if wide is None:
                        continue
                    met = Match(0.0, tuple(at for at in wide.places if at < len(name)))
                    score = wide.score * _BY_OTHER_WORDS
                ref = ModelRef(endpoint.id, model.id)
                yield Row(
                    Kind.MODEL, name, endpoint.name, met.marks, self._chooser(ref), score=score - 1.0
                )  # fmt: skip

    def _chooser(self, ref: ModelRef) -> Callable[[], object]:
        return lambda: self._endpoints.choose(ref)

    def _shown_actions(self) -> list[Action]:
        return [action for action in self._actions if action.in_palette]

    def _recent(self) -> list[Action]:
        names = self._preferences.read(RECENT, "").split()
        return [self._actions.action(name) for name in names if name in self._actions]

    def _action_row(self, action: Action, met: Match | None = None, score: float = 0.0) -> Row:
        def do() -> None:
            names = [name for name in self._preferences.read(RECENT, "").split() if name != action.name]
            self._preferences.write(RECENT, " ".join([action.name, *names][:_MOST_RECENT]))
            self._actions.run(action.name)

        is_possible = action.is_possible
        return Row(
            Kind.ACTION,
            action.words,
            shown(self._actions.keys(action.name), 1),
            met.marks if met is not None else (),
            do,
            is_possible,
            score if is_possible else score + _NOT_NOW,
        )

    def _conversation_row(self, row: Conversation, met: Match | None = None, score: float = 0.0) -> Row:
        folder = self._shelf.order.folder(row.folder_id)
        #: A place: where archived conversations are
        place = folder.name if folder is not None else tr("Archive") if row.archived else ""
        note = " · ".join(part for part in (place, date_words(row.updated)) if part)
        return Row(
            Kind.CONVERSATION,
            row.title or tr("New conversation"),
            note,
            met.marks if met is not None else (),
            lambda: self._open(row.id),
            score=score,
        )


def _places(marks: Iterable[tuple[int, int]]) -> list[int]:
    return [at for start, length in marks for at in range(start, start + length)]


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Palette", text, comment, n)
