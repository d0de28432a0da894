"""Signs of life, for the health check of a container."""

from __future__ import annotations

import time

from .database import Database

STALE_S = 60.0
"""A service whose last beat is older is not well; it beats every few seconds."""


def beat(database: Database) -> None:
    """Give a sign of life."""
    database.do("INSERT INTO heartbeat VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at", (time.time(),))


def heartbeat_age_s(database: Database) -> float | None:
    """Return seconds since the last sign of life, None where there never was one."""
    rows = database.do("SELECT at FROM heartbeat")
    return time.time() - float(rows[0]["at"]) if rows else None


def is_alive(database: Database) -> bool:
    """Say whether there was a sign of life lately."""
    age = heartbeat_age_s(database)
    return age is not None and age < STALE_S
