"""Read the chests that nodules are put into: real scans, and the analytic phantom."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt

from ...transforms.grid import Grid
from ...transforms.lungs import find_lungs
from ...transforms.model_grid import model_grid
from ...transforms.ras_from_lps import RAS_FROM_LPS
from ...transforms.resample import resample
from ..phantom.chest import chest_phantom
from .background import Background

_SUFFIX = "_lungs.nii.gz"
_SPACING_MM = 1.0


def scan_backgrounds(
    folder: Path,
    *,
    subsets: Collection[int] | None = None,
    unknown_lps_mm: Mapping[str, Sequence[float]] | None = None,
) -> Iterator[Background]:
    """Yield the scans ``NAME_lungs.nii.gz`` of ``folder``.

    ``NAME_tumour.nii.gz`` holds what is outlined in it, ``NAME_unknown.nii.gz`` what is there without an outline, where
    they are there. A table ``backgrounds.csv`` (name, luna16_subset) divides them as the nodules are.

    Parameters
    ----------
    subsets : take scans of these subsets only, where there is a table; None: all.
    unknown_lps_mm : by NAME, centre (x, y, z; LPS mm) and radius of a lesion that nobody outlined.

    Raises
    ------
    FileNotFoundError
        If there is no such file in ``folder``.
    """
    paths = sorted(folder.glob(f"*{_SUFFIX}"))
    if not paths:
        raise FileNotFoundError(
            f"no *{_SUFFIX} in backgrounds_dir; name a folder that has some, or '' for phantoms only"
        )
    table = _subsets(folder / "backgrounds.csv")
    for path in paths:
        name = path.name.removesuffix(_SUFFIX)
        if subsets is not None and name in table and table[name] not in subsets:
            continue
        hu, grid = _read(path)
        tumour, unknown = (_mask(path.with_name(f"{name}_{what}.nii.gz")) for what in ("tumour", "unknown"))
        yield _background(hu, grid, tumour, unknown, (unknown_lps_mm or {}).get(name))


def phantom_backgrounds(seeds: Sequence[int]) -> Iterator[Background]:
    """Yield analytic chests without a nodule, of slice spacings from 1 to 3 mm."""
    for seed in seeds:
        slice_mm = (1.0, 1.5, 2.0, 2.5, 3.0)[seed % 5]
        chest = chest_phantom(seed=seed, nodules=(), spacing_mm=(0.8, 0.8, slice_mm))
        k, j, i = chest.hu.shape
        yield _background(chest.hu, Grid((k, j, i), chest.affine_lps), None, None, None)


def _subsets(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {row["name"]: int(row["luna16_subset"]) for row in csv.DictReader(file)}


def _mask(path: Path) -> npt.NDArray[np.generic] | None:
    return _read(path)[0] if path.exists() else None


def _read(path: Path) -> tuple[npt.NDArray[np.generic], Grid]:
    image = nib.load(path)
    array = np.asarray(image.dataobj).transpose(2, 1, 0)
    k, j, i = array.shape
    return array, Grid((k, j, i), RAS_FROM_LPS @ image.affine)


def _background(
    hu: npt.NDArray[np.generic],
    source: Grid,
    tumour: npt.NDArray[np.generic] | None,
    unknown: npt.NDArray[np.generic] | None,
    unknown_ball: Sequence[float] | None,
) -> Background:
    grid = model_grid(source, (0, 0, 0), source.shape_kji, _SPACING_MM, 16)
    lungs = find_lungs(hu, source)
    return Background(
        hu=np.rint(resample(hu, source, grid, fill=-1024)).astype(np.int16),
        lung=resample((lungs.labels > 0).astype(np.uint8), lungs.grid, grid, mode="nearest", fill=0) > 0,
        tumour=None if tumour is None else _on_grid(tumour, source, grid),
        unknown=_either(
            None if unknown is None else _on_grid(unknown, source, grid),
            None if unknown_ball is None else _ball(grid, unknown_ball),
        ),
        slice_mm=source.spacing_mm[2],
    )


def _on_grid(mask: npt.NDArray[np.generic], source: Grid, grid: Grid) -> npt.NDArray[np.bool_]:
    return np.asarray(resample(mask.astype(np.float32), source, grid, fill=0) >= 0.5)


def _either(a: npt.NDArray[np.bool_] | None, b: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_] | None:
    return b if a is None else a if b is None else a | b


def _ball(grid: Grid, centre_and_radius_mm: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Voxels within the radius (the model grid's spacing is 1 mm, so voxels are mm)."""
    *centre, radius = centre_and_radius_mm
    i, j, k = grid.to_ijk([centre])[0]
    axes = np.ogrid[tuple(slice(0, n) for n in grid.shape_kji)]
    return np.asarray((axes[0] - k) ** 2 + (axes[1] - j) ** 2 + (axes[2] - i) ** 2 <= radius**2)
