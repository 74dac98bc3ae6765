"""Small GGUF files, right and wrong, written by the format's own rules."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = str | int | float | bool | Sequence[str] | Sequence[int]

_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of 32-bit floats."""

    name: str
    shape: tuple[int, ...]

    @property
    def byte_count(self) -> int:
        """The bytes its weights take."""
        count = 4
        for length in self.shape:
            count *= length
        return count


LLAMA: Mapping[str, Value] = {
    "general.architecture": "llama",
    "general.name": "Tiny\nLlama",
    "general.file_type": 15,
    "general.license": "apache-2.0",
    "llama.context_length": 2048,
    "llama.block_count": 4,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "", "long" * 100],
    "tokenizer.ggml.scores": [1, 2, 3],
    "tokenizer.chat_template": "{{ messages }}",
}
"""The key-values of a small chat model."""


def gguf_bytes(
    pairs: Mapping[str, Value], tensors: Sequence[Tensor] = (Tensor("weights", (8, 4)),), *, version: int = 3
) -> bytes:
    """Return a whole GGUF file with zeros for weights; whole numbers are stored in 32 bits."""
    wide = "<I" if version == 1 else "<Q"

    def text(value: str) -> bytes:
        data = value.encode()
        return struct.pack(wide, len(data)) + data

    def packed(value: Value) -> bytes:
        match value:
            case str():
                return struct.pack("<I", 8) + text(value)
            case bool():
                return struct.pack("<IB", 7, value)
            case int():
                return struct.pack("<II", 4, value)
            case float():
                return struct.pack("<If", 6, value)
        if value and isinstance(value[0], str):
            head = struct.pack("<II", 9, 8) + struct.pack(wide, len(value))
            return head + b"".join(text(str(item)) for item in value)
        head = struct.pack("<II", 9, 4) + struct.pack(wide, len(value))
        return head + struct.pack(f"<{len(value)}I", *value)  # type: ignore[arg-type]

    header = (
        b"GGUF" + struct.pack("<I", version) + struct.pack(wide, len(tensors)) + struct.pack(wide, len(pairs))
    )
    header += b"".join(text(key) + packed(value) for key, value in pairs.items())
    offset = 0
    for tensor in tensors:
        header += text(tensor.name) + struct.pack("<I", len(tensor.shape))
        header += struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape) + struct.pack("<IQ", 0, offset)
        offset += -(-tensor.byte_count // _ALIGNMENT) * _ALIGNMENT
    header += bytes(-len(header) % _ALIGNMENT)
    return header + bytes(offset)
