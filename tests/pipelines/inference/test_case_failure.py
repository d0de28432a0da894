from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.inference.case_failure import name_fault, unforeseen_failure
from resmtnet.pipelines.records import SeriesPlan
from resmtnet.transforms.window import window_hu


def failing(text: str) -> Exception:
    """Fail in the package, with a message that names a patient."""
    try:
        try:
            window_hu(None, [])
        except ValueError as error:
            error.args = (text,)
            raise RuntimeError(text) from error
    except RuntimeError as error:
        return error


def test_the_fault_is_named_by_type_and_line_and_not_by_its_message():
    named = name_fault(failing("/data/DOE^JOHN/scan.dcm"))
    assert named.startswith("ValueError in resmtnet.transforms.window:")
    assert "DOE" not in named


def test_the_record_of_a_failed_case():
    plan = SeriesPlan("case", "dicom", None, (4, 5, 6), (1.0, 1.0, 2.0), np.eye(4), 7, 6, codes=("W_LOSSY",))
    record = unforeseen_failure(plan, "F_INFERENCE", failing("DOE^JOHN"))
    assert (record.status, record.codes, record.n_files) == ("failed", ("W_LOSSY", "F_INFERENCE"), 7)
    assert "ValueError in resmtnet.transforms.window" in record.reason
    assert "DOE" not in record.reason


def test_a_fault_outside_the_package_has_no_line():
    assert name_fault(pytest.fail.Exception("x")) == "Failed"
