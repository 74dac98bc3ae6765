"""prompts.toml and personas.toml: read, edited by hand, written back."""

import stat
import tomllib

import pytest

from desktop.base.paths import resources
from desktop.domain.endpoint import ModelRef
from desktop.domain.failure import StorageError
from desktop.domain.kept import Kept
from desktop.domain.options import Options
from desktop.domain.persona import Persona
from desktop.domain.template import Template
from desktop.store.entries import EntriesFile, EntriesStore
from desktop.store.entry_forms import PERSONAS, PROMPTS
from desktop.store.toml_file import SettingsFileError

TEXTS = [
    "one line",
    "two\nlines",
    "\nbegins and ends\n",
    'quotes " and """ and \\ and \\n\nnext"',
    "tabs\tand\u2028odd\u00a0spaces\nnext",
    "carriage\r\nreturns",
    "{{a}} = [[prompt]]\n[[prompt]]\n# no comment",
]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "prompts.toml"


@pytest.fixture
def prompts(file):
    return EntriesFile(file, PROMPTS)


def prompt(name, text="text"):
    return Template(id=name, name=name.title(), text=text)


def test_without_a_file_there_is_nothing(prompts):
    assert prompts.read() == Kept()


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back_as_it_was(prompts, file, text):
    kept = Kept(own=(prompt("a", text), prompt("b", "other")), hidden=("x",), order=("b", "a"))
    prompts.write(kept)
    assert prompts.read() == kept
    prompts.write(Kept(own=(prompt("b", text),)))
    assert prompts.read() == Kept(own=(prompt("b", text),))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_text_of_several_lines_is_readable_and_the_file_explains_itself(prompts, file):
    prompts.write(Kept(own=(prompt("a", "Dear {{name}},\n\nhello"),)))
    text = file.read_text()
    assert 'text = """\nDear {{name}},\n\nhello"""' in text
    assert "# Prompts of Weir" in text
    assert "{{clipboard}}" in text


def test_comments_and_unknown_fields_survive(prompts, file):
    file.write_text(
        '# mine\nhidden = ["email"] # not now\n\n# the first\n[[prompt]]\nname = "A b"\ncolour = "red"\n'
        'text = "x" # why\n\n[[prompt]]\nid = "two"\nname = "Two"\ntext = "y"\n\n[other]\nz = 1\n'
    )
    kept = prompts.read()
    assert [item.id for item in kept.own] == ["a-b", "two"]
    prompts.write(Kept(own=(kept.own[1], prompt("new"), kept.own[0]), hidden=("email",)))
    text = file.read_text()
    for words in ("# mine", "# not now", "# the first", 'colour = "red"', "# why", "[other]"):
        assert words in text
    assert [item.id for item in prompts.read().own] == ["two", "new", "a-b"]
    assert tomllib.loads(text)["other"] == {"z": 1}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[prompt]]\nname = "a"\ntext = 5\n', 3, "“text” has to be text"),
        ('[[prompt]]\nname = "a"\n[[prompt]]\ntext = "b"\n', 3, "it needs a name"),
        ('[[prompt]]\nname = "a"\n[[prompt]]\nname = "a"\n', 3, "has the id “a” already"),
        ('hidden = "a"\n', 1, "a list of texts"),
        ('[prompt]\nname = "a"\n', 1, "double brackets"),
        ('[[prompt]]\nname = "a\n', 2, "not valid TOML"),
    ],
)
def test_a_broken_file_is_said_with_its_line_and_left_alone(prompts, file, text, line, words):
    file.write_text(text)
    for call in (prompts.read, lambda: prompts.write(Kept(own=(prompt("new"),)))):
        with pytest.raises(SettingsFileError) as caught:
            call()
        assert caught.value.line == line
        assert words in str(caught.value)
    assert file.read_text() == text


def test_a_file_written_in_another_way_is_kept_beside_the_new_one(prompts, file):
    file.write_text('prompt = [{name = "a", text = "x"}]\n')
    prompts.write(Kept(own=(prompt("b"),)))
    assert prompts.read().own == (prompt("b"),)
    assert 'name = "a"' in file.with_name("prompts.toml.bak").read_text()


def test_a_persona_comes_back_with_its_model_and_options(tmp_path):
    personas = EntriesFile(tmp_path / "personas.toml", PERSONAS)
    persona = Persona(
        id="p",
        name="Pirate",
        options=Options(
            system="Arr.\nSpeak so.",
            temperature=0.5,
            max_tokens=100,
            stop=("\n\n", "END"),
            seed=-3,
            reasoning_effort="low",
            stream=False,
        ),
        model=ModelRef("loop", "alpha"),
    )
    personas.write(Kept(own=(persona, Persona(id="q", name="Quiet"))))
    assert personas.read().own == (persona, Persona(id="q", name="Quiet"))


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("temperature = true", "a number"),
        ("max_tokens = 1.5", "a whole number"),
        ('reasoning_effort = "hard"', "one of none, minimal"),
        ("stop = 3", "a list of texts"),
    ],
)
def test_a_wrong_option_of_a_persona_is_said(tmp_path, field, words):
    file = tmp_path / "personas.toml"
    file.write_text(f'[[persona]]\nname = "p"\n{field}\n')
    with pytest.raises(SettingsFileError, match=words) as caught:
        EntriesFile(file, PERSONAS).read()
    assert caught.value.line == 3


def test_what_comes_with_the_program_can_be_read():
    prompts = EntriesStore(resources(), resources() / "prompts.toml", PROMPTS).read_builtin()
    personas = EntriesStore(resources(), resources() / "personas.toml", PERSONAS).read_builtin()
    assert len(prompts) >= 5
    assert len(personas) >= 3
    assert all(item.text and item.name for item in prompts)
    assert all(item.options.system and item.model is None for item in personas)


def test_a_list_goes_out_to_a_file_and_comes_in_from_it(tmp_path):
    store = EntriesStore(tmp_path / "prompts.toml", resources() / "prompts.toml", PROMPTS)
    out = tmp_path / "out.toml"
    out.write_text("anything")
    store.write_to(out, (prompt("a", "x\ny"), prompt("b")))
    assert store.read_from(out) == (prompt("a", "x\ny"), prompt("b"))
    with pytest.raises(StorageError, match="no file"):
        store.read_from(tmp_path / "none.toml")
