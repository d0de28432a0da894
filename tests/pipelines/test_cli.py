from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from resmtnet.pipelines.cli import main
from resmtnet.pipelines.inference import scan_form
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

Make = Callable[[Path], None]


def records(output: Path) -> list[tuple[str, ...]]:
    cases = [json.loads(path.read_bytes()) for path in output.glob("cases/*/case.json")]
    return sorted((case["status"], *case["codes"]) for case in cases)


def infer(source: Path, output: Path, bundle: Path, *more: str) -> int:
    quick = ["--bundle", str(bundle), "--min-probability", "0", "--max-findings", "2", "--quiet"]
    return main(["infer", str(source), str(output), *quick, *more])


def save(path: Path, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    nib.Nifti1Image(array, np.diag([-2.5, -2.5, 2.5, 1.0]) if affine is None else affine).to_filename(path)


def some_hu(*shape: int) -> np.ndarray:
    return np.linspace(-1000, 200, int(np.prod(shape))).reshape(shape).astype(np.int16)


def truncated_nifti(folder: Path) -> None:
    save(folder / "a.nii", some_hu(16, 16, 16))
    (folder / "a.nii").write_bytes((folder / "a.nii").read_bytes()[:-2000])


def truncated_gzip(folder: Path) -> None:
    noise = np.random.default_rng(0).integers(-1000, 200, (16, 16, 16), dtype=np.int16)
    save(folder / "a.nii.gz", noise)
    (folder / "a.nii.gz").write_bytes((folder / "a.nii.gz").read_bytes()[:-2000])


def flat_image(folder: Path) -> None:
    save(folder / "a.nii", some_hu(16, 16))


def four_dimensions(folder: Path) -> None:
    save(folder / "a.nii", some_hu(16, 16, 16, 2))


def nan_voxels(folder: Path) -> None:
    hu = some_hu(16, 16, 16).astype(np.float32)
    hu[1, 2, 3] = np.nan
    save(folder / "a.nii", hu)


def mr_series(folder: Path) -> None:
    def edit(k: int, dataset) -> None:
        dataset.Modality = "MR"
        dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID

    write_ct_series(folder / "mr", some_hu(8, 16, 16), np.diag([1.0, 1.0, 2.0, 1.0]), seed=1, edit=edit)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (truncated_nifti, "E_TRUNCATED"),
        (truncated_gzip, "E_TRUNCATED"),
        (flat_image, "E_NOT_3D"),
        (four_dimensions, "E_NOT_3D"),
        (nan_voxels, "E_NAN"),
        (mr_series, "E_NOT_CT"),
    ],
)
def test_a_bad_scan_is_a_recorded_rejection(make: Make, said, tmp_path, small_bundle, capsys):
    (tmp_path / "in").mkdir()
    make(tmp_path / "in")
    assert infer(tmp_path / "in", tmp_path / "out", small_bundle) == 4
    ((status, code, *_),) = records(tmp_path / "out")
    assert status in ("rejected", "failed")
    assert code.startswith(said)
    assert capsys.readouterr().err == "resmtnet: No usable scan was found in the input.\n"


def empty(folder: Path) -> None:
    pass


def no_image(folder: Path) -> None:
    (folder / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "notes.txt").write_text("nothing")


def text_named_dcm(folder: Path) -> None:
    (folder / "scan.dcm").write_text("this is no DICOM file\n" * 20)


@pytest.mark.parametrize("make", [empty, no_image, text_named_dcm])
def test_a_folder_without_images(make: Make, tmp_path, small_bundle, capsys):
    (tmp_path / "in").mkdir()
    make(tmp_path / "in")
    assert infer(tmp_path / "in", tmp_path / "out", small_bundle) == 4
    assert capsys.readouterr().err == "resmtnet: No usable scan was found in the input.\n"
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["exit_code"] == 4


def test_an_input_that_is_not_there(tmp_path, capsys):
    assert main(["infer", str(tmp_path / "nowhere"), str(tmp_path / "out")]) == 5
    assert main(["ingest", str(tmp_path / "nowhere")]) == 5
    assert capsys.readouterr().err.splitlines() == ["resmtnet: The input path does not exist."] * 2
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written(tmp_path, small_bundle, capsys):
    (tmp_path / "file").write_text("")
    assert infer(tmp_path, tmp_path / "file" / "out", small_bundle) == 6
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("resmtnet: cannot write to")


def test_faults_that_show_when_the_run_has_begun(tmp_path, small_bundle, small_chest, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert infer(tmp_path / "pipe", tmp_path / "out", small_bundle) == 5
    sitk.WriteImage(image_of(small_chest), str(tmp_path / "good.nrrd"))
    (tmp_path / "out" / "run.json").mkdir()
    assert infer(tmp_path / "good.nrrd", tmp_path / "out", small_bundle) == 6
    first, second = capsys.readouterr().err.splitlines()
    assert first == "resmtnet: The input is neither a file nor a folder."
    assert second.startswith("resmtnet: cannot write to")


def test_an_output_that_holds_something_else(tmp_path, small_bundle, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("precious")
    assert infer(tmp_path, tmp_path / "out", small_bundle, "--overwrite") == 6
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "out" / "thesis.txt").read_text() == "precious"


def test_an_output_on_the_input(tmp_path, small_bundle, capsys):
    assert infer(tmp_path, tmp_path, small_bundle, "--overwrite") == 6
    assert capsys.readouterr().err.startswith("resmtnet: INPUT is the OUTPUT folder")
    assert list(tmp_path.iterdir()) == []


def test_a_good_scan_that_fails_is_not_called_unusable(tmp_path, small_bundle, small_chest, capsys):
    (tmp_path / "in").mkdir()
    sitk.WriteImage(image_of(small_chest), str(tmp_path / "in" / "good.nrrd"))
    broken = tmp_path / "broken"
    shutil.copytree(small_bundle, broken)
    config = json.loads((broken / "configs" / "inference.json").read_text())
    config["postprocessing"]["transforms"] = []  # leaves no findings
    (broken / "configs" / "inference.json").write_text(json.dumps(config))
    assert infer(tmp_path / "in", tmp_path / "out", broken) == 3
    assert records(tmp_path / "out") == [("failed", "F_INFERENCE")]
    assert capsys.readouterr().err == "resmtnet: No scan could be evaluated; index.html says why.\n"


def test_an_unforeseen_error_is_one_line_without_its_text(
    tmp_path, small_bundle, small_chest, capsys, monkeypatch, caplog
):
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("CANARY")

    sitk.WriteImage(image_of(small_chest), str(tmp_path / "good.mha"))
    monkeypatch.setattr(scan_form, "write_run", fail)
    assert infer(tmp_path / "good.mha", tmp_path / "out", small_bundle) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("resmtnet: Internal error: RuntimeError in resmtnet.pipelines.inference.scan_form:")
    assert "CANARY" not in line + caplog.text  # what is logged goes to stderr where nobody catches it


def test_good_and_bad_together(tmp_path, small_bundle, small_chest, capsys):
    (tmp_path / "in").mkdir()
    nan_voxels(tmp_path / "in")
    mr_series(tmp_path / "in")
    no_image(tmp_path / "in")
    sitk.WriteImage(image_of(small_chest), str(tmp_path / "in" / "good.nrrd"))
    assert infer(tmp_path / "in", tmp_path / "out", small_bundle) == 3
    assert records(tmp_path / "out") == [("ok",), ("rejected", "E_NAN"), ("rejected", "E_NOT_CT")]
    with (tmp_path / "out" / "findings.csv").open(newline="") as stream:
        assert [row["status"] for row in csv.DictReader(stream)] == ["ok", "ok"]
    assert capsys.readouterr() == ("", "")


def image_of(chest) -> sitk.Image:
    image = sitk.GetImageFromArray(chest.hu)
    image.SetSpacing((2.5, 2.5, 2.5))
    image.SetOrigin(chest.affine_lps[:3, 3].tolist())
    return image


def test_one_line_or_json_on_stdout(tmp_path, small_bundle, small_chest, capsys):
    sitk.WriteImage(image_of(small_chest), str(tmp_path / "good.mha"))
    common = ["infer", str(tmp_path / "good.mha"), str(tmp_path / "out"), "--bundle", str(small_bundle)]
    assert main([*common, "--min-probability", "0", "--max-findings", "2"]) == 0
    assert capsys.readouterr().out == f"1 cases (1 ok), 2 findings. Look at {tmp_path / 'out' / 'index.html'}\n"
    assert main([*common, "--min-probability", "0", "--max-findings", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_findings"] == 2


def test_nothing_that_is_written_names_the_patient_or_the_place(tmp_path, small_bundle, small_chest):
    folder = tmp_path / "in" / "DOE_JOHN_19500101"
    paths = write_ct_series(folder, small_chest.hu, small_chest.affine_lps)
    assert infer(tmp_path / "in", tmp_path / "out", small_bundle) == 0
    import pydicom

    dataset = pydicom.dcmread(paths[0])
    secrets = ["DOE_JOHN", str(dataset.PatientName), str(dataset.PatientID), dataset.SeriesInstanceUID]
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.parent.name != "private"]
    files = [path for path in written if path.suffix != ".dcm"]  # DICOM results belong to the patient
    assert len(files) == 8
    found = [(path.name, secret) for path in files for secret in secrets if secret.encode() in path.read_bytes()]
    assert found == []
    assert "DOE_JOHN" in (tmp_path / "out" / "private" / "links.csv").read_text()


def test_ingest_tells_what_is_there_and_writes_nothing_else(tmp_path, small_chest, capsys):
    write_ct_series(tmp_path / "in" / "ct", small_chest.hu, small_chest.affine_lps)
    mr_series(tmp_path / "in")
    assert main(["ingest", str(tmp_path / "in")]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 ok, 1 rejected"
    assert "96x80x48 at 2.5x2.5x2.5 mm" in lines[0]
    assert "E_NOT_CT" in lines[1]
    assert main(["ingest", str(tmp_path / "in"), "--json", str(tmp_path / "records.json")]) == 3
    said = json.loads((tmp_path / "records.json").read_text())
    good, bad = said
    assert good["orientation"] == "LPS"
    assert (good["status"], good["shape"], good["n_used"]) == ("ok", [96, 80, 48], 48)
    np.testing.assert_allclose(good["affine_lps"], small_chest.affine_lps)
    assert (bad["status"], bad["codes"], bad["n_files"]) == ("rejected", ["E_NOT_CT"], 8)
    assert main(["ingest", str(tmp_path / "in"), "--json", "-", "--headers-only"]) == 3
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert main(["ingest", str(tmp_path / "in"), "--json", str(tmp_path / "no" / "such.json")]) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["infer"],
        ["infer", "in", "out", "--device", "tpu"],
        ["infer", "in", "out", "--min-probability", "2"],
        ["infer", "in", "out", "--max-findings", "0"],
    ],
)
def test_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_bundle_that_is_not_there(tmp_path, capsys):
    assert main(["infer", str(tmp_path), str(tmp_path / "out"), "--bundle", "spleen"]) == 2
    assert "lung_nodule_ct" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from resmtnet.pipelines.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'monai', 'numpy', 'pydicom'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "exit codes" in done.stdout


def test_reading_begins_without_torch():
    code = "import sys, resmtnet.pipelines.inference.infer\nassert not {'torch', 'monai', 'ignite'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_signs_that_a_terminal_cannot_show_end_no_command():
    code = "from resmtnet.pipelines.cli import main\nfrom resmtnet.pipelines.commands.say import say\n"
    code += "try: main(['--version'])\nexcept SystemExit: say('8 mm\\u00b3')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("8 mm\\xb3\n")
