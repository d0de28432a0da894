"""Size classes in the style of Lung-RADS v2022, for research."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from .nodule_type import NoduleType
from .round_half_up import round_half_up

LungRadsSizeClass = Literal["2", "3", "3_to_4B", "4A", "4B"]

_Table = dict[NoduleType, tuple[tuple[Decimal, LungRadsSizeClass], ...]]
_BY_DIAMETER: _Table = {  # from this mean diameter, mm
    "solid": ((Decimal(15), "4B"), (Decimal(8), "4A"), (Decimal(6), "3"), (Decimal(0), "2")),
    "part_solid": ((Decimal(6), "3_to_4B"), (Decimal(0), "2")),
    "ground_glass": ((Decimal(30), "3"), (Decimal(0), "2")),
}
_BY_VOLUME: _Table = {  # from this volume, mm3
    "solid": ((Decimal(1767), "4B"), (Decimal(268), "4A"), (Decimal(113), "3"), (Decimal(0), "2")),
    "part_solid": ((Decimal(113), "3_to_4B"), (Decimal(0), "2")),
    "ground_glass": ((Decimal(14137), "3"), (Decimal(0), "2")),
}


def lung_rads_size_class(
    long_axis_mm: float, short_axis_mm: float, kind: NoduleType | None
) -> LungRadsSizeClass | None:
    """Class a nodule by the size thresholds of Lung-RADS v2022 for a baseline scan; None where its type is not known.

    Each axis is rounded to 0.1 mm, then their mean, halves up; the thresholds hold for the rounded mean.

    ========================  =====================================  =======
    type                      mean diameter                          class
    ========================  =====================================  =======
    solid                     < 6 mm                                 2
    solid                     6 to < 8 mm                            3
    solid                     8 to < 15 mm                           4A
    solid                     15 mm and more                         4B
    part-solid                < 6 mm in total                        2
    part-solid                6 mm and more in total                 3_to_4B
    ground glass              < 30 mm                                2
    ground glass              30 mm and more                         3
    ========================  =====================================  =======

    ``3_to_4B``: the size of the solid part decides (< 6 mm: 3; 6 to < 8 mm: 4A; 8 mm and more: 4B), and it is not
    measured here.

    This is no Lung-RADS category. It takes every nodule as seen for the first time (no prior scan: neither new nor
    growing), takes it from the axial plane only, and leaves out what the category also rests on: benign calcification
    and fat, juxtapleural shape (smooth solid ones below 10 mm are category 2), airway nodules, cysts, signs of
    infection, further suspicious features (4X), other significant findings (S), and whether the scan is a screening
    scan at all.

    Source: American College of Radiology, Lung-RADS v2022 (November 2022), categories 2 to 4B and note on nodule size.

    Raises
    ------
    ValueError
        A size that is negative or not finite.
    """
    axes = round_half_up(long_axis_mm, 1) + round_half_up(short_axis_mm, 1)
    return _look_up(_BY_DIAMETER, round_half_up(float(axes / 2), 1), kind)


def lung_rads_size_class_by_volume(volume_mm3: float, kind: NoduleType | None) -> LungRadsSizeClass | None:
    """Class a nodule by the volumes that Lung-RADS v2022 gives beside its diameters; see :func:`lung_rads_size_class`.

    The volume is rounded to whole mm3. Solid: < 113 2, to < 268 3, to < 1767 4A, from 1767 4B. Part-solid: < 113 2,
    from 113 3_to_4B. Ground glass: < 14137 2, from 14137 3. For a nodule that is no ball, the two classes may differ.

    Raises
    ------
    ValueError
        A volume that is negative or not finite.
    """
    return _look_up(_BY_VOLUME, round_half_up(volume_mm3, 0), kind)


def _look_up(table: _Table, size: Decimal, kind: NoduleType | None) -> LungRadsSizeClass | None:
    return None if kind is None else next(name for low, name in table[kind] if size >= low)
