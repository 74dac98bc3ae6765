"""The Qt binding keeps its counts: PySide6 6.12.0 on Python 3.11 lost a None or a True at each call."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal

CALLS = 500

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from 3.12 on")


class _Sender(QObject):
    sent = Signal()


def test_calls_without_a_result_give_none_back() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < CALLS // 10


def test_emitted_signals_give_true_back() -> None:
    sender = _Sender()
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        sender.sent.emit()
    assert abs(sys.getrefcount(True) - before) < CALLS // 10
