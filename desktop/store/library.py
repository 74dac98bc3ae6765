"""Which SQLite this is: the one that Python brings, or the system's."""

import sqlite3


def describe_library() -> str:
    """Return SQLite's version, and whether it can search words and parts of words."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(text, tokenize = 'trigram')")
    except sqlite3.OperationalError:
        return f"{sqlite3.sqlite_version} without full-text search"
    else:
        return f"{sqlite3.sqlite_version} with full-text search"
    finally:
        connection.close()
