from __future__ import annotations

import datetime

import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.deidentify.pseudonyms import MAX_OFFSET_DAYS, Pseudonyms
from resmtnet.pipelines.deidentify.shift_moment import shift_moment


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def visit(patient: str, date: str):
    def edit(k: int, ds: Dataset) -> None:
        ds.PatientID, ds.StudyDate, ds.AcquisitionDateTime = patient, date, f"{date}112233.123456+0530"

    return edit


def test_an_interval_of_one_patient_is_kept_and_two_patients_move_differently(deidentify, ct, tmp_path):
    for seed, (patient, date) in enumerate([("A", "20200228"), ("A", "20210415"), ("B", "20200228")]):
        ct(edit=visit(patient, date), seed=seed, folder=f"in/{seed}")
    datasets = deidentify(tmp_path / "in").datasets
    dates: dict[str, list[datetime.date]] = {}
    for ds in datasets:
        dates.setdefault(ds.PatientID, []).append(day(ds.StudyDate))
        assert ds.AcquisitionDateTime == f"{ds.StudyDate}112233.123456"
    once, twice = sorted(dates.values(), key=len)
    assert max(twice) - min(twice) == datetime.date(2021, 4, 15) - datetime.date(2020, 2, 28)
    assert min(twice) != once[0]
    assert all(1 <= (day("20200228") - moved).days <= MAX_OFFSET_DAYS for moved in (once[0], min(twice)))


def test_removed_dates_leave_none_but_the_dummies_of_type_1(deidentify, ct):
    (path,) = ct(edit=visit("A", "20200228"))
    (ds,) = deidentify(path.parent, dates="removed").datasets
    assert (ds.StudyDate, ds.StudyTime, ds.SeriesDate) == ("", "", "")
    assert (ds.ContentDate, ds.AcquisitionDateTime) == ("19000101", "19000101000000")
    assert ds.LongitudinalTemporalInformationModified == "REMOVED"


@pytest.mark.parametrize(
    ("vr", "text", "expected"),
    [
        ("DA", "20200301", "20200229"),  # a leap day
        ("DA", "20200301\\20200102", "20200229\\20200101"),
        ("DA", "2020.03.01", ""),
        ("DA", "20201301", ""),
        ("DA", "00010101", ""),  # no day before it
        ("DA", "1950-JOHN", ""),
        ("DT", "20200301", "20200229"),
        ("DT", "2020030110+0100", "2020022910"),
        ("DT", "202003", ""),
        ("TM", "235959.999999", "235959.999999"),
        ("TM", "JOHN", ""),
    ],
)
def test_a_moment_moves_by_one_day(vr, text, expected):
    assert shift_moment(vr, text, 1) == expected


def test_the_offsets_of_many_patients_fill_the_range():
    names = Pseudonyms(bytes(32))
    offsets = [names.offset_days(str(n)) for n in range(20_000)]
    assert (min(offsets), max(offsets)) == (1, MAX_OFFSET_DAYS)


@pytest.mark.parametrize(("age", "expected"), [("089Y", "089Y"), ("090Y", "090Y"), ("103Y", "090Y"), ("101M", "101M")])
def test_high_ages_are_one_group(deidentify, ct, age, expected):
    def edit(k: int, ds: Dataset) -> None:
        ds.PatientAge, ds.PatientSex, ds.PatientBirthDate = age, "F", "19300101"

    (path,) = ct(edit=edit)
    (ds,) = deidentify(path.parent, patient_characteristics=True).datasets
    assert (ds.PatientAge, ds.PatientSex, ds.PatientBirthDate) == (expected, "F", "")
