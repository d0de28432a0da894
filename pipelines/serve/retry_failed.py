"""Give failed studies another chance."""

from __future__ import annotations

from .open_queue import received
from .serve_config import ServeConfig
from .study_queue import StudyQueue


def retry_failed(queue: StudyQueue, config: ServeConfig) -> int:
    """Queue every failed study of which what was received is still there; return how many."""
    failed = [study for study in queue.studies() if study.state == "failed"]
    return sum(queue.revive(study.name) for study in failed if (received(config) / study.name).is_dir())
