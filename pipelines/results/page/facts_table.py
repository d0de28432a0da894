"""Tables of what is known of one thing."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def facts_table(caption: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out rows of a name (text) and what is known of it (HTML); where there are two cells, the last is a remark."""
    lines = "".join(_row(*row) for row in rows)
    return f'<div class="scroll"><table><caption>{escape(caption)}</caption><tbody>{lines}</tbody></table></div>'


def _row(name: str, *cells: str) -> str:
    known = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(name)}</th>{known}</tr>'
