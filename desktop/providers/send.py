"""WireSender: from a prompt, an endpoint and a key to deltas."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta, FinishDelta, ProgressDelta, Usage, UsageDelta
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.message import FilePart, ImagePart
from desktop.domain.network import Route
from desktop.domain.options import Options
from desktop.domain.prompt import Prompt
from desktop.domain.recording import Recorder
from desktop.domain.secret import Secret
from desktop.domain.trial import Finding
from desktop.providers import prices
from desktop.providers.base import FollowUp, Provider
from desktop.providers.form import with_conversation
from desktop.providers.reading import Reader, read_records
from desktop.providers.recorded import noted, recorded
from desktop.providers.registry import all_providers
from desktop.providers.seam import Seam
from desktop.providers.windows import running_window, with_windows
from desktop.wire.answer import AnswerHead, Framing
from desktop.wire.client import WireClient
from desktop.wire.failures import AnswerFailedError, Place, completed, failed
from desktop.wire.records import Record
from desktop.wire.request import WireRequest, is_loopback
from desktop.wire.stream import WireStream
from desktop.wire.way import watched_way

_log = logging.getLogger(__name__)

# Usage and the end mark may follow the model's own end; a server may also never close.
GRACE_SECONDS = 3.0
DRAIN_SECONDS = 0.25
POLL_SECONDS = 1.0
CANCEL_SECONDS = 2.0
_MAX_ADAPTATIONS = 5
# Below this a request is made faster than a thread is asked to do it.
_LARGE_BYTES = 256 * 1024
_UNREADABLE_KEY = QT_TRANSLATE_NOOP(
    "Provider", "The key holds characters that can't be sent. Copy it again, without quotes or line breaks."
)

RouteFinder = Callable[[Endpoint], Awaitable[Route]]


class WireSender:
    """Sends prompts through a client, each on the route that `find_route` returns for its endpoint.

    What is sent and answered for a reply is noted in `recorder`, if there is one. Fits the `Sender` port
    of chat.
    """

    def __init__(
        self,
        client: WireClient,
        providers: Mapping[str, Provider] | None = None,
        *,
        find_route: RouteFinder | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._client = client
        self._find_route = find_route
        self._recorder = recorder
        self._providers = dict(providers) if providers is not None else all_providers()
        prices.prepare()

    async def send(
        self, prompt: Prompt, endpoint: Endpoint, key: Secret | None
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Yield the deltas of each chunk; the first batch is empty: the service accepted the request.

        Where the prompt continues a reply, they are what is new, to be joined to its text as it stands.
        Returns when the protocol's own end was seen, raises TurnFailedError in every other case.
        The last batch adds what the reply cost, where the list of prices knows and the service did not say.
        Use it under `contextlib.aclosing`; closing or cancelling it closes the connection.
        """
        provider, place = self._check(endpoint, key, prompt.model)
        place = recorded(await self._on_route(place, endpoint), prompt, endpoint, self._recorder)
        if provider.name != "custom":
            endpoint = with_conversation(endpoint, prompt.conversation_id)
        usage: Usage | None = None
        with noted(place.recording):
            if provider.answers_with_receipt:
                batches = self._send_for_receipt(provider, prompt, endpoint, key, place)
            else:
                stream = await self._open(provider, prompt, endpoint, key, place)
                batches = self._read(stream, provider, endpoint, place)
            if prompt.continues is not None:
                is_prefilled = provider.prefills(prompt, endpoint)
                batches = _joined(batches, Seam(prompt.continues.text, is_prefilled=is_prefilled))
            async with contextlib.aclosing(batches):
                async for batch in batches:
                    usage = _usage_in(batch) or usage
                    yield batch
        if usage is not None and usage.cost is None:
            cost = prices.price(endpoint, prompt.model, usage)
            if cost is not None:
                yield (UsageDelta(replace(usage, cost=cost)),)

    async def _read(
        self, stream: WireStream, provider: Provider, endpoint: Endpoint, place: Place
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Yield an accepted answer's batches; close its connection in every case."""
        try:
            yield ()
            reader: Reader | None = None
            settled = False
            while (records := await _next(stream, reader)) is not None:
                if not records:
                    continue
                if reader is None:
                    reader = provider.reader(endpoint, stream.head)
                deltas = read_records(reader, records)
                if deltas:
                    if not settled and any(_is_content(delta) for delta in deltas):
                        settled = True
                        stream.settle()
                    yield deltas
                if reader.failure is not None:
                    raise completed(reader.failure, place)
                if reader.is_done:
                    await stream.drain(DRAIN_SECONDS)
                    return
            if reader is None:
                raise failed(FailureKind.EMPTY if not stream.byte_count else FailureKind.CUT, place)
            if rest := reader.close():
                yield rest
            if reader.failure is not None:
                raise completed(reader.failure, place)
            if not (reader.is_complete or reader.close_is_end):
                raise failed(FailureKind.CUT, place)
        finally:
            await stream.aclose()

    async def _send_for_receipt(
        self, provider: Provider, prompt: Prompt, endpoint: Endpoint, key: Secret | None, place: Place
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Send a prompt whose first answer only says where the reply will be."""
        receipt = await self._fetch_receipt(provider, prompt, endpoint, key, place)
        follow_up = provider.follow_up(receipt, endpoint, key)
        is_over = False
        try:
            if follow_up.stream is not None:
                stream = await self._client.open(follow_up.stream, _at(place, follow_up.stream))
                batches = self._read(stream, provider, endpoint, place)
                async with contextlib.aclosing(batches):
                    async for batch in batches:
                        yield batch
                is_over = True
                if usage := await self._usage_of(provider, follow_up.status, endpoint, place):
                    yield usage
                return
            async with contextlib.aclosing(
                self._poll(provider, receipt, follow_up, endpoint, place)
            ) as polled:
                async for batch in polled:
                    yield batch
            is_over = True
        finally:
            if not is_over and follow_up.cancel is not None:
                await self._cancel(follow_up.cancel, place)

    async def _fetch_receipt(
        self, provider: Provider, prompt: Prompt, endpoint: Endpoint, key: Secret | None, place: Place
    ) -> Any:
        """Send the prompt, and again without an option that is refused; return the receipt."""
        for _ in range(_MAX_ADAPTATIONS):
            request = provider.request(prompt, endpoint, key)
            try:
                return await self._client.fetch_json(request, _at(place, request))
            except AnswerFailedError as error:
                if not provider.adapt(prompt, endpoint, error.failure.status or 0, error.body):
                    raise
        raise failed(FailureKind.BAD_REQUEST, place)

    async def _usage_of(
        self, provider: Provider, status: WireRequest | None, endpoint: Endpoint, place: Place
    ) -> Sequence[Delta]:
        """Return the counts that only the finished work knows; a reply is whole without them."""
        if status is None:
            return ()
        try:
            payload = await self._client.fetch_json(status, _at(place, status))
        except TurnFailedError:
            return ()
        reader = provider.reader(endpoint, AnswerHead(framing=Framing.JSON))
        deltas = read_records(reader, [Record(json.dumps(payload))])
        return [delta for delta in deltas if isinstance(delta, UsageDelta)]

    async def _poll(
        self, provider: Provider, receipt: Any, follow_up: FollowUp, endpoint: Endpoint, place: Place
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Ask for the work again and again, where the model can't stream, and yield what is new."""
        reader = provider.reader(endpoint, AnswerHead(framing=Framing.JSON))
        yield ()
        payload = receipt
        while True:
            if deltas := read_records(reader, [Record(json.dumps(payload))]):
                yield deltas
            if reader.failure is not None:
                raise completed(reader.failure, place)
            if reader.is_done:
                return
            if follow_up.status is None:
                raise failed(
                    FailureKind.GARBLED,
                    place,
                    words=translate("Provider", "It did not say where the reply will be."),
                )
            await asyncio.sleep(POLL_SECONDS)
            payload = await self._client.fetch_json(follow_up.status, _at(place, follow_up.status))

    async def _cancel(self, request: WireRequest, place: Place) -> None:
        """Ask the service to stop the work; nobody waits long for its answer."""
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self._client.fetch_json(request, _at(place, request))
        except (TurnFailedError, TimeoutError):
            _log.info("the service did not confirm that it stopped")

    async def fetch_models(self, endpoint: Endpoint, key: Secret | None) -> tuple[ModelInfo, ...] | None:
        """Return the endpoint's models, None where its protocol has no list. Raises TurnFailedError."""
        provider, place = self._check(endpoint, key, "")
        request = provider.models_request(endpoint, key)
        if request is None:
            return None
        place = await self._on_route(place, endpoint)
        listed = await self._client.fetch_json(request, _at(place, request))
        models = provider.models_from(listed)
        return await with_windows(models, listed, endpoint, key, self._fetcher(place))

    @contextlib.asynccontextmanager
    async def watched(self, endpoint: Endpoint, report: Callable[[Finding], None]) -> AsyncIterator[None]:
        """Report the way to an endpoint while this task sends requests to it. Raises TurnFailedError."""
        place = await self._on_route(Place(endpoint=endpoint.name, url=endpoint.base_url), endpoint)
        seconds = self._client.patience.at(place).connect
        async with watched_way(endpoint.base_url, place, report, seconds):
            yield

    async def fetch_window(self, endpoint: Endpoint, model: str, key: Secret | None) -> int | None:
        """Return the context window, in tokens, with which a server runs a model now; None if untold."""
        _, place = self._check(endpoint, key, model)
        place = await self._on_route(place, endpoint)
        return await running_window(model, endpoint, key, self._fetcher(place))

    def _fetcher(self, place: Place) -> Callable[[WireRequest], Awaitable[Any]]:
        return lambda request: self._client.fetch_json(request, _at(place, request))

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what an endpoint takes for a model beside these options, as far as is known by now."""
        provider = self._providers.get(endpoint.provider)
        return provider.abilities(endpoint, model, options) if provider is not None else Abilities()

    async def _on_route(self, place: Place, endpoint: Endpoint) -> Place:
        return place if self._find_route is None else replace(place, route=await self._find_route(endpoint))

    def _check(self, endpoint: Endpoint, key: Secret | None, model: str) -> tuple[Provider, Place]:
        place = Place(endpoint=endpoint.name, model=model, url=endpoint.base_url, key=key)
        provider = self._providers.get(endpoint.provider)
        if provider is None:
            raise failed(
                FailureKind.NO_ENDPOINT,
                place,
                words=translate("Provider", "“{provider}” is not known.").format(provider=endpoint.provider),
            )
        if not key:
            if endpoint.key is not None and not is_loopback(endpoint.base_url):
                raise failed(FailureKind.NO_KEY, place)
        elif not key.is_sendable:
            raise failed(FailureKind.KEY_REFUSED, place, words=translate("Provider", _UNREADABLE_KEY))
        for header, _ in endpoint.header_keys:
            if key is None or not key.beside.get(header):
                raise failed(
                    FailureKind.NO_KEY,
                    place,
                    words=translate("Provider", "The key for the header {header} is missing.").format(
                        header=header
                    ),
                )
            if not key.beside[header].is_sendable:
                raise failed(FailureKind.KEY_REFUSED, place, words=translate("Provider", _UNREADABLE_KEY))
        return provider, place

    async def _open(
        self, provider: Provider, prompt: Prompt, endpoint: Endpoint, key: Secret | None, place: Place
    ) -> WireStream:
        """Send the prompt, and again in another form where the endpoint refuses an option."""
        for _ in range(_MAX_ADAPTATIONS):
            if _size(prompt) > _LARGE_BYTES:
                request = await asyncio.to_thread(provider.request, prompt, endpoint, key)
            else:
                request = provider.request(prompt, endpoint, key)
            try:
                return await self._client.open(request, _at(place, request))
            except AnswerFailedError as error:
                if not provider.adapt(prompt, endpoint, error.failure.status or 0, error.body):
                    raise
        raise failed(FailureKind.BAD_REQUEST, place)


async def _joined(
    batches: AsyncGenerator[Sequence[Delta], None], seam: Seam
) -> AsyncGenerator[Sequence[Delta], None]:
    """Yield batches without what repeats the text before them; what is held back comes at the end."""
    async with contextlib.aclosing(batches):
        try:
            async for batch in batches:
                shown = seam.feed(batch)
                if shown or not batch:
                    yield shown
        except TurnFailedError:
            if rest := seam.close():
                yield rest
            raise
        if rest := seam.close():
            yield rest


async def _next(stream: WireStream, reader: Reader | None) -> Sequence[Record] | None:
    if reader is not None and reader.is_complete:
        return await stream.read_within(GRACE_SECONDS)
    return await stream.read()


def _is_content(delta: Delta) -> bool:
    return not isinstance(delta, UsageDelta | ProgressDelta | FinishDelta)


def _usage_in(batch: Sequence[Delta]) -> Usage | None:
    """Return the last usage that a batch tells, if any does."""
    usage = None
    for delta in batch:
        if type(delta) is UsageDelta:
            usage = delta.usage
    return usage


def _size(prompt: Prompt) -> int:
    return sum(
        len(part.data)
        for message in prompt.messages
        for part in message.parts
        if isinstance(part, ImagePart | FilePart)
    )


def _at(place: Place, request: WireRequest) -> Place:
    """Return the place with the address that is really asked."""
    return replace(place, url=request.url)
