"""`weir ask`: a turn whose reply goes to the terminal, with the window's endpoints, keys and history."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from desktop.app import Core, build_core
from desktop.base.log import start_log
from desktop.base.paths import Paths
from desktop.chat.conversation import LiveConversation
from desktop.chat.keys import read_keys
from desktop.chat.ports import KeySource, VaultError
from desktop.chat.turn import Turn, TurnState
from desktop.domain.ending import ending_words
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import TurnFailedError
from desktop.domain.message import FilePart, Message, Part, RefusalPart
from desktop.domain.options import Option, Options
from desktop.domain.persona import Persona

_FLAGS = {
    Option.REASONING_EFFORT: "--reasoning",
    Option.REASONING_BUDGET: "--reasoning-tokens",
    Option.STREAM: "--no-stream",
}
FINISHED, FAILED, MISUSED, STOPPED = 0, 1, 2, 130
MAX_INPUT_BYTES = 16 * 1024 * 1024


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Ask as the command line says; return the exit status."""
    prompt, attached = arguments.prompt, ""
    try:
        given = _read_input()
    except ValueError as error:
        _say(str(error))
        return MISUSED
    if prompt.strip():
        attached = given
    else:
        prompt = given
    if not prompt.strip():
        _say('There is nothing to ask. Try: weir ask "What is a weir?"')
        return MISUSED
    try:
        paths.create()
        handler = start_log(paths.log_file)
    except OSError as error:
        _say(f"Weir can't write to its folder {paths.data}: {error.strerror}.")
        return FAILED
    try:
        return asyncio.run(_ask(arguments, paths, prompt, attached))
    finally:
        handler.close()


async def _ask(arguments: argparse.Namespace, paths: Paths, prompt: str, attached: str) -> int:
    core = build_core(paths)
    try:
        persona = await _persona(core, arguments.persona)
        if isinstance(persona, str):
            _say(persona)
            return MISUSED
        named = persona.model if persona is not None else None
        if named is not None and not arguments.endpoint and not arguments.model:
            arguments.endpoint, arguments.model = named.endpoint_id, named.model
        chosen = await _choose(core, arguments.endpoint, arguments.model)
        if isinstance(chosen, str):
            _say(chosen)
            return MISUSED
        endpoint, model = chosen
        await _say_where_the_key_is_from(core, endpoint)
        live = core.desk.current
        live.set_options(_with_persona(_options(arguments), persona), persona.name if persona else "")
        _say_what_is_not_sent(core, live.options, endpoint, model)
        return await _stream(live, endpoint, model, prompt, _parts(attached), as_json=arguments.json)
    finally:
        await core.close()


async def _persona(core: Core, name: str) -> Persona | str | None:
    """Return the persona of a name, None without one, or why there is none, in words."""
    if not name:
        return None
    personas = core.personas
    await personas.read()
    found = personas.named(name)
    if found is not None:
        return found
    if personas.problem:
        return personas.problem
    known = ", ".join(item.name for item in personas.items) or "none"
    return f"There is no persona “{name}”. Those there are: {known}."


def _with_persona(options: Options, persona: Persona | None) -> Options:
    """Return a persona's options; those given beside it count instead of its own."""
    if persona is None:
        return options
    return replace(persona.options, **{name.value: getattr(options, name) for name in options.chosen})


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        system=arguments.system,
        temperature=arguments.temperature,
        top_p=arguments.top_p,
        max_tokens=arguments.max_tokens,
        stop=tuple(filter(None, arguments.stop)),
        seed=arguments.seed,
        reasoning_effort=arguments.reasoning,
        reasoning_budget=arguments.reasoning_tokens,
        stream=not arguments.no_stream,
    )


def _say_what_is_not_sent(core: Core, options: Options, endpoint: Endpoint, model: str) -> None:
    if not options.chosen:
        return
    abilities = core.sender.abilities(endpoint, model, options)
    for option in sorted(options.chosen - abilities.sent(options).chosen):
        flag = _FLAGS.get(option, f"--{option.replace('_', '-')}")
        _say(f"{flag} is not sent. {abilities.why_not(option)}")


def _parts(attached: str) -> tuple[Part, ...]:
    if not attached.strip():
        return ()
    return (FilePart("stdin.txt", "text/plain", attached.encode(), attached),)


async def _choose(core: Core, name: str, model: str) -> tuple[Endpoint, str] | str:
    """Return the endpoint and the model to ask, or why there is none, in words."""
    problems: list[str] = []
    core.endpoints.failed.connect(problems.append)
    await core.endpoints.read()
    if problems:
        return problems[0]
    choice = core.endpoints.choice
    wanted = name or core.endpoints.chosen_id
    endpoint = core.endpoints.endpoint(wanted) or next(
        (item for item in core.endpoints.endpoints if item.name.casefold() == wanted.casefold()), None
    )
    if endpoint is None:
        known = ", ".join(item.id for item in core.endpoints.endpoints) or "none"
        return f"There is no endpoint “{wanted}”. Those set up are: {known}."
    if not model and choice is not None and choice.endpoint_id == endpoint.id:
        model = choice.model
    model = model or endpoint.default_model or next((m.id for m in core.endpoints.models(endpoint.id)), "")
    return (endpoint, model) if model else await _first_model(core, endpoint)


async def _first_model(core: Core, endpoint: Endpoint) -> tuple[Endpoint, str] | str:
    try:
        found = await read_keys(core.vault, endpoint)
        models = await core.sender.fetch_models(endpoint, found.secret if found is not None else None) or ()
    except TurnFailedError as error:
        return error.failure.sentence
    except VaultError as error:
        return str(error)
    if not models:
        return f"{endpoint.name} lists no models. Name one with --model."
    return endpoint, models[0].id


async def _say_where_the_key_is_from(core: Core, endpoint: Endpoint) -> None:
    if endpoint.key is None or endpoint.embedded:
        return
    try:
        found = await core.vault.read(endpoint.key)
    except VaultError:
        # The turn meets the same and reports it as its failure.
        return
    if found is not None and found.source is KeySource.ENVIRONMENT:
        _say(f"Using the key from {found.variable} for this run; it is not stored.")


async def _stream(
    live: LiveConversation,
    endpoint: Endpoint,
    model: str,
    prompt: str,
    parts: tuple[Part, ...],
    *,
    as_json: bool,
) -> int:
    printer = _JsonPrinter(live.stop) if as_json else _TextPrinter(live.stop)
    ended: list[Message] = []
    live.turn_started.connect(printer.follow)
    live.storage_failed.connect(_say)
    live.message_changed.connect(ended.append)
    _stop_on_signals(live.stop)
    live.send(((endpoint, model),), prompt, parts)
    await live.wait()
    reply = ended[-1]
    printer.end(reply)
    match printer.state:
        case TurnState.FINISHED:
            return FINISHED
        case TurnState.STOPPED:
            return STOPPED
        case _:
            return FAILED


def _stop_on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows has no signal handlers on its loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


class _Printer:
    """Writes deltas to standard output. Where that is closed, the turn is stopped."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._is_broken = False
        self.state = TurnState.QUEUED

    def follow(self, turn: Turn) -> None:
        """Print what the turn emits."""
        turn.delta_arrived.connect(self.on_delta)
        turn.state_changed.connect(self.on_state)

    def on_delta(self, kind: str, text: str) -> None:
        raise NotImplementedError

    def on_state(self, state: TurnState) -> None:
        self.state = state

    def end(self, reply: Message) -> None:
        raise NotImplementedError

    def write(self, text: str) -> None:
        if self._is_broken:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            self._is_broken = True
            # The interpreter flushes standard output once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            self._stop()


class _TextPrinter(_Printer):
    """The reply's text alone on standard output, everything else on standard error."""

    def __init__(self, stop: Callable[[], None]) -> None:
        super().__init__(stop)
        self._last = "\n"

    def follow(self, turn: Turn) -> None:
        super().follow(turn)
        if sys.stderr.isatty():
            turn.progress_changed.connect(self._on_progress)

    def on_delta(self, kind: str, text: str) -> None:
        if kind == "text":
            self._last = text
            self.write(text)

    def on_state(self, state: TurnState) -> None:
        super().on_state(state)
        if state is TurnState.STREAMING and sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def end(self, reply: Message) -> None:
        if not self._last.endswith("\n"):
            self.write("\n")
        for part in reply.parts:
            if isinstance(part, RefusalPart) and part.text.strip():
                _say(part.text.strip())
        if reply.failure is not None:
            _say(reply.failure.sentence)
            if reply.failure.words:
                _say(reply.failure.words)
        elif self.state is TurnState.STOPPED:
            _say("Stopped. What had arrived is kept in the history.")
        elif words := ending_words(reply):
            _say(f"{words}.")

    def _on_progress(self, words: str, fraction: float | None) -> None:
        share = f" {fraction:.0%}" if fraction is not None else ""
        sys.stderr.write(f"\r\033[K{words}{share}")
        sys.stderr.flush()


class _JsonPrinter(_Printer):
    """One JSON object a line: the deltas as they arrive, then one of kind "end"."""

    def on_delta(self, kind: str, text: str) -> None:
        self._write_line({"kind": kind, "text": text})

    def end(self, reply: Message) -> None:
        failure = reply.failure
        self._write_line(
            {
                "kind": "end",
                "state": self.state.value,
                "conversation": reply.conversation_id,
                "endpoint": reply.endpoint,
                "model": reply.model,
                "stop_reason": reply.stop_reason,
                "usage": asdict(reply.usage) if reply.usage is not None else None,
                "timing": asdict(reply.timing) if reply.timing is not None else None,
                "failure": {**asdict(failure), "sentence": failure.sentence} if failure is not None else None,
            }
        )

    def _write_line(self, value: dict[str, Any]) -> None:
        self.write(json.dumps(value, ensure_ascii=False) + "\n")


def _read_input() -> str:
    """Return standard input where it is not a terminal. Raises ValueError with words for the user."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    if len(data) > MAX_INPUT_BYTES:
        raise ValueError("Standard input is larger than 16 MB. Send a part of it.")
    return data.decode("utf-8", errors="replace")


def _say(words: str) -> None:
    print(words, file=sys.stderr)
