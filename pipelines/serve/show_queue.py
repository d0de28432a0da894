"""The queue for people and scripts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from .database import Database
from .heartbeat import heartbeat_age_s, is_alive
from .keyed_name import SHOWN_CHARS
from .study_queue import StudyQueue


def show_queue(database: Database, queue: StudyQueue) -> Iterator[str]:
    """Give one JSON object for the service and one for each study; names of studies are keyed hashes."""
    age = heartbeat_age_s(database)
    states = [study.state for study in queue.studies()]
    yield json.dumps(
        {
            "service": "alive" if is_alive(database) else "not running",
            "heartbeat_age_s": None if age is None else round(age, 1),
            "studies": {state: states.count(state) for state in sorted(set(states))},
        }
    )
    for study in queue.studies():
        yield json.dumps(
            {
                "study": study.name[:SHOWN_CHARS],
                "state": study.state,
                "attempts": study.attempts,
                "reason": study.reason,
                "since_s": round(time.time() - study.changed_at),
            }
        )
