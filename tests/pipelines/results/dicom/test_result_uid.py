from __future__ import annotations

from dataclasses import replace

import pytest
from pydicom.uid import UID

from resmtnet.pipelines.records import Origin
from resmtnet.pipelines.results.dicom.algorithm import algorithm
from resmtnet.pipelines.results.dicom.result_uid import result_uid


def test_valid_of_the_uuid_root_and_always_the_same(make_case):
    result, _ = make_case()
    uid = result_uid(result, "seg")
    assert UID(uid).is_valid
    assert uid.startswith("2.25.")
    assert int(uid.removeprefix("2.25.")) < 2**128
    assert uid == result_uid(make_case()[0], "seg") == result_uid(replace(result, timings_s={}, outputs=()), "seg")


@pytest.mark.parametrize(
    "change",
    [
        {"origin": Origin("", "1.2.3")},
        {"input_digest": "other"},
        {"plan_digest": "other"},
        {"config_hash": "other"},
        {"weights_hash": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_scan_or_model_has_another(make_case, change):
    result, _ = make_case()
    assert result_uid(replace(result, **change), "seg") != result_uid(result, "seg")


def test_parts_do_not_run_into_each_other(make_case):
    result, _ = make_case()
    one = replace(result, config_hash="ab", weights_hash="c")
    two = replace(result, config_hash="a", weights_hash="bc")
    assert result_uid(one, "seg") != result_uid(two, "seg")
    words = ("seg", "seg series", "finding 1", "finding 11")
    assert len({result_uid(result, what) for what in words}) == len(words)


def test_the_algorithm_is_named_without_a_path(make_case):
    result, _ = make_case(
        bundle="/home/CANARY/bundles/mine", weights_hash="0123456789abcdef", versions={"resmtnet": "1.2"}
    )
    (item,) = algorithm(result)
    assert (item.AlgorithmName, item.AlgorithmVersion) == ("resmtnet mine", "1.2 0123456789ab")
    assert item.AlgorithmFamilyCodeSequence[0].CodeValue == "123110"
