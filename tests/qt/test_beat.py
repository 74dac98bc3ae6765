"""One frame shared by several pacers: nobody falls behind, and together they cost what one may."""

from PySide6.QtCore import QObject

from desktop.ui.timeline.pacer import SHARED_S, Beat, Pacer


class Band:
    """Some pacers on one beat, with a clock that runs as they draw."""

    def __init__(self, count: int, cost: float) -> None:
        self.owner = QObject()
        self.clock = 100.0
        self.drawn: list[int] = []
        self.left = [0] * count
        self.beat = Beat(self.owner, now=lambda: self.clock, spent=lambda: self.clock)
        self.pacers = [
            Pacer(
                lambda number=number: self.draw(number, cost),
                self.owner,
                now=lambda: self.clock,
                spent=lambda: self.clock,
                beat=self.beat,
            )
            for number in range(count)
        ]

    def draw(self, number: int, cost: float) -> bool:
        self.clock += cost
        self.drawn.append(number)
        self.left[number] -= 1
        return self.left[number] > 0

    def ask(self, *numbers: int) -> None:
        for number in numbers:
            self.pacers[number].request()


def test_all_that_are_quick_draw_in_one_frame_in_the_order_of_asking(qapp):
    band = Band(4, SHARED_S / 8)
    band.ask(2, 0, 3, 1, 2)
    assert all(pacer.is_waiting for pacer in band.pacers)
    band.beat.flush()
    assert band.drawn == [2, 0, 3, 1]
    assert not any(pacer.is_waiting for pacer in band.pacers)
    assert band.beat.wait_ms == 14


def test_whoever_had_no_turn_is_the_first_in_the_next_frame(qapp):
    band = Band(4, SHARED_S * 0.6)
    band.ask(0, 1, 2, 3)
    band.beat.flush()
    assert band.drawn == [0, 1]
    band.ask(0, 1)
    band.beat.flush()
    assert band.drawn == [0, 1, 2, 3]
    band.beat.flush()
    assert band.drawn == [0, 1, 2, 3, 0, 1]


def test_together_they_work_no_more_of_the_time_than_one_alone(qapp):
    band = Band(3, 0.003)
    began = band.clock
    band.ask(0, 1)
    band.beat.flush()
    assert band.clock - began == 0.006 or abs(band.clock - began - 0.006) < 1e-9
    assert band.beat.wait_ms == 18
    band.clock += 0.018
    assert band.beat.wait_ms == 0


def test_what_is_left_over_is_drawn_in_the_next_frame(qapp):
    band = Band(2, 0.001)
    band.left[0] = 2
    band.ask(0, 1)
    band.beat.flush()
    assert band.drawn == [0, 1]
    assert band.pacers[0].is_waiting
    band.beat.flush()
    assert band.drawn == [0, 1, 0]


def test_a_first_word_is_drawn_at_once_and_counts(qapp):
    band = Band(2, 0.010)
    band.ask(1)
    band.pacers[0].flush()
    assert band.drawn == [0]
    assert band.beat.wait_ms == 30
    band.pacers[1].cancel()
    band.beat.flush()
    assert band.drawn == [0]


async def test_frames_come_by_themselves(qloop):
    import asyncio

    owner = QObject()
    drawn: list[int] = []
    beat = Beat(owner)
    pacers = [
        Pacer(lambda number=number: bool(drawn.append(number)), owner, beat=beat) for number in range(3)
    ]
    for pacer in pacers:
        pacer.request()
    while len(drawn) < 3:
        await asyncio.sleep(0.005)
    assert drawn == [0, 1, 2]
