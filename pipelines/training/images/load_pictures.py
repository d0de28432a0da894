"""Bring a folder of labelled images into memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from ...images.read_picture import read_picture
from ...ingest.ingest_error import IngestError
from ...ingest.input_path_error import InputPathError
from .grouped_folds import grouped_folds
from .labelled_images import LabelledImage, read_labelled_images
from .pictures import Pictures
from .read_mask import read_mask

MissingMask = Literal["empty", "unknown"]
Square = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def load_pictures(
    folder: str | Path,
    classes: Sequence[str],
    squared: Square,
    *,
    masks: bool = False,
    missing_mask: MissingMask = "empty",
    left_out: Collection[str] = (),
    n_folds: int = 5,
    fold_seed: int = 0,
) -> Pictures:
    """Decode every image of a folder of the ``labelled_images`` form once, and keep it as a square.

    In memory a picture takes 2 bytes per pixel, 3 with a mask: 1,000 pictures of 192 x 192 some 110 MB. All processes
    that draw from them share them where processes are forked.

    Parameters
    ----------
    squared : :class:`resmtnet.transforms.square.Squared` over ``image`` (and ``mask``).
    masks : read masks, too.
    missing_mask : what it means that an image has no mask file: empty, there is no lesion; unknown, nobody outlined it.
    left_out : labels whose images are passed over.
    n_folds, fold_seed : of :func:`.grouped_folds`.

    Raises
    ------
    InputPathError
        The table is faulty, an image or mask cannot be read, or a mask is of another size than its image.
    """
    images = read_labelled_images(Path(folder), classes, left_out=left_out)
    labels, groups = tuple(image.label for image in images), tuple(image.group for image in images)
    read = [_squares(image, squared, masks=masks) for image in images]
    return Pictures(
        grey=torch.stack([grey for grey, _ in read]),
        masks=torch.stack([mask for _, mask in read]) if masks else None,
        mask_known=tuple(image.mask_path is not None or missing_mask == "empty" for image in images),
        labels=labels,
        groups=groups,
        folds=grouped_folds(labels, groups, n=n_folds, seed=fold_seed),
        classes=tuple(classes),
    )


def _squares(image: LabelledImage, squared: Square, *, masks: bool) -> tuple[Tensor, Tensor]:
    """Return grey (float16) and mask (uint8; empty where none is wanted or there)."""
    try:
        grey = torch.from_numpy(read_picture(image.path).grey)[None]
        mask = torch.zeros_like(grey)
        if masks and image.mask_path is not None:
            mask = torch.from_numpy(read_mask(image.mask_path))[None].float()
    except IngestError as error:
        raise InputPathError(f"images.csv, row {image.row}: the image or its mask cannot be used. {error}") from error
    if mask.shape != grey.shape:
        raise InputPathError(
            f"images.csv, row {image.row}: the mask has {_size(mask)} pixels, its image {_size(grey)}. "
            "Give a mask of the image's size."
        )
    of = squared({"image": grey, "mask": mask} if masks else {"image": grey})
    soft = of["mask"] if masks else torch.zeros(0)
    return of["image"].half(), (soft * 255).round().to(torch.uint8)


def _size(image: Tensor) -> str:
    return f"{image.shape[2]} x {image.shape[1]}"
