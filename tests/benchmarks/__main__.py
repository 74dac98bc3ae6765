"""`python -m tests.benchmarks [NAME ...] [--json]`: measure, and print one line a figure.

NAME is a figure ("stream.cpu") or the first part of several ("stream"). Without NAME all are measured.
"""

import argparse
import importlib
import json
import os
import pkgutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tests.benchmarks
from tests.benchmarks.figures import MEASURES, Figure
from tests.support.display import VirtualScreen


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(arguments)
    for module in pkgutil.iter_modules(tests.benchmarks.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"tests.benchmarks.{module.name}")
    chosen = [name for name in sorted(MEASURES) if _is_wanted(name, options.names)]
    if not chosen:
        parser.error(f"there is no such figure; there are {', '.join(sorted(MEASURES))}")
    with tempfile.TemporaryDirectory(prefix="weir-benchmarks-") as folder:
        _stay_at_home(Path(folder))
        screen = VirtualScreen(Path(folder))
        if not os.environ.get("DISPLAY"):
            os.environ["DISPLAY"] = screen.start()
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        try:
            for name in chosen:
                _print(MEASURES[name](), as_json=options.json)
        finally:
            screen.stop()
    return 0


def _is_wanted(name: str, names: Sequence[str]) -> bool:
    return not names or any(name == wanted or name.startswith(f"{wanted}.") for wanted in names)


def _stay_at_home(folder: Path) -> None:
    """Nothing of the user's is read or written, and no proxy is asked for this computer."""
    os.environ["WEIR_DATA_DIR"] = str(folder / "data")
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]


def _print(figure: Figure, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figure.as_json(), ensure_ascii=False), flush=True)
        return
    goal = f"{'at least' if figure.at_least else 'at most'} {figure.goal:g}"
    mark = "" if figure.is_reached else "   not reached"
    print(f"{figure.name:24} {figure.ratio:8.2f}   goal {goal}{mark}", flush=True)
    for name, value in figure.detail.items():
        print(f"    {name:28} {value}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
