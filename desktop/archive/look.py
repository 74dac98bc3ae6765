"""How an exported page looks: the window's colours and spacing as a style sheet, light and dark."""

LIGHT = {
    "bg": "#ffffff",
    "line": "#e3e6ea",
    "text": "#1c2024",
    "muted": "#5f6872",
    "accent": "#1a6fb5",
    "prompt": "#eef2f6",
    "code": "#f5f7f9",
    "warn": "#8a5a00",
    "code_keyword": "#8431c2",
    "code_string": "#1d7a46",
    "code_number": "#b0500c",
    "code_comment": "#66707b",
    "code_function": "#1a5fa8",
}
"""The window's light colours, by the names they have there."""

DARK = {
    "bg": "#16181b",
    "line": "#31363d",
    "text": "#e7eaee",
    "muted": "#a3acb6",
    "accent": "#6cb4f0",
    "prompt": "#262b31",
    "code": "#1b1f24",
    "warn": "#f0b95a",
    "code_keyword": "#d2a8ff",
    "code_string": "#7ee0a1",
    "code_number": "#ffb070",
    "code_comment": "#98a1ac",
    "code_function": "#8cc7ff",
}
"""The window's dark colours."""

PRINT_SIZE = 10 * 96 / 72
"""The size of the text on paper, in 96ths of an inch."""

PRINT_MIDDLE = 0.6
"""How far above the line a document of Qt puts a picture's middle, in the same unit.

A quarter of the height of the small letters, which it takes in the screen's pixels, not in the printer's.
"""

_RULES = """
body { margin: 0; background: var(--bg); color: var(--text); line-height: 1.55;
  font: 14px/1.55 Inter, "Adwaita Sans", Cantarell, "Noto Sans", "Segoe UI", system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 32px 24px 64px; }
h1.title { font-size: 22px; line-height: 1.3; margin: 0 0 4px; }
.when { color: var(--muted); font-size: 12.5px; margin: 0 0 28px; }
article { margin: 0 0 24px; overflow-wrap: break-word; }
article > header { color: var(--muted); font-size: 12.5px; margin: 0 0 6px; }
article > header b { color: var(--text); }
.user { margin-inline-start: 15%; display: flex; flex-direction: column; align-items: flex-end; }
.user .body { max-width: 100%; box-sizing: border-box; }
.user .body { background: var(--prompt); border-radius: 14px; padding: 10px 16px; }
.body > :first-child { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
p, ul, ol, blockquote, table, pre { margin: 0 0 12px; }
h1, h2, h3, h4, h5, h6 { line-height: 1.3; margin: 20px 0 8px; }
h1 { font-size: 20px; } h2 { font-size: 17px; } h3 { font-size: 15px; } h4, h5, h6 { font-size: 14px; }
a { color: var(--accent); }
blockquote { border-inline-start: 3px solid var(--line); padding-inline-start: 14px; margin-inline: 0;
  color: var(--muted); }
code, pre { font-size: 12.8px;
  font-family: "JetBrains Mono", "Adwaita Mono", "Source Code Pro", ui-monospace, Consolas, monospace; }
code, pre { font-variant-ligatures: none; direction: ltr; unicode-bidi: isolate; }
pre, div.code, .formula { direction: ltr; text-align: left; }
.formula { text-align: center; }
code { background: var(--code); border-radius: 4px; padding: 1px 4px; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px;
  overflow-x: auto; white-space: pre-wrap; tab-size: 4; }
div.code { background: var(--code); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 12px; }
div.code pre { border: 0; margin: 0; background: none; }
.language { color: var(--muted); font-size: 12.5px; padding: 5px 14px; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: 5px 0; padding-inline-end: 20px; }
th { color: var(--muted); font-weight: 600; } th:not([align]) { text-align: start; }
li.task { list-style: none; margin-inline-start: -1.3em; }
.note { display: flex; gap: 10px; color: var(--muted); }
.formula { text-align: center; margin: 0 0 12px; overflow-x: auto; }
svg { overflow: visible; }
hr { border: 0; border-top: 1px solid var(--line); margin: 20px 0; }
img { max-width: 100%; border-radius: 10px; }
details { margin: 0 0 12px; color: var(--muted); border-inline-start: 3px solid var(--line);
  padding-inline-start: 14px; }
summary { cursor: pointer; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 8px; padding: 3px 12px;
  font-size: 12.5px; margin: 0 6px 8px 0; color: var(--muted); }
.ending { color: var(--warn); font-size: 12.5px; }
.k { color: var(--code_keyword); } .s { color: var(--code_string); } .n { color: var(--code_number); }
.c { color: var(--code_comment); } .f { color: var(--code_function); }
@media print { .user { margin-inline-start: 8%; } pre { white-space: pre-wrap; } }
"""


def screen_style() -> str:
    """Return the style sheet of a page that follows its reader's light or dark scheme."""
    light = "".join(f" --{name}: {color};" for name, color in LIGHT.items())
    dark = "".join(f" --{name}: {color};" for name, color in DARK.items())
    return (
        f":root {{ color-scheme: light dark;{light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{{dark} }} }}\n{_RULES.strip()}\n"
    )


def print_style() -> str:
    """Return the style sheet for paper, in the part of CSS that Qt's text documents know."""
    color = LIGHT
    return f"""
body {{ color: {color["text"]}; font-size: 10pt; }}
h1.title {{ font-size: 17pt; margin-bottom: 2px; }}
p.when, p.who {{ color: {color["muted"]}; font-size: 8.5pt; }}
p.who {{ margin-top: 14px; margin-bottom: 2px; }}
h1 {{ font-size: 14pt; }} h2 {{ font-size: 12.5pt; }} h3, h4, h5, h6 {{ font-size: 11pt; }}
a {{ color: {color["accent"]}; text-decoration: none; }}
code, pre {{ font-family: monospace; font-size: 8.8pt; background-color: {color["code"]}; }}
pre {{ white-space: pre-wrap; margin-top: 4px; margin-bottom: 8px; }}
blockquote {{ color: {color["muted"]}; margin-left: 18px; }}
th, td {{ padding: 3px 8px; }}
th {{ color: {color["muted"]}; text-align: left; }}
.language, .tag, .thoughts {{ color: {color["muted"]}; font-size: 8.5pt; }}
.ending {{ color: {color["warn"]}; font-size: 8.5pt; }}
.k {{ color: {color["code_keyword"]}; }} .s {{ color: {color["code_string"]}; }}
.n {{ color: {color["code_number"]}; }} .c {{ color: {color["code_comment"]}; }}
.f {{ color: {color["code_function"]}; }}
"""
