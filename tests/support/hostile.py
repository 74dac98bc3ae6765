"""Texts that want something read, fetched, run or hung."""

MEGABYTE = 1_000_000


def hostile(pipe: str = "/nonexistent/pipe") -> dict[str, str]:
    """Return hostile texts by name; `pipe` is the path of a FIFO that nobody writes to."""
    return {
        "files": f"![a](file:///etc/passwd) [b](file:///etc/passwd) <file:///etc/passwd> ![c]({pipe})\n\n"
        f"![d](file://{pipe})\n\n<img src='file://{pipe}'>\n\n[e]: file://{pipe}\n\n![e] [e]",
        "data": "![a](data:image/png;base64,iVBORw0KGgo=) [b](data:text/html,<script>alert(1)</script>)",
        "script": "[a](javascript:alert(1)) <javascript:alert(1)> [b](JaVaScRiPt&#58;a) [c](vbscript:x)",
        "unc": "![a](\\\\\\\\host\\\\share\\\\x.png) ![b](//host/share/x.png) [c](file://host/share)",
        "remote": "".join(f"![p{n}](http://192.0.2.{n % 250}/p.png) " for n in range(2_000)),
        "html": "<iframe src='http://192.0.2.1/'></iframe>\n\n<script>x</script>\n\n<style>@import 'x'"
        "</style>\n\n<svg><image href='file:///etc/passwd'/></svg>\n\n<object data='x'>",
        "formulas": " ".join(f"${{x_{{{n}}}^{n}}}$" for n in range(3_000)),
        "nested formula": "$$\n" + "\\frac{1+" * 300 + "x" + "}{y}" * 300 + "\n$$",
        "long formula": "$$\n" + "x+" * (MEGABYTE // 2) + "\n$$",
        "wide table": "| a " * 3_000 + "|\n" + "|-" * 3_000 + "|\n" + "| b " * 3_000 + "|",
        "long table": "| a | b | c |\n|---|---|---|\n" + "| x | `y` | **z** |\n" * 20_000,
        "full table": "|a" * 120 + "|\n" + "|-" * 120 + "|\n" + ("|x" * 120 + "|\n") * 400,
        "long line": "word " * (MEGABYTE // 5),
        "long word": "a" * MEGABYTE,
        "long code line": "```\n" + "x" * MEGABYTE + "\n```",
        "long python line": "```python\n" + "f('x') + " * (MEGABYTE // 9) + "\n```",
        "long string": "```python\ns = '''\n" + "text '' \" here\n" * (MEGABYTE // 15) + "```",
        "many lines": "x\n" * (MEGABYTE // 4),
        "many paragraphs": "x\n\n" * 30_000,
        "many items": "- x\n" * 30_000,
        "many rules": "---\n" * 20_000,
        "quotes": "> " * 10_000 + "x",
        "quotes over lines": "\n".join(">" * n + " x" for n in range(1_000)),
        "lists": "- " * 10_000 + "x",
        "nested lists": "".join("  " * n + "- x\n" for n in range(400)),
        "brackets": "[" * 10_000,
        "closed brackets": "[" * 10_000 + "a" + "]" * 10_000,
        "links": "[a](" * 10_000,
        "pictures": "![" * 10_000,
        "emphasis": "*a **a " * 10_000,
        "underscores": "_a __" * 10_000,
        "ticks": "".join("a" + "`" * n for n in range(1, 1_400)),
        "tildes": "~a ~~b " * 10_000,
        "entities": "&amp;&#x41;&nosuch;" * 20_000,
        "backslashes": "\\" * MEGABYTE,
        "angles": "<a " * 50_000,
        "dollars": "$a " * 100_000,
        "definitions": "".join(f"[a{n}]: /u\n" for n in range(20_000)) + "[a1] " * 5_000,
        "mail": "a@" * 100_000 + "b.c",
        "addresses": "https://a.b/((" * 50_000,
        "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x9b31m" * 2_000,
        "bidi": "\u202eevil\u202c \u2066x\u2067y\u2069 \u200f\u061c `\u202e x` " * 2_000,
        "accents": "a" + "\u0301" * 100_000,
        "families": "\U0001f469\u200d\U0001f467" * 20_000,
        "arabic": "\u0645\u0631\u062d\u0628\u0627 " * 50_000,
        "nulls": "\0\x01\x7f\ufeff\ufffe" * 10_000,
        "surrogates": "\ud800x\udfff" * 1_000,
    }
