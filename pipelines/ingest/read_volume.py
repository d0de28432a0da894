"""A judged series to its voxels."""

from __future__ import annotations

import dataclasses

from ..records import SeriesPlan, Volume
from .digest_volume import digest_volume
from .ingest_error import IngestError
from .quiet_readers import quiet_readers
from .read_dicom_series import read_dicom_series
from .read_volume_file import read_volume_file
from .volume_values import Voxels


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
    quiet_readers()
    try:
        voxels: Voxels = read_dicom_series(plan) if plan.kind == "dicom" else read_volume_file(plan)
    except OSError as error:
        raise IngestError("E_UNREADABLE", f"({type(error).__name__})", "failed") from None
    codes = tuple(dict.fromkeys((*plan.codes, *voxels.codes)))
    return Volume(
        hu=voxels.hu,
        affine_lps=plan.affine_lps,
        plan=dataclasses.replace(plan, codes=codes),
        codes=codes,
        digest=digest_volume(voxels.hu, plan.affine_lps),
        decoder=voxels.decoder,
    )
