"""What is known of the studies of a DICOMweb server."""

from __future__ import annotations

import time
from typing import Literal

from .back_off import back_off
from .database import Database

OVERDUE_S = 7 * 86400.0
"""What came of a study is given up after a week without a whole retrieval."""

Seen = Literal["taken", "waits", "due", "faulty"]


class PullLedger:
    """Which studies were seen and taken, each with a fingerprint of its CT series."""

    def __init__(self, database: Database, *, quiet_s: float, retry_s: float) -> None:
        self._do = database.do
        self._quiet_s = quiet_s
        self._retry_s = retry_s

    def see(self, name: str, fingerprint: str) -> Seen:
        """Note what was seen of a study, and say what is to be done.

        Returns
        -------
        Seen
            taken: nothing; waits: it may still grow; due: retrieve it; faulty: it could not be, and is tried later.
        """
        now = time.time()
        self._do(
            "INSERT INTO remote (study, seen, since) VALUES (?1, ?2, ?3) ON CONFLICT (study) DO UPDATE"
            " SET seen = ?2, since = ?3, faults = 0, next_at = 0 WHERE seen != ?2",
            (name, fingerprint, now),
        )
        [row] = self._do("SELECT * FROM remote WHERE study = ?", (name,))
        if row["taken"] == row["seen"]:
            return "taken"
        if row["next_at"] > now:
            return "faulty"
        return "due" if row["since"] <= now - self._quiet_s else "waits"

    def taking(self, name: str) -> None:
        """Note that a study is being retrieved: what comes of it is not complete.

        A fault is counted already: a retrieval in which the process is killed is put off like others.
        """
        self._do("UPDATE remote SET taking = 1, faults = faults + 1 WHERE study = ?", (name,))
        self.fault(name)

    def stopped(self, name: str) -> None:
        """Note that a retrieval was stopped by us: no fault is counted."""
        self._do("UPDATE remote SET faults = max(faults - 1, 0), next_at = 0 WHERE study = ?", (name,))

    def taken(self, name: str) -> None:
        """Note that a study was retrieved as it was last seen."""
        self._do("UPDATE remote SET taken = seen, taking = 0, faults = 0, next_at = 0 WHERE study = ?", (name,))

    def fault(self, name: str) -> None:
        """Put off a study that could not be retrieved; it is tried again for as long as the server shows it."""
        [row] = self._do("SELECT faults FROM remote WHERE study = ?", (name,))
        self._do(
            "UPDATE remote SET next_at = ? WHERE study = ?",
            (time.time() + back_off(self._retry_s, row["faults"]), name),
        )

    def overdue(self) -> frozenset[str]:
        """Return the studies that could not be retrieved for :data:`OVERDUE_S`."""
        rows = self._do("SELECT study FROM remote WHERE taking = 1 AND since < ?", (time.time() - OVERDUE_S,))
        return frozenset(row["study"] for row in rows)

    def incomplete(self) -> frozenset[str]:
        """Return the studies of which some objects may be missing."""
        return frozenset(row["study"] for row in self._do("SELECT study FROM remote WHERE taking = 1"))
