"""The models that services listed, kept in one JSON file among what may be lost."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.domain.endpoint import ModelInfo
from desktop.domain.listing import Listing
from desktop.store.toml_file import write_text

_LOG = logging.getLogger(__name__)
_VERSION = 1


class ModelsFile:
    """Reads the file, and replaces it in one step.

    What can't be understood counts as not there: it can be asked for anew.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Listing]:
        """Return the listings by their endpoints' ids; none where there is no file or a broken one."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["version"] != _VERSION:
                return {}
            return {name: _listing(values) for name, values in kept["endpoints"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            _LOG.info("The list of models is not used: %s", type(problem).__name__)
            return {}

    def write(self, listings: Mapping[str, Listing]) -> None:
        """Replace the file, readable by its owner alone. Raises StorageError."""
        kept = {name: _values(listing) for name, listing in listings.items()}
        write_text(self._file, json.dumps({"version": _VERSION, "endpoints": kept}, ensure_ascii=True))


def _values(listing: Listing) -> dict[str, Any]:
    return {
        "address": listing.address,
        "at": listing.at,
        "models": [
            {
                name: value
                for name, value in (
                    ("id", model.id),
                    ("name", model.name),
                    ("context_tokens", model.context_tokens),
                    ("takes_images", model.takes_images),
                )
                if value not in (None, "")
            }
            for model in listing.models
        ],
    }


def _listing(values: dict[str, Any]) -> Listing:
    models = tuple(_model(row) for row in values["models"])
    return Listing(address=str(values["address"]), models=models, at=int(values["at"]))


def _model(row: dict[str, Any]) -> ModelInfo:
    tokens, images = row.get("context_tokens"), row.get("takes_images")
    return ModelInfo(
        id=str(row["id"]),
        name=str(row.get("name", "")),
        context_tokens=tokens if isinstance(tokens, int) and not isinstance(tokens, bool) else None,
        takes_images=images if isinstance(images, bool) else None,
    )
