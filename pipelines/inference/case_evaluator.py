"""The engine that takes cases through the network."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedEvaluator
from monai.engines.utils import IterationEvents

from ..records import CaseResult
from .case_failure import case_failure, name_fault
from .for_inference import for_inference
from .measure_case import measure_case
from .scan_dataset import Case


class CaseEvaluator(SupervisedEvaluator):  # type: ignore[misc]  # MONAI ships no types
    """MONAI's evaluator, one scan at a time, where a scan that fails leaves a record and the next one starts.

    ``engine.state.output["result"]`` is the :class:`.CaseResult` of the scan. Scan and output are let go of when the
    handlers are through with them: Ignite itself would hold them until the next scan is done. ``run`` works on a copy
    of the network with batch norm folded away.
    """

    def __init__(self, device: torch.device | str, val_data_loader: Any, network: torch.nn.Module, **kwargs: Any) -> None:
        kwargs.setdefault("prepare_batch", prepare_case)
        super().__init__(device, val_data_loader, network, decollate=False, **kwargs)
        self.add_event_handler(IterationEvents.FORWARD_COMPLETED, _note_network_time)
        self.add_event_handler(Events.ITERATION_COMPLETED, _let_go)

    def run(self, global_epoch: int = 1) -> None:
        """Take every case of the data loader through the network."""
        self.network = for_inference(self.network).to(self.state.device)
        super().run(global_epoch)

    def _iteration(self, engine: Any, case: Case) -> Case:
        if "result" in case:
            engine.state.output = {"result": case["result"]}
            return engine.state.output  # type: ignore[no-any-return]
        engine.state.began = time.perf_counter()
        try:
            output = super()._iteration(engine, case)
            result = output["result"]
        except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
            code = "F_OUT_OF_MEMORY" if isinstance(error, MemoryError | torch.OutOfMemoryError) else "F_INFERENCE"
            result = case_failure(case["plan"], code, f"The scan could not be evaluated: {name_fault(error)}.")
        engine.state.output = {"result": result}
        return engine.state.output
