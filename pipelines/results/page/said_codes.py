"""Codes with what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...codes import CODES


def said_code(code: str) -> str:
    """Return HTML of a code, its meaning and its remedy."""
    known = CODES.get(code)
    meaning = f' <span class="quiet">{escape(known.summary)} {escape(known.remedy)}</span>' if known else ""
    return f"<code>{escape(code)}</code>{meaning}"


def said_codes(codes: Iterable[str]) -> str:
    """Return HTML of a list of codes; empty where there is none."""
    items = "".join(f"<li>{said_code(code)}</li>" for code in codes)
    return f'<ul class="plain">{items}</ul>' if items else ""
