"""Predictions or truth that cannot be scored."""

from __future__ import annotations


class ScoringError(Exception):
    """Nothing is left to score, or the truth itself is faulty; the message says what was found and what to do."""
