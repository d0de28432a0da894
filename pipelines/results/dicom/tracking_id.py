"""The name by which a finding is followed from object to object."""

from __future__ import annotations

from ...records import Finding


def tracking_id(finding: Finding) -> str:
    """Return the TrackingID (0062,0020) of a finding; its TrackingUID is ``result_uid(result, "finding <id>")``."""
    return f"Nodule {finding.finding_id}"
