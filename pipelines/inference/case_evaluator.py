"""The engine that takes cases through the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator

from .backends.is_out_of_memory import is_out_of_memory
from .backends.runtime import Runtime, precision_of
from .for_inference import for_inference
from .region_inferer import RegionInferer
from .result_form import Case, ResultForm
from .scan_form import scan_form


class CaseEvaluator(SupervisedEvaluator):  # type: ignore[misc]  # MONAI ships no types
    """MONAI's evaluator, one case at a time, where a case that fails leaves a record and the next one starts.

    ``engine.state.output["result"]`` is the result of the case: for scans a :class:`.CaseResult`, whose postprocessing
    must leave ``findings``. Postprocessing gets the network as ``look``, images ``(b, c, d, h, w)`` to packed outputs,
    and as ``network``, torch's own on ``device``, whatever computes ``look``. It runs when MONAI's iteration is over,
    whose frame holds the network's input, and the case is let go of when it is handed to its writer: Ignite itself
    would hold it until the next one is. ``run`` works on a copy of the network with batch norm folded away.

    ``computed_on`` says, while ``run`` lasts and after it, what computes: ``device``, ``backend``, ``precision``.

    Parameters
    ----------
    form : the kind of cases; scans unless given.
    runtime : what computes the network; torch unless given.
    wide : from the network to the part of it that a case is taken through, where ``look`` alone needs all of it; used
        where torch itself computes.
    """

    network: torch.nn.Module
    computed_on: Mapping[str, str]
    _postprocessing: Callable[[Case], Case] | None = None
    _torch_network: torch.nn.Module
    _whole: torch.nn.Module

    def __init__(
        self,
        device: torch.device | str,
        val_data_loader: Any,
        network: torch.nn.Module,
        form: ResultForm | None = None,
        runtime: Runtime | None = None,
        wide: Callable[[torch.nn.Module], torch.nn.Module] | None = None,
        **kwargs: Any,
    ) -> None:
        self._form = form or scan_form()
        self._runtime = runtime
        self._wide = wide
        in_regions = isinstance(kwargs.get("inferer"), RegionInferer)
        prepare = self._form.prepare_batch
        kwargs.setdefault("prepare_batch", _on_cpu(prepare) if in_regions else prepare)
        super().__init__(device, val_data_loader, network, decollate=False, **kwargs)
        self.add_event_handler(Events.ITERATION_COMPLETED, _let_go_of_scan)
        self.computed_on = {}

    def run(self, global_epoch: int = 1) -> None:
        """Take every case of the data loader through the network.

        Raises
        ------
        UsageError
            What computes the network is not there (:class:`.Runtime`).
        """
        trained = self.network
        self._make_ready(for_inference(trained).to(self.state.device))
        try:
            super().run(global_epoch)
        finally:
            self.network = trained

    def _make_ready(self, network: torch.nn.Module) -> None:
        device, precision = self.state.device, getattr(self.inferer, "precision", "float32")
        self._torch_network = network
        self._whole = network if self._runtime is None else self._runtime.network(network, device, precision)
        self.network = self._wide(network) if self._wide and self._whole is network else self._whole
        self.computed_on = {
            "device": str(device),
            "backend": "torch" if self._runtime is None else self._runtime.backend,
            "precision": precision_of(self._whole, precision, device),
        }

    def _look(self, images: torch.Tensor) -> torch.Tensor:
        """Take images ``(b, c, d, h, w)`` through the same network in the same way, for a second look."""
        given = images if isinstance(self.inferer, RegionInferer) else images.to(self.state.device)
        packed: torch.Tensor = self.inferer(given, self._whole)
        return packed

    def _register_postprocessing(self, posttrans: Callable[[Case], Case]) -> None:
        self._postprocessing = posttrans

    def _iteration(self, engine: Any, case: Case) -> Case:
        if "result" in case:
            return {"result": case["result"]}
        try:
            return self._evaluate(engine, case)
        except Exception as error:  # noqa: BLE001  # one bad scan never stops the rest
            code = "F_OUT_OF_MEMORY" if is_out_of_memory(error) else "F_INFERENCE"
            return {"result": self._form.failed(case["plan"], code, error)}

    def _evaluate(self, engine: Any, case: Case) -> Case:
        if isinstance(self.inferer, RegionInferer):
            self.inferer.new_case()
        began = time.perf_counter()
        output = super()._iteration(engine, case)
        through = time.perf_counter()
        del output["image"]
        if self._form.frees_image:
            del case["image"]  # nothing else holds it: its memory serves the maps now
        decoded = {**case, **output, "look": self._look, "network": self._torch_network, "device": self.state.device}
        if self._postprocessing is not None:
            decoded = self._postprocessing(decoded)
        timings = {**case["timings_s"], "network": through - began, "decode": time.perf_counter() - through}
        return {"result": self._remarked(self._form.done(decoded, timings)), "views": decoded.get("views")}

    def _remarked(self, result: Any) -> Any:
        """Say in the record of a case what was done for want of memory."""
        said = self.inferer.remarks if isinstance(self.inferer, RegionInferer) else {}
        if not said:
            return result
        codes, notes = (*result.codes, *said), (*result.notes, *said.values())
        return replace(result, status="warned", codes=codes, notes=notes)


def _on_cpu(prepare: Callable[..., Any]) -> Callable[..., Any]:
    """Prepare a case where it is: the inferer takes regions to the device, as many at a time as there is room for."""
    return lambda case, device, *args, **kwargs: prepare(case, torch.device("cpu"), *args, **kwargs)


def _let_go_of_scan(engine: Any) -> None:
    engine.state.batch = None
    engine.state.output.pop("views", None)
