"""What `weir diagnostics` says, and above all what it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop import __version__
from desktop.base.paths import user_paths
from desktop.cli.diagnostics import _bare, collect
from desktop.store.library import describe_library

SECRETS = ("geheim", "anna", "sk-abcdefgh12345678", "Private endpoint", "A secret story")


def weir(data: Path, *arguments: str, **environment: str) -> str:
    told = subprocess.run(
        [sys.executable, "-m", "desktop", "--data-dir", str(data), "diagnostics", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
    )
    assert told.stderr == ""
    return told.stdout


def test_it_says_what_a_report_needs_and_nothing_secret(tmp_path: Path):
    (tmp_path / "endpoints.toml").write_text('[[endpoint]]\nname = "Private endpoint"\n', encoding="utf-8")
    (tmp_path / "history.db").write_text("A secret story", encoding="utf-8")
    told = weir(
        tmp_path,
        HTTPS_PROXY="http://anna:geheim@proxy.example:8080",
        NO_PROXY="localhost,intern.example",
        OPENAI_API_KEY="sk-abcdefgh12345678",
    )
    for words in (
        __version__,
        "Python",
        "Qt platform",
        str(tmp_path),
        "http://proxy.example:8080",
        "localhost,intern.example",
        "SQLite",
        "keys are kept in",
    ):
        assert words in told
    assert not [secret for secret in SECRETS if secret in told]


def test_it_changes_nothing_and_comes_as_json_too(tmp_path: Path):
    facts = json.loads(weir(tmp_path / "not there", "--json"))
    assert set(facts) == {"Versions", "Folders", "Keyring", "Window", "Network"}
    assert facts["Folders"]["history"] == "not there yet"
    assert facts["Network"] == {"proxies": "none"}
    assert not (tmp_path / "not there").exists()


def test_the_keyring_is_named_and_no_key_is_read(tmp_path: Path, secret_service):
    told = weir(tmp_path, **secret_service.environment)
    line = next(line for line in told.splitlines() if "keys are kept in" in line)
    assert "GNOME Keyring" in line or "Secret Service" in line
    assert secret_service.entries() == {}


def test_without_a_screen_the_obstacle_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    window = collect(user_paths(tmp_path), {})["Window"]
    assert window["Qt platform"] == "none"
    assert "no screen" in window["obstacle"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://anna:geheim@proxy.example:8080/", "http://proxy.example:8080"),
        ("socks5h://[::1]:1080", "socks5h://::1:1080"),
        ("anna:geheim@proxy.example:3128", "proxy.example:3128"),
        ("http://anna:ge/heim@proxy.example:x", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_a_proxys_name_and_password_stay_out(address: str, shown: str):
    assert _bare(address) == shown


def test_the_library_can_search():
    assert describe_library().endswith("with full-text search")
