"""The engine that takes cases through the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator

from ..root_cause import root_cause
from .for_inference import for_inference
from .result_form import Case, ResultForm
from .scan_form import scan_form


class CaseEvaluator(SupervisedEvaluator):  # type: ignore[misc]  # MONAI ships no types
    """MONAI's evaluator, one case at a time, where a case that fails leaves a record and the next one starts.

    ``engine.state.output["result"]`` is the result of the case: for scans a :class:`.CaseResult`, whose postprocessing
    must leave ``findings``. Postprocessing gets the network as ``look``, images ``(b, c, d, h, w)`` to packed outputs,
    and as ``network``, on ``device``. It runs when MONAI's iteration is over, whose frame holds the network's input,
    and the case is let go of when its results are written: Ignite itself would hold it until the next one is. ``run``
    works on a copy of the network with batch norm folded away.

    Parameters
    ----------
    form : the kind of cases; scans unless given.
    """

    network: torch.nn.Module
    _postprocessing: Callable[[Case], Case] | None = None

    def __init__(
        self,
        device: torch.device | str,
        val_data_loader: Any,
        network: torch.nn.Module,
        form: ResultForm | None = None,
        **kwargs: Any,
    ) -> None:
        self._form = form or scan_form()
        kwargs.setdefault("prepare_batch", self._form.prepare_batch)
        super().__init__(device, val_data_loader, network, decollate=False, **kwargs)
        self.add_event_handler(Events.ITERATION_COMPLETED, _let_go_of_scan)

    def run(self, global_epoch: int = 1) -> None:
        """Take every case of the data loader through the network."""
        trained = self.network
        self.network = for_inference(trained).to(self.state.device)
        try:
            super().run(global_epoch)
        finally:
            self.network = trained

    def _look(self, images: torch.Tensor) -> torch.Tensor:
        """Take images ``(b, c, d, h, w)`` through the same network in the same way, for a second look."""
        packed: torch.Tensor = self.inferer(images.to(self.state.device), self.network)
        return packed

    def _register_postprocessing(self, posttrans: Callable[[Case], Case]) -> None:
        self._postprocessing = posttrans

    def _iteration(self, engine: Any, case: Case) -> Case:
        if "result" in case:
            return {"result": case["result"]}
        try:
            return self._evaluate(engine, case)
        except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
            memory = isinstance(root_cause(error), MemoryError | torch.OutOfMemoryError)
            return {"result": self._form.failed(case["plan"], "F_OUT_OF_MEMORY" if memory else "F_INFERENCE", error)}

    def _evaluate(self, engine: Any, case: Case) -> Case:
        began = time.perf_counter()
        output = super()._iteration(engine, case)
        through = time.perf_counter()
        del output["image"]
        if self._form.frees_image:
            del case["image"]  # nothing else holds it: its memory serves the maps now
        decoded = {**case, **output, "look": self._look, "network": self.network, "device": self.state.device}
        if self._postprocessing is not None:
            decoded = self._postprocessing(decoded)
        timings = {**case["timings_s"], "network": through - began, "decode": time.perf_counter() - through}
        return {"result": self._form.done(decoded, timings), "views": decoded.get("views")}


def _let_go_of_scan(engine: Any) -> None:
    engine.state.batch = None
    engine.state.output.pop("views", None)
