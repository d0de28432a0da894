"""What the reader may switch: window, outlines, axes. The style does it, no script."""

from __future__ import annotations

from .picture import WINDOWS
from .tile import window_text


def window_choice(*, with_findings: bool) -> str:
    """Return HTML of the switches, and for print the window that is on."""
    windows = "".join(
        f'<label><input type="radio" name="window" id="window-{window.name}" autocomplete="off"'
        f"{' checked' if n == 0 else ''}> {window.label}</label>"
        for n, window in enumerate(WINDOWS)
    )
    marks = "".join(
        f'<label><input type="checkbox" id="show-{name}" autocomplete="off" checked> {label}</label>'
        for name, label in (("outline", "Outlines"), ("axes", "Long and short axis"))
    )
    keys = " Arrow keys move a slider that is in focus." if with_findings else ""
    return (
        f'<div class="look screen"><fieldset><legend>Show</legend>{windows}</fieldset>'
        f"{'<fieldset>' + marks + '</fieldset>' if with_findings else ''}</div>"
        f'<p class="quiet">{window_text()}.<span class="by-script">{keys}</span></p>'
    )
