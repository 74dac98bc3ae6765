"""The rules on who may import whom: each is broken once on purpose and must be noticed by name."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = [contract["name"] for contract in PROJECT["tool"]["importlinter"]["contracts"]]

BREACHES = [
    ("Each layer knows only those below it", "base/clock.py", "import desktop.domain.message"),
    ("Each layer knows only those below it", "wire/__init__.py", "import desktop.providers"),
    ("Each layer knows only those below it", "markup/__init__.py", "import desktop.chat"),
    ("Each layer knows only those below it", "unplaced.py", ""),
    ("Qt stays in chat, ui and app", "domain/message.py", "import PySide6.QtCore"),
    ("Qt stays in chat, ui and app", "providers/__init__.py", "import qasync"),
    ("The window never reaches the network, the disk or the keyring", "ui/theme.py", "import desktop.store"),
    ("The window never reaches the network, the disk or the keyring", "ui/theme.py", "import desktop.wire"),
    (
        "The window never reaches the network, the disk or the keyring",
        "ui/theme.py",
        "import desktop.inspection.service",
    ),
    ("Each layer knows only those below it", "archive/fields.py", "import desktop.inspection"),
    ("httpx only in wire", "inspection/tape.py", "import httpx"),
    (
        "An archive is values and files: no network, no history, no keys",
        "archive/fields.py",
        "import desktop.store",
    ),
    ("ijson only in the archive", "store/__init__.py", "import ijson"),
    ("httpx only in wire", "providers/__init__.py", "import httpx"),
    ("keyring only in the vault", "store/__init__.py", "import keyring"),
    ("sqlite3 only in the store", "chat/ports.py", "import sqlite3"),
    (
        "Protocol modules know nothing of each other",
        "providers/ollama.py",
        "import desktop.providers.openai_chat",
    ),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its rules."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "desktop", folder / "desktop", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _judge(tree: Path, tool: str, *arguments: str) -> tuple[int, str]:
    # lint-imports judges the package in the current folder: it comes before the installed one.
    start = {
        "lint-imports": "from importlinter.cli import lint_imports_command as main",
        "ruff": "from ruff.__main__ import find_ruff_bin; import os, sys\n"
        "def main(): os.execv(find_ruff_bin(), ['ruff', *sys.argv[1:]])",
    }[tool]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, '.')\n{start}\nmain()", *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _broken(report: str) -> set[str]:
    return {line.removesuffix(" BROKEN").strip() for line in report.splitlines() if line.endswith("BROKEN")}


def _plant(tree: Path, file: str, line: str) -> tuple[Path, str | None]:
    path = tree / "desktop" / file
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text((before or "") + f"\n{line}\n", encoding="utf-8")
    return path, before


def _remove(path: Path, before: str | None) -> None:
    if before is None:
        path.unlink()
    else:
        path.write_text(before, encoding="utf-8")


def test_the_package_keeps_every_contract(tree: Path) -> None:
    status, report = _judge(tree, "lint-imports", "--no-cache")
    assert status == 0, report


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_breach_is_noticed(tree: Path, contract: str, file: str, line: str) -> None:
    path, before = _plant(tree, file, line)
    try:
        status, report = _judge(tree, "lint-imports", "--no-cache")
    finally:
        _remove(path, before)
    assert status != 0
    if line:
        assert contract in _broken(report), report
    else:
        assert "desktop.unplaced" in report or "unplaced" in report


def test_every_contract_is_broken_once() -> None:
    assert {contract for contract, _, _ in BREACHES} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        ("chat/planted.py", "from PySide6.QtWidgets import QWidget", "widgets live in desktop/ui"),
        ("chat/planted.py", "from PySide6.QtGui import QColor", "pixels live in desktop/ui"),
        ("chat/planted.py", "import asyncio\n\nasyncio.create_task(print())", "TaskOwner"),
        ("store/planted.py", "from .. import chat", "elative imports"),
    ],
)
def test_a_banned_name_is_noticed(tree: Path, file: str, code: str, words: str) -> None:
    path, before = _plant(tree, file, f'"""Planted."""\n\n{code}\n')
    try:
        status, report = _judge(tree, "ruff", "check", "--no-cache", "--select", "TID", "desktop")
    finally:
        _remove(path, before)
    assert status != 0
    assert "planted.py" in report
    assert words in report
