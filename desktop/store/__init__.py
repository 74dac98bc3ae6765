"""SQLite history and settings files; the only home of sqlite3."""
