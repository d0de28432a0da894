"""The one file of the service's memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_WAIT_S = 30.0  # for another process's transaction (--status, --retry): they are short
_TABLES = """
CREATE TABLE IF NOT EXISTS studies (
    study TEXT PRIMARY KEY, state TEXT NOT NULL, digest TEXT NOT NULL DEFAULT '', came_ns INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', next_at REAL NOT NULL DEFAULT 0,
    changed_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sent (study TEXT NOT NULL, object TEXT NOT NULL, PRIMARY KEY (study, object)) STRICT;
CREATE TABLE IF NOT EXISTS remote (
    study TEXT PRIMARY KEY, seen TEXT NOT NULL, since REAL NOT NULL, taken TEXT NOT NULL DEFAULT '',
    taking INTEGER NOT NULL DEFAULT 0, faults INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS heartbeat (one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL) STRICT;
"""


class Database:
    """An SQLite file whose every statement is a transaction on the disk before it returns; any thread may use it."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLES)

    def do(self, statement: str, values: Mapping[str, Any] | Iterable[Any] = ()) -> list[sqlite3.Row]:
        """Execute one statement and give the rows it returns."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()  # type: ignore[arg-type]  # as sqlite3 takes them

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
