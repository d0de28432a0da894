"""A progress bar over the cases of a run."""

from __future__ import annotations

from typing import Any

from ignite.engine import Engine, Events
from tqdm import tqdm

from .images.image_reader import ImageReader
from .scan_reader import ScanReader


def show_progress(engine: Engine, scans: ScanReader | ImageReader) -> None:
    """Show how many of the scans are done, on stderr where that is a terminal."""
    bar = tqdm(desc="scans", unit="scan", disable=None, dynamic_ncols=True)
    place: dict[str, int] = {}

    def begin() -> None:
        place.update({plan.case_id: n for n, plan in enumerate(scans.scans.plans, start=1)})
        bar.reset(total=len(place))

    def advance(engine: Any) -> None:
        bar.n = place[engine.state.output["result"].case_id]  # finished cases were passed over
        bar.refresh()

    def end() -> None:
        bar.n = len(place)
        bar.close()

    engine.add_event_handler(Events.STARTED, begin)
    engine.add_event_handler(Events.ITERATION_COMPLETED, advance)
    engine.add_event_handler(Events.COMPLETED, end)
