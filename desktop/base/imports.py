"""Import as Python does: without the source of every module being read for PySide's sake."""

import builtins


def stop_watching_imports() -> None:
    """Take back what PySide6 has made of Python's import, once PySide6 is there.

    Its own reads the source of each module imported from then on and keeps it, to know where
    `from __feature__ import …` may count (`shibokensupport/feature.py`, `_mod_uses_pyside`). Nothing here
    does that. On a start it is some 400 files and 10 MB.
    """
    before = getattr(builtins, "__orig_import__", None)
    if before is not None:
        builtins.__import__ = before
