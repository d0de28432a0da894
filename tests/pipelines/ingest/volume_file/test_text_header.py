"""Headers of NRRD and MetaImage files that say what ITK does not look at."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.phantom.linear import linear_phantom


@pytest.fixture
def write(tmp_path, affine):
    def image(name: str, line: bytes):
        """Write the phantom, with one more line in its header."""
        volume = sitk.GetImageFromArray(linear_phantom((12, 32, 40), affine))
        volume.SetSpacing([float(n) for n in np.diag(affine)[:3]])
        volume.SetOrigin(affine[:3, 3].tolist())
        path = tmp_path / "in" / name
        path.parent.mkdir()
        sitk.WriteImage(volume, str(path))
        data = path.read_bytes()
        mark = b"encoding:" if path.suffix == ".nrrd" else b"ElementSpacing"
        assert data.count(mark) == 1
        path.write_bytes(data.replace(mark, line + mark if line else mark))
        return path.parent

    return image


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.nrrd", b""),
        ("a.nrrd", b'space units: "mm" "mm" "mm"\n'),
        ("a.mha", b""),
        ("a.mha", b"DistanceUnits = mm\n"),
        ("a.mha", b"DistanceUnits = ?\n"),
    ],
)
def test_millimetres_are_read(name, line, write, ingest, assert_linear):
    (volume,) = ingest(write(name, line)).volumes
    assert_linear(volume)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.nrrd", b'space units: "um" "um" "um"\n'),
        ("a.nrrd", b'space units: "mm" "mm" "cm"\n'),
        ("a.nrrd", b'space units: "in""in""in"\n'),
        ("a.mha", b"DistanceUnits = um\n"),
        ("a.mha", b"DistanceUnits = cm\n"),
    ],
)
def test_other_units_are_refused(name, line, write, ingest):
    outcome = ingest(write(name, line))
    assert [code for code, _ in outcome.refused] == ["E_NO_GEOMETRY"]
