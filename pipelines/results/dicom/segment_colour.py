"""Colours of segments that stay apart for the colour-blind."""

from __future__ import annotations

from highdicom.color import CIELabColor

# Okabe and Ito (2008), "Color Universal Design", without black: seven hues, no two alike in hue and lightness
_HUES = ((213, 94, 0), (86, 180, 233), (240, 228, 66), (204, 121, 167), (0, 158, 115), (0, 114, 178), (230, 159, 0))
# the same hues again, lighter and then darker: 21 findings before a colour comes twice
_LIGHTER = (0.0, 18.0, -18.0)


def segment_colour(number: int) -> CIELabColor:
    """Return the colour of segment ``number`` (from 1), for RecommendedDisplayCIELabValue (0062,000D)."""
    turn, hue = divmod(number - 1, len(_HUES))
    plain = CIELabColor.from_rgb(*_HUES[hue])
    lightness = plain.l_star + _LIGHTER[turn % len(_LIGHTER)]
    return CIELabColor(min(max(lightness, 5.0), 98.0), plain.a_star, plain.b_star)
