"""What the window says about how full the model's context window is."""

from PySide6.QtCore import QCoreApplication

from desktop.base.tongue import number, sentences
from desktop.chat.fitting import Measure
from desktop.chat.windows import WindowSource
from desktop.domain.cut import Overflow
from desktop.ui.controls import first_words

_QUOTED = 44


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text about the context in the user's language."""
    return QCoreApplication.translate("Context", text, comment, n)


def about(value: int) -> int:
    """Return a count rounded to what an estimate can tell."""
    step = 1 if value < 100 else 10 if value < 1_000 else 100 if value < 100_000 else 1_000
    return round(value / step) * step


def measure_words(measure: Measure) -> str:
    """Return how full the window will be, in numbers, and who says how large it is."""
    load = measure.load
    taken = about(load.tokens) if load.estimated else load.tokens
    if load.window is None:
        return tr("About %n token(s). How many the model can read at once is unknown.", "", taken)
    words = tr("About {taken} of %n token(s).", "", load.window).format(taken=number(taken))
    sources = {
        WindowSource.HAND: tr("The limit was set by hand."),
        WindowSource.SERVICE: tr("The limit is the service’s own."),
        WindowSource.COMPUTER: tr("The limit is the one that the model is started with here."),
        WindowSource.LIST: tr("The limit is from the list that comes with Weir."),
        WindowSource.NOBODY: "",
    }
    return sentences(words, sources[measure.window.source])


def excess_words(measure: Measure, *, is_refused: bool) -> str:
    """Return that a prompt does not fit, with the numbers."""
    load = measure.load
    taken, window = about(load.tokens), load.window or 0
    if is_refused:
        return tr("The service refused this as too long: about %n token(s).", "", taken)
    if taken <= window:
        words = tr("About {taken} of %n token(s): that leaves too little room for a reply.", "", window)
    else:
        words = tr("This does not fit any more: about {taken} of %n token(s).", "", window)
    return words.format(taken=number(taken))


def leaving_words(measure: Measure) -> str:
    """Return which messages no longer go with the prompt: how many, and how the last of them begins."""
    count, last = _left(measure)
    words = tr(
        "When you send, the %n oldest message(s), up to “{last}”, will no longer go with it.", "", count
    )
    return words.format(last=last)


def summing_words(measure: Measure) -> str:
    """Return of which messages the model writes a summary first."""
    count, last = _left(measure)
    words = tr(
        "When you send, the model first writes a summary of the %n oldest message(s), up to “{last}”: one "
        "more request.",
        "",
        count,
    )
    return words.format(last=last)


def fitting_words(measure: Measure) -> str:
    """Return without which messages the prompt fits."""
    count, last = _left(measure)
    return tr("It fits without the %n oldest message(s), up to “{last}”.", "", count).format(last=last)


def _left(measure: Measure) -> tuple[int, str]:
    left = measure.plan.left
    last = next((text for message in reversed(left) if (text := first_words(message.text, _QUOTED))), "…")
    return len(left), last


def overflow_names() -> list[tuple[str, Overflow]]:
    """Return what can be chosen for a conversation that becomes too long, in words."""
    return [
        (tr("Ask me"), Overflow.ASK),
        (tr("Leave out the oldest"), Overflow.OLDEST),
        (tr("Summarise the oldest"), Overflow.SUMMARY),
        (tr("Send nothing"), Overflow.REFUSE),
    ]
