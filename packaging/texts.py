"""Collect the texts to translate from the code, by its syntax tree.

Qt's lupdate is not asked: in Python it takes `settings.tr` for a class named settings, and misses plural
forms whose number is not a literal.

Collected are
    self.tr("text", "comment", n)                   in the context of the class around it
    translate("Context", "text", "comment", n)      Qt's function or desktop.base.tongue's
    QT_TRANSLATE_NOOP("Context", "text")            in tables
    tr("text"), words.tr("text")                    where a module defines tr for one context
A comment line that begins with #: tells whoever translates more of the first text on the line below it.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the code has it; context, source and comment together are its name."""

    context: str
    source: str
    comment: str = ""
    is_counted: bool = False
    note: str = ""
    place: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What it is looked up by."""
        return self.context, self.source, self.comment


@dataclass(frozen=True, slots=True)
class Found:
    """The texts of a tree of code, and what could not be collected: one line each, with its place."""

    texts: tuple[Text, ...]
    problems: tuple[str, ...]


def collect(root: Path, folder: str = "desktop") -> Found:
    """Return what is to be translated in a folder below `root`."""
    trees = {}
    for file in sorted((root / folder).rglob("*.py")):
        name = file.relative_to(root).as_posix()
        source = file.read_text(encoding="utf-8")
        trees[name] = (ast.parse(source), source.splitlines())
    contexts = {
        _module(name): context for name, (tree, _) in trees.items() if (context := _context_of_tr(tree))
    }
    texts: dict[tuple[str, str, str], Text] = {}
    problems: list[str] = []
    for name, (tree, lines) in trees.items():
        reader = _Reader(name, lines, contexts)
        reader.visit(tree)
        problems += reader.problems
        for text in reader.texts:
            known = texts.setdefault(text.name, text)
            if known.is_counted is not text.is_counted:
                problems.append(
                    f"{text.place}: once with a number, once without ({known.place}): {text.source!r}"
                )
    return Found(tuple(texts.values()), tuple(problems))


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _context_of_tr(tree: ast.Module) -> str:
    """Return the context of the `tr` that a module defines, or ""."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "tr":
            for call in _calls(node):
                if _called(call) == "translate" and (context := literal(call.args[0])) is not None:
                    return context
    return ""


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call) and inner.args)


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def literal(node: ast.expr) -> str | None:
    """Return a text that stands in the code as it is, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _literals(node: ast.expr) -> Iterable[str] | None:
    """Return the texts that an argument may be, or None where the code does not say."""
    if isinstance(node, ast.IfExp):
        either, other = _literals(node.body), _literals(node.orelse)
        return None if either is None or other is None else (*either, *other)
    text = literal(node)
    return None if text is None else (text,)


class _Reader(ast.NodeVisitor):
    def __init__(self, name: str, lines: list[str], contexts: dict[str, str]) -> None:
        self.texts: list[Text] = []
        self.problems: list[str] = []
        self._name = name
        self._lines = lines
        self._contexts = contexts
        self._classes: list[str] = []
        self._module_tr = contexts.get(_module(name), "")
        self._imported_tr: dict[str, str] = {}
        self._noted: set[int] = set()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "tr" and node.module in self._contexts:
                self._module_tr = self._contexts[node.module]
            elif context := self._contexts.get(f"{node.module}.{alias.name}"):
                self._imported_tr[name] = context

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name != "tr" or self._classes:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        called = _called(node)
        if not node.args:
            return
        if called == "tr":
            self._read_tr(node)
        elif called in {"translate", "QT_TRANSLATE_NOOP"} and len(node.args) > 1:
            self._read_translate(node)

    def _read_tr(self, node: ast.Call) -> None:
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner is None:
            context = self._module_tr
        elif isinstance(owner, ast.Name) and owner.id == "self":
            context = self._classes[-1] if self._classes else ""
        else:
            context = self._imported_tr.get(owner.id, "") if isinstance(owner, ast.Name) else ""
        if not context:
            self._complain(node, "nobody knows the context of this tr()")
            return
        if _literals(node.args[0]) is None and not (isinstance(owner, ast.Name) and owner.id == "self"):
            # A text of a table, marked there.
            return
        self._add(node, context, node.args[0], node.args[1:])

    def _read_translate(self, node: ast.Call) -> None:
        context = literal(node.args[0])
        if context is None:
            # A painter has a translate as well, with two numbers.
            if _literals(node.args[1]) is not None:
                self._complain(node, "the context is not a literal")
        elif _literals(node.args[1]) is not None or isinstance(node.args[1], ast.JoinedStr | ast.BinOp):
            self._add(node, context, node.args[1], node.args[2:])

    def _add(self, node: ast.Call, context: str, argument: ast.expr, rest: list[ast.expr]) -> None:
        sources = _literals(argument)
        if sources is None:
            self._complain(node, "the text is not a literal")
            return
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        comment_node = rest[0] if rest else named.get("comment") or named.get("disambiguation")
        comment = "" if comment_node is None else literal(comment_node) or ""
        number = rest[1] if len(rest) > 1 else named.get("n")
        is_counted = number is not None and ast.unparse(number) != "-1"
        for source in sources:
            if not source.strip():
                self._complain(node, "an empty text")
            if is_counted is not ("%n" in source):
                self._complain(node, f"a number without %n, or %n without a number: {source!r}")
            self.texts.append(
                Text(context, source, comment, is_counted, self._note(node), f"{self._name}:{node.lineno}")
            )

    def _note(self, node: ast.Call) -> str:
        """Return what is noted above a text, unless the line has had one before it."""
        if node.lineno in self._noted:
            return ""
        self._noted.add(node.lineno)
        found: list[str] = []
        line = node.lineno - 2
        while line >= 0 and (text := self._lines[line].strip()).startswith("#:"):
            found.insert(0, text.removeprefix("#:").strip())
            line -= 1
        return " ".join(found)

    def _complain(self, node: ast.Call, why: str) -> None:
        self.problems.append(f"{self._name}:{node.lineno}: {why}")
