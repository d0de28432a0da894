from __future__ import annotations

import pytest

from resmtnet.pipelines.name_fault import name_fault
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


def test_a_fault_outside_the_package_has_no_line():
    assert name_fault(pytest.fail.Exception("x")) == "Failed"
