"""Pictures from the web, when the reader asks for one: small enough, of a known kind, with nothing said."""

from desktop.base.tongue import size, translate
from desktop.domain.failure import TurnFailedError
from desktop.domain.network import Route
from desktop.wire.client import WireClient
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest

MOST_BYTES = 12_000_000
KINDS = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp"})


class PictureRefusedError(Exception):
    """A picture is not shown; its text says why, in a few words."""


async def fetch_picture(client: WireClient, address: str, route: Route) -> bytes:
    """Return the bytes of the picture at a web address. Raises PictureRefusedError.

    Sent without a key, a cookie or a word on who asks; a server may send on within itself alone, since
    the reader saw its name and no other.
    """
    headers = {"accept": ", ".join(sorted(KINDS))}
    request = WireRequest(url=address, method="GET", headers=headers)
    try:
        kind, data = await client.fetch_bytes(request, Place(url=address, route=route), MOST_BYTES + 1)
    except TurnFailedError as error:
        raise PictureRefusedError(_reason(error)) from None
    if kind not in KINDS:
        raise PictureRefusedError(translate("Picture", "not a picture of a kind that is shown"))
    if len(data) > MOST_BYTES:
        raise PictureRefusedError(translate("Picture", "larger than {size}").format(size=size(MOST_BYTES)))
    return data


def _reason(error: TurnFailedError) -> str:
    status = error.failure.status
    if status in (404, 410):
        return translate("Picture", "not there any more")
    if status in (401, 403):
        return translate("Picture", "the server refuses it")
    if status is not None and 300 <= status < 400:
        return translate("Picture", "the server sends on to another")
    if status:
        return translate("Picture", "the server answered {status}").format(status=status)
    return translate("Picture", "the server can’t be reached")
