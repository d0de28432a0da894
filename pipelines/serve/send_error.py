"""Results that were not accepted."""

from __future__ import annotations


class SendError(Exception):
    """The other side could not be reached, or refused an object; the message holds no values of it."""
