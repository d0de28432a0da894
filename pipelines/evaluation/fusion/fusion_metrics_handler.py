"""Judge every place that an evaluator sees, and write the figures at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ignite.engine import Engine, Events

from ...calibration import Calibration
from ...inference.fusion.fusion_look import FusionReading
from ...training.fusion.axial_mm import axial_mm
from ...training.lidc_nodules import LidcRecord
from ..nodule_outcome import NoduleOutcome
from .fusion_places import FusionPlaces
from .judged_place import JudgedPlace
from .write_fusion_scores import write_fusion_scores


class FusionMetricsHandler:
    """Collect what is said of each place; write what :func:`write_fusion_scores` says when the evaluator is done.

    Parameters
    ----------
    places : what the evaluator's loader reads, one place at a time.
    output_dir : ``metrics.json``, ``outcomes.json``, ``places.csv``, ``report.html`` and the plots go here.
    calibration : as in the bundle's inference.
    about : what the report says of data, split and command, by name; the LUNA16 subsets are added.
    weights : their file, which the report names by its SHA-256.
    """

    def __init__(
        self,
        places: FusionPlaces,
        output_dir: str | Path,
        *,
        calibration: Calibration | None = None,
        about: Mapping[str, str] | None = None,
        weights: str | Path | None = None,
    ) -> None:
        self.places, self.folder, self.calibration = places, Path(output_dir), calibration
        self.about, self.weights = dict(about or {}), weights
        self.outcomes: list[NoduleOutcome] = []
        self.judged: list[JudgedPlace] = []

    def attach(self, engine: Engine) -> None:
        """Start empty, judge each iteration, write at the end."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.judge)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def start(self, engine: Engine) -> None:
        """Forget earlier places."""
        self.outcomes.clear()
        self.judged.clear()

    def judge(self, engine: Any) -> None:
        """Judge this iteration's place."""
        place = self.places.places[int(engine.state.batch["index"])]
        said = self.places.look.read(engine.state.output["pred"])
        record, error = place.record, None
        if place.location_mm is not None:
            error = float(np.linalg.norm(np.subtract(said.location_mm, place.location_mm)))
            self.outcomes.append(_outcome(record, said, self.calibration))
        self.judged.append(JudgedPlace(record.key, record.patient_id, error is not None, said.presence, error))

    def write(self, engine: Engine) -> None:
        """Write the figures and the report."""
        subsets = sorted({int(r.row["luna16_subset"]) for r in self.places.records})
        about = {**self.about, "LUNA16 subsets": ", ".join(map(str, subsets))}
        if self.weights is not None:
            about["weights, SHA-256"] = hashlib.sha256(Path(self.weights).read_bytes()).hexdigest()
        write_fusion_scores(self.outcomes, self.judged, self.folder, about=about, extra={"luna16_subsets": subsets})


def _outcome(record: LidcRecord, said: FusionReading, calibration: Calibration | None) -> NoduleOutcome:
    """Say of a nodule what can be compared; the network outlines nothing and rates no attributes."""
    size, raw = axial_mm(record), said.malignancy_probability
    textures = [float(r["texture"]) for r in record.ratings if r.get("texture")]
    return NoduleOutcome(
        key=record.key,
        patient_id=record.patient_id,
        found=True,  # the network is asked at the nodule's place
        probability=said.presence,
        diameter_mm=float("nan") if size is None else size,
        predicted_diameter_mm=said.diameter_mm,
        malignancy_probability=raw if calibration is None else calibration.apply(raw, said.diameter_mm),
        raw_malignancy_probability=raw,
        malignancy_sd=said.malignancy_sd,
        scores=[int(r["malignancy"]) for r in record.ratings if r["malignancy"]],
        modal_score=int(float(record.row.get("malignancy_mode") or 0)),
        attributes={"texture": float(np.mean(textures))} if textures else {},
        slice_mm=record.spacing_mm[2],
    )
