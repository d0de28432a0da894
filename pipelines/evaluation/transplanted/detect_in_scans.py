"""What a bundle's own pipeline finds in scans that are at hand."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ignite.engine import Events

from ...inference.bundle_workflow import BundleWorkflow
from ...inference.read_scan import ReadScan
from ...inference.usage_error import UsageError
from ..detection.detection import Detection


@dataclass(frozen=True)
class Detected:
    """Findings as detections by case, the codes of cases that failed, and what found them."""

    by_case: Mapping[str, tuple[Detection, ...]]
    failed: Mapping[str, str]
    weights_hash: str


def detect_in_scans(root: Path, scans: Iterable[ReadScan], **overrides: Any) -> Detected:
    """Take scans through a bundle's ``inference.json``, with its weights and with no result files.

    All is as in ``resmtnet infer`` (preprocessing, network, inferer, postprocessing with its close look) but for the
    values in ``overrides``.

    Raises
    ------
    UsageError
        The bundle has no inference config or no weights.
    """
    if not (root / "models" / "model.pt").is_file():
        raise UsageError("The bundle has no weights (models/model.pt).")
    workflow = BundleWorkflow(root, {**overrides, "scans": scans, "handlers": []})
    evaluator = workflow.part("evaluator")
    evaluator.logger = logging.Logger("mute", logging.CRITICAL + 1)
    found: dict[str, tuple[Detection, ...]] = {}
    failed: dict[str, str] = {}

    def keep(engine: Any) -> None:
        result = engine.state.output["result"]
        if result.status in ("ok", "warned"):
            found[result.case_id] = tuple(
                Detection(result.case_id, finding.centre_lps_mm, None, finding.probability)
                for finding in result.findings
            )
        else:
            failed[result.case_id] = result.codes[0]

    evaluator.add_event_handler(Events.ITERATION_COMPLETED, keep)
    workflow.run()
    return Detected(found, failed, workflow.part("identity").weights_hash)
