"""Templates: their places, and what is put in for them."""

import pytest

from desktop.domain.template import Place, Template, fill, places_of


def made(text):
    return Template(id="t", name="T", text=text)


def filled(text, clipboard="", date="1 May"):
    return fill(made(text), clipboard, date)


def test_a_variable_stays_a_place_to_fill_in():
    assert filled("Tell {{ who }} now").text == "Tell {{who}} now"
    assert filled("Tell {{ who }} now").places == (Place("who", 5, 12),)


def test_a_default_is_put_in_and_may_be_changed():
    found = filled("In {{language=plain English}}, please")
    assert found.text == "In plain English, please"
    assert found.places == (Place("language", 3, 16, is_filled=True),)


def test_clipboard_and_date_are_put_in_and_are_no_places():
    found = filled("{{date}}: {{Clipboard}} {{x}}", clipboard="copied {{y}}")
    assert found.text == "1 May: copied {{y}} {{x}}"
    assert found.places == (Place("x", 20, 25),)
    assert found.text[20:25] == "{{x}}"


def test_an_empty_clipboard_leaves_its_place():
    assert filled("{{clipboard}}!").places == (Place("clipboard", 0, 13),)
    assert filled("{{clipboard=nothing}}!").text == "nothing!"


@pytest.mark.parametrize(
    "text", ["{{}}", "{ {a} }", "{{a\nb}}", "{{a|upper}}", "{{#each}}", "{{{a", "{{ }}", "{%x%}", "{{/if}}"]
)
def test_other_braces_are_text(text):
    assert filled(text) == fill(made(text), "", "")
    assert filled(text).text == text
    assert places_of(text) == ()


def test_the_names_of_the_places_once_each_in_order():
    assert made("{{b}} {{a}} {{b=2}} {{date}}").variables == ("b", "a", "date")


def test_a_text_of_a_megabyte_is_looked_through_at_once():
    assert places_of("{{" * 500_000) == ()
    assert len(places_of("{{a=" * 100_000 + "}}")) == 1
