"""The system's dictionaries, where it has them: Enchant 2 on Linux, asked through its C functions.

Enchant finds what is installed (Hunspell, Nuspell, Aspell) and keeps the words that the user adds, for all
programs that use it. Without the library, or without a dictionary, there is none, and nothing is said.
Qt brings no spelling of its own, so that macOS and Windows have none here.

Everything is called on one thread. Source of the functions: enchant.h of Enchant 2.3.
"""

import ctypes
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_LIBRARIES = ("libenchant-2.so.2", "libenchant-2.so")
_MOST_LANGUAGES = 3
_MOST_SUGGESTIONS = 7
_Describe = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p
)


class Dictionaries:
    """The dictionaries of some languages, opened together: a word is right if one of them knows it."""

    def __init__(self, library: Any, broker: int, tags: Sequence[str]) -> None:
        self._library = library
        self._broker = broker
        self._open = [
            (tag, handle)
            for tag in tags
            if (handle := library.enchant_broker_request_dict(broker, tag.encode()))
        ]

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of the dictionaries that are open, such as en_US."""
        return tuple(tag for tag, _ in self._open)

    def knows(self, word: str) -> bool:
        """Whether a word is right in one of the languages."""
        data = _bytes(word)
        # Less than nothing is a fault of the dictionary, which is not the writer's.
        return any(self._library.enchant_dict_check(handle, data, len(data)) <= 0 for _, handle in self._open)

    def suggestions(self, word: str) -> tuple[str, ...]:
        """Return words that may have been meant, the likeliest of each language first."""
        data = _bytes(word)
        lists = [self._suggested(handle, data) for _, handle in self._open]
        merged = [found[at] for at in range(_MOST_SUGGESTIONS) for found in lists if at < len(found)]
        return tuple(dict.fromkeys(merged))[:_MOST_SUGGESTIONS]

    def add(self, word: str) -> None:
        """Add a word to the user's own dictionary, for good."""
        data = _bytes(word)
        for _, handle in self._open[:1]:
            self._library.enchant_dict_add(handle, data, len(data))

    def close(self) -> None:
        """Let go of the dictionaries; nothing may be asked afterwards."""
        for _, handle in self._open:
            self._library.enchant_broker_free_dict(self._broker, handle)
        self._open = []
        self._library.enchant_broker_free(self._broker)

    def _suggested(self, handle: int, data: bytes) -> list[str]:
        count = ctypes.c_size_t()
        found = self._library.enchant_dict_suggest(handle, data, len(data), ctypes.byref(count))
        if not found:
            return []
        try:
            words = [found[at] for at in range(min(count.value, _MOST_SUGGESTIONS))]
            return [word.decode("utf-8", "replace") for word in words if word]
        finally:
            self._library.enchant_dict_free_string_list(handle, found)


def open_dictionaries(wanted: Iterable[str]) -> Dictionaries | None:
    """Open the dictionaries of the languages wanted ("de_AT", "en"), None where there is none of them.

    Where a region has none, another one of its language stands in. Takes long enough to want a thread.
    """
    library = _library()
    broker = library.enchant_broker_init() if library is not None else None
    if library is None or not broker:
        return None
    tags = _chosen(list(wanted), _installed(library, broker))
    made = Dictionaries(library, broker, tags)
    if made.languages:
        return made
    made.close()
    return None


def _chosen(wanted: Sequence[str], installed: Sequence[str]) -> list[str]:
    """Return the installed tags for the languages wanted, in their order, each language once."""
    tags: list[str] = []
    for name in wanted:
        tag = name.replace("-", "_")
        language = tag.partition("_")[0]
        if any(known.partition("_")[0] == language for known in tags):
            continue
        near = [known for known in installed if known.partition("_")[0] == language]
        usual = f"{language}_{'US' if language == 'en' else language.upper()}"
        found = next((known for known in (tag, language, usual) if known in near), None)
        if found or near:
            tags.append(found or near[0])
    return tags[:_MOST_LANGUAGES]


def _installed(library: Any, broker: int) -> list[str]:
    tags: list[str] = []

    def describe(tag: bytes, *_: object) -> None:
        tags.append(tag.decode("ascii", "replace"))

    library.enchant_broker_list_dicts(broker, _Describe(describe), None)
    return sorted(set(tags))


def _bytes(word: str) -> bytes:
    # The typographic apostrophe is the same letter to a reader, but not to every dictionary.
    return word.replace("\u2019", "'").encode("utf-8", "replace")


def _library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        _declare(library)
        return library
    return None


def _declare(library: Any) -> None:
    pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ssize_t
    texts = ctypes.POINTER(ctypes.c_char_p)
    for name, result, arguments in (
        ("enchant_broker_init", pointer, []),
        ("enchant_broker_free", None, [pointer]),
        ("enchant_broker_request_dict", pointer, [pointer, text]),
        ("enchant_broker_free_dict", None, [pointer, pointer]),
        ("enchant_broker_list_dicts", None, [pointer, _Describe, pointer]),
        ("enchant_dict_check", ctypes.c_int, [pointer, text, size]),
        ("enchant_dict_suggest", texts, [pointer, text, size, ctypes.POINTER(ctypes.c_size_t)]),
        ("enchant_dict_free_string_list", None, [pointer, texts]),
        ("enchant_dict_add", None, [pointer, text, size]),
    ):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
