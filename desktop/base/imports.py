"""How a start imports: without what PySide6 adds to it, and without what of asyncio nothing wants."""

import builtins
import sys


def stop_watching_imports() -> None:
    """Take back what PySide6 has made of Python's import, once PySide6 is there.

    Its own reads the source of each module imported from then on and keeps it, to know where
    `from __feature__ import …` may count (`shibokensupport/feature.py`, `_mod_uses_pyside`). Nothing here
    does that. On a start it is some 400 files and 10 MB.
    """
    before = getattr(builtins, "__orig_import__", None)
    if before is not None:
        builtins.__import__ = before


def import_asyncio_without_tls() -> None:
    """Import asyncio as it is where Python comes without OpenSSL; nothing if that or `ssl` is there already.

    Nothing here uses the TLS of asyncio's own: httpx brings anyio's, which imports `ssl` for itself when the
    first connection needs it. Until then a window that only shows something does without OpenSSL, 5 MB.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    # What makes `import ssl` raise ImportError, for which asyncio is prepared.
    sys.modules["ssl"] = None  # type: ignore[assignment]
    try:
        import asyncio  # noqa: F401
    finally:
        del sys.modules["ssl"]
