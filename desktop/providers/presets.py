"""Presets: known services as endpoints to start from, read from the program's resources."""

import logging
import tomllib
from pathlib import Path
from typing import Any

from desktop.domain.endpoint import Endpoint, KeyRef

logger = logging.getLogger(__name__)

_REQUIRED = {"id", "name", "provider", "base_url"}


def load_presets(resources: Path) -> tuple[Endpoint, ...]:
    """Return the presets in `resources`, in their order; none where the file is missing or broken."""
    return tuple(_endpoint(table) for table in _tables(resources))


def _tables(resources: Path) -> list[dict[str, Any]]:
    try:
        with (resources / "endpoints" / "presets.toml").open("rb") as file:
            tables = tomllib.load(file)["preset"]
        return [table for table in tables if table.keys() >= _REQUIRED]
    except (OSError, tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError):
        logger.exception("the presets can't be read")
        return []


def _endpoint(table: dict[str, Any]) -> Endpoint:
    variables = tuple(table.get("variables", ()))
    return Endpoint(
        id=table["id"],
        name=table["name"],
        provider=table["provider"],
        base_url=table["base_url"],
        key=KeyRef(table["id"], variables) if variables else None,
        models=tuple(table.get("models", ())),
        default_model=table.get("default_model", ""),
        headers=tuple(table.get("headers", {}).items()),
        body=dict(table.get("body", {})),
    )
