"""What a run's page ends with."""

from __future__ import annotations

from html import escape

from ..run_info import RunInfo
from .said_codes import said_code


def skipped_section(run: RunInfo, *, title: str = "Files that are no scans") -> str:
    """Return HTML of how many files were passed over, and why; empty where there is none."""
    items = "".join(f"<li>{n} x {said_code(code)}</li>" for code, n in sorted(run.skipped.items()))
    return f'<h2>{escape(title)}</h2><ul class="plain">{items}</ul>' if items else ""


def made_with(run: RunInfo) -> str:
    """Return HTML of the bundle, its hashes, the device and the versions."""
    parts = {
        "bundle": run.bundle,
        "device": run.device,
        "backend": run.backend,
        "precision": run.precision,
        "config": run.config_hash[:12],
        "weights": run.weights_hash[:12],
        **run.versions,
    }
    words = " \u00b7 ".join(f"{name} {value}" for name, value in parts.items() if value)
    return f'<h2>Made with</h2><p class="quiet">{escape(words)}</p>'
