from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.datasets.convert_luna16 import convert_luna16
from resmtnet.pipelines.datasets.read_data_list import read_data_list
from resmtnet.pipelines.datasets.read_luna16_tables import read_luna16_tables
from resmtnet.pipelines.datasets.read_patients import read_patients
from resmtnet.pipelines.datasets.read_subsets import read_subsets
from resmtnet.pipelines.ingest.case_ids import hash_identity

UIDS = ("1.2.100", "1.2.200", "1.2.300", "1.2.400")
HEADER = "seriesuid,coordX,coordY,coordZ,diameter_mm\n"
ORIGIN = (-195.0, -200.5, -300.25)


def write_tables(folder: Path, annotations: str, excluded: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seriesuids.csv").write_text("\n".join(UIDS) + "\n")
    (folder / "annotations.csv").write_text(HEADER + annotations)
    (folder / "annotations_excluded.csv").write_text(HEADER + excluded)


def write_mhd(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    voxels = np.random.default_rng(1).integers(-1000, 100, (6, 20, 24)).astype(np.int16)
    image = sitk.GetImageFromArray(voxels)
    image.SetOrigin(ORIGIN)
    image.SetSpacing((0.5, 0.75, 2.0))
    sitk.WriteImage(image, str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "luna"
    inside, outside = "-190,-195,-295", "190,195,295"
    rows = [f"{UIDS[0]},{inside},5.5", f"{UIDS[0]},{outside},4", f"{UIDS[3]},{inside},9"]
    write_tables(root, "\n".join(rows), f"{UIDS[1]},-191,-196,-296,-1\n{UIDS[1]},-192,-197,-297,6.5\n")
    for n, uid in ((2, UIDS[0]), (6, UIDS[1])):
        write_mhd(root / f"subset{n}" / f"{uid}.mhd")
    return root


def test_a_scan_with_its_table_rows(folder: Path, tmp_path: Path):
    made = convert_luna16(folder, tmp_path / "list", check_lungs=False)
    assert made.refused == ()
    one, two = made.scans
    assert (one.case_id, one.fold, one.complete) == (hash_identity(UIDS[0].encode()), 2, True)
    assert Path(one.image) == folder / "subset2" / f"{UIDS[0]}.mhd"
    assert [(n.nodule_id, n.centre_lps_mm, n.diameter_mm, n.size_mm) for n in one.nodules] == [
        ("n1", (-190.0, -195.0, -295.0), 5.5, None), ("n2", (190.0, 195.0, 295.0), 4.0, None)
    ]  # fmt: skip
    assert one.checks == ("W_BOX_OUTSIDE_IMAGE n2",)
    assert (two.fold, two.nodules, two.checks) == (6, (), ())
    assert [(e.centre_lps_mm, e.diameter_mm) for e in two.excluded] == [
        ((-191.0, -196.0, -296.0), 10.0), ((-192.0, -197.0, -297.0), 6.5)
    ]  # fmt: skip
    assert one.patient_id != two.patient_id
    assert read_data_list(tmp_path / "list") == made


def test_folds_never_divide_a_known_patient(folder: Path, tmp_path: Path):
    patients = tmp_path / "patients.csv"
    patients.write_text(f"Patient Id,Series UID\nLIDC-IDRI-0332,{UIDS[0]}\nLIDC-IDRI-0332,{UIDS[1]}\n")
    one, two = convert_luna16(folder, tmp_path / "list", patients=patients, check_lungs=False).scans
    assert (one.patient_id, one.fold, two.fold) == ("LIDC-IDRI-0332", 2, 2)
    assert two.checks == ("E_LABEL_CONFLICT fold 6 of LUNA16 divides a patient",)


def test_folds_come_from_a_table_where_folders_do_not_say_them(folder: Path, tmp_path: Path):
    (folder / "subset2").rename(folder / "scans")
    table = tmp_path / "subsets.csv"
    table.write_text(f"seriesuid,subset\n{UIDS[0]},7\n")
    bare = convert_luna16(folder, tmp_path / "list", check_lungs=False)
    told = convert_luna16(folder, tmp_path / "list", subsets=table, check_lungs=False)
    assert sorted(scan.fold or -1 for scan in bare.scans) == [-1, 6]
    assert sorted(scan.fold or -1 for scan in told.scans) == [6, 7]


def test_a_scan_that_cannot_be_read_is_named_and_the_rest_goes_on(folder: Path, tmp_path: Path):
    (folder / "subset2" / f"{UIDS[0]}.raw").unlink()
    (folder / "subset6" / "other.mhd").write_text("not of the challenge")
    made = convert_luna16(folder, tmp_path / "list")
    assert [scan.fold for scan in made.scans] == [6]
    assert len(made.refused) == 1
    assert made.refused[0].code.startswith(("E_", "F_"))


@pytest.mark.parametrize(
    "annotations",
    [f"{UIDS[0]},1,2,3,-1", f"{UIDS[0]},1,2,nan,4", f"{UIDS[0]},1,2,3", "9.9,1,2,3,4", f"{UIDS[0]},a,2,3,4"],
)
def test_a_damaged_table_is_refused_at_once(tmp_path: Path, annotations: str):
    write_tables(tmp_path, annotations)
    with pytest.raises(ValueError, match=r"annotations\.csv, line 2"):
        read_luna16_tables(tmp_path)


def test_a_missing_table_is_said(tmp_path: Path):
    with pytest.raises(ValueError, match=r"seriesuids\.csv"):
        convert_luna16(tmp_path, tmp_path / "list")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "seriesuid,subset\n1.2,10\n", "seriesuid,subset\n1.2,x\n"])
def test_a_table_of_subsets_is_checked(tmp_path: Path, text: str):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ValueError, match="subsets"):
        read_subsets(tmp_path / "a.csv")


@pytest.mark.data
def test_the_real_tables(shared_data: Path):
    tables = read_luna16_tables(shared_data / "luna16")
    assert len(set(tables.series)) == 888
    assert sum(map(len, tables.nodules.values())) == 1186
    assert len(tables.nodules) == 601  # scans that hold a nodule (Setio et al. 2017)
    excluded = [place for places in tables.excluded.values() for place in places]
    assert len(excluded) == 35192
    folds = read_subsets(shared_data / "luna16" / "luna16_subsets.csv")
    assert set(folds) == set(tables.series)
    assert sorted(Counter(folds.values()).items()) == [(n, 89 if n < 8 else 88) for n in range(10)]


@pytest.mark.data
def test_the_official_folds_divide_one_patient(shared_data: Path):
    folds = read_subsets(shared_data / "luna16" / "luna16_subsets.csv")
    patients = read_patients(shared_data / "lidc_xml" / "LIDC-IDRI_MetaData.csv")
    of: dict[str, set[int]] = {}
    for uid, fold in folds.items():
        of.setdefault(patients[uid], set()).add(fold)
    assert {name: found for name, found in of.items() if len(found) > 1} == {"LIDC-IDRI-0332": {2, 6}}
