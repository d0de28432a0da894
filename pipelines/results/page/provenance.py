"""What a result was made from, and with what."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ...ingest.plain_record import plain_record
from ...records import CaseResult, Volume
from .facts_table import facts_table
from .number_text import number_text


def provenance(result: CaseResult, volume: Volume) -> str:
    """Return HTML: the scan, and the software; nothing of the patient, no path, no UID of the scan."""
    return f'<div class="facts">{_table("Scan", _scan(result, volume))}{_table("Software", _software(result))}</div>'


def _scan(result: CaseResult, volume: Volume) -> Mapping[str, str]:
    scan = plain_record(volume.plan)
    spacing = " \u00d7 ".join(number_text(value, 3) for value in volume.plan.spacing_mm)
    k, j, i = volume.hu.shape
    thickness = scan["said_thickness_mm"]
    return {
        "Source": f"{scan['kind']}, {result.n_used} of {result.n_files} files used",
        "Transfer syntax": f"{scan['transfer_syntax']}{' (lossy)' if scan['lossy'] else ''}",
        "Voxels (i, j, k)": f"{i} \u00d7 {j} \u00d7 {k}",
        "Spacing (i, j, k)": f"{spacing} mm",
        "Slice thickness": "" if thickness is None else f"{number_text(thickness, 2)} mm",
        "Slices": f"{scan['plane']}, i, j, k to {', '.join(scan['orientation'])}",
        "Tilt": f"{number_text(scan['tilt_deg'], 1)}\u00b0" if scan["tilt_deg"] >= 0.05 else "",
        "Taken because": result.choice,
        "Decoder": volume.decoder,
        "Digest of the voxels": result.input_digest,
        "Digest of the reading plan": result.plan_digest,
    }


def _software(result: CaseResult) -> Mapping[str, str]:
    return {
        "Bundle": result.bundle,
        "Hash of the configuration": result.config_hash,
        "Hash of the weights": result.weights_hash,
        **{f"Version of {name}": version for name, version in result.versions.items()},
        **{f"Seconds, {name}": number_text(seconds, 2) for name, seconds in result.timings_s.items()},
    }


def _table(caption: str, rows: Mapping[str, str]) -> str:
    return facts_table(caption, ((name, escape(value)) for name, value in rows.items() if value))
