"""Lungs of real scans: the annotated tumours lie in the box, and on the side a reader sees."""

import csv

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.transforms.grid import Grid
from resmtnet.transforms.lung_region import lung_box
from resmtnet.transforms.lungs import find_lungs
from resmtnet.transforms.nearest_lung import nearest_lung

pytestmark = pytest.mark.data


def _nifti(path):
    image = nibabel.load(path)
    hu = np.asarray(image.dataobj).transpose(2, 1, 0)
    return hu, Grid(hu.shape, np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine)


@pytest.mark.parametrize(("name", "side"), [("QIN-LSC-0028", "left"), ("QIN-LSC-0049", "left")])
def test_tumour_lies_in_the_box(shared_data, name, side):
    folder = shared_data / "qin_lung_ct"
    hu, grid = _nifti(folder / f"{name}_lungs.nii.gz")
    tumour, _ = _nifti(folder / f"{name}_tumour.nii.gz")
    with (folder / "annotations.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["patient_id"] == name)
    lungs = find_lungs(hu, grid)
    start, stop = lung_box(lungs, grid)
    voxels = np.argwhere(tumour > 0)
    assert lungs.found
    assert np.all(voxels >= start)
    assert np.all(voxels < stop)
    assert nearest_lung(lungs, [float(row[f"coord{axis}"]) for axis in "XYZ"]).side == side


def test_whole_low_resolution_chest(shared_data):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(shared_data / "tiny_chest_ct")))
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    hu = sitk.GetArrayFromImage(image)
    lungs = find_lungs(hu, Grid(hu.shape, affine))
    litres = [(lungs.labels == side).sum() * lungs.grid.voxel_volume_mm3 / 1e6 for side in (1, 2)]
    assert lungs.found
    assert 1.5 < litres[1] < litres[0] < 4
