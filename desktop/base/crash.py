"""Crash reports: what brought the program down or went wrong in it, kept here and sent nowhere.

A run writes into a file of its own, whose first lines say what was running. What follows comes from
`faulthandler`, when the process is killed by its own fault, or from an exception that nothing caught.
A run that ends in order removes its file; the next start turns what another run left into a report.
"""

import contextlib
import datetime
import faulthandler
import os
import platform
import traceback
from pathlib import Path
from typing import TextIO

from desktop.base.log import redact

RUNNING = "running.txt"
MARK = "-- what happened --\n"
KEPT_REPORTS = 5
_MOST_BYTES = 200_000


class CrashWatch:
    """Watches one run. `folder` is where reports are; only one run at a time may watch it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: TextIO | None = None

    def start(self, version: str) -> Path | None:
        """Begin to watch; return the report of the run before, if it left one. Never raises.

        `version` is the program's own, for the head of a report.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            report = _collect(self._folder)
            file = self._folder / RUNNING
            # Opened now, because a process that crashes may open nothing any more.
            self._file = open(  # noqa: PTH123, SIM115 - stays open for the run
                os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
            )
            self._file.write(_head(version) + MARK)
            self._file.flush()
            faulthandler.enable(self._file)
        except (OSError, RuntimeError):
            # A folder that can't be written is told of elsewhere, and a report is no reason not to start.
            return None
        return report

    def note(self, error: BaseException) -> None:
        """Write down an exception that nothing caught, without what looks like a key."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                if self._file.tell() > _MOST_BYTES:
                    # The same fault with every frame: what is there says enough.
                    return
                self._file.write(redact("".join(traceback.format_exception(error))))
                self._file.flush()

    def stop(self) -> None:
        """End the watch in order; what was noted stays, for the next start to offer."""
        if self._file is None:
            return
        faulthandler.disable()
        file, self._file = self._file, None
        with contextlib.suppress(OSError):
            file.close()
            running = self._folder / RUNNING
            if not _happened(running.read_text(encoding="utf-8", errors="replace")):
                running.unlink()


def reports(folder: Path) -> list[Path]:
    """Return the reports in `folder`, the newest first."""
    return sorted(folder.glob("crash-*.txt"), reverse=True)


def _collect(folder: Path) -> Path | None:
    """Turn what the last run left into a report, if it says anything; a killed run's says nothing."""
    left = folder / RUNNING
    try:
        with left.open("rb") as file:
            text = file.read(_MOST_BYTES).decode(errors="replace")
        when = left.stat().st_mtime
    except FileNotFoundError:
        return None
    if not _happened(text):
        left.unlink()
        return None
    stamp = datetime.datetime.fromtimestamp(when, datetime.UTC).astimezone()
    report = folder / f"crash-{stamp:%Y%m%d-%H%M%S}.txt"
    left.write_text(redact(text), encoding="utf-8")
    left.replace(report)
    for old in reports(folder)[KEPT_REPORTS:]:
        old.unlink(missing_ok=True)
    return report


def _happened(text: str) -> str:
    return text.partition(MARK)[2].strip()


def _head(version: str) -> str:
    # Not platform.platform(), which starts another program to learn what the processor is.
    system = f"{platform.system()} {platform.release()} {platform.machine()} {platform.version()}"
    started = datetime.datetime.now(datetime.UTC).astimezone()
    return (
        "Something went wrong in Weir. This report stays on this computer; nothing was sent.\n"
        f"Weir {version}, Python {platform.python_version()}, {system}\n"
        f"started {started:%Y-%m-%d %H:%M:%S %z}\n\n"
    )
