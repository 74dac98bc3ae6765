"""The endpoint “On this computer”: the model that Weir itself starts."""

from pathlib import Path

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.local.demo import DEMO_NAME

EMBEDDED_ID = "local"
EMBEDDED_NAME = QT_TRANSLATE_NOOP("LocalModel", "On this computer")

# The engine's own temperature of 0.8 makes so small a model talk nonsense.
DEMO_SAMPLING: dict[str, float | int] = {"temperature": 0.2, "top_p": 0.9, "max_tokens": 512}


def embedded_endpoint(model_file: str = "") -> Endpoint:
    """Return the endpoint of the embedded model; `model_file` is a GGUF file, empty for the demo model.

    The body asks llama.cpp to say how far it is with reading the prompt (tools/server/README.md,
    `return_progress`). A model of the user's own keeps its own sampling.
    """
    name = Path(model_file).stem if model_file else DEMO_NAME
    sampling = {} if model_file else DEMO_SAMPLING
    return Endpoint(
        id=EMBEDDED_ID,
        name=translate("LocalModel", EMBEDDED_NAME),
        provider="openai-chat",
        models=(name,),
        default_model=name,
        body={**sampling, "return_progress": True},
        embedded=True,
        model_file=model_file,
    )


def unusable(words: str, *, model: str = "", retry_after: float | None = None) -> TurnFailedError:
    """Return the error that says why the embedded model cannot be used. `retry_after` is in seconds."""
    return TurnFailedError(
        Failure(
            kind=FailureKind.LOCAL_MODEL,
            endpoint=translate("LocalModel", EMBEDDED_NAME),
            model=model,
            words=words,
            retry_after=retry_after,
        )
    )
