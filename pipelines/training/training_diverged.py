"""The error of a training whose numbers have run away."""

from __future__ import annotations


class TrainingDiverged(Exception):
    """Too many steps in a row were not finite; the message names the epoch and the last good checkpoint."""
