"""Places in a flow, and what lies there."""

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QRectF


class Position(NamedTuple):
    """A place in a flow: before character `char` of block `block`. Positions are ordered."""

    block: int
    char: int


@dataclass(frozen=True, slots=True)
class Damage:
    """What a change asks for: paint from `top` to `bottom` again; the height grew by `growth` (or shrank)."""

    top: float
    bottom: float
    growth: float


@dataclass(frozen=True, slots=True)
class CodeBox:
    """A block of code under the pointer: where it and its buttons are, and what it holds."""

    block: int
    rect: QRectF
    header: QRectF
    copy: QRectF
    save: QRectF
    wrap: QRectF
    fold: QRectF
    language: str
    text: str
