"""Writing while the next case is being computed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class WriteBehind:
    """Do one thing after the other in a thread of its own, and never let more than one wait to be done.

    What fails there raises in the next :meth:`submit` or :meth:`wait`.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="result-writer")
        self._last: Future[None] | None = None

    def submit(self, write: Callable[[], None]) -> None:
        """Wait for what was submitted before, then have ``write`` done and return at once."""
        self.wait()
        self._last = self._pool.submit(write)

    def wait(self) -> None:
        """Return when all is done."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
