"""A phantom chest as a real DICOM series that stands, as real ones do, beside the origin of its coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest

from resmtnet.pipelines.phantom.chest import chest_phantom
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

SHIFT_MM = (12.5, -170.25, 340.75)


@dataclass(frozen=True, eq=False)
class KnownScan:
    """``folder/chest`` holds the series; ``nodules`` are (centre LPS mm, diameter mm), largest first."""

    folder: Path
    hu: npt.NDArray[np.int16]
    affine_lps: npt.NDArray[np.float64]
    nodules: tuple[tuple[tuple[float, float, float], float], ...]
    series_uid: str
    instances: tuple[str, ...]
    frame_uid: str

    def ball(self, number: int) -> npt.NDArray[np.bool_]:
        """Return the voxels of the image whose centres lie in the nodule."""
        centre, diameter = self.nodules[number]
        k, j, i = np.indices(self.hu.shape)
        xyz = np.stack([i, j, k], axis=-1) @ self.affine_lps[:3, :3].T + self.affine_lps[:3, 3]
        return np.linalg.norm(xyz - centre, axis=-1) <= diameter / 2


@pytest.fixture(scope="session")
def known_scan(tmp_path_factory: pytest.TempPathFactory) -> KnownScan:
    folder = tmp_path_factory.mktemp("known")
    phantom = chest_phantom(seed=3, spacing_mm=(2.5, 2.5, 4.0))
    affine = phantom.affine_lps.copy()
    affine[:3, 3] += SHIFT_MM
    paths = write_ct_series(folder / "chest", phantom.hu, affine, seed=3)
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    nodules = [(tuple(np.add(n.centre_lps_mm, SHIFT_MM).tolist()), n.diameter_mm) for n in phantom.nodules]
    return KnownScan(
        folder,
        phantom.hu,
        affine,
        tuple(sorted(nodules, key=lambda nodule: -nodule[1])),
        headers[0].SeriesInstanceUID,
        tuple(header.SOPInstanceUID for header in headers),
        headers[0].FrameOfReferenceUID,
    )
