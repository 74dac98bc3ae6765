"""The lines between the program and the model's process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.local.protocol import Order, event_from, event_line, order_from


def test_an_order_survives_the_pipe_on_one_line() -> None:
    order = Order(model="/tmp/größe\n “x”.gguf", name="Größe\u2028", key="secret", context=4096)
    line = order.line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert order_from(line) == order


def test_an_order_does_not_show_its_key() -> None:
    assert "secret" not in repr(Order(model="m", name="n", key="secret", context=1))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"{}",
        b'{"model": "m", "name": "n", "key": "", "context": 1}',
        b'{"model": "m", "name": "n", "key": "k", "context": 0}',
        b'{"model": "m", "name": "n", "key": "k", "context": "1"}',
        b'{"model": 1, "name": "n", "key": "k", "context": 1}',
    ],
)
def test_a_wrong_order_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="an order has"):
        order_from(line)


def test_events_survive_the_pipe() -> None:
    assert event_from(event_line("ready", url="http://127.0.0.1:1")) == {
        "event": "ready",
        "url": "http://127.0.0.1:1",
    }


@given(st.binary())
def test_any_line_is_an_event_or_nothing(line: bytes) -> None:
    assert isinstance(event_from(line), dict)
