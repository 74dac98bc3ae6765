"""Every window, page, dialog, menu and notice in every language: nothing in them is cut."""

from pathlib import Path

import pytest

from desktop.ui.language import LANGUAGES
from tests.flows.test_tour import CROWDED, Visitor
from tests.support.tour import visit

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.within(90)
@pytest.mark.parametrize("language", OTHERS)
async def test_no_text_is_cut_in_any_language(qloop: object, tmp_path: Path, language: str) -> None:
    visitor = Visitor()
    await visit(tmp_path, visitor, language=language)
    assert visitor.report() == ""


@pytest.mark.within(90)
@pytest.mark.parametrize("language", OTHERS)
async def test_no_text_is_cut_in_any_language_twice_as_large(
    qloop: object, tmp_path: Path, language: str
) -> None:
    visitor = Visitor()
    await visit(tmp_path, visitor, language=language, zoom=2.0, sizes=("least",), only=CROWDED)
    assert visitor.report() == ""
