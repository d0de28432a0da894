"""A page of figures: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from ...results.page.html_page import html_page

_STYLE = """
tbody th { min-width: 7em; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(330px, 100%), 1fr)); gap: 14px; }
.plots figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px;
  max-width: 560px; }
.plots svg { display: block; width: 100%; height: auto; }
@media print { .plots { grid-template-columns: 1fr 1fr; } }
"""


def page(title: str, parts: Iterable[str]) -> bytes:
    """Encode a page; ``parts`` are HTML, the title is not."""
    return html_page(title, parts, style=_STYLE)
