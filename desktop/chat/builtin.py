"""The names of the prompts and personas that come with Weir, in the user's language."""

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate

NAMES = frozenset(
    {
        QT_TRANSLATE_NOOP("BuiltIn", "Summarise"),
        QT_TRANSLATE_NOOP("BuiltIn", "Translate"),
        QT_TRANSLATE_NOOP("BuiltIn", "Proofread"),
        QT_TRANSLATE_NOOP("BuiltIn", "Explain simply"),
        QT_TRANSLATE_NOOP("BuiltIn", "Answer an e-mail"),
        QT_TRANSLATE_NOOP("BuiltIn", "Review code"),
        QT_TRANSLATE_NOOP("BuiltIn", "Brief"),
        QT_TRANSLATE_NOOP("BuiltIn", "Editor"),
        QT_TRANSLATE_NOOP("BuiltIn", "Programmer"),
        QT_TRANSLATE_NOOP("BuiltIn", "Tutor"),
    }
)
"""The names as the program's own files have them."""


def shown_name(name: str) -> str:
    """Return what an entry of the program is called in the window."""
    return translate("BuiltIn", name) if name in NAMES else name
