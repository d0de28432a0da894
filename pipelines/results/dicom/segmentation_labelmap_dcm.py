"""``dicom/segmentation_labelmap.dcm``: the findings as a Label Map Segmentation."""

from __future__ import annotations

from ...records import CaseResult, Volume
from .segmentation_dcm import segmentation_dcm


def segmentation_labelmap_dcm(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode as :func:`.segmentation_dcm` does, as LABELMAP (RLE): far smaller, and read by fewer."""
    return segmentation_dcm(result, volume, kind="LABELMAP")
