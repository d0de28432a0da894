"""The engine that takes cases through the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator

from ..records import CaseResult
from ..root_cause import root_cause
from .case_failure import unforeseen_failure
from .case_result import case_result
from .for_inference import for_inference
from .scan_dataset import Case


class CaseEvaluator(SupervisedEvaluator):  # type: ignore[misc]  # MONAI ships no types
    """MONAI's evaluator, one scan at a time, where a scan that fails leaves a record and the next one starts.

    ``engine.state.output["result"]`` is the :class:`.CaseResult` of the scan, whose postprocessing must leave
    ``findings``; it gets the network as ``look``, images ``(b, c, d, h, w)`` to packed outputs. Postprocessing runs
    when MONAI's iteration is over, whose frame holds the network's input, and the scan is let go of when it is done:
    Ignite itself would hold it until the next one is. ``run`` works on a copy of the network with batch norm folded
    away.
    """

    network: torch.nn.Module
    _postprocessing: Callable[[Case], Case] | None = None

    def __init__(
        self, device: torch.device | str, val_data_loader: Any, network: torch.nn.Module, **kwargs: Any
    ) -> None:
        kwargs.setdefault("prepare_batch", prepare_case)
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
            return {"result": self._evaluate(engine, case)}
        except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
            memory = isinstance(root_cause(error), MemoryError | torch.OutOfMemoryError)
            return {"result": unforeseen_failure(case["plan"], "F_OUT_OF_MEMORY" if memory else "F_INFERENCE", error)}

    def _evaluate(self, engine: Any, case: Case) -> CaseResult:
        began = time.perf_counter()
        output = super()._iteration(engine, case)
        through = time.perf_counter()
        del output["image"], case["image"]  # nothing else holds it: its memory serves the maps now
        decoded = {**case, **output, "look": self._look}
        if self._postprocessing is not None:
            decoded = self._postprocessing(decoded)
        timings = {**case["timings_s"], "network": through - began, "decode": time.perf_counter() - through}
        lungs = case.get("lungs")
        extra = ("W_LUNGS_NOT_FOUND",) if lungs is not None and not lungs.found else ()
        return case_result(case["plan"], case["volume"], decoded["findings"], extra_codes=extra, timings_s=timings)


def prepare_case(case: Case, device: torch.device, non_blocking: bool = False) -> tuple[torch.Tensor, None]:
    """Image of one case ``(c, k, j, i)`` as a batch of one on the device."""
    image = case["image"].as_tensor()[None]
    return image.to(device=device, non_blocking=non_blocking), None


def _let_go_of_scan(engine: Any) -> None:
    engine.state.batch = None
