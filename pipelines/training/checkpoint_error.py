"""The error of a checkpoint that a run cannot go on from."""

from __future__ import annotations


class CheckpointError(Exception):
    """The checkpoint is missing, truncated, of another kind, or of a run with other settings."""
