"""No text for people stands outside of the translation, below the window: the sources are looked through."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "desktop"
LAYERS = ("domain", "markup", "wire", "providers", "inspection", "local", "store", "archive", "chat")
MODULES = ("app.py", "attach.py", "beside.py", "doors.py", "vault.py")

_TRANSLATES = {"translate", "QT_TRANSLATE_NOOP", "tr"}
_LOGS = {"logger", "_log", "_LOG", "logging", "warnings"}
# What only a programmer's mistake raises; nobody who uses the program reads it.
_MISTAKES = {"AssertionError", "AttributeError", "NotImplementedError", "RuntimeError", "TypeError"}
_SQL = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|WITH|BEGIN|FROM|WHERE|WHEN|CASE|AND|JOIN|"
    r"CROSS JOIN|ORDER BY)\b|[^\W\d]+\.\w+ (?:LIKE|IN|IS|<|>|=|\ufffc)"
)
_MARKUP = re.compile(r"\s*</?[\w\ufffc]+[^>]*>|<!DOCTYPE", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2}[’'”,;:.]* [“(]*[^\W\d_]|(?<![^\W_])[^\W\d_] [“(]*[^\W\d_]{2}")
# A value in an f-string stands where a word may stand.
_VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"
_VALUE_AND_WORD = re.compile(rf"{_VALUE}[’'”,;:.]* [“(]*[a-z]{{3}}|[a-z]{{3}}[,;:.]* [“(]*{_VALUE}")


# Where, as a regular expression of all of the text, and why: these stay as they are.
_ALLOWED = (
    ("domain/context.py", "Summary of the earlier part .*", "read by the model"),
    ("domain/inspection.py", "tool call", "a key, put into words by became_words"),
    ("domain/tree.py", "a message never moves .*", "a programmer's mistake"),
    ("domain/wish.py", "the wish is too long", "between two runs of the program"),
    ("wire/answer.py", "the answer is no reply", "caught by name; nobody reads it"),
    ("wire/client.py", "gzip, deflate", "the value of a header"),
    ("wire/failures.py", "[a-z -]+|Invalid username", "the words of OpenSSL and httpcore, looked for"),
    ("wire/problem.py", "[a-z -]+", "the words of services, looked for"),
    ("providers/(anthropic_messages|gemini).py", "hidden reasoning|code that .*|result of .*", "labels"),
    ("providers/base.py", "Continue exactly .*|\\[An? .*", "read by the model"),
    ("providers/base.py", "Bearer {}", "the value of a header"),
    ("providers/(custom|stackai).py", "text/event-stream, .*", "the value of a header"),
    ("providers/refusals.py", "supported values", "the words of services, looked for"),
    ("providers/.*|archive/open_webui.py|local/finder.py", "[A-Z]\\w+ [A-Z]\\w+", "names of products"),
    ("providers/registry.py", "Other .*", "in messages of the command line"),
    ("inspection/curl.py", "--data-raw {}", "an argument of curl"),
    ("inspection/(delivery|findings).py", "X-Accel-Buffering: yes|“.*", "what stands in a stream"),
    ("inspection/examination.py", "tool call", "a key, put into words by became_words"),
    ("inspection/replay.py", "(?s)HTTP/1.1 .*|.*: (close|chunked).*", "lines of HTTP"),
    ("inspection/replay.py", "This is a replay; .*|There is nothing here.", "said over HTTP, as services do"),
    ("inspection/tape.py", "\\w+ {}|:weir {}\n", "lines of a file"),
    ("local/(child|protocol).py", "no order came|an order has .*|Order.*", "between the two processes"),
    ("local/choice.py", "pip install .*", "a command"),
    ("store/database.py", "malformed inverted index", "the words of SQLite, looked for"),
    (
        "store/(endpoints|entry_forms|preferences).py",
        "(?s)# .*",
        "comments of files, whose names are English",
    ),
    ("store/library.py", "{} with.*", "for the diagnostics of the command line"),
    ("store/migrations.py", "[a-z ,]+", "for the log"),
    ("store/rows.py", "{}, archived.*", "columns"),
    ("store/.*", "(?s)[a-z0-9_., \n]+|\\(.* IS NOT NULL.*|deleted_at IS NULL.*", "columns"),
    ("store/rows.py", "(a part of )?(message|conversation) {}", "for the log"),
    ("store/toml_file.py", "\\(at end of document\\)", "the words of tomllib, looked for"),
    (
        "archive/(chatgpt|claude|librechat).py",
        "Something else|A problem",
        "a label, see desktop/domain/placeholder.py",
    ),
    ("archive/look.py", "(?s).*", "style sheets"),
    ("archive/page.py", "default-src .*", "the policy of a page"),
    (
        "chat/(desk|finds|models|shelf|tasks).py",
        "new {}|more hits|models of {}|catch up|task {}",
        "task names",
    ),
    ("chat/(summary|titles).py", "(?s)Below is .*|Summary of .*|Write a .*|an image", "read by the model"),
    (
        "vault.py",
        "macOS Keychain|Windows Credential Manager|Secret Service|GNOME Keyring",
        "names of products",
    ),
)


@dataclass(frozen=True)
class Text:
    """A text that looks as if it were for people, and where it stands."""

    module: str
    line: int
    words: str


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_passed_over(call: ast.Call) -> bool:
    """Whether what a call is given is no text for people, or is one in the right way."""
    function = call.func
    owner = _name(function.value) if isinstance(function, ast.Attribute) else ""
    name = _name(function)
    return name in _TRANSLATES | _MISTAKES or owner in _LOGS | {"re"} or name in {"cast", "TypeVar"}


class _Looker(ast.NodeVisitor):
    """Gathers the texts of one module."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.found: list[Text] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Pass over what describes a module, a class, a function or a name."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Pass over the arguments of a translation, of the log, of a mistake."""
        if not _is_passed_over(node):
            self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        """Pass over annotations."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Pass over the annotation."""
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Pass over what a function returns by its annotation."""
        for part in (*node.decorator_list, node.args, *node.body):
            self.visit(part)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Look at an f-string as a whole, and at what is in its values."""
        pieces = [part.value if isinstance(part, ast.Constant) else _VALUE for part in node.values]
        self._look(node, "".join(map(str, pieces)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Look at a text."""
        if isinstance(node.value, str):
            self._look(node, node.value)

    def _look(self, node: ast.expr, words: str) -> None:
        if _SQL.match(words) or _MARKUP.match(words):
            return
        if _WORDS.search(words) or _VALUE_AND_WORD.search(words):
            self.found.append(Text(self.module, node.lineno, words.replace(_VALUE, "{}")))


def texts_in(source: str, module: str = "made_up.py") -> list[Text]:
    """Return the texts of a module's source that look as if they were for people."""
    looker = _Looker(module)
    looker.visit(ast.parse(source))
    return looker.found


def _modules() -> Iterator[Path]:
    for layer in LAYERS:
        yield from sorted((ROOT / layer).rglob("*.py"))
    for name in MODULES:
        yield ROOT / name


def _all_texts() -> list[Text]:
    return [
        text
        for path in _modules()
        for text in texts_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]


def _is_allowed(text: Text, module: str, words: str) -> bool:
    return bool(re.fullmatch(module, text.module) and re.fullmatch(words, text.words))


def test_every_text_for_people_goes_through_the_translation():
    left = [
        f"desktop/{text.module}:{text.line}: {text.words!r}"
        for text in _all_texts()
        if not any(_is_allowed(text, module, words) for module, words, _ in _ALLOWED)
    ]
    assert not left, "\n".join(["Put these through desktop.base.tongue.translate:", *left])


def test_nothing_is_allowed_that_is_not_there():
    texts = _all_texts()
    unused = [
        (module, words)
        for module, words, _ in _ALLOWED
        if not any(_is_allowed(text, module, words) for text in texts)
    ]
    assert not unused


@pytest.mark.parametrize(
    "line",
    [
        'raise StorageError("The disk is full.")',
        'raise StorageError(f"The file {name} is gone.")',
        'words = f"{count} records"',
        'words = "It is " + what',
        'return translate("Store", "A folder.") + " Choose a file."',
        'return translate("Store", "{a} of {b}").format(a=f"the {name} file")',
        'fail(kind, words="Nothing is here")',
        'TABLE = {Kind.A: "The first kind"}',
        'words = "Don’t do it"',
        'words = "“Weir” is closed"',
    ],
)
def test_a_text_outside_of_the_translation_is_found(line: str):
    found = texts_in(f'"""A module."""\n\n{line}\n' if "return" not in line else f"def f():\n    {line}\n")
    assert [text.line for text in found] == [2 if "return" in line else 3]


@pytest.mark.parametrize(
    "line",
    [
        'words = translate("Store", "The disk is full.")',
        'words = tongue.translate("Store", "%n file(s) came in", "", n)',
        'TABLE = {1: QT_TRANSLATE_NOOP("Store", "The first kind")}',
        'words = self.tr("The disk is full.")',
        'logger.info("The disk is full: %s", name)',
        '_LOG.warning(f"the disk {name} is full")',
        'raise TypeError("a secret is never pickled")',
        'rows = connection.execute("SELECT id FROM message WHERE id = ?")',
        "page = \"<p class='when'>\" + words",
        'pattern = re.compile("one or two")',
        'word = "key"',
        'address = f"{scheme}://{host}"',
        'name: "list of names" = ()',
        'def f(of: "a b c d") -> "one or two":\n    """Do this and that."""',
    ],
)
def test_what_is_translated_or_for_no_reader_is_passed_over(line: str):
    assert texts_in(f'"""Of many words."""\n\n{line}\n') == []
