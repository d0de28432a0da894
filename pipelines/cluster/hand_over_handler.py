"""Results to those who write them, in the place of a handler that would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from ..inference.model_identity import ModelIdentity
from ..inference.result_form import ResultForm
from ..inference.run_writer import DONE, RunWriter
from ..inference.scan_form import scan_form
from ..inference.usage_error import UsageError
from ..results.outputs import DEFAULT_OUTPUTS
from .case_feed import CaseFeed

_REPLACED = ".WriteResultsHandler"


class HandOverHandler:
    """Ignite handler with the arguments of :class:`.WriteResultsHandler`, which gives each case back to its feed.

    Parameters
    ----------
    scans : where the cases come from; None where only ``writer`` is wanted.

    Attributes
    ----------
    writer : writes what the config says, where it says.
    """

    def __init__(
        self,
        output_dir: str | Path,
        scans: CaseFeed | None,
        identity: ModelIdentity,
        *,
        bundle: str,
        outputs: Sequence[str] = DEFAULT_OUTPUTS,
        overwrite: bool = False,
        links: bool = True,
        form: ResultForm | None = None,
    ) -> None:
        self._feed = scans
        self.writer = RunWriter(output_dir, identity, form or scan_form(), bundle=bundle, outputs=outputs)

    def attach(self, engine: Engine) -> None:
        """Register with the engine."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._hand_over)

    def _hand_over(self, engine: Any) -> None:
        assert self._feed is not None
        result, case = engine.state.output["result"], engine.state.batch
        shown = {**case, **engine.state.output} if result.status in DONE else {"plan": case["plan"]}
        self._feed.deliver(result, shown)


def handing_over(config: Mapping[str, Any]) -> dict[str, Any]:
    """Override a bundle's config so that a :class:`HandOverHandler` stands where it writes results.

    Raises
    ------
    UsageError
        It writes none in the way that is known.
    """
    handlers = config.get("handlers")
    for n, handler in enumerate(handlers if isinstance(handlers, list) else ()):
        if isinstance(handler, Mapping) and str(handler.get("_target_", "")).endswith(_REPLACED):
            return {f"handlers::{n}::_target_": f"{HandOverHandler.__module__}.{HandOverHandler.__qualname__}"}
    raise UsageError(f"A bundle for a cluster lists a {_REPLACED[1:]} among its handlers; this one does not.")


def writer_of(handlers: Sequence[Any]) -> RunWriter:
    """Give the writer of the handler that took the place."""
    return next(handler.writer for handler in handlers if isinstance(handler, HandOverHandler))
