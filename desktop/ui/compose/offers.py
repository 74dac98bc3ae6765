"""What the list above the composer offers: prompts by their names, models of all endpoints."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication

from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.habits import Habits
from desktop.domain.endpoint import ModelRef
from desktop.domain.template import Template
from desktop.ui.compose.signs import rank
from desktop.ui.compose.suggestions import Suggestion
from desktop.ui.controls import first_words

_MOST_MODELS = 60


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Offers", text, comment, n)


def prompt_rows(prompts: Entries[Template], query: str) -> list[Suggestion]:
    """Return the prompts whose names answer a query, best first; none where nothing does."""
    ranked = ((rank(query, item.name), item) for item in prompts.items)
    found = sorted(((place, item) for place, item in ranked if place is not None), key=lambda pair: pair[0])
    rows = [
        Suggestion(item.name, item, first_words(item.text, 120), is_weak=place > 1) for place, item in found
    ]
    if prompts.problem and not query:
        rows.append(Suggestion(prompts.problem, tone="warn"))
    return rows


def model_rows(endpoints: Endpoints, habits: Habits, query: str) -> list[Suggestion]:
    """Return the models that answer a query: favourites, those used last, then by endpoint."""
    favourites = habits.favourites

    def row_of(ref: ModelRef, note: str = "") -> Suggestion | None:
        place = _rank_of(endpoints, ref, query)
        if place is None:
            return None
        return Suggestion(_name_of(endpoints, ref), ref, note=note, star=ref in favourites, is_weak=place > 1)

    rows: list[Suggestion] = []
    _add(rows, tr("Favourites"), favourites, lambda ref: row_of(ref, _endpoint_name(endpoints, ref)))
    rest = [ref for ref in habits.recent if ref not in favourites]
    _add(rows, tr("Used last"), rest, lambda ref: row_of(ref, _endpoint_name(endpoints, ref)))
    seen = {row.value for row in rows}
    for endpoint in endpoints.endpoints:
        refs = [ModelRef(endpoint.id, item.id) for item in endpoints.models(endpoint.id)]
        refs = refs or [ModelRef(endpoint.id, endpoint.default_model)] * bool(endpoint.default_model)
        _add(rows, endpoint.name, [ref for ref in refs if ref not in seen], row_of)
    if query and any(not row.is_weak for row in rows if row.value is not None):
        rows = _without_weak(rows)
    return rows


def _without_weak(rows: list[Suggestion]) -> list[Suggestion]:
    """Return the rows that are surely meant, and their headings."""
    kept: list[Suggestion] = []
    for row in rows:
        if row.value is None and kept and kept[-1].value is None:
            kept.pop()
        if row.value is None or not row.is_weak:
            kept.append(row)
    if kept and kept[-1].value is None:
        kept.pop()
    return kept


def _add(
    rows: list[Suggestion],
    heading: str,
    refs: Iterable[ModelRef],
    make: Callable[[ModelRef], Suggestion | None],
) -> None:
    made = [row for row in (make(ref) for ref in refs) if row is not None][:_MOST_MODELS]
    if made:
        rows.append(Suggestion(heading))
        rows.extend(made)


def _rank_of(endpoints: Endpoints, ref: ModelRef, query: str) -> int | None:
    endpoint = endpoints.endpoint(ref.endpoint_id)
    if endpoint is None:
        return None
    places = [rank(query, name) for name in (ref.model, _name_of(endpoints, ref))]
    places.append(1 if query and rank(query, endpoint.name) in (0, 1) else None)
    return min((place for place in places if place is not None), default=None)


def _name_of(endpoints: Endpoints, ref: ModelRef) -> str:
    info = endpoints.model(ref)
    return info.name or info.id if info is not None else ref.model


def _endpoint_name(endpoints: Endpoints, ref: ModelRef) -> str:
    endpoint = endpoints.endpoint(ref.endpoint_id)
    return endpoint.name if endpoint is not None else ""
