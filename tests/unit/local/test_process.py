"""One run of the model's process, with stand-ins for it."""

import os
import subprocess
import sys
import threading
import time

import psutil
import pytest

from desktop.local.process import (
    ModelProcess,
    ProcessEndedError,
    ProcessFailedError,
    child_command,
    child_environment,
    lacks_instructions,
    reason_in_log,
)
from desktop.local.protocol import Order
from tests.support.model_child import stand_in

_ORDER = Order(model="/nowhere.gguf", name="tiny", key="a-key", context=512)


def test_a_process_serves_and_ends_with_its_input() -> None:
    process = ModelProcess(stand_in("serve"))
    url = process.serve(_ORDER)
    pid = process.pid
    assert url == f"http://127.0.0.1:1/{pid}"
    assert pid is not None
    ender = threading.Thread(target=process.end)
    ender.start()
    assert process.wait() == 0
    ender.join()
    assert process.pid is None
    assert process.is_told_to_end
    assert not psutil.pid_exists(pid)


def test_the_key_is_not_on_the_command_line() -> None:
    process = ModelProcess(stand_in("serve"))
    process.serve(_ORDER)
    assert process.pid is not None
    words = " ".join(psutil.Process(process.pid).cmdline())
    process.end()
    process.wait()
    assert "a-key" not in words
    assert "nowhere" not in words


def test_a_refusal_comes_with_the_log() -> None:
    process = ModelProcess(stand_in("refuse"))
    with pytest.raises(ProcessFailedError, match="Failed to init") as caught:
        process.serve(_ORDER)
    assert caught.value.reason == "no_start"
    assert process.wait() == 4
    assert reason_in_log(process.engine_log) == "it is a poem"


@pytest.mark.parametrize(("what", "code"), [("quit_early", 7), ("old_processor", -4), ("killed", -9)])
@pytest.mark.skipif(os.name == "nt", reason="other codes there")
def test_an_early_end_is_told_by_its_code(what: str, code: int) -> None:
    process = ModelProcess(stand_in(what))
    with pytest.raises(ProcessEndedError):
        process.serve(_ORDER)
    assert process.wait() == code
    assert lacks_instructions(code) == (what == "old_processor")


@pytest.mark.skipif(os.name == "nt", reason="there a signal is force")
def test_force_is_used_where_nothing_else_helps() -> None:
    process = ModelProcess(stand_in("deaf"))
    outcome: list[BaseException] = []

    def serve() -> None:
        try:
            process.serve(_ORDER)
        except ProcessEndedError as error:
            outcome.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    while process.pid is None or "model_child" not in " ".join(psutil.Process(process.pid).cmdline()):
        time.sleep(0.01)
    time.sleep(0.3)
    process.end(patience=0.1)
    thread.join()
    assert outcome
    assert process.wait() == -9


def test_a_process_told_to_end_is_never_started() -> None:
    process = ModelProcess(stand_in("serve"))
    process.end()
    with pytest.raises(ProcessEndedError):
        process.serve(_ORDER)
    assert process.wait() is None
    assert process.pid is None


def test_a_command_that_is_not_there_is_an_os_error() -> None:
    process = ModelProcess(["/no/such/program"])
    with pytest.raises(OSError, match="No such file"):
        process.serve(_ORDER)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="read from /proc")
def test_the_memory_a_process_holds_is_known_while_it_runs() -> None:
    process = ModelProcess(stand_in("serve"))
    assert process.resident_bytes() is None
    process.serve(_ORDER)
    taken = process.resident_bytes()
    assert taken is not None
    assert 1 << 20 < taken < 1 << 30
    process.end()
    process.wait()
    assert process.resident_bytes() is None


def test_the_child_inherits_no_secrets() -> None:
    environment = child_environment(
        {
            "PATH": "/bin",
            "OPENAI_API_KEY": "k",
            "HF_TOKEN": "t",
            "MY_PASSWORD": "p",
            "LLAMA_ARG_HOST": "0.0.0.0",
        }
    )
    assert set(environment) == {"PATH", "GOMP_SPINCOUNT", "PYTHONPATH"}
    assert environment["GOMP_SPINCOUNT"] == "2000"


def test_a_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert child_command() == [sys.executable, "--local-server"]
    assert "PYTHONPATH" not in child_environment({})


def test_the_childs_module_is_found_from_any_folder(tmp_path: os.PathLike[str]) -> None:
    done = subprocess.run(
        [*child_command(), "an argument it does not know"],
        cwd=tmp_path,
        env=child_environment(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.parametrize("code", [-4, 0xC000001D, -1073741795])
def test_every_platforms_code_for_a_missing_instruction_is_known(code: int) -> None:
    assert lacks_instructions(code)
    assert not lacks_instructions(1)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", ""),
        ("0.0 I srv init: hello", ""),
        (
            "0.1 E llama_model_load: error loading model: unknown model architecture: 'x'\n0.2 E f: no",
            "unknown model architecture: 'x'",
        ),
        (
            "0.1 E llama_model_load: error loading model: error loading model hyperparameters: no key",
            "no key",
        ),
        (
            "0.1 E common_chat_templates_init: failed to initialize chat template",
            "its chat template cannot be",
        ),
        ("0.1 E cmn  common_init_: failed to create context", "failed to create context"),
        ("0.1 E gguf_init_from_file: failed to open", "failed to open"),
    ],
)
def test_the_engines_words_are_found_in_its_log(log: str, words: str) -> None:
    found = reason_in_log(log)
    assert found.startswith(words)
    assert bool(found) == bool(words)
