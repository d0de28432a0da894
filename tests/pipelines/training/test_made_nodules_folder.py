from __future__ import annotations

import numpy as np

from resmtnet.pipelines.training.lidc_nodules import read_lidc_nodules
from resmtnet.pipelines.training.made_nodules_folder import write_made_nodules


def test_the_folder_reads_as_one_of_the_real_form(tmp_path):
    write_made_nodules(tmp_path / "made", 8, seed=3)
    records = list(read_lidc_nodules(tmp_path / "made", None))
    assert len({record.patient_id for record in records}) == 8
    assert len(list(read_lidc_nodules(tmp_path / "made", [1]))) == 4
    for record in records:
        x, y, _ = record.spacing_mm
        majority = record.majority
        assert majority[0].any() or majority[-1].any() or record.readers[[0, -1]].any()  # slices end with the nodule
        area = majority.sum(axis=(1, 2)).max() * x * y
        assert abs(2 * np.sqrt(area / np.pi) - float(record.row["diameter_mm"])) < 2 * x
        assert abs(np.median(record.hu[record.readers == 0]) + 860) < 5  # lung
    means = [(float(r.row["diameter_mm"]), float(r.row["malignancy_mean"])) for r in records]
    small, large = [m for d, m in means if d < 8], [m for d, m in means if d > 12]
    assert small
    assert large
    assert max(small) < min(large)  # there is something to learn


def test_the_same_seed_gives_the_same_folder(tmp_path):
    for name in "ab":
        write_made_nodules(tmp_path / name, 2, seed=5)
    a, b = (next(iter(read_lidc_nodules(tmp_path / name, None))) for name in "ab")
    assert np.array_equal(a.hu, b.hu)
    assert a.row == b.row
