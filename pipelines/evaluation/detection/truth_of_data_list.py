"""The truth from a data list."""

from __future__ import annotations

from ...datasets.data_list import DataList, NoduleLabel
from .scoring_error import ScoringError
from .true_scan import Place, TrueScan


def truth_of_data_list(data_list: DataList) -> tuple[TrueScan, ...]:
    """Take the nodules and excluded places of every scan; scans of one patient share their group.

    Raises
    ------
    ScoringError
        A nodule has neither diameter nor size: nobody can say what hits it.
    """
    return tuple(
        TrueScan(
            scan.case_id,
            tuple(_place(nodule) for nodule in scan.nodules),
            tuple(Place(place.centre_lps_mm, place.diameter_mm) for place in scan.excluded),
            scan.patient_id,
            scan.complete,
        )
        for scan in data_list.scans
    )


def _place(nodule: NoduleLabel) -> Place:
    diameter = nodule.diameter_mm or (max(nodule.size_mm) if nodule.size_mm else None)
    if diameter is None:
        raise ScoringError("A nodule of the data list has neither diameter_mm nor size_mm: what would hit it?")
    return Place(nodule.centre_lps_mm, diameter, nodule.size_mm)
