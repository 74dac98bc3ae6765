"""How much a prompt takes of the context window, and what is left out when it does not fit."""

from dataclasses import replace

import pytest

from desktop.domain.context import (
    SUMMARY_HEAD,
    Load,
    Scale,
    cut_on,
    estimate_parts,
    moved_to,
    reserve_of,
    sent_of,
)
from desktop.domain.cut import ContextChoice, Cut, Overflow
from desktop.domain.delta import Usage
from desktop.domain.message import FilePart, ImagePart, Message, ReasoningPart, Role, TextPart

WORDS = "word " * 100


def message(number: int, text: str = WORDS, *, usage: Usage | None = None) -> Message:
    return Message(
        id=f"m{number}",
        conversation_id="c",
        parent_id=f"m{number - 1}" if number else None,
        role=Role.ASSISTANT if number % 2 else Role.USER,
        parts=(TextPart(text),),
        created=number * 1_000,
        usage=usage,
    )


def path(count: int) -> tuple[Message, ...]:
    return tuple(message(number) for number in range(count))


class TestCuts:
    def test_the_lowest_on_the_branch_counts_and_of_two_at_one_place_the_later(self) -> None:
        high, low, again = Cut(after_id="m1", at=1), Cut(after_id="m3", at=2), Cut(after_id="m3", at=3)
        elsewhere = Cut(after_id="x", at=9)
        assert cut_on(path(6), (low, high, elsewhere)) == low
        assert cut_on(path(6), (low, again)) == again
        assert cut_on(path(2), (low, high)) == high
        assert cut_on(path(6), (elsewhere,)) is None
        assert cut_on(path(6), (high, low), before=1) == high

    def test_a_reply_is_never_parted_from_its_prompt(self) -> None:
        assert cut_on(path(4), (Cut(after_id="m2"),)) is None

    def test_what_is_below_goes_alone_or_after_the_summary(self) -> None:
        whole = path(5)
        assert sent_of(whole, ()) == whole
        assert sent_of(whole, (Cut(after_id="m1"),)) == whole[2:]
        first, *rest = sent_of(whole, (Cut(after_id="m1", summary="They spoke of weirs."),))
        assert (first.role, first.text) == (Role.USER, f"{SUMMARY_HEAD}\n\nThey spoke of weirs.")
        assert tuple(rest) == whole[2:]

    def test_a_copy_has_its_own_and_costs_nothing_again(self) -> None:
        usage = Usage(input=5, output=5, cost=0.1)
        cuts = (Cut(after_id="m1", summary="s", usage=usage), Cut(after_id="elsewhere"))
        moved = moved_to(ContextChoice(overflow=Overflow.SUMMARY, cuts=cuts), {"m1": "n1"})
        assert moved == ContextChoice(overflow=Overflow.SUMMARY, cuts=(Cut(after_id="n1", summary="s"),))


class TestLoad:
    def test_without_counts_everything_is_estimated(self) -> None:
        load = Scale().load(path(2), (), system="Be brief.", draft=(TextPart(WORDS),), window=4_096)
        assert load.tokens == load.estimated
        assert 350 <= load.tokens <= 450
        assert load.reserve == 512
        assert load.fits

    def test_what_the_service_counted_is_exact_up_to_its_reply(self) -> None:
        counted = message(1, usage=Usage(input=200, output=120, reasoning=20, cached=100))
        load = Scale().load((message(0), counted), (), window=4_096)
        assert (load.tokens, load.estimated) == (300, 0)
        # This service counts more than the estimate, hence so does what follows.
        more = Scale().load((message(0), counted), (), draft=(TextPart(WORDS),), window=4_096)
        assert more.tokens == 300 + more.estimated
        assert more.estimated > 1.4 * estimate_parts((TextPart(WORDS),))

    def test_counts_of_something_else_are_not_taken(self) -> None:
        counted = message(1, usage=Usage(input=100_000, output=5))
        assert Scale().load((message(0), counted), ()).tokens < 1_000

    def test_counts_from_before_the_cut_say_only_how_the_service_counts(self) -> None:
        messages = [*path(3), message(3, usage=Usage(input=800, output=200))]
        before = Scale().load(messages, ())
        assert before.tokens == 1_000
        cut = Scale().load(messages, (Cut(after_id="m1", at=9_999),))
        assert cut.estimated == cut.tokens
        assert 400 < cut.tokens < 700

    def test_of_each_part_what_is_sent_weighs(self) -> None:
        assert estimate_parts((ReasoningPart("x" * 4_000),)) == 0
        assert estimate_parts((ImagePart("image/png", b"", ""),)) == 1_000
        assert estimate_parts((FilePart("a.txt", "text/plain", b"x" * 400, "x" * 400),)) > 100
        assert estimate_parts((FilePart("a.pdf", "application/pdf", b"x"),)) == 1_500
        assert estimate_parts((FilePart("a.pdf", "application/pdf", b"x" * 10**8),)) == 200_000

    @pytest.mark.parametrize(
        ("window", "asked", "reserve"),
        [(None, 5, 0), (4_096, None, 512), (200_000, None, 1_024), (4_096, 300, 300), (4_096, 9_000, 2_048)],
    )
    def test_room_for_the_reply(self, window: int | None, asked: int | None, reserve: int) -> None:
        assert reserve_of(window, asked) == reserve

    def test_an_unknown_window_is_never_full(self) -> None:
        load = Load(10**9, 10**9)
        assert load.fits
        assert load.share is None


class TestPlan:
    def plan_for(self, window: int, count: int = 8, draft: str = WORDS, cuts: tuple[Cut, ...] = ()):  # type: ignore[no-untyped-def]
        scale, messages = Scale(), path(count)
        parts = (TextPart(draft),) if draft else ()
        load = scale.load(messages, cuts, draft=parts, window=window)
        return scale, messages, load, scale.plan(messages, cuts, load, draft=parts)

    def test_whole_turns_go_until_a_quarter_is_free(self) -> None:
        _, _, load, plan = self.plan_for(1_000)
        assert not load.fits
        assert plan.after_id in {"m1", "m3", "m5", "m7"}
        assert plan.count == len(plan.left)
        assert plan.tokens + load.reserve <= 750
        smaller = self.plan_for(1_000, count=6)[3]
        assert smaller.tokens + load.reserve <= 750

    def test_if_need_be_the_prompt_goes_alone(self) -> None:
        plan = self.plan_for(160)[3]
        assert plan.after_id == "m7"
        assert plan.count == 8

    def test_a_prompt_that_is_too_long_by_itself_is_helped_by_nothing(self) -> None:
        assert not self.plan_for(100)[3].helps

    def test_without_a_draft_the_last_prompt_stays(self) -> None:
        plan = self.plan_for(160, count=7, draft="")[3]
        assert plan.after_id == "m5"

    def test_what_was_left_out_before_is_counted_but_not_named_again(self) -> None:
        plan = self.plan_for(700, cuts=(Cut(after_id="m1"),))[3]
        assert plan.left[0].id == "m2"
        assert plan.count == len(plan.left) + 2

    def test_a_very_long_message_does_not_go_for_a_little_more_room(self) -> None:
        messages = (*path(4), message(4, WORDS * 7), message(5, "Yes."))
        scale = Scale()
        load = scale.load(messages, (), draft=(TextPart("And now?"),), window=1_150)
        assert scale.plan(messages, (), load, draft=(TextPart("And now?"),)).after_id == "m3"

    def test_where_the_window_is_unknown_a_part_of_it_goes(self) -> None:
        scale, messages, load, _ = self.plan_for(100_000, draft="")
        plan = scale.plan(messages, (), replace(load, window=None))
        assert load.tokens * 0.2 < plan.tokens <= load.tokens * 0.75

    def test_each_message_is_weighed_a_few_times_however_many_there_are(self) -> None:
        scale, messages = Scale(), path(3_000)
        load = scale.load(messages, (), window=5_000)
        weighed: list[str] = []
        scale.weigh = lambda message: weighed.append(message.id) or 100  # type: ignore[func-returns-value, method-assign, assignment]
        assert scale.plan(messages, (), load).helps
        assert len(weighed) <= 3 * len(messages)
