"""The few figures that a page begins with."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def numbers(items: Iterable[tuple[str, object]]) -> str:
    """Return HTML of names and their figures, which are texts or whole numbers."""
    cells = "".join(f"<li><b>{escape(str(figure))}</b>{escape(name)}</li>" for name, figure in items)
    return f'<ul class="numbers">{cells}</ul>'
