import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from desktop.ui.collector import Collector


class Knot:
    """Something only the cycle collector frees; remembers in which thread it died."""

    died_in: list[threading.Thread]

    def __init__(self, died_in: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: died_in.append(threading.current_thread()))


@pytest.fixture
def collector(qapp) -> Iterator[Collector]:
    gc.collect()
    collector = Collector()
    yield collector
    collector.close()
    collector.deleteLater()


def make_garbage_in_a_thread(died_in: list[threading.Thread]) -> None:
    def work() -> None:
        for _ in range(5_000):
            Knot(died_in)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_cycles_die_in_the_windows_thread_whoever_made_them(collector: Collector, qtbot):
    died_in: list[threading.Thread] = []
    make_garbage_in_a_thread(died_in)
    assert died_in == []
    qtbot.waitUntil(lambda: len(died_in) == 5_000)
    assert set(died_in) == {threading.main_thread()}


def test_without_it_they_die_anywhere(qapp):
    died_in: list[threading.Thread] = []
    make_garbage_in_a_thread(died_in)
    assert set(died_in) - {threading.main_thread()}
    gc.collect()


def test_it_gives_the_collection_back(qapp):
    collector = Collector()
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
    collector.deleteLater()


def test_nothing_is_collected_before_it_is_due(collector: Collector):
    gc.collect()
    assert collector.check() is None
