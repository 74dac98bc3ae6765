"""Trial: an endpoint, stored or not, asked for what costs least, each step on the way reported."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import replace
from typing import Protocol

from desktop.chat.ports import Sender
from desktop.domain.delta import TextDelta
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.identity import new_id
from desktop.domain.message import Message, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.domain.trial import Finding, Mark, Step, step_of

Report = Callable[[Finding], None]
Outcome = Failure | tuple[ModelInfo, ...] | str
"""Why it failed, the models, or the first words of a reply where there is no list to ask for."""


class Watch(Protocol):
    """Looks at the way to an endpoint while requests are sent within."""

    def __call__(self, endpoint: Endpoint, report: Report) -> AbstractAsyncContextManager[None]:
        """Report name, proxy, connection and TLS. Raises TurnFailedError on entering."""
        ...


async def try_out(
    sender: Sender, watch: Watch | None, endpoint: Endpoint, key: Secret | None, report: Report
) -> Outcome:
    """Ask an endpoint for its models, or greet it where it has no such list; report what each step found."""
    listed: tuple[ModelInfo, ...] | None
    words = ""
    try:
        async with watch(endpoint, report) if watch is not None else nullcontext():
            report(Finding(Step.ANSWER, Mark.RUNNING))
            listed = await sender.fetch_models(endpoint, key)
            if listed is None:
                words = await _greet(sender, endpoint, key)
    except TurnFailedError as error:
        report(Finding(step_of(error.failure.kind), Mark.BAD, failure=error.failure))
        return error.failure
    if key:
        is_open = listed is not None and await _is_open(sender, endpoint)
        report(Finding(Step.KEY, Mark.OPEN if is_open else Mark.GOOD))
    report(Finding(Step.ANSWER, Mark.GOOD, words if listed is None else str(len(listed))))
    return words if listed is None else listed


async def _is_open(sender: Sender, endpoint: Endpoint) -> bool:
    """Whether a service lists its models without a key too, so that the list says nothing of the key."""
    if endpoint.header_keys:
        return False
    try:
        return await sender.fetch_models(replace(endpoint, key=None), None) is not None
    except TurnFailedError:
        return False


async def _greet(sender: Sender, endpoint: Endpoint, key: Secret | None) -> str:
    """Return the first words of a reply to a greeting: there is no other question to ask."""
    model = endpoint.default_model or next(iter(endpoint.models), "")
    greeting = Message(
        id=new_id(), conversation_id=new_id(), parent_id=None, role=Role.USER, parts=(TextPart("Hello"),)
    )
    prompt = Prompt(model=model, messages=(greeting,), conversation_id=greeting.conversation_id)
    async with aclosing(sender.send(prompt, endpoint, key)) as batches:
        async for batch in batches:
            text = "".join(delta.text for delta in batch if isinstance(delta, TextDelta))
            if text.strip():
                return text.strip()
    raise TurnFailedError(Failure(kind=FailureKind.EMPTY, endpoint=endpoint.name, model=model))
