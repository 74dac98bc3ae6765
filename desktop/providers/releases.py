"""Where newer versions of Weir are published: one public address, asked only when the user says so.

The answer is that of GitHub's "latest release" (docs.github.com/rest/releases): an object whose
`tag_name` is the version and whose `html_url` is its page. Nothing of the user's is sent with it.
"""

import logging
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.failure import FailureKind
from desktop.domain.network import Route
from desktop.domain.release import Release
from desktop.wire.client import WireClient
from desktop.wire.failures import Place, failed
from desktop.wire.request import WireRequest, is_loopback

logger = logging.getLogger(__name__)

NAME = QT_TRANSLATE_NOOP("Provider", "The list of releases")


def releases_address(resources: Path) -> str:
    """Return the address that this build was given, empty where it was given none."""
    try:
        with (resources / "releases.toml").open("rb") as file:
            address = tomllib.load(file).get("address", "")
    except (OSError, tomllib.TOMLDecodeError):
        logger.exception("the address of the releases can't be read")
        return ""
    return address if isinstance(address, str) and _is_fit(address) else ""


async def fetch_release(client: WireClient, address: str, route: Route | None = None) -> Release:
    """Ask for the newest release. Raises TurnFailedError."""
    place = Place(endpoint=translate("Provider", NAME), url=address, route=route or Route())
    answer = await client.fetch_json(WireRequest(url=address, method="GET"), place)
    release = _release(answer)
    if release is None:
        raise failed(FailureKind.GARBLED, place)
    return release


def _release(answer: Any) -> Release | None:
    if not isinstance(answer, dict):
        return None
    version, page = answer.get("tag_name"), answer.get("html_url")
    if not isinstance(version, str) or not isinstance(page, str) or not _is_fit(page):
        return None
    return Release(version.strip().removeprefix("v"), page)


def _is_fit(address: str) -> bool:
    """Whether an address is one of the secure web, or on this computer."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(address))
