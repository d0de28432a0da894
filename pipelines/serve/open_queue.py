"""The queue of a service, for itself and for who asks about it."""

from __future__ import annotations

from pathlib import Path

from .database import Database
from .serve_config import ServeConfig
from .study_queue import StudyQueue

DATABASE, KEY = "queue.sqlite", "key"
"""Files in the folder of the service."""


def received(config: ServeConfig) -> Path:
    """Return the folder of what was received."""
    return config.folder / "received"


def has_database(config: ServeConfig) -> bool:
    """Say whether a service ever ran with this folder."""
    return (config.folder / DATABASE).is_file()


def open_database(config: ServeConfig) -> Database:
    """Open the service's memory, which is made where there is none."""
    return Database(config.folder / DATABASE)


def open_queue(database: Database, config: ServeConfig) -> StudyQueue:
    """Give the queue of studies in it."""
    return StudyQueue(database, attempts=config.attempts, retry_s=config.retry_s)
