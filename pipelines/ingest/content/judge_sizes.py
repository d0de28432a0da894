"""Whether the lungs, by the spacing of the header, have sizes of a human."""

from __future__ import annotations

from .chest import Chest

# adult lungs: up to 350 mm high and 350 mm wide over both; the chest inside the ribs is at most 250 mm deep
_MOST_HEIGHT_MM, _MOST_WIDTH_MM, _MOST_DEPTH_MM = 450.0, 420.0, 330.0
# in newborns both lungs together are 70 mm or wider, and 50 mm or higher
_LEAST_WIDTH_MM, _LEAST_HEIGHT_MM = 50.0, 35.0
# height against width is 0.8 to 1.25 in the scans and phantoms at hand, 0.6 in newborns and deep expiration, 1.5 in
# emphysema; a slice spacing five times too large or too small gives 4 and more, or 0.25 and less
_HEIGHT_TO_WIDTH = (0.42, 2.2)
# depth against width is 0.57 to 0.81 in the scans at hand, up to 1 in newborns and barrel chests, and down to 0.2 where
# only the front of the lungs holds air
_DEPTH_TO_WIDTH = (0.2, 1.7)
# at an end of the field of view: the lungs taper to nothing there, or they are cut
_CUT_SHARE = 0.1


def sizes_implausible(chest: Chest, whole: bool) -> bool:
    """Ask whether the lungs are larger than any or, where ``whole``, too small or out of shape.

    ``whole`` lungs are two, uncut in the plane, with base and apex in view and of usual form: disease that leaves air
    in one part of the lungs only makes them small, too. Not told are a factor of less than about 2.5 on one axis, and
    one on all three axes that leaves the size of a child or of a large adult.
    """
    if chest.height > _MOST_HEIGHT_MM or chest.width > _MOST_WIDTH_MM or chest.depth > _MOST_DEPTH_MM:
        return True
    section = chest.relative_section
    if not whole or max(section[0], section[-1]) > _CUT_SHARE:
        return False
    if chest.height < _LEAST_HEIGHT_MM or chest.width < _LEAST_WIDTH_MM:
        return True
    lowest, highest = _HEIGHT_TO_WIDTH
    flattest, deepest = _DEPTH_TO_WIDTH
    return not (lowest < chest.height / chest.width < highest and flattest < chest.depth / chest.width < deepest)
