"""Whether a finished case may be left alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from ..records import Status


class Hashes(Protocol):
    """What a finished case must agree with, to be left alone."""

    @property
    def config_hash(self) -> str:
        """Hash of the model's parts."""

    @property
    def weights_hash(self) -> str:
        """Hash of the weights."""


class FinishedCase(Hashes, Protocol):
    """What the record of a finished case says of how it was made."""

    @property
    def status(self) -> Status:
        """How it ended."""

    @property
    def plan_digest(self) -> str:
        """What it was read from."""

    @property
    def outputs(self) -> Collection[str]:
        """Kinds of files that it was written with."""


def agrees(record: FinishedCase, plan_digest: str, outputs: Collection[str], now: Hashes) -> bool:
    """Say whether a case is done, from the files that are there now and by the model that is to be used now."""
    if record.status not in ("ok", "warned") or record.plan_digest != plan_digest:
        return False
    same_model = (record.config_hash, record.weights_hash) == (now.config_hash, now.weights_hash)
    return {*outputs} <= {*record.outputs} and same_model
