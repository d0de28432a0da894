import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.predictions import Predictions
from resmtnet.pipelines.evaluation.detection.read_predictions import read_predictions
from resmtnet.pipelines.evaluation.detection.scoring_error import ScoringError
from resmtnet.pipelines.ingest.input_path_error import InputPathError

LUNA16 = "seriesuid,coordX,coordY,coordZ,probability"


def read(path: Path, text: str) -> Predictions:
    path.write_text(text)
    return read_predictions(path, ())


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_luna16_submission(mark, tmp_path):
    found = read(tmp_path / "s.csv", f"\ufeff{LUNA16}\na,1,-2.5,3e1,0.5\n\nb,4,5,6,1\n".replace(",", mark))
    assert found.detections == (Detection("a", (1, -2.5, 30), None, 0.5), Detection("b", (4, 5, 6), None, 1))
    assert found.faults == ()


def test_our_findings_csv_gives_cubes(tmp_path):
    header = "case_id,finding_id,probability,x_mm,y_mm,z_mm,long_axis_mm,diameter_3d_mm"
    (found,) = read(tmp_path / "findings.csv", f"{header}\nct_1,1,0.75,1,2,3,9,8\n").detections
    assert found == Detection("ct_1", (1, 2, 3), (8, 8, 8), 0.75)


def test_edges_of_a_box(tmp_path):
    header = f"{LUNA16},size_x_mm,size_y_mm,size_z_mm"
    found = read(tmp_path / "s.csv", f"{header}\na,1,2,3,0.5,4,5,6\na,1,2,3,0.4,,,\na,1,2,3,0.3,4,-5,6\n")
    assert [d.size_mm for d in found.detections] == [(4, 5, 6), None]
    assert [(f.where, f.reason) for f in found.faults] == [("line 4", "a size is not positive")]


FAULTY = {
    "a,nan,2,3,0.5": "coordinate x is not finite",
    "a,1,inf,3,0.5": "coordinate y is not finite",
    "a,1,2,three,0.5": "coordinate z is no number",
    "a,1,2,3,NaN": "probability is not finite",
    "a,1,2,3": "probability is missing",
    "a,1,2,3,": "probability is missing",
    ",1,2,3,0.5": "the scan is not named",
}


def test_faulty_rows_are_named_by_line_and_reason_and_harm_no_other(tmp_path):
    found = read(tmp_path / "s.csv", "\n".join([LUNA16, "a,1,2,3,0.9", *FAULTY, "b,1,2,3,0.1"]))
    assert [d.case for d in found.detections] == ["a", "b"]
    assert [(f.where, f.reason) for f in found.faults] == [(f"line {n}", r) for n, r in enumerate(FAULTY.values(), 3)]


def test_nothing_left_is_an_error_and_nothing_said_is_none(tmp_path):
    with pytest.raises(ScoringError, match="line 2: probability is not finite"):
        read(tmp_path / "s.csv", f"{LUNA16}\na,1,2,3,nan\n")
    assert read(tmp_path / "s.csv", f"{LUNA16}\n") == Predictions(())
    with pytest.raises(ScoringError, match="no column"):
        read(tmp_path / "s.csv", "x,y\n1,2\n")
    with pytest.raises(InputPathError, match="does not exist"):
        read_predictions(tmp_path / "nowhere.csv", ())


def test_bytes_that_are_no_text_spoil_their_own_row(tmp_path):
    (tmp_path / "s.csv").write_bytes(f"{LUNA16}\na,1,2,3,0.5\na,\xff\x00,2,3,0.5\n".encode("latin-1"))
    found = read_predictions(tmp_path / "s.csv", ())
    assert (len(found.detections), [f.where for f in found.faults]) == (1, ["line 3"])
    huge = "9" * 200_000
    assert [f.where for f in read(tmp_path / "s.csv", f"{LUNA16}\na,1,2,3,0.5\na,{huge},2,3,0.5\n").faults] == [
        "line 3"
    ]


def test_monai_detection_json(tmp_path):
    items = [
        {"image": "subset0/1.2.3.nii.gz", "box": [[1, 2, 3, 4, 5, 6], [1, 2, 3]], "label_scores": [0.5, 0.4]},
        {"image": "1.2.4.mhd", "box": [[1, 2, 3, 4, 5, 6]], "score": [0.25]},
        {"image": "x", "box": [[1, 2, 3, 4, 5, 6]], "label_scores": []},
    ]
    for document in (items, {"validation": items}):
        found = read(tmp_path / "p.json", json.dumps(document))
        first, second = found.detections
        assert first == Detection("1.2.3", (1, 2, 3), (4, 5, 6), 0.5)
        assert (second.case, second.probability) == ("1.2.4", 0.25)
        assert [f.where for f in found.faults] == ["item 1, box 2", "item 3"]


def test_our_case_json(tmp_path):
    finding = {"probability": 0.5, "centre_lps_mm": [1, 2, 3], "box_lps_mm": [[-1, 0, 0], [3, 4, 6]]}
    found = read(tmp_path / "case.json", json.dumps({"case_id": "ct_1", "findings": [finding, {"probability": 1}]}))
    assert found.detections == (Detection("ct_1", (1, 2, 3), (4, 4, 6), 0.5),)
    assert [f.where for f in found.faults] == ["item 1, finding 2"]
    with pytest.raises(ScoringError, match="no JSON"):
        read(tmp_path / "case.json", "{")


def test_masks_become_the_boxes_of_their_parts(tmp_path):
    """Stored R-A-S with 2 mm along z: voxel (i, j, k) lies at LPS (-i, -j, 2 k)."""
    labels, chance = np.zeros((12, 12, 12), np.uint8), np.zeros((12, 12, 12), np.float32)
    labels[1:4, 2:4, 5] = 1
    labels[8, 8, 8], labels[9, 9, 9] = 1, 1  # touching by a corner: one part
    labels[4, 2, 5] = 2  # touching another label: a part of its own
    chance[1:4, 2:4, 5], chance[2, 2, 5], chance[8, 8, 8], chance[4, 2, 5] = 0.25, 0.75, 0.5, 1
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    for folder, array in (("masks", labels), ("maps", chance)):
        (tmp_path / folder).mkdir()
        nib.Nifti1Image(array, affine).to_filename(tmp_path / folder / "scan.nii.gz")
    (tmp_path / "masks" / "broken.nii").write_bytes(b"no image")
    found = read_predictions(tmp_path / "masks", (), maps=tmp_path / "maps")
    assert found.detections == (
        Detection("scan", (-2.0, -2.5, 10.0), (3.0, 2.0, 2.0), 0.75),
        Detection("scan", (-8.5, -8.5, 17.0), (2.0, 2.0, 4.0), 0.5),
        Detection("scan", (-4.0, -2.0, 10.0), (1.0, 1.0, 2.0), 1.0),
    )
    assert [f.where for f in found.faults] == ["file 1"]
    assert {d.probability for d in read_predictions(tmp_path / "masks", ()).detections} == {1.0}


def test_axes_stored_in_another_order_say_the_same_place(tmp_path):
    labels = np.zeros((8, 9, 10), np.uint8)
    labels[1:3, 4, 6:9] = 1
    image = nib.Nifti1Image(labels, np.array([[0.5, 0, 0, -7], [0, 0.7, 0, 3], [0, 0, 2.5, 11], [0, 0, 0, 1.0]]))
    turned = image.as_reoriented(
        nib.orientations.axcodes2ornt(("P", "S", "L"), (("R", "L"), ("A", "P"), ("I", "S")))[:, :]
    )
    said = []
    for name, stored in (("a", image), ("b", turned)):
        (tmp_path / name).mkdir()
        stored.to_filename(tmp_path / name / "scan.nii.gz")
        (found,) = read_predictions(tmp_path / name, ()).detections
        said.append((*found.centre_lps_mm, *found.size_mm))
    assert said[0] == pytest.approx(said[1])
