"""The real files, against what others made of them."""

from __future__ import annotations

import csv
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from resmtnet.pipelines.datasets.data_list import DataList
from resmtnet.pipelines.datasets.grid_of_plan import grid_of_plan
from resmtnet.pipelines.datasets.lidc_idri.convert_lidc_idri import convert_lidc_idri
from resmtnet.pipelines.datasets.lidc_idri.parse_reading import parse_reading
from resmtnet.pipelines.datasets.lidc_idri.place_outline import place_outline
from resmtnet.pipelines.datasets.lidc_idri.slice_index import SliceIndex
from resmtnet.pipelines.datasets.nodule_mask import read_nodule_mask
from resmtnet.pipelines.ingest.plan_scans import plan_scans

pytestmark = pytest.mark.data
KEY = "LIDC-IDRI-0001_R_1"


@pytest.fixture(scope="module")
def made(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataList, Path]:
    output = tmp_path_factory.mktemp("lidc_list")
    subsets = shared_data / "luna16" / "luna16_subsets.csv"
    return convert_lidc_idri(shared_data / "lidc_dicom", output, subsets=subsets), output


def patch_of(shared_data: Path, key: str) -> tuple[npt.NDArray[np.uint8], Any]:
    folder = shared_data / "lidc_nodules"
    manifest = json.loads((folder / "manifest.json").read_text())[key]
    with np.load(folder / "patches" / f"{key}.npz", allow_pickle=False) as patch:
        return patch["readers"], manifest


def test_the_masks_are_those_of_the_lidc_nodules_form_voxel_by_voxel(shared_data: Path, made: tuple[DataList, Path]):
    readers, manifest = patch_of(shared_data, KEY)
    scan = next(scan for scan in made[0].scans if scan.patient_id == "LIDC-IDRI-0001")
    image = grid_of_plan(plan_scans(shared_data / "lidc_dicom" / "LIDC-IDRI-0001").plans[0])
    assert scan.nodules[0].mask is not None
    mask = read_nodule_mask(made[1] / scan.nodules[0].mask, image)
    lps = np.diag([-1, -1, 1, 1]) @ np.array(manifest["affine_ras"])
    start = np.rint(image.to_ijk([lps[:3, 3]])[0])[::-1].astype(int)
    ours = np.zeros(image.shape_kji, np.uint8)
    ours[tuple(slice(a, a + n) for a, n in zip(mask.start_kji, mask.bits.shape, strict=True))] = mask.bits
    theirs = np.zeros_like(ours)
    theirs[tuple(slice(a, a + n) for a, n in zip(start, readers.shape, strict=True))] = readers
    assert np.array_equal(ours, theirs)
    assert [int((ours >> q & 1).sum()) for q in range(4)] == [5905, 4613, 4955, 5498]


def test_the_large_nodule_stands_and_measures_as_in_luna16(shared_data: Path, made: tuple[DataList, Path]):
    scan = next(scan for scan in made[0].scans if scan.patient_id == "LIDC-IDRI-0001")
    (nodule,) = scan.nodules
    with (shared_data / "lidc_nodules" / "nodules.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["key"] == KEY)
    centre = [float(row[name]) for name in ("coordX", "coordY", "coordZ")]
    assert nodule.centre_lps_mm == pytest.approx(centre, abs=1.5)  # a box's middle and a centre of mass
    assert nodule.diameter_mm == pytest.approx(float(row["diameter_mm"]), abs=0.3)
    assert scan.fold == int(row["luna16_subset"])
    assert scan.checks == ()
    with (shared_data / "lidc_nodules" / "ratings.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["key"] == KEY]
    assert [(r.reader, r.malignancy, r.attributes["lobulation"]) for r in nodule.ratings] == [
        (row["reader"], int(row["malignancy"]), int(row["lobulation"])) for row in rows
    ]


def test_a_nodule_that_leaves_the_slab_is_no_target(made: tuple[DataList, Path]):
    scan = next(scan for scan in made[0].scans if scan.patient_id == "LIDC-IDRI-0002")
    assert scan.nodules == ()
    assert scan.checks == ("E_LABEL_CONTOUR n1",)
    assert len(scan.excluded) == 15  # and 14 marks in these slices
    assert made[0].refused == ()


def test_holes_are_cut_as_in_the_lidc_nodules_form(shared_data: Path):
    readers, manifest = patch_of(shared_data, "LIDC-IDRI-0007_R_1")
    with tarfile.open(shared_data / "lidc_xml" / "LIDC-XML-only.tar.xz") as archive:
        for member in archive:
            if member.name.endswith(("185/080.xml", "185/081.xml")):
                stream = archive.extractfile(member)
                assert stream is not None
                reading = parse_reading(stream.read())
                if reading is not None:
                    break
    assert reading is not None
    assert reading.series_uid == manifest["seriesuid"]
    low, step = manifest["affine_ras"][2][3], manifest["spacing_xyz"][2]
    slices = SliceIndex({}, tuple(low + step * k for k in range(len(readers))), (512, 512))
    holed = [o for o in reading.outlines if not all(contour.included for contour in o.contours)]
    compared = 0
    for outline in holed:
        placed = place_outline(outline, slices)
        theirs = readers >> outline.reader & 1
        if placed is None or not theirs.any():
            continue
        assert np.array_equal(filled_part(placed.inside), filled_part(theirs > 0))
        compared += 1
    assert compared


def filled_part(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The patch says nothing of its column and row in the CT, so both are cut to what they hold."""
    filled = np.argwhere(mask)
    return mask[tuple(slice(a, b + 1) for a, b in zip(filled.min(axis=0), filled.max(axis=0), strict=True))]
