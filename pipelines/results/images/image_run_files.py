"""The registry: every file of a run of an image bundle and who makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ..run_info import RunInfo
from .image_index_html import image_index_html
from .image_record import ImageRecord
from .image_run_json import image_run_json
from .images_csv import images_csv


class Encoder(Protocol):
    """From the cases of a run to the bytes of one file."""

    def __call__(self, cases: Sequence[ImageRecord], run: RunInfo, /) -> bytes:
        """Encode the run."""


class ImageRunFile(NamedTuple):
    """A file at the top of the output folder; ``output`` is the word that asks for it."""

    output: str
    name: str
    encode: Encoder


IMAGE_RUN_FILES: tuple[ImageRunFile, ...] = (
    ImageRunFile("csv", "images.csv", images_csv),
    ImageRunFile("html", "index.html", image_index_html),
    ImageRunFile("json", "run.json", image_run_json),
)
