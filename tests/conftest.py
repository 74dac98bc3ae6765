"""What every test stands on: a screen of its own, a home of its own, and guards against what it leaves."""

import pytest
from PySide6.QtWidgets import QApplication

from desktop.ui.language import Language

pytest_plugins = (
    "tests.support.display",
    "tests.support.isolation",
    "tests.support.ibus",
    "tests.support.keyring",
    "tests.support.atspi",
    "tests.support.leaks",
    "tests.support.logs",
    "tests.support.loops",
    "tests.support.modal",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what builds a bundle last: everything else answers sooner."""
    items.sort(key=lambda item: item.get_closest_marker("bundle") is not None)


@pytest.fixture(scope="session", autouse=True)
def english() -> Language:
    """English in force, whatever the machine's language is, with its plural forms."""
    language = Language("en")
    language.put_in_force(None)
    return language


@pytest.fixture(scope="session")
def qapp(qapp: QApplication, english: Language) -> QApplication:
    """The one application object; closing a window does not end a coroutine test that runs in it."""
    qapp.setQuitOnLastWindowClosed(False)
    english.put_in_force(qapp)
    return qapp
