"""Pictures of replies side by side, for the README and to be looked at."""

import asyncio
from pathlib import Path

from desktop.domain.endpoint import Endpoint, ModelRef
from tests.support.answers import Answer, Send, Stall, openai_chunks, openai_error
from tests.support.server import LoopbackServer, SeenRequest, openai_stream
from tests.support.stage import Stage

PROMPT = "What is a weir, and how does one compute the flow over it? Show the formula and a little code."
MODELS = (
    ("openai", "OpenAI", "gpt-5.2"),
    ("anthropic", "Anthropic", "claude-sonnet-4.5"),
    ("google", "Google Gemini", "gemini-3-flash"),
    ("here", "On the shelf", "qwen3-8b"),
)
FIRST = """A **weir** is a low wall across a river. Water piles up behind it and runs over the top, so the
depth above the crest tells the flow:

$$Q = C\\,L\\,H^{3/2}$$

```python
def flow(length, head, c=1.84):
    return c * length * head**1.5
```

`length` and `head` are in metres, the result in m³/s."""
SECOND = """Think of a dam that is *meant* to be overtopped.

| part | what it does |
|:--|:--|
| crest | sets the level upstream |
| nappe | the sheet of water |
| apron | takes the force of the fall |

For a sharp crest of length $L$ and head $H$:

$$Q = \\tfrac{2}{3}\\,C_d\\sqrt{2g}\\,L\\,H^{3/2}$$

With $C_d \\approx 0.62$ and"""


async def take_compare(folder: Path, target: Path) -> None:
    """Take pictures of two, three and four replies, light and dark, into `target`."""
    stage = Stage.open(folder, size=(1240, 820))
    core = stage.core
    await core.endpoints.read()
    half = list(openai_chunks([SECOND], finish=None, done=False))
    answers = {
        "gpt-5.2": openai_stream(
            [FIRST[at : at + 7] for at in range(0, len(FIRST), 7)],
            delay=0.01,
            usage={"prompt_tokens": 24, "completion_tokens": 118, "total_tokens": 142, "cost": 0.0017},
        ),
        "claude-sonnet-4.5": Answer(steps=[*map(Send, half), Stall()]),
        "gemini-3-flash": openai_error(401, "API key not valid. Please pass a valid API key."),
        "qwen3-8b": Answer(steps=[Stall()]),
    }

    def answer(request: SeenRequest) -> Answer:
        return answers[request.json["model"]]

    with LoopbackServer(default=answer) as server:
        server.models = []
        for name, words, model in MODELS:
            core.endpoints.add(Endpoint(id=name, name=words, base_url=server.base_url, models=(model,)))
        core.endpoints.choose(ModelRef(MODELS[0][0], MODELS[0][2]))
        for scheme in ("light", "dark"):
            stage.theme.choose(scheme)
            for count in (2, 3, 4):
                core.desk.start_new()
                stage.window.resize(1240 if count < 4 else 1500, 820)
                core.desk.lineup.take([ModelRef(name, model) for name, _, model in MODELS[:count]])
                core.desk.send(PROMPT)
                live = core.desk.current
                await asyncio.sleep(2.5)
                stage.window.grab().save(str(target / f"compare-{count}-{scheme}.png"))
                await live.close()
                core.desk.start_new()
                await core.store.history.delete_conversation(live.conversation.id)
                core.shelf.load()
    await stage.close()
