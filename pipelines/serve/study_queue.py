"""The durable queue of studies."""

from __future__ import annotations

import sqlite3
import time

from .back_off import back_off
from .database import Database
from .study import Study

_LEAST_WAIT_S = 1.0  # what is put off without end must not keep the machine busy
_CUT_OFF = "the service ended in the middle of every attempt"


class StudyQueue:
    """States of :class:`.Study` in the database: each method is one step that is on the disk when it returns.

    Parameters
    ----------
    attempts : runs of a study before it is failed.
    retry_s : wait after the first failure; see :func:`.back_off`.
    """

    def __init__(self, database: Database, *, attempts: int, retry_s: float) -> None:
        self._do = database.do
        self._attempts = attempts
        self._retry_s = retry_s

    def recover(self) -> None:
        """Take back what was running when the service was killed; fail what was so at its last attempt."""
        self._do(
            "UPDATE studies SET state = iif(attempts < ?, 'queued', 'failed'), changed_at = ?,"
            " reason = iif(attempts < ?, '', ?) WHERE state = 'running'",
            (self._attempts, time.time(), self._attempts, _CUT_OFF),
        )

    def hurry(self) -> None:
        """Try at once, and anew, to send what waits, and to run what was put off."""
        self._do("UPDATE studies SET attempts = 0, next_at = 0 WHERE state = 'sending'")
        self._do("UPDATE studies SET reason = '', next_at = 0 WHERE state = 'queued' AND attempts = 0")

    def get(self, name: str) -> Study | None:
        """Return a study, None where it is not known."""
        rows = self._do("SELECT * FROM studies WHERE study = ?", (name,))
        return _study(rows[0]) if rows else None

    def studies(self) -> tuple[Study, ...]:
        """Return all, the last changed ones last."""
        return tuple(map(_study, self._do("SELECT * FROM studies ORDER BY changed_at, study")))

    def receiving(self, name: str) -> None:
        """Note that objects of a study are coming; a run of it that has not begun waits for them."""
        self._do(
            "INSERT INTO studies (study, state, changed_at) VALUES (?, 'received', ?)"
            " ON CONFLICT (study) DO UPDATE SET state = 'received' WHERE state = 'queued'",
            (name, time.time()),
        )

    def complete(self, name: str, digest: str, came_ns: int) -> bool:
        """Queue a study that is quiet and say so; not one that was done with these very objects, or that is running."""
        known = (
            "UPDATE studies SET came_ns = :came WHERE study = :study AND digest = :digest AND state IN"
            " ('sending', 'done') RETURNING study"
        )
        new = (
            "INSERT INTO studies (study, state, digest, came_ns, changed_at)"
            " VALUES (:study, 'queued', :digest, :came, :now) ON CONFLICT (study) DO UPDATE SET state = 'queued',"
            " digest = :digest, came_ns = :came, attempts = 0, reason = '', next_at = 0, changed_at = :now"
            " WHERE state != 'running' RETURNING study"
        )
        values = {"study": name, "digest": digest, "came": came_ns, "now": time.time()}
        return not self._do(known, values) and bool(self._do(new, values))

    def abandon(self, name: str, came_ns: int, reason: str) -> bool:
        """Fail a study that never became complete and say so; not one that is known to be more than received."""
        rows = self._do(
            "UPDATE studies SET state = 'failed', reason = ?, came_ns = ?, changed_at = ?"
            " WHERE study = ? AND state = 'received' RETURNING study",
            (reason, came_ns, time.time(), name),
        )
        return bool(rows)

    def take(self) -> Study | None:
        """Begin the run that has waited longest, None where none is due."""
        now = time.time()
        rows = self._do(
            "UPDATE studies SET state = 'running', attempts = attempts + 1, reason = '', changed_at = ?"
            " WHERE study = (SELECT study FROM studies WHERE state = 'queued' AND next_at <= ?"
            " ORDER BY changed_at LIMIT 1) RETURNING *",
            (now, now),
        )
        return _study(rows[0]) if rows else None

    def give_back(self, name: str) -> None:
        """Queue a study whose run was stopped by us: no attempt is counted."""
        self._do(
            "UPDATE studies SET state = 'queued', attempts = attempts - 1, changed_at = ? WHERE study = ?",
            (time.time(), name),
        )

    def put_off(self, name: str, reason: str) -> None:
        """Queue a study whose run could not begin through no fault of its own: its attempts begin anew."""
        now = time.time()
        self._do(
            "UPDATE studies SET state = 'queued', attempts = 0, reason = ?, next_at = ?, changed_at = ?"
            " WHERE study = ? AND state = 'running'",
            (reason, now + max(self._retry_s, _LEAST_WAIT_S), now, name),
        )

    def grew(self, name: str) -> None:
        """Note that objects of a study came while it was running: it is run again when it is quiet."""
        self._change(name, "running", "received", "", attempts=0)

    def may_try_again(self, study: Study) -> bool:
        """Say whether an attempt is left after this one."""
        return study.attempts < self._attempts

    def try_again(self, study: Study, reason: str) -> None:
        """Queue a study whose run broke off, or fail it after the last attempt."""
        if self.may_try_again(study):
            self._change(study.name, "running", "queued", reason, attempts=study.attempts, wait=True)
        else:
            self.fail(study.name, reason)

    def evaluated(self, name: str, reason: str = "") -> None:
        """Note that there are results to send; ``reason`` says what was left out."""
        self._change(name, "running", "sending", reason, attempts=0)

    def unsent(self) -> Study | None:
        """Return the study whose results have waited longest to be sent, None where none is due."""
        rows = self._do(
            "SELECT * FROM studies WHERE state = 'sending' AND next_at <= ? ORDER BY next_at, changed_at LIMIT 1",
            (time.time(),),
        )
        return _study(rows[0]) if rows else None

    def sent(self, name: str) -> frozenset[str]:
        """Return the objects that have been sent."""
        return frozenset(row["object"] for row in self._do("SELECT object FROM sent WHERE study = ?", (name,)))

    def note_sent(self, name: str, what: str) -> None:
        """Note that an object has been sent."""
        self._do("INSERT OR IGNORE INTO sent VALUES (?, ?)", (name, what))

    def send_again(self, study: Study, reason: str) -> None:
        """Keep results that were not accepted for another try: they are never given up."""
        self._change(study.name, "sending", "sending", reason, attempts=study.attempts + 1, wait=True)

    def done(self, study: Study) -> None:
        """Note that the results were sent; not of a study to which objects have come meanwhile."""
        self._change(study.name, "sending", "done", study.reason, attempts=study.attempts)

    def fail(self, name: str, reason: str) -> None:
        """Give up a study that is running."""
        self._do(
            "UPDATE studies SET state = 'failed', reason = ?, changed_at = ? WHERE study = ? AND state = 'running'",
            (reason, time.time(), name),
        )

    def revive(self, name: str) -> bool:
        """Queue a failed study, as if for the first time."""
        rows = self._do(
            "UPDATE studies SET state = 'queued', attempts = 0, reason = '', next_at = 0, changed_at = ?"
            " WHERE study = ? AND state = 'failed' RETURNING study",
            (time.time(), name),
        )
        return bool(rows)

    def _change(self, name: str, state: str, to: str, reason: str, *, attempts: int, wait: bool = False) -> None:
        now = time.time()
        next_at = now + back_off(self._retry_s, attempts) if wait else 0
        self._do(
            "UPDATE studies SET state = ?, reason = ?, attempts = ?, next_at = ?, changed_at = ?"
            " WHERE study = ? AND state = ?",
            (to, reason, attempts, next_at, now, name, state),
        )


def _study(row: sqlite3.Row) -> Study:
    return Study(
        name=row["study"],
        state=row["state"],
        digest=row["digest"],
        came_ns=row["came_ns"],
        attempts=row["attempts"],
        reason=row["reason"],
        next_at=row["next_at"],
        changed_at=row["changed_at"],
    )
