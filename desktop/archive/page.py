"""A conversation as a page: the branch that is on screen, for reading in a browser or on paper."""

import base64
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from desktop.archive.assets import picture_type
from desktop.archive.formulas import PrintFormula, PrintFormulas, ScreenFormulas, as_source
from desktop.archive.html_text import FormulaWriter, html_of
from desktop.archive.look import LIGHT, PRINT_MIDDLE, PRINT_SIZE, print_style, screen_style
from desktop.base.direction import is_mixed
from desktop.base.tongue import QT_TRANSLATE_NOOP, language, translate
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.placeholder import placeholder_words
from desktop.domain.tree import ConversationTree

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_ENDINGS = {
    MessageState.STOPPED: QT_TRANSLATE_NOOP("Archive", "Stopped"),
    MessageState.INTERRUPTED: QT_TRANSLATE_NOOP("Archive", "Interrupted"),
    MessageState.FAILED: QT_TRANSLATE_NOOP("Archive", "Failed"),
}


@dataclass(slots=True)
class PrintPage:
    """A page for paper: its HTML, and the pictures and formulas that it names."""

    html: str
    pictures: dict[str, bytes] = field(default_factory=dict)
    formulas: dict[str, PrintFormula] = field(default_factory=dict)


def branch_of(conversation: Conversation, messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages of the branch that is on screen."""
    return ConversationTree(messages, conversation.head_id).branch()


def title_of(conversation: Conversation) -> str:
    """Return a conversation's title, or what stands for one."""
    return conversation.title or translate("Archive", "Conversation")


def name_over(message: Message) -> str:
    """Return who speaks."""
    if message.role is Role.ASSISTANT:
        return message.model or message.endpoint or translate("Archive", "Reply")
    if message.role is Role.SYSTEM:
        return translate("Archive", "Instructions")
    return translate("Archive", "You")


def moment(at_ms: int) -> str:
    """Return a time in this computer's zone, to the minute."""
    try:
        return datetime.datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return ""


def ending_of(message: Message) -> str:
    """Return how a reply ended, where that was not as it should."""
    if message.state not in _ENDINGS:
        return ""
    ending = translate("Archive", _ENDINGS[message.state])
    if message.failure is None:
        return ending
    words = translate("Archive", "{ending}: {failure}")
    return words.format(ending=ending, failure=message.failure.sentence)


def screen_page(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return a whole HTML file: no script, nothing loaded from anywhere, light and dark."""
    title = escape(title_of(conversation))
    formulas = ScreenFormulas()
    body = "\n".join(_article(message, formulas) for message in branch_of(conversation, messages))
    when = moment(conversation.created)
    return _file(title, f'<h1 class="title" dir="auto">{title}</h1>\n<p class="when">{when}</p>\n{body}')


def index_page(rows: Iterable[tuple[str, str, int]]) -> str:
    """Return the page that lists others by file name, title and time."""
    items = "\n".join(
        f'<li><a href="{escape(name)}" dir="auto">{escape(title)}</a> '
        f'<span class="when">{moment(at)}</span></li>'
        for name, title, at in rows
    )
    title = escape(translate("Archive", "Conversations"))
    return _file(title, f'<h1 class="title">{title}</h1>\n<ul>\n{items}\n</ul>')


def _file(title: str, body: str) -> str:
    direction = "rtl" if language().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="Weir">\n'
        f"<title>{title}</title>\n<style>\n{screen_style()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _article(message: Message, formulas: FormulaWriter) -> str:
    parts = "\n".join(_screen_part(message, part, formulas) for part in message.parts)
    ending = ending_of(message)
    mark = f'\n<p class="ending">{escape(ending)}</p>' if ending else ""
    return (
        f'<article class="{message.role.value}">\n'
        f"<header><b>{escape(name_over(message))}</b> {moment(message.created)}</header>\n"
        f'<div class="body" dir="auto">\n{parts}{mark}\n</div>\n</article>'
    )


def _screen_part(message: Message, part: Part, formulas: FormulaWriter) -> str:
    if isinstance(part, ReasoningPart):
        thoughts = html_of(part.text, formulas=formulas)
        return f"<details><summary>{_thoughts()}</summary>\n{thoughts}\n</details>"
    if isinstance(part, ImagePart) and picture_type(part.data):
        address = f"data:{picture_type(part.data)};base64," + base64.b64encode(part.data).decode("ascii")
        return f'<p><img alt="{escape(part.name)}" src="{address}"></p>'
    if isinstance(part, ToolCallPart | PlaceholderPart) and _inside(part):
        return f"<details><summary>{escape(_label(part))}</summary>\n{_raw(_inside(part))}\n</details>"
    return _any_part(message, part, formulas)


def _any_part(message: Message, part: Part, formulas: FormulaWriter) -> str:
    """Return what is the same on screen and on paper."""
    if isinstance(part, TextPart | RefusalPart):
        return html_of(part.text, keeps_breaks=message.role is not Role.ASSISTANT, formulas=formulas)
    return f'<p class="tag">{escape(_label(part))}</p>'


def _thoughts() -> str:
    return escape(translate("Archive", "Thoughts"))


def _label(part: Part) -> str:
    match part:
        case ToolCallPart():
            return translate("Archive", "Call of {name}").format(name=part.name)
        case PlaceholderPart():
            return placeholder_words(part.label)
        case FilePart() | ImagePart():
            return part.name or translate("Archive", "File without a name")
        case _:
            return ""


def _inside(part: ToolCallPart | PlaceholderPart) -> str:
    return part.arguments if isinstance(part, ToolCallPart) else part.raw


def _raw(text: str) -> str:
    return f'<pre class="plain">{escape(text)}</pre>'


def print_page(
    conversation: Conversation, messages: Sequence[Message], *, sets_formulas: bool = False
) -> PrintPage:
    """Return the page for paper. Its pictures are called "weir:" and a number; nothing is loaded.

    Formulas stay as they are written unless `sets_formulas`, which puts them among its `formulas`.
    """
    page = PrintPage("")
    drawn = PrintFormulas(PRINT_SIZE, PRINT_MIDDLE)
    page.formulas = drawn.made
    formulas: FormulaWriter = drawn if sets_formulas else as_source
    title = escape(title_of(conversation))
    pieces = [f'<h1 class="title">{title}</h1><p class="when">{moment(conversation.created)}</p>']
    for message in branch_of(conversation, messages):
        who = f"<b>{escape(name_over(message))}</b> &nbsp; {moment(message.created)}"
        body = "\n".join(_print_part(message, part, page, formulas) for part in message.parts)
        if ending_of(message):
            body += f'\n<p class="ending">{escape(ending_of(message))}</p>'
        if message.role is Role.USER:
            # Qt gives a ground to a table's cell alone, not to a group of paragraphs.
            body = (
                '<table width="100%" cellpadding="8" cellspacing="0"><tr>'
                f'<td bgcolor="{LIGHT["prompt"]}">{body}</td></tr></table>'
            )
        pieces.append(f'<p class="who">{who}</p>\n{body}')
    # Qt's documents know the signs for it, not the style: code reads from left to right.
    pieces = [_isolated(piece) if is_mixed(piece) else piece for piece in pieces]
    page.html = f"<html><head><style>{print_style()}</style></head><body>{''.join(pieces)}</body></html>"
    return page


def _isolated(html: str) -> str:
    return html.replace("<code>", "<code>\u2066").replace("</code>", "\u2069</code>")


def _print_part(message: Message, part: Part, page: PrintPage, formulas: FormulaWriter) -> str:
    if isinstance(part, ReasoningPart):
        thoughts = html_of(part.text, formulas=formulas)
        return f'<p class="thoughts">{_thoughts()}</p><div class="thoughts">{thoughts}</div>'
    if isinstance(part, ImagePart) and picture_type(part.data):
        name = f"weir:{len(page.pictures)}"
        page.pictures[name] = part.data
        return f'<p><img src="{name}"></p>'
    return _any_part(message, part, formulas)
