"""A judged series to its voxels."""

from __future__ import annotations

import dataclasses

from ..records import SeriesPlan, Volume
from .content.check_content import check_content
from .digest_volume import digest_volume
from .ingest_error import IngestError
from .pixels.volume_values import Voxels
from .read_dicom_series import read_dicom_series
from .read_volume_file import read_volume_file
from .series.fill_gaps import fill_gaps


def read_volume(plan: SeriesPlan) -> Volume:
    """Read the voxels of a plan in HU.

    Returns
    -------
    Volume
        ``hu`` is C-contiguous ``(k, j, i)``: int16 where that loses nothing, else float32; at least -1024 HU.

    Raises
    ------
    IngestError
        What only the pixels show: truncated or undecodable data, NaN, values that are no HU.
    """
    try:
        voxels = _read_series(plan) if plan.kind == "dicom" else read_volume_file(plan)
    except OSError as error:
        raise IngestError("E_UNREADABLE", f"({type(error).__name__})", "failed") from None
    content = check_content(voxels.hu, plan.affine_lps)
    codes = tuple(dict.fromkeys((*plan.codes, *voxels.codes, *content)))
    return Volume(
        hu=voxels.hu,
        affine_lps=plan.affine_lps,
        plan=dataclasses.replace(plan, codes=codes),
        codes=codes,
        digest=digest_volume(voxels.hu, plan.affine_lps),
        decoder=voxels.decoder,
    )


def _read_series(plan: SeriesPlan) -> Voxels:
    """Read the slices that there are, and put them on the grid of the plan where they do not stand on it."""
    if "W_RESAMPLED" not in plan.codes:
        return read_dicom_series(plan)
    columns, rows, _ = plan.shape_ijk
    voxels = read_dicom_series(dataclasses.replace(plan, shape_ijk=(columns, rows, len(plan.slices))))
    return dataclasses.replace(voxels, hu=fill_gaps(voxels.hu, plan))
