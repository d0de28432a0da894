"""Size classes in the style of the Fleischner Society's guideline of 2017, for research."""

from __future__ import annotations

from typing import Literal

from .nodule_type import NoduleType
from .round_half_up import round_half_up

FleischnerSizeClass = Literal[
    "solid_below_6_mm",
    "solid_6_to_8_mm",
    "solid_above_8_mm",
    "part_solid_below_6_mm",
    "part_solid_from_6_mm",
    "ground_glass_below_6_mm",
    "ground_glass_from_6_mm",
]
_SMALL_MM, _LARGE_MM = 6, 8
_SMALL_MM3, _LARGE_MM3 = 100, 250


def fleischner_size_class(
    long_axis_mm: float, short_axis_mm: float, kind: NoduleType | None
) -> FleischnerSizeClass | None:
    """Class a nodule by the size rows of the Fleischner guideline of 2017; None where its type is not known.

    The mean of long and short axis is rounded to whole mm, halves up; the thresholds hold for the rounded mean: 5.4 mm
    is below 6 mm, 8.4 mm is not above 8 mm.

    ==============  ===============  ==========================
    type            mean diameter    class
    ==============  ===============  ==========================
    solid           < 6 mm           solid_below_6_mm
    solid           6 to 8 mm        solid_6_to_8_mm
    solid           > 8 mm           solid_above_8_mm
    part-solid      < 6 mm           part_solid_below_6_mm
    part-solid      6 mm and more    part_solid_from_6_mm
    ground glass    < 6 mm           ground_glass_below_6_mm
    ground glass    6 mm and more    ground_glass_from_6_mm
    ==============  ===============  ==========================

    This is no recommendation. The guideline rests also on risk (smoking, age, emphysema, upper lobe, spiculation), the
    number of nodules, the size of a solid part and prior scans, and does not hold for screening, for patients below 35
    years, with known cancer or with immunosuppression: nothing of that is known here. The axes are axial; the guideline
    takes the plane that shows the nodule largest.

    Sources: MacMahon et al., Radiology 284 (2017) 228-243, table 1; on measuring and rounding Bankier et al.,
    Radiology 285 (2017) 584-600.

    Raises
    ------
    ValueError
        A size that is negative or not finite.
    """
    mean_mm = round_half_up((long_axis_mm + short_axis_mm) / 2, 0)
    return _named(kind, below=mean_mm < _SMALL_MM, above=mean_mm > _LARGE_MM)


def fleischner_size_class_by_volume(volume_mm3: float, kind: NoduleType | None) -> FleischnerSizeClass | None:
    """Class a nodule by the volumes that the guideline gives beside its diameters; see :func:`fleischner_size_class`.

    The classes keep their names: 100 mm3 stands for 6 mm and 250 mm3 for 8 mm (as in table 1). The volume is rounded to
    whole mm3.

    Raises
    ------
    ValueError
        A volume that is negative or not finite.
    """
    volume = round_half_up(volume_mm3, 0)
    return _named(kind, below=volume < _SMALL_MM3, above=volume > _LARGE_MM3)


def _named(kind: NoduleType | None, *, below: bool, above: bool) -> FleischnerSizeClass | None:
    if kind is None:
        return None
    if kind == "solid":
        return "solid_below_6_mm" if below else "solid_above_8_mm" if above else "solid_6_to_8_mm"
    if kind == "part_solid":
        return "part_solid_below_6_mm" if below else "part_solid_from_6_mm"
    return "ground_glass_below_6_mm" if below else "ground_glass_from_6_mm"
