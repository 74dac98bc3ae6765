"""Arguments of a Gemini function call that come in parts (Vertex AI, streamFunctionCallArguments).

Source: python-genai, types.py, PartialArg: a JSON path to the place, and the value or a piece of it.
"""

import re
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,4})\]|\[['\"]([^'\"]*)['\"]\]")
_VALUES = ("stringValue", "numberValue", "boolValue")


class GrowingCall:
    """Puts the arguments of one call together. Parts that make no sense are left out."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.arguments = arguments
        self._open = ""

    def add(self, part: dict[str, Any]) -> None:
        """Add one part: a text goes on where the one before it at the same path said that it would."""
        path = part.get("jsonPath")
        steps = _steps(path) if isinstance(path, str) else []
        if not steps or not isinstance(path, str):
            return
        value = next((part[name] for name in _VALUES if part.get(name) is not None), None)
        place = self._place(steps)
        if place is None:
            return
        holder, step = place
        if self._open == path and isinstance(value, str) and isinstance(holder[step], str):
            value = holder[step] + value
        holder[step] = value
        self._open = path if part.get("willContinue") else ""

    def _place(self, steps: list[str | int]) -> tuple[Any, str | int] | None:
        """Return the object or list that holds the last step, made on the way where it is missing."""
        holder: Any = self.arguments
        for position, step in enumerate(steps):
            if isinstance(step, int):
                if not isinstance(holder, list) or step > len(holder):
                    return None
                if step == len(holder):
                    holder.append(None)
            elif not isinstance(holder, dict):
                return None
            else:
                holder.setdefault(step, None)
            if position == len(steps) - 1:
                return holder, step
            if holder[step] is None:
                holder[step] = [] if isinstance(steps[position + 1], int) else {}
            holder = holder[step]
        return None


def _steps(path: str) -> list[str | int]:
    """Return the steps of a path like $.items[0].name, or none where it is no such path."""
    steps: list[str | int] = []
    end = 1
    while path.startswith("$") and (found := _STEP.match(path, end)):
        name, index, quoted = found.groups()
        steps.append(int(index) if index else name or quoted)
        end = found.end()
    return steps if end == len(path) else []
