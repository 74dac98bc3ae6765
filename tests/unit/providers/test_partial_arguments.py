"""Arguments of a call that come as paths and pieces."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.providers.partial_arguments import GrowingCall


def joined(*parts: dict[str, Any]) -> dict[str, Any]:
    call = GrowingCall({})
    for part in parts:
        call.add(part)
    return call.arguments


def text(path: str, value: str, *, goes_on: bool = False) -> dict[str, Any]:
    return {"jsonPath": path, "stringValue": value, "willContinue": goes_on}


@pytest.mark.parametrize(
    ("parts", "arguments"),
    [
        ([text("$.a", "x", goes_on=True), text("$.a", "y", goes_on=True), text("$.a", "")], {"a": "xy"}),
        ([text("$.a", "x"), text("$.a", "y")], {"a": "y"}),
        ([text("$.a.b[0].c", "x"), text("$.a.b[1].c", "y")], {"a": {"b": [{"c": "x"}, {"c": "y"}]}}),
        ([text("$['a b']", "x")], {"a b": "x"}),
        (
            [{"jsonPath": "$.a", "numberValue": 0}, {"jsonPath": "$.b", "boolValue": False}],
            {"a": 0, "b": False},
        ),
        ([{"jsonPath": "$.a", "nullValue": "NULL_VALUE"}], {"a": None}),
        ([text("$.a", "x"), text("$.a.b", "y"), text("$.a[0]", "z")], {"a": "x"}),
        ([text("$.a[7]", "x")], {"a": []}),
        ([text("$.a[99999999999]", "x"), text("$", "x"), text("", "x"), text(".a", "x"), {}], {}),
    ],
)
def test_parts(parts: list[dict[str, Any]], arguments: dict[str, Any]) -> None:
    assert joined(*parts) == arguments


paths = st.text(alphabet="$.[]'ab01", max_size=12)


@given(st.lists(st.builds(text, paths, st.text(max_size=2), goes_on=st.booleans()), max_size=6))
def test_no_path_is_trouble(parts: list[dict[str, Any]]) -> None:
    assert isinstance(joined(*parts), dict)
