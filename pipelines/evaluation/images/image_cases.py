"""Labelled images for evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from ...images.read_picture import read_picture
from ...inference.usage_error import UsageError
from ...ingest.ingest_error import IngestError
from ...ingest.input_path_error import InputPathError
from ...training.images.grouped_folds import grouped_folds
from ...training.images.labelled_images import LabelledImage, read_labelled_images
from ...training.images.load_pictures import MissingMask
from ...training.images.read_mask import read_mask


class Case(TypedDict):
    """``image`` ``(channels, size, size)`` as the network reads it, its number, and rows and columns of its file."""

    image: Tensor
    index: int
    shape: Tensor


@dataclass(frozen=True, eq=False)
class TrueImage:
    """What is known of an image: its record, its shape (rows, columns), and its mask where one is known."""

    record: LabelledImage
    shape: tuple[int, int]
    mask: npt.NDArray[np.bool_] | None


class ImageCases(Dataset[Case]):
    """The images of a ``labelled_images`` folder, or some of its folds.

    Parameters
    ----------
    folder : of the ``labelled_images`` form.
    classes : their names, in the order of the network's outputs.
    transform : from ``{"image": grey}``, ``(1, rows, columns)`` from 0 to 1, to what the network reads.
    folds : to take, of the ``n_folds`` of :func:`.grouped_folds` with ``fold_seed``; None for every image.
    left_out : labels whose images are passed over.
    missing_mask : what it means that an image has no mask file, as in training.

    Raises
    ------
    InputPathError, UsageError
        The folder is faulty; there is no such fold.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        classes: Sequence[str],
        transform: Callable[[dict[str, Any]], dict[str, Any]],
        folds: Collection[int] | None = None,
        n_folds: int = 5,
        fold_seed: int = 0,
        left_out: Collection[str] = (),
        missing_mask: MissingMask = "empty",
    ) -> None:
        self.classes, self.transform, self.missing_mask = tuple(classes), transform, missing_mask
        records = read_labelled_images(Path(folder), self.classes, left_out=left_out)
        self.records = records if folds is None else _of_folds(records, folds, n_folds, fold_seed)
        self.folds = None if folds is None else tuple(sorted(folds))

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Case:
        with _told(self.records[index]):
            grey = torch.from_numpy(read_picture(self.records[index].path).grey)[None]
        return {
            "image": self.transform({"image": grey})["image"],
            "index": index,
            "shape": torch.tensor(grey.shape[1:]),
        }

    def truth(self, index: int, shape: tuple[int, int], *, outlined: bool) -> TrueImage:
        """Return what is known of image ``index``, whose file has ``shape`` (rows, columns).

        Its mask is looked at only where the network has ``outlined``, too.
        """
        record = self.records[index]
        if not outlined:
            return TrueImage(record, shape, None)
        if record.mask_path is None:
            mask = np.zeros(shape, dtype=bool) if self.missing_mask == "empty" else None
            return TrueImage(record, shape, mask)
        with _told(record):
            mask = read_mask(record.mask_path)
        if mask.shape != shape:
            raise InputPathError(
                f"images.csv, row {record.row}: the mask has {mask.shape[1]} x {mask.shape[0]} pixels, its image "
                f"{shape[1]} x {shape[0]}. Give a mask of the image's size."
            )
        return TrueImage(record, shape, mask)


@contextmanager
def _told(record: LabelledImage) -> Iterator[None]:
    """Name the row of what cannot be read: a score over the readable ones would flatter."""
    try:
        yield
    except IngestError as error:
        raise InputPathError(f"images.csv, row {record.row}: the image or its mask cannot be used. {error}") from error


def _of_folds(
    records: Sequence[LabelledImage], folds: Collection[int], n_folds: int, seed: int
) -> tuple[LabelledImage, ...]:
    if not folds or not set(folds) <= set(range(n_folds)):
        raise UsageError(f"folds: found {sorted(folds)}, expected some of 0 to {n_folds - 1}.")
    fold_of = grouped_folds([r.label for r in records], [r.group for r in records], n=n_folds, seed=seed)
    return tuple(r for r, fold in zip(records, fold_of, strict=True) if fold in folds)
