"""How many threads the model gets."""

import os
from pathlib import Path

import pytest

from desktop.local import cores


@pytest.mark.parametrize(
    ("logical", "physical", "threads"),
    [(1, 1, 1), (2, 1, 2), (2, 2, 2), (4, 2, 2), (4, 4, 3), (8, 4, 3), (16, 8, 7), (64, 32, 8)],
)
def test_a_core_is_left_for_the_user(
    monkeypatch: pytest.MonkeyPatch, logical: int, physical: int, threads: int
) -> None:
    monkeypatch.setattr(cores, "logical_cores", lambda: logical)
    monkeypatch.setattr(cores, "physical_cores", lambda: physical)
    assert cores.thread_count() == threads


def test_this_computer_has_cores() -> None:
    assert 1 <= cores.physical_cores() <= cores.logical_cores() <= (os.cpu_count() or 1)


def test_siblings_count_as_one_core(tmp_path: Path) -> None:
    for number, siblings in enumerate(["0,2", "1,3", "0,2", "1,3"]):
        folder = tmp_path / f"cpu{number}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{siblings}\n")
    assert cores._distinct_cores(tmp_path, {0, 1, 2, 3}) == 2
    assert cores._distinct_cores(tmp_path, {0, 2}) == 1
    assert cores._distinct_cores(tmp_path, {7}) == 0


@pytest.mark.parametrize(
    ("text", "count"), [("max 100000\n", 0), ("150000 100000", 2), ("50000 100000", 1), ("", 0), ("1 0", 0)]
)
def test_a_containers_limit_counts(tmp_path: Path, text: str, count: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(text)
    assert cores._quota(file) == count
    assert cores._quota(tmp_path / "none") == 0
