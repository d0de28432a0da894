"""The registry: every file of an image case and who makes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from ...images.image_result import ImageResult, PictureView
from .image_case_json import image_case_json
from .mask_png import mask_png, masks_png
from .overlay_png import overlay_png
from .slices_csv import slices_csv


class Encoder(Protocol):
    """From a case to the bytes of one file, of several by name, or None where the case has no such file."""

    def __call__(
        self, result: ImageResult, views: Sequence[PictureView] | None, /
    ) -> bytes | Mapping[str, bytes] | None:
        """Encode the case; ``views`` is None for a case that was not read."""


class ImageFile(NamedTuple):
    """A file in the folder of a case, or a folder of files there; ``output`` is the word that asks for it."""

    output: str
    name: str
    encode: Encoder


IMAGE_FILES: tuple[ImageFile, ...] = (
    ImageFile("csv", "slices.csv", slices_csv),
    ImageFile("mask", "mask.png", mask_png),
    ImageFile("mask", "masks", masks_png),
    ImageFile("overlay", "overlay.png", overlay_png),
    ImageFile("json", "case.json", image_case_json),  # last: its presence means that the case is done
)
NEEDED_IMAGE_OUTPUTS = ("json", "csv", "mask")
"""What a case is nothing without."""


def image_files(outputs: Collection[str]) -> tuple[ImageFile, ...]:
    """Return the files that these words ask for; ``case.json`` is always among them."""
    return tuple(file for file in IMAGE_FILES if file.output in outputs or file.encode is image_case_json)
