from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from resmtnet.pipelines.datasets.data_list import DataList, Excluded, NoduleLabel, ScanLabel
from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.match_scan_numbers import match_scan_numbers
from resmtnet.pipelines.evaluation.detection.read_scan_blocks import read_scan_blocks
from resmtnet.pipelines.evaluation.detection.read_truth import read_truth
from resmtnet.pipelines.evaluation.detection.scoring_error import ScoringError
from resmtnet.pipelines.evaluation.detection.true_scan import Place, TrueScan
from resmtnet.pipelines.evaluation.detection.truth_of_data_list import truth_of_data_list

HEADER = "seriesuid,coordX,coordY,coordZ,diameter_mm"


def file(folder: Path, name: str, *lines: str) -> Path:
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def test_luna16_csvs(tmp_path):
    annotations = file(tmp_path, "a.csv", HEADER, "a,1,2,3,6", "b,4,5,6,8", "z,0,0,0,9")
    excluded = file(tmp_path, "e.csv", HEADER, "b,7,8,9,-1", "b,1,1,1,4.5")
    scans = file(tmp_path, "s.csv", "b", "a", "empty", "a")
    assert read_truth(annotations, excluded=excluded, scans=scans) == (
        TrueScan("b", (Place((4, 5, 6), 8),), (Place((7, 8, 9), 10), Place((1, 1, 1), 4.5))),
        TrueScan("a", (Place((1, 2, 3), 6),)),
        TrueScan("empty"),
    )
    assert [scan.case for scan in read_truth(annotations, excluded=excluded)] == ["a", "b", "z"]


def test_a_scan_list_may_have_a_header_and_further_columns(tmp_path):
    annotations = file(tmp_path, "a.csv", HEADER, "a,1,2,3,6")
    scans = file(tmp_path, "s.csv", "seriesuid,subset", "a,0", "b,1")
    assert [scan.case for scan in read_truth(annotations, scans=scans)] == ["a", "b"]


@pytest.mark.parametrize("row", ["a,1,2,3,-1", "a,1,2,3,0", "a,1,2,nan,5", "a,1,2,3,", ",1,2,3,4"])
def test_a_faulty_truth_is_refused_with_its_line(row, tmp_path):
    with pytest.raises(ScoringError, match="Truth, line 3"):
        read_truth(file(tmp_path, "a.csv", HEADER, "a,1,2,3,6", row))


def test_a_data_list():
    nodules = (
        NoduleLabel("n1", (1, 2, 3), size_mm=(4, 5, 6), diameter_mm=5.5),
        NoduleLabel("n2", (1, 2, 3), size_mm=(4, 5, 6)),
        NoduleLabel("n3", (1, 2, 3), diameter_mm=7),
    )
    scan = ScanLabel("c", "p", "c.nii.gz", False, nodules, (Excluded((9, 9, 9), 3),))
    assert truth_of_data_list(DataList("own", (scan,))) == (
        TrueScan(
            "c",
            (Place((1, 2, 3), 5.5, (4, 5, 6)), Place((1, 2, 3), 6, (4, 5, 6)), Place((1, 2, 3), 7)),
            (Place((9, 9, 9), 3),),
            "p",
            False,
        ),
    )
    with pytest.raises(ScoringError, match="neither diameter_mm nor size_mm"):
        truth_of_data_list(DataList("own", (ScanLabel("c", "p", "c", True, (NoduleLabel("n", (1, 2, 3)),)),)))


def test_a_folder_of_masks(tmp_path):
    mask = np.zeros((10, 10, 10), np.uint8)
    nib.Nifti1Image(mask, np.eye(4)).to_filename(tmp_path / "empty.nii.gz")
    mask[2:5, 3:7, 4] = 1
    nib.Nifti1Image(mask, np.eye(4)).to_filename(tmp_path / "some.nii.gz")
    assert read_truth(tmp_path) == (
        TrueScan("empty"),
        TrueScan("some", (Place((-3.0, -4.5, 4.0), 4.0, (3.0, 4.0, 1.0)),)),
    )
    scans = file(tmp_path, "s.csv", "some", "other")
    with pytest.raises(ScoringError, match="1 of 2 scans"):
        read_truth(tmp_path, scans=scans)


def test_numbers_become_the_scans_whose_nodules_they_hit(tmp_path):
    blocks = read_scan_blocks(file(tmp_path, "b.csv", "seriesuid,subset", "d,1", "a,0", "b,0", "c,1"))
    assert blocks == (("a", "b"), ("d", "c"))
    truth = [TrueScan(name, (Place((100.0 * n, 0, 0), 8),)) for n, name in enumerate("abcd")]
    said = [Detection(number, (100.0 * n + 1, 0, 0), None, 0.5) for number, n in (("0", 1), ("1", 0), ("3", 3))]
    found = match_scan_numbers(said, truth, blocks)
    assert [d.case for d in found.detections] == ["b", "a", "d"]
    assert (found.n_scans, found.n_best) == (3, 3)
    for wrong, words in (("4", "number a scan 4"), ("a", "no number")):
        with pytest.raises(ScoringError, match=words):
            match_scan_numbers([Detection(wrong, (0, 0, 0), None, 0.5)], truth, blocks)
