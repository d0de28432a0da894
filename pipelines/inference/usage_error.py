"""A faulty call: a bundle or device that is not there."""

from __future__ import annotations


class UsageError(Exception):
    """The command cannot be carried out as it was given; the message says what to change."""
