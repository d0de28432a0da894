"""One case of pictures on its way to the network."""

from __future__ import annotations

from dataclasses import dataclass

from ...images.image_result import ImageResult
from ...images.picture import Picture
from ...images.picture_plan import PicturePlan
from ...records import SeriesPlan

ImagePlan = PicturePlan | SeriesPlan


@dataclass(frozen=True, eq=False)
class ReadImages:
    """A planned case with its pictures, or, where it could not be read, with the record that says why.

    ``numbers`` are the frames, or slices k of the source, of the pictures; ``heights_mm`` where slices stand (LPS z),
    empty for others. ``n_pictures`` counts all of the source, ``digest`` is that of its pixels.
    """

    plan: ImagePlan
    read_s: float
    pictures: tuple[Picture, ...] = ()
    numbers: tuple[int, ...] = ()
    heights_mm: tuple[float, ...] = ()
    n_pictures: int = 0
    codes: tuple[str, ...] = ()
    digest: str = ""
    failure: ImageResult | None = None
