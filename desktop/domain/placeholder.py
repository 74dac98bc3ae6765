"""Placeholders: what is said of a part of a reply that Weir can't show."""

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate

# What the services' own names for their parts stand for; the history keeps these as they are.
LABELS = (
    QT_TRANSLATE_NOOP("Placeholder", "hidden reasoning"),
    QT_TRANSLATE_NOOP("Placeholder", "code that the service ran"),
    QT_TRANSLATE_NOOP("Placeholder", "result of the code"),
    QT_TRANSLATE_NOOP("Placeholder", "content"),
    QT_TRANSLATE_NOOP("Placeholder", "image"),
    QT_TRANSLATE_NOOP("Placeholder", "audio"),
    QT_TRANSLATE_NOOP("Placeholder", "video"),
    QT_TRANSLATE_NOOP("Placeholder", "file"),
    QT_TRANSLATE_NOOP("Placeholder", "Something else"),
    QT_TRANSLATE_NOOP("Placeholder", "Recording"),
    QT_TRANSLATE_NOOP("Placeholder", "Image"),
    QT_TRANSLATE_NOOP("Placeholder", "File"),
    QT_TRANSLATE_NOOP("Placeholder", "A problem"),
)


def placeholder_words(label: str) -> str:
    """Return a placeholder's label in the user's language, as it is where it is a service's own word."""
    return translate("Placeholder", label) if label in LABELS else label
