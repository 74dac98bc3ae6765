"""Streams written from the vendors' documentation, and what each must yield, however it is cut.

A case is a folder tests/corpus/<provider>/<case>/ with the stream and expected.json: a sentence on
what it shows, the answer's headers, and everything that is not empty in what was read.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.providers.registry import all_providers
from tests.support.reading import CORPUS, read_answer, split

CASES = sorted(file.parent for file in CORPUS.glob("*/*/expected.json"))


def read_case(folder: Path, size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    (stream,) = folder.glob("stream.*")
    provider = all_providers()[folder.parent.name]
    endpoint = Endpoint(id="e", name="E", provider=provider.name, **case.get("endpoint", {}))
    outcome = read_answer(
        provider,
        endpoint,
        split(stream.read_bytes(), size),
        headers=case["headers"],
        accepts_text=provider.accepts_text,
    )
    return outcome.summary(), case["expected"]


@pytest.mark.parametrize("size", [1_000_000, 1, 7])
@pytest.mark.parametrize("folder", CASES, ids=[f"{case.parent.name}/{case.name}" for case in CASES])
def test_case(folder: Path, size: int) -> None:
    found, expected = read_case(folder, size)
    assert found == expected


@pytest.mark.parametrize("provider", sorted(all_providers()))
def test_each_provider_has_cases(provider: str) -> None:
    assert len(list((CORPUS / provider).iterdir())) >= 10
