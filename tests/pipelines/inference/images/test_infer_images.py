from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import monai.bundle
import numpy as np
import pydicom
import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

US = "1.2.840.10008.5.1.4.1.1.6.1"


def run(source: Path, output: Path, bundle: Path, **more: Any) -> int:
    return infer(source, output, bundle=str(bundle), device="cpu", progress=False, **more)


def records(output: Path) -> list[dict[str, Any]]:
    """Every case, checked against its schema."""
    found = [json.loads(path.read_bytes()) for path in sorted(output.glob("cases/[!.]*/case.json"))]
    for name, documents in (("image_case", found), ("image_run", [json.loads((output / "run.json").read_bytes())])):
        schema = json.loads((files("resmtnet.data_manifests") / f"{name}.schema.json").read_bytes())
        for document in documents:
            assert [error.json_path for error in Draft202012Validator(schema).iter_errors(document)] == []
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def marks(output: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("cases/[!.]*/case.json")}


def as_dicom(path: Path, values: np.ndarray, modality: str = "US") -> None:
    """One or several grey frames with 0.2 x 0.1 mm between rows and columns, and a name that must not come out."""
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = US, pydicom.uid.generate_uid(), modality
    dataset.PatientName, dataset.PixelSpacing = "Secret^Name", [0.2, 0.1]
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *values.shape[-2:], 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    if values.ndim == 3:
        dataset.NumberOfFrames = len(values)
    dataset.PixelData = values.tobytes()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = US
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=False)


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_folder_of_ultrasound(tmp_path, image_bundles, write_png):
    source, output = tmp_path / "Secret", tmp_path / "out"
    whole = write_png(source / "a.png").read_bytes()
    write_png(source / "a_mask.png", 1)
    (source / "broken.png").write_bytes(whole[: len(whole) // 2])
    (source / "notes.txt").write_text("nothing")
    frames = np.random.default_rng(2).integers(0, 256, (3, 40, 60), np.uint8)
    as_dicom(source / "Secret" / "cine.dcm", frames)
    as_dicom(source / "mr.dcm", frames[0], "MR")
    assert run(source, output, image_bundles["breast_ultrasound"]) == 3
    found = {tuple(case["codes"]): case for case in records(output)}
    cases = {len(case["pictures"]): case for case in records(output) if case["status"] == "ok"}
    assert found.keys() == {(), ("E_TRUNCATED",), ("E_OTHER_MODALITY",)}
    assert cases.keys() == {1, 3}
    assert json.loads((output / "run.json").read_bytes())["skipped_by_code"] == {"I_MASK": 1, "I_NOT_PICTURE": 1}
    single, cine = output / "cases" / cases[1]["case_id"], output / "cases" / cases[3]["case_id"]
    with Image.open(single / "mask.png") as mask:
        assert mask.size == (70, 50)
        values = np.asarray(mask)
    assert set(np.unique(values)) <= {0, 255}
    assert cases[1]["pictures"][0]["mask_share"] == pytest.approx(np.mean(values == 255))
    assert cases[1]["pictures"][0]["mask_mm2"] is None
    masks = [np.asarray(Image.open(path)) for path in sorted((cine / "masks").iterdir())]
    assert [mask.shape for mask in masks] == [(40, 60)] * 3
    for mask, picture in zip(masks, cases[3]["pictures"], strict=True):
        assert picture["mask_mm2"] == pytest.approx(np.count_nonzero(mask) * 0.2 * 0.1)
        assert sum(picture["classes"].values()) == pytest.approx(1)
    texts = [path for path in output.rglob("*") if path.is_file() and "private" not in path.parts]
    assert not any(b"Secret" in path.read_bytes() for path in texts)
    assert "Secret/cine.dcm" in (output / "private" / "links.csv").read_text()
    assert len(rows(output / "images.csv")) == 4
    page = (output / "index.html").read_text()
    assert "Research use only" in page
    assert "patient's name" in page


def test_a_second_call_does_what_is_left_and_overwrite_all(tmp_path, image_bundles, write_png):
    source, output, bundle = tmp_path / "in", tmp_path / "out", image_bundles["breast_ultrasound"]
    write_png(source / "a.png")
    assert run(source, output, bundle) == 0
    first = marks(output)
    assert run(source, output, bundle) == 0
    assert marks(output) == first
    write_png(source / "b.png", 1)
    assert run(source, output, bundle) == 0
    assert first.items() < marks(output).items()
    run(source, output, bundle, overrides={"mask_probability": 0.3})
    assert not first.items() & marks(output).items()
    before = marks(output)
    run(source, output, bundle, overrides={"mask_probability": 0.3}, overwrite=True, links=False)
    assert not before.items() & marks(output).items()
    assert not (output / "private").exists()


def test_slices_series_and_files_of_ct(tmp_path, image_bundles, write_png, small_chest):
    source, output = tmp_path / "in", tmp_path / "out"
    write_png(source / "slice.png")
    write_ct_series(source / "series", small_chest.hu, small_chest.affine_lps)
    write_ct_series(source / "one", small_chest.hu[24:25], small_chest.affine_lps, seed=1)
    assert run(source, output, image_bundles["lung_ct_classification"]) == 0
    (series,) = (case for case in records(output) if case["source"] == "series")
    files_of = {case["case_id"]: case for case in records(output) if case["source"] == "file"}
    assert len(files_of) == 2
    assert 10 < len(series["pictures"]) < series["n_pictures"] == 48
    folder = output / "cases" / series["case_id"]
    table = rows(folder / "slices.csv")
    assert [int(row["k"]) for row in table] == [picture["number"] for picture in series["pictures"]]
    positive = np.sort([float(row["p_malignant"]) for row in table])[-5:]
    assert series["classes"]["malignant"] == pytest.approx(positive.mean(), abs=1e-6)
    with Image.open(folder / "overlay.png") as overlay:
        assert overlay.size == small_chest.hu.shape[:0:-1]
        colours = np.asarray(overlay).astype(int)
    assert np.ptp(colours, axis=2).max() > 0  # Grad-CAM's colours on a grey picture
    # the lone slice is the same picture as that of the series, and has the same answer
    lone = next(case for case in files_of.values() if "single slice" in case["choice"])
    same = next(picture for picture in series["pictures"] if picture["number"] == 24)
    assert lone["classes"] == pytest.approx(same["classes"], abs=1e-5)


@pytest.mark.usefixtures("_logging_as_before")
@pytest.mark.parametrize("name", ["breast_ultrasound", "lung_ct_classification"])
def test_the_bundle_command_does_the_same(tmp_path, image_bundles, write_png, name):
    bundle = image_bundles[name]
    write_png(tmp_path / "in" / "a.png")
    write_png(tmp_path / "in" / "b.png", 1)
    assert run(tmp_path / "in", tmp_path / "ours", bundle) == 0
    config = str(bundle / "configs" / "inference.json")
    where = {"dataset_dir": str(tmp_path / "in"), "output_dir": str(tmp_path / "theirs")}
    with pytest.warns(UserWarning, match="source you trust"):
        monai.bundle.run(config_file=config, bundle_root=str(bundle), device="$torch.device('cpu')", **where)
    ours, theirs = (
        {
            path.relative_to(tmp_path / side).as_posix(): path.read_bytes()
            for path in (tmp_path / side).rglob("*")
            if path.is_file() and path.suffix not in (".json", ".html")
        }
        for side in ("ours", "theirs")
    )
    assert ours == theirs
    for a, b in zip(records(tmp_path / "ours"), records(tmp_path / "theirs"), strict=True):
        assert {**a, "timings_s": None} == {**b, "timings_s": None}


def test_outputs_that_make_no_sense_are_refused(tmp_path, image_bundles, write_png, capsys):
    write_png(tmp_path / "in" / "a.png")
    bundle, source = str(image_bundles["lung_ct_classification"]), str(tmp_path / "in")
    assert main(["infer", source, str(tmp_path / "out"), "--bundle", bundle, "--outputs", "json,mask"]) == 2
    assert "writes no mask" in capsys.readouterr().err
    with pytest.raises(UsageError, match="no min_probability"):
        run(tmp_path / "in", tmp_path / "out", Path(bundle), overrides={"min_probability": 0.5})
    assert not (tmp_path / "out").exists()
    assert run(tmp_path / "in", tmp_path / "out", Path(bundle), outputs=["csv"]) == 0
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names == {".resmtnet", "case.json", "run.json", "images.csv", "links.csv"}  # no picture of the patient


def test_nothing_usable_and_summary(tmp_path, image_bundles, write_png, capsys):
    (tmp_path / "empty").mkdir()
    bundle = str(image_bundles["breast_ultrasound"])
    assert main(["infer", str(tmp_path / "empty"), str(tmp_path / "a"), "--bundle", bundle, "--quiet"]) == 4
    assert "No usable picture" in capsys.readouterr().err
    write_png(tmp_path / "in" / "a.png")
    assert main(["infer", str(tmp_path / "in"), str(tmp_path / "b"), "--bundle", bundle, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_pictures"] == 1


def test_the_command_names_a_file_that_was_written(tmp_path, image_bundles, write_png, capsys):
    bundle = ["--bundle", str(image_bundles["breast_ultrasound"]), "--outputs", "csv"]
    write_png(tmp_path / "in" / "a.png")
    assert main(["infer", str(tmp_path / "in"), str(tmp_path / "a"), *bundle]) == 0
    assert capsys.readouterr().out.rstrip().endswith("run.json")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_text("nothing")
    assert main(["infer", str(tmp_path / "bad"), str(tmp_path / "b"), *bundle]) == 4
    assert "index.html" not in capsys.readouterr().err
