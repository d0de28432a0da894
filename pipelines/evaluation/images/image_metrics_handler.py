"""Judge every image that an evaluator sees, and write the figures at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from .image_cases import ImageCases
from .image_outcome import ImageOutcome
from .judge_image import MAP_AXES, judge_image
from .judged_images import JudgedImages
from .write_image_scores import write_image_scores


class ImageMetricsHandler:
    """Collect an :class:`ImageOutcome` per image; at the end write what :func:`write_image_scores` says.

    Parameters
    ----------
    cases : what the evaluator's loader reads.
    output_dir : ``metrics.json``, ``outcomes.json``, ``report.html`` and the plots go here.
    positive : the class that is looked for.
    normal : the class without a lesion; None, or no class of ``cases``: there is none.
    mask_probability, surest_share, empty_above, temperature : as in the bundle's inference; see :func:`judge_image`.
    about : what the report says of data, split and command, by name; the folds are added.
    weights : their file, which the report names by its SHA-256.
    """

    def __init__(
        self,
        cases: ImageCases,
        output_dir: str | Path,
        *,
        positive: str,
        normal: str | None = None,
        mask_probability: float = 0.5,
        surest_share: float = 1.0,
        empty_above: float = 1.0,
        temperature: float = 1.0,
        about: Mapping[str, str] | None = None,
        weights: str | Path | None = None,
    ) -> None:
        self.cases, self.folder = cases, Path(output_dir)
        self.positive, self.normal = positive, normal if normal in cases.classes else None
        self.how: dict[str, Any] = {
            "normal": None if self.normal is None else cases.classes.index(self.normal),
            "mask_probability": float(mask_probability),
            "surest_share": float(surest_share),
            "empty_above": float(empty_above),
            "temperature": float(temperature),
        }
        self.about, self.weights = dict(about or {}), weights
        self.outcomes: list[ImageOutcome] = []

    def attach(self, engine: Engine) -> None:
        """Start empty, judge each iteration, write at the end."""
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.judge)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def start(self, engine: Engine) -> None:
        """Forget earlier images."""
        self.outcomes.clear()

    def judge(self, engine: Engine) -> None:
        """Judge the images of this batch."""
        batch = engine.state.batch
        for output, index, shape in zip(engine.state.output["pred"], batch["index"], batch["shape"], strict=True):
            rows, columns = shape.tolist()
            truth = self.cases.truth(int(index), (rows, columns), outlined=output.ndim == MAP_AXES)
            self.outcomes.append(judge_image(output, truth, **self.how))

    def write(self, engine: Engine) -> None:
        """Write the figures and the report."""
        folds = self.cases.folds
        about = {**self.about, "folds": "" if folds is None else ", ".join(map(str, folds))}
        if self.weights is not None:
            about["weights, SHA-256"] = hashlib.sha256(Path(self.weights).read_bytes()).hexdigest()
        judged = JudgedImages(self.cases.classes, self.positive, self.normal, tuple(self.outcomes))
        write_image_scores(judged, self.folder, about=about, extra={"folds": None if folds is None else list(folds)})
