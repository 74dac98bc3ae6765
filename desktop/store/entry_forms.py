"""How prompts and personas stand in their files."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from desktop.base.tongue import row, translate
from desktop.domain.endpoint import ModelRef
from desktop.domain.options import EFFORTS, Options
from desktop.domain.persona import Persona
from desktop.domain.template import Template
from desktop.store.entries import TEXT, TEXTS, Form, Rule

_PROMPTS_HEADER = """\
# Prompts of Weir: texts to be used again. Type / in an empty line of the composer to take one.
# Edit this file while Weir is closed, or use Settings, Prompts. Comments and fields that Weir does not
# know are kept.
#
# Each [[prompt]] is one text:
#   id     a name that never changes. Made from the name if left out.
#   name   what the list shows, and what it is found by
#   text   what goes into the composer. In it stand for
#            {{topic}}             a place to fill in, under any name
#            {{language=English}}  one that is filled in already, and may be changed
#            {{clipboard}}         what was copied last
#            {{date}}              the date of the day
#
# hidden names prompts that come with Weir and are not shown, order the order of all; both stand above the
# first [[prompt]] and may be left out.
"""

_PERSONAS_HEADER = """\
# Personas of Weir: system prompts with a name, and the model and options that go with them.
# Edit this file while Weir is closed, or use Settings, Personas. Comments and fields that Weir does not
# know are kept. A conversation keeps the values that it was given, whatever changes here later.
#
# Each [[persona]] is one:
#   id                a name that never changes. Made from the name if left out.
#   name              what the window shows
#   system            the system prompt
#   endpoint, model   which model answers: the id of an endpoint and the name of a model, else the chosen one
#   temperature, top_p, max_tokens, stop, seed, reasoning_effort, reasoning_budget, stream
#                     options; what is left out is left to the service
#
# hidden names personas that come with Weir and are not shown, order the order of all; both stand above the
# first [[persona]] and may be left out.
"""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_effort(value: object) -> bool:
    return value in EFFORTS


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_NUMBER: Rule = (_is_number, lambda: translate("Store", "a number"))
_COUNT: Rule = (_is_count, lambda: translate("Store", "a whole number"))
_PERSONA_RULES: dict[str, Rule] = {
    "system": TEXT,
    "endpoint": TEXT,
    "model": TEXT,
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "max_tokens": _COUNT,
    "stop": TEXTS,
    "seed": _COUNT,
    "reasoning_effort": (
        _is_effort,
        lambda: translate("Store", "one of {names}").format(names=row(EFFORTS)),
    ),
    "reasoning_budget": _COUNT,
    "stream": (_is_bool, lambda: translate("Store", "true or false")),
}


def _template(entry_id: str, name: str, table: Mapping[str, Any]) -> Template:
    return Template(id=entry_id, name=name, text=table.get("text", ""))


def _template_fields(template: Template) -> dict[str, Any]:
    return {"text": template.text}


def _persona(entry_id: str, name: str, table: Mapping[str, Any]) -> Persona:
    given = {item.name: table[item.name] for item in fields(Options) if item.name in table}
    if "stop" in given:
        given["stop"] = tuple(given["stop"])
    endpoint, model = table.get("endpoint", ""), table.get("model", "")
    ref = ModelRef(endpoint, model) if endpoint and model else None
    return Persona(id=entry_id, name=name, options=Options(**given), model=ref)


def _persona_fields(persona: Persona) -> dict[str, Any]:
    chosen = {name.value for name in persona.options.chosen}
    values = {name: getattr(persona.options, name) for name in _PERSONA_RULES if name in chosen}
    if "stop" in values:
        values["stop"] = list(values["stop"])
    ref = persona.model
    model = {"endpoint": ref.endpoint_id, "model": ref.model} if ref is not None else {}
    return {"system": values.pop("system", ""), **model, **values}


PROMPTS: Form[Template] = Form("prompt", _PROMPTS_HEADER, {"text": TEXT}, _template, _template_fields)
PERSONAS: Form[Persona] = Form("persona", _PERSONAS_HEADER, _PERSONA_RULES, _persona, _persona_fields)
