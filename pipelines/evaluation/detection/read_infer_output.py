"""Detections from the output folder of ``resmtnet infer``."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ...results.finished_cases import finished_cases
from ...results.links_csv import read_links
from .predictions import Predictions, join_predictions
from .read_case import read_case
from .scan_name import scan_name


def read_infer_output(folder: Path, known: Collection[str]) -> Predictions:
    """Read the findings of every case that is done.

    A case whose id is not among the ``known`` scans is looked up in ``private/links.csv``, by its SeriesInstanceUID
    and by the names of its file and folder.
    """
    links = read_links(folder / "private" / "links.csv")

    def name(case_id: str) -> str:
        link = links.get(case_id)
        if link is None:
            return case_id
        path = Path(link.relative_path)
        names = (case_id, link.series_uid, scan_name(path.name), *(parent.name for parent in path.parents))
        return next((found for found in names if found in known), case_id)

    cases = finished_cases(folder).values()
    return join_predictions(
        read_case({"findings": case.findings}, f"case {n}", name(case.case_id)) for n, case in enumerate(cases, 1)
    )
