"""What a GGUF file says of itself, read from its header alone.

The format: magic "GGUF", version, number of tensors, number of key-values; then the key-values;
then one description per tensor; then the weights, which are never read here
(ggml-org/ggml docs/gguf.md; names and numbers of types: ggml-org/llama.cpp gguf-py/gguf/constants.py).
"""

import os
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from desktop.base.tongue import number, translate
from desktop.local import gguf_types as types

_MAGIC = b"GGUF"
_NEWEST_VERSION = 3
_BLOCK_BYTES = 1 << 20
_MAX_HEADER_BYTES = 1 << 26
_MAX_PAIRS = 1 << 16
_MAX_TENSORS = 1 << 18
_MAX_KEY_BYTES = 1 << 16
_MAX_TEXT_BYTES = 4096
_MAX_KEPT_NUMBERS = 4096
_MAX_DIMENSIONS = 4
_MAX_NESTING = 2

_PART_NAME = re.compile(
    r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE | re.DOTALL
)

# What the engine needs beside weights and context: itself, its buffers, a batch of 128 tokens.
_ENGINE_BYTES = 64 << 20
_BYTES_PER_CACHED_NUMBER = 2

_Value = int | float | str | tuple[int, ...]


class GgufProblem(StrEnum):
    """Why a file cannot be used as a model."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_GGUF = "not_gguf"
    CUT_SHORT = "cut_short"
    OTHER_VERSION = "other_version"
    DAMAGED = "damaged"
    LATER_PART = "later_part"
    PART_MISSING = "part_missing"
    NOT_A_MODEL = "not_a_model"


class GgufError(Exception):
    """A file cannot be used as a model. Its text is a sentence for the user that says why."""

    def __init__(self, problem: GgufProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufModel:
    """What a GGUF file says of itself.

    `file_bytes` counts all parts of a split model. `context_tokens` is the longest context the
    model was made for, None where the file does not say. `cache_bytes_per_token` is what one token
    of context takes in memory. `parameters` is the number of weights, counted.
    """

    path: Path
    name: str
    architecture: str
    file_bytes: int
    parameters: int
    quantisation: str = ""
    context_tokens: int | None = None
    licence: str = ""
    has_chat_template: bool = False
    cache_bytes_per_token: int = 0
    parts: int = 1

    def memory_bytes(self, context_tokens: int) -> int:
        """Estimate the memory that running the model takes with a context of so many tokens."""
        return self.file_bytes + self.cache_bytes_per_token * context_tokens + _ENGINE_BYTES

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before choosing the model, a sentence each."""
        if self.architecture in types.EMBEDDING_ARCHITECTURES:
            return (translate("LocalModel", "This model is made for searching texts; it cannot chat."),)
        if not self.has_chat_template:
            return (
                translate(
                    "LocalModel", "No chat template: this is a base model. It continues text and will ramble."
                ),
            )
        return ()


def read_model(path: str | Path) -> GgufModel:
    """Read the header of the GGUF file at `path`. Blocks on the disk. Raises GgufError.

    Memory stays bounded by the header's known fields, whatever the file claims of itself.
    """
    file = Path(path)
    try:
        with file.open("rb", buffering=0) as handle:
            size = os.fstat(handle.fileno()).st_size
            header = _Header(_Reader(handle, size))
    except FileNotFoundError as error:
        raise GgufError(
            GgufProblem.MISSING,
            translate("LocalModel", "The file “{name}” is no longer there.").format(name=file.name),
        ) from error
    except (OSError, ValueError) as error:
        reason = (
            error.strerror
            if isinstance(error, OSError) and error.strerror
            else translate("LocalModel", "the name is not a file's")
        )
        raise GgufError(
            GgufProblem.UNREADABLE,
            translate("LocalModel", "The file “{name}” could not be read: {reason}.").format(
                name=file.name, reason=reason
            ),
        ) from error
    return _describe(file, size, header)


class _Reader:
    """Walks through a file in blocks; refuses to go beyond its end or the largest sensible header."""

    def __init__(self, handle: BinaryIO, size: int) -> None:
        self._handle = handle
        self._size = size
        self._block = b""
        self._start = 0
        self._at = 0
        self.length_bytes = 8

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if self._at + count > len(self._block):
            self._need(count)
        piece = self._block[self._at : self._at + count]
        self._at += count
        return piece

    def skip(self, count: int) -> None:
        """Go `count` bytes further without keeping them."""
        end = self.position + count
        self._check(end)
        if end <= self._start + len(self._block):
            self._at += count
            return
        self._handle.seek(end)
        self._block, self._start, self._at = b"", end, 0

    def number(self, form: str) -> int | float:
        """Return the next number, packed little-endian as `struct` calls it."""
        value: int | float = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def count(self) -> int:
        """Return the next length or count: 32 bits in version 1, 64 bits since."""
        return int.from_bytes(self.take(self.length_bytes), "little")

    def text(self, limit: int) -> str:
        """Return the next string, of which at most `limit` bytes are kept."""
        length = self.count()
        kept = min(length, limit)
        self._check(self.position + length)
        value = self.take(kept).decode("utf-8", "replace")
        self.skip(length - kept)
        return value

    def skip_texts(self, count: int) -> None:
        """Go past `count` strings. A vocabulary has hundreds of thousands: this is the hot loop."""
        width = self.length_bytes
        self._check(self.position + count * width)
        block, at = self._block, self._at
        usable = len(block) - width
        for _ in range(count):
            if at > usable:
                self._at = at
                self._need(width)
                block, at = self._block, self._at
                usable = len(block) - width
            at += width + int.from_bytes(block[at : at + width], "little")
            if at > len(block):
                self._at = len(block)
                self.skip(at - len(block))
                block, at = self._block, self._at
                usable = len(block) - width
        self._at = at

    def _check(self, end: int) -> None:
        if end > self._size:
            raise GgufError(
                GgufProblem.CUT_SHORT,
                translate(
                    "LocalModel",
                    "The file is cut short: its header goes on beyond its end. Download it again.",
                ),
            )
        if end > _MAX_HEADER_BYTES:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header is far too large."),
            )

    def _need(self, count: int) -> None:
        start = self.position
        self._check(start + count)
        self._handle.seek(start)
        wanted = max(count, min(_BLOCK_BYTES, self._size - start))
        pieces: list[bytes] = []
        while wanted > 0 and (piece := self._handle.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        self._block, self._start, self._at = b"".join(pieces), start, 0
        if len(self._block) < count:
            raise GgufError(
                GgufProblem.CUT_SHORT, translate("LocalModel", "The file became shorter while it was read.")
            )


class _Header:
    """The key-values that matter and the extent of the weights."""

    def __init__(self, reader: _Reader) -> None:
        self.values: dict[str, _Value] = {}
        self.has_chat_template = False
        self.parameters = 0
        self.weights_end = 0
        self._reader = reader
        tensors, pairs = self._read_start()
        for _ in range(pairs):
            self._read_pair()
        self._read_tensors(tensors)

    def _read_start(self) -> tuple[int, int]:
        reader = self._reader
        try:
            magic = reader.take(4)
        except GgufError as error:
            raise GgufError(
                GgufProblem.NOT_GGUF, translate("LocalModel", "This is not a GGUF file.")
            ) from error
        if magic != _MAGIC:
            raise GgufError(GgufProblem.NOT_GGUF, translate("LocalModel", "This is not a GGUF file."))
        version = int(reader.number("I"))
        if version and version & 0xFFFF == 0:
            raise GgufError(
                GgufProblem.OTHER_VERSION,
                translate(
                    "LocalModel", "This GGUF file was made for big-endian machines and cannot be used."
                ),
            )
        if version == 1:
            reader.length_bytes = 4
        if not 1 <= version <= _NEWEST_VERSION:
            raise GgufError(
                GgufProblem.OTHER_VERSION,
                translate(
                    "LocalModel", "This GGUF file has version {version}, which is not known here."
                ).format(version=version),
            )
        tensors, pairs = reader.count(), reader.count()
        if tensors > _MAX_TENSORS or pairs > _MAX_PAIRS:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header makes no sense."),
            )
        return tensors, pairs

    def _read_pair(self) -> None:
        reader = self._reader
        length = reader.count()
        if not 0 < length <= _MAX_KEY_BYTES:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header makes no sense."),
            )
        key = reader.take(length).decode("utf-8", "replace")
        value = self._read_value(int(reader.number("I")))
        if key == "tokenizer.chat_template" or key.startswith("tokenizer.chat_template."):
            self.has_chat_template = self.has_chat_template or bool(value)
        elif value is not None and len(key) <= 200 and types.WANTED.fullmatch(key):
            self.values[key] = value

    def _read_value(self, kind: int, nesting: int = 0) -> _Value | None:
        reader = self._reader
        if kind == types.TEXT:
            return reader.text(_MAX_TEXT_BYTES)
        if kind == types.ARRAY:
            return self._read_array(nesting)
        form = types.NUMBER_FORMS.get(kind)
        if form is None:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header makes no sense."),
            )
        return reader.number(form)

    def _read_array(self, nesting: int) -> tuple[int, ...] | None:
        reader = self._reader
        kind, count = int(reader.number("I")), reader.count()
        form = types.NUMBER_FORMS.get(kind)
        if form is not None:
            width = struct.calcsize("<" + form)
            if count > _MAX_KEPT_NUMBERS or form not in "bBhHiIqQ":
                reader.skip(count * width)
                return None
            return struct.unpack(f"<{count}{form}", reader.take(count * width))
        if kind == types.TEXT:
            reader.skip_texts(count)
            return None
        if kind != types.ARRAY or nesting >= _MAX_NESTING or count > _MAX_PAIRS:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header makes no sense."),
            )
        for _ in range(count):
            self._read_array(nesting + 1)
        return None

    def _read_tensors(self, count: int) -> None:
        reader = self._reader
        end = 0
        for _ in range(count):
            reader.skip(reader.count())
            dimensions = int(reader.number("I"))
            if dimensions > _MAX_DIMENSIONS:
                raise GgufError(
                    GgufProblem.DAMAGED,
                    translate("LocalModel", "The file is damaged: its header makes no sense."),
                )
            weights = 1
            for _ in range(dimensions):
                weights *= int(reader.number("Q"))
            kind, offset = int(reader.number("I")), int(reader.number("Q"))
            self.parameters += weights
            # A type that is not known here still starts somewhere in the file.
            per_block, block_bytes = types.TENSOR_BLOCKS.get(kind, (1, 0))
            end = max(end, offset + -(-weights // per_block) * block_bytes)
        alignment = self.values.get("general.alignment", 32)
        if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20:
            raise GgufError(
                GgufProblem.DAMAGED,
                translate("LocalModel", "The file is damaged: its header makes no sense."),
            )
        start = -(-reader.position // alignment) * alignment
        self.weights_end = start + end if count else reader.position

    def text(self, key: str) -> str:
        """Return a text on one line, empty where the file has none."""
        value = self.values.get(key, "")
        return " ".join(value.split()) if isinstance(value, str) else ""

    def whole(self, key: str) -> int:
        """Return a count that fits into 63 bits, zero where the file has none."""
        value = self.values.get(key, 0)
        return value if isinstance(value, int) and 0 <= value < 1 << 63 else 0

    def per_layer(self, key: str, layers: int) -> int:
        """Return the sum over all layers of a count that is one number or one per layer."""
        value = self.values.get(key, 0)
        if isinstance(value, tuple):
            return sum(max(0, item) for item in value[:layers])
        return self.whole(key) * layers


def _describe(file: Path, size: int, header: _Header) -> GgufModel:
    kind, architecture = header.text("general.type"), header.text("general.architecture")
    if kind not in ("", "model") or architecture == "clip":
        addition = types.ADDITIONS.get(kind or "mmproj", "")
        what = (
            translate("LocalModel", addition)
            if addition
            else translate("LocalModel", "an addition to a model")
        )
        raise GgufError(
            GgufProblem.NOT_A_MODEL,
            translate("LocalModel", "This file is {what}, not a model. Choose the model's own file.").format(
                what=what
            ),
        )
    if not architecture:
        raise GgufError(
            GgufProblem.NOT_A_MODEL, translate("LocalModel", "This GGUF file holds no language model.")
        )
    if size < header.weights_end:
        missing = header.weights_end - size
        raise GgufError(
            GgufProblem.CUT_SHORT,
            translate(
                "LocalModel", "The file is cut short: {missing} are missing. Download it again."
            ).format(missing=_megabytes(missing)),
        )
    parts, all_bytes = _measure_parts(file, size, header)
    return GgufModel(
        path=file,
        name=header.text("general.name")[:200] or file.stem,
        architecture=architecture[:100],
        file_bytes=all_bytes,
        parameters=header.parameters,
        quantisation=_quantisation(header),
        context_tokens=header.whole(f"{architecture}.context_length") or None,
        licence=(header.text("general.license") or header.text("general.license.name"))[:100],
        has_chat_template=header.has_chat_template,
        cache_bytes_per_token=_cache_bytes(header, architecture),
        parts=parts,
    )


def _quantisation(header: _Header) -> str:
    """Return the name of the way in which the weights are packed, empty where it is not known."""
    if "general.file_type" not in header.values:
        return ""
    return types.FILE_TYPES.get(header.whole("general.file_type") & ~types.GUESSED, "")


def _cache_bytes(header: _Header, architecture: str) -> int:
    """Return the bytes that one token takes in the key-value cache, an upper estimate."""
    layers = min(header.whole(f"{architecture}.block_count"), 1 << 16)
    heads = header.whole(f"{architecture}.attention.head_count")
    width = header.whole(f"{architecture}.embedding_length")
    if not heads:
        several = header.values.get(f"{architecture}.attention.head_count")
        heads = max(several, default=0) if isinstance(several, tuple) else 0
    head_width = width // heads if heads > 0 else 0
    keys = header.whole(f"{architecture}.attention.key_length") or head_width
    values = header.whole(f"{architecture}.attention.value_length") or head_width
    kept_heads = header.per_layer(f"{architecture}.attention.head_count_kv", layers) or heads * layers
    return kept_heads * (keys + values) * _BYTES_PER_CACHED_NUMBER


def _measure_parts(file: Path, size: int, header: _Header) -> tuple[int, int]:
    """Return the number of a model's parts and their size together; only the first may be chosen."""
    match = _PART_NAME.fullmatch(file.name)
    count, number = header.whole("split.count"), header.whole("split.no") + 1
    if count <= 1:
        return 1, size
    if count > 99_999 or match is None:
        raise GgufError(
            GgufProblem.PART_MISSING,
            translate(
                "LocalModel",
                "This is part {number} of {count}, but its name was changed. The parts must keep "
                "the names they were downloaded with.",
            ).format(number=number, count=count),
        )
    names = _part_names(match["stem"], count)
    if number != 1:
        raise GgufError(
            GgufProblem.LATER_PART,
            translate(
                "LocalModel", "This is part {number} of {count}: choose the first part, “{name}”."
            ).format(number=number, count=count, name=names[0]),
        )
    total = size
    for position, name in enumerate(names[1:], start=2):
        try:
            total += file.with_name(name).stat().st_size
        except OSError as error:
            raise GgufError(
                GgufProblem.PART_MISSING,
                translate(
                    "LocalModel",
                    "Part {position} of {count} is missing: “{name}” has to lie in the same folder.",
                ).format(position=position, count=count, name=name),
            ) from error
    return count, total


def _part_names(stem: str, count: int) -> Sequence[str]:
    return [f"{stem}-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1)]


def _megabytes(count: int) -> str:
    if count >= 1e15:
        return translate("LocalModel", "many GB")
    return translate("LocalModel", "{count} MB").format(count=number(max(1, round(count / 1e6))))
