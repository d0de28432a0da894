"""Solid, part-solid or ground glass, from the predicted texture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

NoduleType = Literal["solid", "part_solid", "ground_glass"]

PART_SOLID_FROM = 2.5
SOLID_FROM = 4.5


def nodule_type(attributes: Mapping[str, float]) -> NoduleType | None:
    """Read the type of a nodule from its texture rating, None where there is none.

    LIDC readers rate texture 1 (non-solid, ground glass), 3 (part-solid, mixed) or 5 (solid), with 2 and 4 between. The
    predicted mean counts as the nearest of 1-2, 3-4 and 5, as in our evaluation: below 2.5 ground glass, from 4.5
    solid. These thresholds are ours; a reader judges the type by eye in the lung window.

    Source of the scale: McNitt-Gray et al., Acad Radiol 14 (2007) 1464-1474.
    """
    texture = attributes.get("texture")
    if texture is None:
        return None
    if texture < PART_SOLID_FROM:
        return "ground_glass"
    return "part_solid" if texture < SOLID_FROM else "solid"
