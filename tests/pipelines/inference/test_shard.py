from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from resmtnet.pipelines.inference.in_shard import in_shard
from resmtnet.pipelines.inference.shard import Shard
from resmtnet.pipelines.ingest.plan_scans import ScanList, plan_scans

IDS = [hashlib.sha256(str(n).encode()).hexdigest()[:16] for n in range(4000)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
def test_every_case_is_in_one_shard_and_the_shards_are_alike_in_size(count):
    sizes = Counter(n for case in IDS for n in range(1, count + 1) if Shard(n, count).holds(case))
    assert sum(sizes.values()) == len(IDS)
    expected = len(IDS) / count
    assert all(abs(size - expected) < 5 * expected**0.5 for size in sizes.values())  # five sigma of a fair draw
    assert set(sizes) == set(range(1, count + 1))


def test_where_a_case_belongs_never_changes():
    assert hashlib.sha256(b"scan").hexdigest()[:8] == "59ad1b2f"  # 1504516911 = 8 x 188064613 + 7
    assert [n for n in range(1, 9) if Shard(n, 8).holds("scan")] == [8]


def test_text():
    assert Shard.parse("2/8") == Shard(2, 8)
    assert str(Shard(2, 8)) == "2/8"


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/", "a/b", "1/2/3", "-1/2", "1/0", " 1/2", ""])
def test_what_is_no_shard(text):
    with pytest.raises(ValueError, match="shard is I/N"):
        Shard.parse(text)


def test_plans_and_refusals_are_divided_and_what_is_no_case_is_counted_everywhere(tmp_path, write_nifti):
    for n in range(5):
        write_nifti(tmp_path / f"scan{n}.nii", change=n)
        (tmp_path / f"broken{n}.nii").write_bytes(b"no NIfTI %d" % n)
    (tmp_path / "notes.txt").write_text("none of ours")
    all_of_it = plan_scans(tmp_path)
    assert (len(all_of_it.plans), len(all_of_it.rejections)) == (5, 5)
    parts = [in_shard(all_of_it, Shard(n, 3)) for n in (1, 2, 3)]
    for name in ("plans", "rejections"):
        ids = [case.case_id for part in parts for case in getattr(part, name)]
        assert sorted(ids) == sorted(case.case_id for case in getattr(all_of_it, name))
    assert all(part.skipped == all_of_it.skipped and sum(part.skipped.values()) for part in parts)
    assert isinstance(parts[0], ScanList)
    assert in_shard(all_of_it, None) is all_of_it
    ids = sorted(case.case_id for case in (*all_of_it.plans, *all_of_it.rejections))
    assert {part.all_cases_hash for part in parts} == {hashlib.sha256("\n".join(ids).encode()).hexdigest()}
    write_nifti(tmp_path / "late.nii", change=5)
    assert in_shard(plan_scans(tmp_path), Shard(1, 3)).all_cases_hash != parts[0].all_cases_hash
