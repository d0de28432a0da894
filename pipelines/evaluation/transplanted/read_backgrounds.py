"""Scans and phantoms to put nodules into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...ingest.ingest_error import IngestError
from ...ingest.plan_scans import plan_scans
from ...ingest.read_volume import read_volume
from ...ingest.unforeseen_error import unforeseen_error
from ...phantom.chest import chest_phantom
from ...records import SeriesPlan, Volume
from ..detection.scan_name import scan_name
from ..detection.true_scan import Place
from .background_scan import BackgroundScan, Row, Unread

_LUNGS = "_lungs"
"""Scans to train on are named ``NAME_lungs.nii.gz``; their lesions may be listed under NAME."""
_PIXEL_MM = 0.8
_SLICES_MM = (1.0, 1.5, 2.0, 2.5, 3.0)


def read_scans(
    row: Row, paths: Sequence[Path], lesions: Mapping[str, tuple[Place, ...]]
) -> Iterator[BackgroundScan | Unread]:
    """Read every scan under ``paths`` as inference would; one that cannot be read is said to be so.

    ``lesions`` are looked up by SeriesInstanceUID, and by the name of the scan's file without its ending.

    Raises
    ------
    InputPathError
        A path does not exist or may not be read.
    """
    for path in paths:
        scans = plan_scans(path)
        for plan in scans.plans:
            try:
                volume = read_volume(plan)
            except IngestError as error:
                yield Unread(row, plan.case_id, error.code)
            except Exception as error:  # noqa: BLE001  # one odd scan never stops the rest
                yield Unread(row, plan.case_id, unforeseen_error(error).code)
            else:
                yield BackgroundScan(row, plan.case_id, volume, _known(plan, lesions))
        yield from (Unread(row, refused.case_id, refused.code) for refused in scans.rejections)


def draw_phantoms(seeds: Sequence[int]) -> Iterator[BackgroundScan]:
    """Draw an analytic chest without a nodule per seed, of slice spacings from 1 to 3 mm."""
    for seed in seeds:
        spacing = (_PIXEL_MM, _PIXEL_MM, _SLICES_MM[seed % len(_SLICES_MM)])
        chest = chest_phantom(seed=seed, nodules=(), spacing_mm=spacing)
        k, j, i = chest.hu.shape
        plan = SeriesPlan(f"phantom_{seed}", "nifti", Path(), (i, j, k), spacing, chest.affine_lps, 0, 0)
        yield BackgroundScan("phantoms", plan.case_id, Volume(chest.hu, chest.affine_lps, plan))


def _known(plan: SeriesPlan, lesions: Mapping[str, tuple[Place, ...]]) -> tuple[Place, ...]:
    name = scan_name(plan.path.name)
    return next(
        (lesions[key] for key in (plan.origin.series_uid, name, name.removesuffix(_LUNGS)) if key in lesions), ()
    )
