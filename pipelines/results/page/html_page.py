"""The frame of a page that needs nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from .style import STYLE


def html_page(title: str, parts: Iterable[str], *, script: str = "", style: str = "", pictures: str = "data:") -> bytes:
    """Encode a page.

    Its policy lets the browser load nothing and run nothing but ``script``, known by its hash (Content Security Policy
    Level 3, W3C).

    Parameters
    ----------
    title : text.
    parts : HTML.
    script, style : run and used as they are.
    pictures : where pictures may come from, in the words of ``img-src``.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'; " if script else ""
    policy = (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; {allowed}"
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join(part for part in parts if part)
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>{escape(title)}</title><style>{STYLE}{style}</style></head>
<body><main>
{body}
</main>{f"<script>{script}</script>" if script else ""}</body></html>
"""
    return text.encode()
