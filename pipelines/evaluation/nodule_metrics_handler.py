"""Judge every cube that an evaluator sees, and write the figures at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from ignite.engine import Engine, Events
from torch import Tensor

from ..calibration import Calibration
from ..inference.close_look import CloseLook
from .judge_nodule import Judge, judge_nodule
from .nodule_cubes import NoduleCubes
from .nodule_outcome import NoduleOutcome
from .write_scores import write_scores


class NoduleMetricsHandler:
    """Collect a :class:`NoduleOutcome` per cube; write what :func:`write_scores` says when the evaluator is done.

    Parameters
    ----------
    cubes : what the evaluator's loader reads.
    output_dir : ``metrics.json``, ``outcomes.json``, ``report.html`` and the plots go here.
    close_look, calibration : as in the bundle's inference.
    about : what the report says of data, split and command, by name; the LUNA16 subsets are added.
    weights : their file, which the report names by its SHA-256.
    """

    def __init__(
        self,
        cubes: NoduleCubes,
        output_dir: str | Path,
        *,
        close_look: CloseLook,
        calibration: Calibration | None = None,
        about: Mapping[str, str] | None = None,
        weights: str | Path | None = None,
    ) -> None:
        self.cubes, self.folder = cubes, Path(output_dir)
        self.judges_by, self.about = Judge(close_look, calibration), dict(about or {})
        self.weights = weights
        self.outcomes: list[NoduleOutcome] = []

    def attach(self, engine: Engine) -> None:
        """Start empty, judge each iteration, write at the end."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.judge)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def start(self, engine: Engine) -> None:
        """Forget earlier cubes; close looks come after the engine's own forward pass and want the same mode."""
        self.outcomes.clear()
        engine.network.eval()

    def judge(self, engine: Engine) -> None:
        """Judge the cubes of this batch."""

        def look(images: Tensor) -> Tensor:
            packed: Tensor = engine.inferer(images.to(engine.state.device), engine.network)
            return packed.cpu()

        with torch.no_grad():
            for packed, index in zip(engine.state.output["pred"], engine.state.batch["index"], strict=True):
                self.outcomes.append(judge_nodule(packed, self.cubes.scene(int(index)), look, self.judges_by))

    def write(self, engine: Engine) -> None:
        """Write the figures and the report."""
        subsets = sorted({int(r.row["luna16_subset"]) for r in self.cubes.records})
        about = {**self.about, "LUNA16 subsets": ", ".join(map(str, subsets))}
        if self.weights is not None:
            about["weights, SHA-256"] = hashlib.sha256(Path(self.weights).read_bytes()).hexdigest()
        write_scores(self.outcomes, self.folder, about=about, extra={"luna16_subsets": subsets})
