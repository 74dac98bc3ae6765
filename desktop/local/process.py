"""One run of the model's process, in blocking calls for a thread that watches it."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from desktop.base.tongue import translate
from desktop.local.protocol import CHILD_SWITCH, Order, event_from

_LOG_TAIL_BYTES = 1 << 16
_END_SECONDS = 1.0
_KILL_SECONDS = 5.0

# The child needs none of the user's secrets, and llama.cpp reads settings of its own.
_UNWANTED = re.compile(r"(?i).*(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL).*|LLAMA_.*|GGML_.*")

_LOADING_ERROR = re.compile(r" E .*?error loading model: (?:error loading model [a-z]+: )?(?P<words>.+)")
_TEMPLATE_ERROR = re.compile(r" E .*chat template")
_ANY_ERROR = re.compile(r" E \s*(?:\S+\s+)?\S+: (?P<words>.+)")

_HAS_NO_SUCH_INSTRUCTION = {-4, 0xC000001D, 0xC000001D - (1 << 32)}


class ProcessEndedError(Exception):
    """The process ended, or was told to end, before it served."""


class ProcessFailedError(Exception):
    """The process says why it cannot serve: `reason` is one of the protocol's, the text is its own."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


def child_command() -> list[str]:
    """Return the command that starts the model's process: this program once more, or a module of it."""
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD_SWITCH]
    return [sys.executable, "-P", "-m", "desktop.local.child"]


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` for the child: without secrets, with what keeps its threads from spinning."""
    kept = {name: value for name, value in environment.items() if not _UNWANTED.fullmatch(name)}
    kept["GOMP_SPINCOUNT"] = "2000"
    if not getattr(sys, "frozen", False):
        root = str(Path(__file__).resolve().parents[2])
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (root, kept.get("PYTHONPATH"))))
    return kept


def lacks_instructions(code: int) -> bool:
    """Return whether an exit code means that the processor does not know an instruction (SIGILL)."""
    return code in _HAS_NO_SUCH_INSTRUCTION


def reason_in_log(log: str) -> str:
    """Return the engine's own words for why a model was not loaded, empty where it gives none."""
    if match := _LOADING_ERROR.search(log):
        return match["words"].strip()
    if _TEMPLATE_ERROR.search(log):
        return translate("LocalModel", "its chat template cannot be understood")
    match = _ANY_ERROR.search(log)
    return match["words"].strip() if match else ""


class ModelProcess:
    """One run of the model's process. `serve` and `wait` are for one thread, `end` for any.

    `engine_log` is the end of what the engine logged while it loaded the model, and is there once
    the process has gone without having served; until then the engine may still be writing.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.engine_log = ""
        self._gone = threading.Event()
        self._is_told_to_end = False

    @property
    def is_told_to_end(self) -> bool:
        """Whether its end was asked for."""
        return self._is_told_to_end

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return None if self._process is None or self._gone.is_set() else self._process.pid

    def serve(self, order: Order) -> str:
        """Start the process and return the address at which it serves the model.

        Raises ProcessFailedError, ProcessEndedError and OSError.
        """
        for line in iter(self._launch(order).readline, b""):
            event = event_from(line)
            match event.get("event"):
                case "ready":
                    self._close_log()
                    return str(event.get("url", ""))
                case "failed":
                    raise ProcessFailedError(str(event.get("reason", "")), str(event.get("words", "")))
        raise ProcessEndedError

    def wait(self) -> int | None:
        """Wait until the process has gone; return its exit code, None if it was never started."""
        process = self._process
        if process is None:
            return None
        code = process.wait()
        self._gone.set()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.engine_log = self.engine_log or self._close_log()
        return code

    def end(self, patience: float = _END_SECONDS) -> None:
        """End the process: by closing its input, after `patience` seconds by a signal, then by force."""
        with self._lock:
            self._is_told_to_end = True
            process = self._process
            if process is None:
                return
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        if self._has_gone(process, patience):
            return
        process.terminate()
        if self._has_gone(process, patience):
            return
        process.kill()
        self._has_gone(process, _KILL_SECONDS)

    def resident_bytes(self) -> int | None:
        """Return the memory the process holds, None where the system does not say so cheaply."""
        pid = self.pid
        if pid is None or not sys.platform.startswith("linux"):
            return None
        try:
            pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]
        except (OSError, IndexError):
            return None
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _launch(self, order: Order) -> IO[bytes]:
        """Start the process, give it its order and return where its reports come from."""
        with self._lock:
            if self._is_told_to_end:
                raise ProcessEndedError
            self._log = tempfile.TemporaryFile(prefix="weir-engine-")  # noqa: SIM115
            try:
                self._process = process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._log,
                    env=child_environment(os.environ),
                    **_platform_options(),
                )
            except OSError:
                self._close_log()
                raise
            orders, reports = process.stdin, process.stdout
            if orders is None or reports is None:
                raise ProcessEndedError
            with contextlib.suppress(BrokenPipeError):
                orders.write(order.line())
                orders.flush()
        return reports

    def _close_log(self) -> str:
        """Return the end of the log, which is gone then."""
        if self._log is None or self._log.closed:
            return ""
        with self._log as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL_BYTES))
            return log.read().decode("utf-8", "replace")

    def _has_gone(self, process: "subprocess.Popen[bytes]", seconds: float) -> bool:
        if self._gone.is_set():
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return True
        return False


def _platform_options() -> dict[str, Any]:
    if sys.platform == "win32":
        return {
            "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS,
        }
    # Ctrl-C in the terminal is for the program, which then ends the child in order.
    return {"start_new_session": True}
