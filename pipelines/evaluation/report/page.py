"""A page that needs nothing from elsewhere: no script, no font, no picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1d242c; --quiet: #5c6873; --paper: #f5f7f9; --card: #fff; --line: #dde3e9; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --quiet: #98a4b0; --paper: #10141a;
  --card: #181e26; --line: #2a333d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 18px; margin: 36px 0 10px; } h3 { font-size: 15px; }
p { margin: 4px 0 10px; max-width: 80ch; } .quiet { color: var(--quiet); }
.numbers { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; padding: 0; list-style: none; }
.numbers li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; }
.numbers b { display: block; font-size: 22px; line-height: 1.2; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: 0 0 14px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; min-width: 7em; }
td.n, th.n { text-align: right; white-space: nowrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 14px; }
.plots figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px;
  max-width: 560px; }
.plots svg { display: block; width: 100%; height: auto; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { body { background: #fff; font-size: 12px; } main { padding: 0; }
  .plots { grid-template-columns: 1fr 1fr; } figure, tr, .numbers li { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
"""


def page(title: str, parts: Iterable[str]) -> bytes:
    """Encode a page; ``parts`` are HTML, the title is not."""
    body = "\n".join(parts)
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><main>
{body}
</main></body></html>
"""
    return text.encode()


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Lay out texts, which are escaped; all columns but the first ``left`` are numbers, the first names the row."""
    kinds = ["" if n < left else ' class="n"' for n in range(len(head))]
    top = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, head, strict=True))
    lines = [_row(row, kinds) for row in rows]
    none = f'<tr><td colspan="{len(head)}" class="quiet">none</td></tr>'
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines) or none}</tbody></table></div>'
    )


def _row(row: Sequence[str], kinds: Sequence[str]) -> str:
    first = f'<th scope="row">{escape(row[0])}</th>'
    rest = (f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds[1:], row[1:], strict=True))
    return f"<tr>{first}{''.join(rest)}</tr>"
