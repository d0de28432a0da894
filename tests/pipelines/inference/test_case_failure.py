from __future__ import annotations

import numpy as np
import pytest

from resmtnet.pipelines.inference.case_failure import unforeseen_failure
from resmtnet.pipelines.records import SeriesPlan
from resmtnet.transforms.window import window_hu


def test_the_record_of_a_failed_case():
    plan = SeriesPlan("case", "dicom", None, (4, 5, 6), (1.0, 1.0, 2.0), np.eye(4), 7, 6, codes=("W_LOSSY",))
    with pytest.raises(ValueError, match="window") as caught:
        window_hu(None, [])
    caught.value.args = ("DOE^JOHN",)
    record = unforeseen_failure(plan, "F_INFERENCE", caught.value)
    assert (record.status, record.codes, record.n_files) == ("failed", ("W_LOSSY", "F_INFERENCE"), 7)
    assert "ValueError in resmtnet.transforms.window" in record.reason
    assert "DOE" not in record.reason
