from __future__ import annotations

import json
import re
import warnings

import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.codes import CODES
from resmtnet.pipelines.ingest import ingest_scans as module
from resmtnet.pipelines.ingest.ingest_records import ingest_records
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom
from resmtnet.pipelines.records import SeriesPlan, Volume

SHAPE = (12, 32, 40)
CANARY = "ZZCANARY"


def mark(k: int, ds: Dataset) -> None:
    """Put the mark into every place that a name may stand in, also with values that their VR forbids."""
    ds.PatientName, ds.PatientID = f"{CANARY}^NAME", f"{CANARY}ID"
    for name in ("AccessionNumber", "InstitutionName", "SeriesDescription", "StudyDescription", "StudyID"):
        setattr(ds, name, CANARY)
    ds.PatientComments, ds.ReferringPhysicianName = CANARY * 50, CANARY
    for tag, vr in ((0x00100030, "DA"), (0x00101010, "AS"), (0x00080005, "CS")):
        ds.add(pydicom.DataElement(tag, vr, CANARY, validation_mode=pydicom.config.IGNORE))
    ds.private_block(0x0009, CANARY, create=True).add_new(1, "LO", CANARY)


def marked(folder, affine, seed, edit=None):
    def both(k: int, ds: Dataset) -> None:
        mark(k, ds)
        if edit:
            edit(k, ds)

    return write_ct_series(folder, linear_phantom(SHAPE, affine), affine, seed=seed, edit=both)


def compressing(uid: str, plugin: str):
    return lambda k, ds: ds.compress(uid, encoding_plugin=plugin, generate_instance_uid=False)


def fill(folder, affine):
    """Write series that end as ok, warned, and rejected for their header or their pixels; files that end likewise."""
    marked(folder / "ok", affine, 1)
    marked(folder / "warned", affine, 2, lambda k, ds: setattr(ds, "LossyImageCompression", "01"))
    marked(folder / "gap", affine, 3)[4].unlink()
    marked(folder / "modality", affine, 4, lambda k, ds: setattr(ds, "Modality", CANARY))
    cut = marked(folder / "cut", affine, 5, compressing("1.2.840.10008.1.2.4.80", "pyjpegls"))[3]
    cut.write_bytes(cut.read_bytes()[:-200])
    broken = marked(folder / "broken", affine, 6, compressing("1.2.840.10008.1.2.4.90", "pylibjpeg"))[3]
    data = bytearray(broken.read_bytes())
    middle = data.index(b"\xff\x4f\xff\x51") + 60
    data[middle : middle + 60] = bytes(60)
    broken.write_bytes(bytes(data))
    syntax = marked(folder / "syntax", affine, 7)[2]
    syntax.write_bytes(syntax.read_bytes().replace(b"1.2.840.10008.1.2.1\0", CANARY.encode().ljust(20, b"\0"), 1))
    (folder / f"{CANARY}.nii.gz").write_bytes(CANARY.encode() * 100)
    header = f"ObjectType = Image\nNDims = 3\nComment = {CANARY}\nElementDataFile = {CANARY}.raw\n"
    (folder / f"{CANARY}.mhd").write_text(header)
    image = nibabel.Nifti1Image(linear_phantom(SHAPE, affine).T, np.diag([-1.0, -1, 1, 1]) @ affine)
    image.header["descrip"] = CANARY
    nibabel.save(image, folder / f"{CANARY}2.nii.gz")


@pytest.fixture
def hospital(tmp_path, affine, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pydicom says while writing such values
        fill(tmp_path / f"{CANARY}_PATIENT", affine)
    caplog.clear()
    return tmp_path


def test_records_say_what_happened_and_name_nobody(hospital, capfd, caplog, recwarn):
    capfd.readouterr()
    records = ingest_records(hospital)
    found = {(record["status"], record["codes"][0] if record["codes"] else "") for record in records}
    assert found >= {("ok", ""), ("warned", "W_LOSSY"), ("rejected", "E_MISSING_SLICES"), ("rejected", "E_NOT_CT")}
    assert found >= {("rejected", "E_TRUNCATED"), ("rejected", "E_TRANSFER_SYNTAX"), ("rejected", "E_BAD_HEADER")}
    assert ("failed", "E_DECODE") in found
    written = json.dumps(records) + "".join(capfd.readouterr()) + caplog.text
    written += "".join(str(warning.message) for warning in recwarn)
    assert CANARY not in written
    assert str(hospital) not in written
    uids = {pydicom.dcmread(path)["SeriesInstanceUID"].value for path in hospital.rglob("gap/*")}
    assert len(uids) == 1
    assert uids.pop() not in written


def test_a_record_holds_the_geometry(tmp_path, affine):
    write_ct_series(tmp_path, linear_phantom(SHAPE, affine), affine)
    (record,) = ingest_records(tmp_path)
    assert record["status"] == "ok"
    assert record["shape"] == [40, 32, 12]
    np.testing.assert_allclose(record["spacing_mm"], [0.7, 0.8, 2.5])
    np.testing.assert_allclose(record["affine_lps"], affine, atol=1e-9)
    assert (record["n_files"], record["n_used"], record["tilt_deg"]) == (12, 12, 0)
    hu = linear_phantom(SHAPE, affine)
    assert record["hu_percentiles"]["0"] == hu.min()
    assert record["hu_percentiles"]["50"] == np.percentile(hu, 50, method="higher")
    assert record["hu_percentiles"]["100"] == hu.max()


def test_without_pixels_nothing_is_decoded(tmp_path, affine):
    files = write_ct_series(tmp_path, linear_phantom(SHAPE, affine), affine)
    (with_pixels,) = ingest_records(tmp_path)
    (record,) = ingest_records(tmp_path, read_pixels=False)
    assert "digest" in with_pixels
    assert "digest" not in record
    assert record == {key: with_pixels[key] for key in record}
    assert len(files) == record["n_used"]


def test_a_scan_whose_reading_fails_unforeseen_is_a_record_like_any_other(tmp_path, affine, monkeypatch):
    for seed, name in enumerate("ab"):
        write_ct_series(tmp_path / name, linear_phantom(SHAPE, affine), affine, seed=seed)

    def fail_on_a(plan: SeriesPlan) -> Volume:
        if plan.path.name == "a":
            raise ZeroDivisionError(CANARY)
        return read_volume(plan)

    monkeypatch.setattr(module, "read_volume", fail_on_a)
    bad, good = ingest_records(tmp_path)
    assert (bad["status"], bad["codes"], bad["n_files"], good["status"]) == ("failed", ["F_READ"], 12, "ok")
    assert bad["reason"].startswith(CODES["F_READ"].summary + " ZeroDivisionError in resmtnet.pipelines.ingest.")
    assert CANARY not in json.dumps(bad)


def test_tilt_is_measured_from_positions(tmp_path, affine):
    tilted = affine.copy()
    tilted[1, 2] = np.tan(np.radians(12)) * 2.5
    write_ct_series(tmp_path, linear_phantom(SHAPE, tilted), tilted)
    (record,) = ingest_records(tmp_path)
    assert record["tilt_deg"] == pytest.approx(12, abs=1e-3)
    assert record["codes"] == ["W_GANTRY_TILT"]


def test_every_reason_ends_with_a_remedy(hospital):
    refused = [record for record in ingest_records(hospital) if record["status"] in ("rejected", "failed")]
    assert len(refused) >= 6
    for record in refused:
        code = CODES[record["codes"][0]]
        assert record["reason"].startswith(code.summary)
        assert code.remedy in record["reason"]
        assert re.fullmatch(r"[EFWI]_[A-Z0-9_]+", record["codes"][0])
