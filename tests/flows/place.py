"""What stands on disk before a program starts, and what it left there, read without the program."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


def configure(data: Path, base_url: str, *, model: str = "alpha", more: str = "") -> Path:
    """Write an endpoint and the choice of it, as a user would, and return the data folder."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "endpoints.toml").write_text(
        "[[endpoint]]\n"
        'id = "loop"\n'
        'name = "Loopback"\n'
        'provider = "openai-chat"\n'
        f'base_url = "{base_url}"\n'
        f'models = ["{model}"]\n{more}',
        encoding="utf-8",
    )
    (data / "preferences.toml").write_text(f'model = "loop\\t{model}"\n', encoding="utf-8")
    return data


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the history on disk has it."""

    role: str
    state: str
    text: str
    failure: str


def messages(data: Path) -> list[Row]:
    """Return the messages on disk in order; text that still waits in the progress table included."""
    file = data / "history.db"
    if not file.exists():
        return []
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT id, role, state, failure FROM message ORDER BY created, id"
        ).fetchall()
        found = [
            Row(
                role,
                state,
                _text(database, name),
                (json.loads(failure) or {}).get("kind", "") if failure else "",
            )
            for name, role, state, failure in rows
        ]
    database.close()
    return found


def _text(database: sqlite3.Connection, name: str) -> str:
    parts = database.execute(
        "SELECT text FROM part WHERE message_id = ? AND kind = 'text' ORDER BY position", (name,)
    ).fetchall()
    progress = database.execute(
        "SELECT text FROM progress WHERE message_id = ? AND kind = 'text' ORDER BY seq", (name,)
    ).fetchall()
    # Text that grows is stored as UTF-8 bytes.
    return b"".join(
        text.encode() if isinstance(text, str) else text for (text,) in [*parts, *progress]
    ).decode()


def is_sound(data: Path) -> bool:
    """Return whether SQLite finds nothing wrong with the history."""
    with sqlite3.connect(data / "history.db") as database:
        answer: Sequence[tuple[str]] = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    return answer == [("ok",)]
