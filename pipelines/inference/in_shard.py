"""The cases of one part of a divided run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TypeVar

from ..images.plan_images import ImageList
from ..ingest.plan_scans import ScanList
from .shard import Shard

Found = TypeVar("Found", ScanList, ImageList)


def in_shard(found: Found, shard: Shard | None) -> Found:
    """Leave out what belongs to other shards; None leaves out nothing.

    Files that are no cases have no ids, and are counted in every part. Of what all parts were drawn from,
    ``all_cases_hash`` speaks, by which parts of different inputs are told apart.
    """
    if shard is None:
        return found
    case_ids = sorted(case.case_id for case in (*found.plans, *found.rejections))
    all_cases_hash = hashlib.sha256("\n".join(case_ids).encode()).hexdigest()
    plans = tuple(plan for plan in found.plans if shard.holds(plan.case_id))
    rejections = tuple(case for case in found.rejections if shard.holds(case.case_id))
    return replace(found, plans=plans, rejections=rejections, all_cases_hash=all_cases_hash)
