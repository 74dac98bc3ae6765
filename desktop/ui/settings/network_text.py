"""How a service is reached, as the user types it: read into values, with what is wrong said in words."""

from PySide6.QtCore import QCoreApplication

from desktop.domain.network import LIMITS, ProxyAddress, ProxyAddressError, read_proxy
from desktop.ui.settings.endpoint_text import TextProblemError
from desktop.ui.wording import trimmed


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("NetworkText", text, comment, n)


def read_address(text: str) -> ProxyAddress:
    """Return the proxy in `text`. Raises TextProblemError."""
    try:
        return read_proxy(text)
    except ProxyAddressError as error:
        raise TextProblemError(str(error)) from None


def read_seconds(text: str, name: str) -> float | None:
    """Return one of the LIMITS as typed, None for no text. Raises TextProblemError."""
    typed = text.strip().removesuffix("s").strip().replace(",", ".")
    if not typed:
        return None
    limit = LIMITS[name]
    try:
        seconds = float(typed)
    except ValueError:
        seconds = -1.0
    if not limit.least <= seconds <= limit.most:
        raise TextProblemError(
            tr("“{text}” has to be a number of seconds from {least} to {most}.").format(
                text=text.strip(), least=trimmed(limit.least, 3), most=trimmed(limit.most, 3)
            )
        )
    return seconds


def seconds_text(seconds: float | None) -> str:
    """Return a time as it is typed, nothing for None."""
    return "" if seconds is None else f"{seconds:g}"
