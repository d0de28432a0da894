"""The scans that a data list names, as plans to read."""

from __future__ import annotations

from pathlib import Path

from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.input_path_error import InputPathError
from ..ingest.plan_scans import plan_scans
from ..records import SeriesPlan
from .data_list import ScanLabel


class LabelledPlans:
    """Finds the scan of a label; a folder that holds several is looked through once.

    Parameters
    ----------
    folder : of the data list; relative paths start there.
    """

    def __init__(self, folder: Path, options: IngestOptions) -> None:
        self._folder, self._options = folder, options
        self._plans: dict[Path, tuple[SeriesPlan, ...]] = {}

    def find(self, scan: ScanLabel) -> SeriesPlan:
        """Return the plan; IngestError ``E_LABEL_NO_SCAN`` or ``E_LABEL_AMBIGUOUS`` where there is not one."""
        path = self._folder / scan.image
        if path not in self._plans:
            try:
                self._plans[path] = plan_scans(path, self._options).plans
            except InputPathError:
                raise IngestError("E_LABEL_NO_SCAN", "(the image of the list is not there)") from None
        plans = self._plans[path]
        if not plans:
            raise IngestError("E_LABEL_NO_SCAN", "(the image of the list is refused; resmtnet ingest says why)")
        own = plans if len(plans) == 1 else tuple(plan for plan in plans if plan.case_id == scan.case_id)
        if len(own) != 1:
            raise IngestError("E_LABEL_AMBIGUOUS", f"({len(plans)} scans, none with the case id of the list)")
        return own[0]
