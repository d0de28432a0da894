"""The line that stands at the top of every page of findings."""

from __future__ import annotations

from html import escape

from ..research_use import RESEARCH_USE

NOTICE = (
    f'<p class="notice">{escape(RESEARCH_USE)} Findings of a network, not reviewed by anyone; '
    "every finding, and every scan without one, needs the eyes of a radiologist.</p>"
)
"""HTML."""
