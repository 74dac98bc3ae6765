"""Whether a session bus is there, without asking one."""

import socket
from pathlib import Path

import pytest

from desktop.base.session_bus import has_session_bus


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    file = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(file))
    return file


def test_without_an_address_there_is_none(bus: Path) -> None:
    assert not has_session_bus()


@pytest.mark.parametrize("rest", ["", ",guid=0123"])
def test_a_socket_counts_while_it_is_there(bus: Path, monkeypatch: pytest.MonkeyPatch, rest: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={bus}{rest}")
    assert has_session_bus()
    bus.unlink()
    assert not has_session_bus()


def test_the_socket_of_the_runtime_folder_counts(bus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(bus.parent))
    assert has_session_bus()
    bus.unlink()
    assert not has_session_bus()


@pytest.mark.parametrize(
    "address",
    [
        "unix:abstract=/tmp/x",
        "tcp:host=localhost,port=1",
        "unix:path=/no%20bus",
        "unix:path=/no;unix:path=/x",
    ],
)
def test_what_is_no_file_is_left_to_whoever_connects(
    bus: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert has_session_bus()
