"""The files of a comparison of masks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields

from ..results.plain_json import plain_json
from .mask_agreement import MaskAgreement
from .score_masks import MaskScores


def mask_score_files(scores: MaskScores) -> Mapping[str, bytes]:
    """Encode metrics.json, cases.csv (named as the files are), and faulty_cases.csv where there are any."""
    columns = ("case", *(field.name for field in fields(MaskAgreement)))
    rows = [(name, *(f"{v:.6g}" for v in astuple(found))) for name, found in scores.by_case.items()]
    files = {"metrics.json": plain_json(scores.metrics), "cases.csv": _csv(columns, rows)}
    if scores.faults:
        files["faulty_cases.csv"] = _csv(("where", "reason"), [(f.where, f.reason) for f in scores.faults])
    return files


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
