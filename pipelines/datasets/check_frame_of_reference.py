"""The frame of reference that a scan's positions stand in."""

from __future__ import annotations

import pydicom
from pydicom.dataset import Dataset

from ..ingest.ingest_error import IngestError
from ..ingest.tree.open_regular import open_regular
from ..records import SeriesPlan


def check_frame_of_reference(said: str, plan: SeriesPlan) -> None:
    """See that an annotation stands in the frame of reference of its scan (PS3.3 C.7.4.1).

    Positions of two frames have nothing to do with each other, even where their numbers look alike. Nothing is checked
    where either says none.

    Raises
    ------
    IngestError
        ``E_LABEL_GRID``.
    """
    own = _of_scan(plan) if said and plan.slices else ""
    if own and own != said:
        raise IngestError("E_LABEL_GRID", "(the annotation stands in another frame of reference than the scan)")


def _of_scan(plan: SeriesPlan) -> str:
    try:
        with open_regular(plan.slices[0].path) as stream:
            header = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=["FrameOfReferenceUID"])
    except IngestError:
        raise
    except Exception:  # noqa: BLE001 - the scan itself is blamed where it is read
        header = Dataset()
    return str(header.get("FrameOfReferenceUID", ""))
