"""Texts that stay: only in the shapes that scanners write."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from resmtnet.pipelines.deidentify.kernels import is_kernel
from resmtnet.pipelines.ingest.plan_scans import plan_scans


def first(deidentify, ct, **values: object) -> Dataset:
    def edit(k: int, ds: Dataset) -> None:
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    (path,) = ct(edit=edit)
    (ds,) = deidentify(path.parent).datasets
    return ds


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("SoftwareVersions", "syngo CT 2012B"),
        ("SoftwareVersions", "LightSpeedApps2.4.2_H2.4M5"),
        ("SoftwareVersions", ["4.1.6", "V6.05ER006"]),
        ("ManufacturerModelName", "SOMATOM Definition AS+"),
        ("ManufacturerModelName", "Aquilion ONE"),
        ("Manufacturer", "GE MEDICAL SYSTEMS"),
        ("FilterType", "LARGE BOWTIE FIL"),
        ("ImageType", ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"]),
        ("ConvolutionKernel", ["Br40d", "3"]),
        ("RescaleType", "HU"),
        ("SeriesNumber", "3000566"),
    ],
)
def test_what_scanners_write_stays(deidentify, ct, keyword, value):
    assert first(deidentify, ct, **{keyword: value})[keyword].value == value


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("SoftwareVersions", "build 20140909"),
        ("SoftwareVersions", "Slicer 4.3.1-2014-09-09"),
        ("SoftwareVersions", "of 28.02.2020"),
        ("SoftwareVersions", "1.2.840.113619.6.80"),
        ("ManufacturerModelName", "SN 1234567"),
        ("ConvolutionKernel", "DOE JOHN"),
        ("ConvolutionKernel", "B30f 19500317"),
        ("ImageType", ["ORIGINAL", "PRIMARY", "ID 1234567"]),
        ("ImageType", ["ORIGINAL", "PRIMARY", "D_19500317"]),
        ("ScanOptions", "D19500317"),
        ("RescaleType", "DOE"),
        ("Laterality", "DOE"),
        ("LossyImageCompressionMethod", ["ISO_10918_1", "DOE"]),
        ("SeriesNumber", "19500317"),
    ],
)
def test_dates_numbers_and_names_go(deidentify, ct, keyword, value):
    told = value[-1] if isinstance(value, list) else value
    assert told not in str(first(deidentify, ct, **{keyword: value}).get(keyword))


@pytest.mark.parametrize(("keyword", "value"), [("SeriesNumber", "19500317"), ("AcquisitionNumber", "20200228")])
def test_what_must_be_there_is_left_empty(deidentify, ct, keyword, value):
    ds = first(deidentify, ct, **{keyword: value})
    assert keyword in ds
    assert ds[keyword].is_empty


@pytest.mark.parametrize(
    "kernel",
    [
        *("B31f", "B60s", "Br40d", "Qr36s", "I70f", "Hr64h", "STANDARD", "SOFT", "LUNG", "BONEPLUS", "DETAIL", "CHST"),
        *("FC51", "FC08-H", "FC18", "FL01", "YA", "YB", "UB", "L", "B", "C", "D", "E", "EB", "IMR1", "HD STANDARD", ""),
    ],
)
def test_kernels_of_the_large_makers_are_known(kernel):
    assert is_kernel(kernel)


@pytest.mark.parametrize("kernel", ["SMITH", "John Doe", "MUELLER B30", "12345", "LUNG LUNG LUNG LUNG", "\xe4"])
def test_other_words_are_no_kernels(kernel):
    assert not is_kernel(kernel)


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("ConvolutionKernel", ("site soft", "site hard")),
        ("ImageType", (["ORIGINAL", "PRIMARY", "PHASE 100001"], ["ORIGINAL", "PRIMARY", "PHASE 100002"])),
    ],
)
def test_phases_are_told_apart_by_what_became_a_token(deidentify, ct, keyword, values):
    def edit(k: int, ds: Dataset) -> None:
        setattr(ds, keyword, values[k % 2])
        ds.ImagePositionPatient = [0, 0, 2.5 * (k // 2)]

    path, *_ = ct(edit=edit, n=10)
    before, after = (plan_scans(folder) for folder in (path.parent, deidentify(path.parent).output))
    assert [plan.shape_ijk for plan in after.plans] == [plan.shape_ijk for plan in before.plans] == [(8, 6, 5)] * 2


def test_an_animal_stays_one(deidentify, ct):
    path, *_ = ct(edit=lambda k, ds: setattr(ds, "AnatomicalOrientationType", "QUADRUPED"), n=4)
    (rejection,) = plan_scans(deidentify(path.parent).output).rejections
    assert rejection.code == "E_NOT_HUMAN"


def test_a_modality_lut_is_never_lost_on_the_way(deidentify, ct):
    lut = Dataset()
    lut.LUTDescriptor, lut.ModalityLUTType, lut.LUTData = [2, 0, 16], "HU", np.arange(2, dtype="<u2").tobytes()
    (path,) = ct(edit=lambda k, ds: setattr(ds, "ModalityLUTSequence", Sequence([lut])))
    outcome = deidentify(path.parent)
    assert (outcome.written, outcome.count("failed")) == (0, {"E_BAD_RESCALE": 1})


def test_each_of_several_ages_is_capped(deidentify, ct):
    (path,) = ct(edit=lambda k, ds: setattr(ds, "PatientAge", ["095Y", "096Y"]))
    (ds,) = deidentify(path.parent, patient_characteristics=True).datasets
    assert ds.PatientAge == ["090Y", "090Y"]
