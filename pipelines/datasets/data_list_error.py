"""A data list that cannot be used."""

from __future__ import annotations

from ..inference.usage_error import UsageError


class DataListError(UsageError):
    """The list cannot be read, does not fit its schema, or contradicts itself; the message says where and what."""
