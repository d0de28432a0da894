"""Judge every cube that an evaluator sees, and write the figures at the end."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Engine, Events

from .judge_nodule import judge_nodule
from .nodule_cubes import NoduleCubes
from .nodule_metrics import nodule_metrics, write_metrics
from .nodule_outcome import NoduleOutcome


class NoduleMetricsHandler:
    """Collect a :class:`NoduleOutcome` per cube; write ``metrics.json`` when the evaluator is done.

    Parameters
    ----------
    cubes : what the evaluator's loader reads.
    output_dir : ``metrics.json`` goes here.
    outline_probability : as in the bundle's inference.
    """

    def __init__(self, cubes: NoduleCubes, output_dir: str | Path, *, outline_probability: float = 0.5) -> None:
        self.cubes, self.path = cubes, Path(output_dir) / "metrics.json"
        self.outline_probability = outline_probability
        self.outcomes: list[NoduleOutcome] = []

    def attach(self, engine: Engine) -> None:
        """Start empty, judge each iteration, write at the end."""
        engine.add_event_handler(Events.STARTED, lambda _: self.outcomes.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.judge)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def judge(self, engine: Engine) -> None:
        """Judge the cubes of this batch."""
        for packed, index in zip(engine.state.output["pred"], engine.state.batch["index"], strict=True):
            truth = self.cubes.truth(int(index))
            self.outcomes.append(judge_nodule(packed, truth, outline_probability=self.outline_probability))

    def write(self, engine: Engine) -> None:
        """Write the figures."""
        subsets = sorted({int(r.row["luna16_subset"]) for r in self.cubes.records})
        write_metrics({"luna16_subsets": subsets, **nodule_metrics(self.outcomes)}, self.path)
