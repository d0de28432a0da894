"""Who made an object, and under which number its series stands in the study."""

from __future__ import annotations

from typing import TypedDict

from pydicom.dataset import Dataset

from ...records import CaseResult
from .algorithm import algorithm_name, algorithm_version

_SERIES = ("seg series", "seg labelmap series", "sr series", "sr lines series", "sc series", "rtstruct series")
_FIRST = 91  # of a hundred numbers for each series of the source: above those that scanners give to reconstructions
_HUNDRED = 100
_LARGEST = 2**31 - 1  # of VR IS (PS3.5 6.2)
_SERIAL_DIGITS = 16


class Equipment(TypedDict):
    """Arguments of a constructor of highdicom (Enhanced General Equipment, PS3.3 C.7.5.2)."""

    manufacturer: str
    manufacturer_model_name: str
    software_versions: str
    device_serial_number: str


def equipment(result: CaseResult) -> Equipment:
    """Return what made the object; the serial number is that of the model: the start of its configuration's hash."""
    return Equipment(
        manufacturer="resmtnet",
        manufacturer_model_name=algorithm_name(result),
        software_versions=algorithm_version(result),
        device_serial_number=result.config_hash[:_SERIAL_DIGITS] or "0",
    )


def series_number(header: Dataset, what: str) -> int:
    """Return the SeriesNumber of ``what`` ("seg series", ...): that of the source times 100, and 91 to 96.

    Series of one study that come from different source series are told apart by it.
    """
    own = _FIRST + _SERIES.index(what)
    try:
        source = int(header.get("SeriesNumber") or 0)
    except (TypeError, ValueError):
        source = 0
    return source * _HUNDRED + own if 0 <= source < _LARGEST // _HUNDRED else own
