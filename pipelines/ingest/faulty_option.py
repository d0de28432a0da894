"""A faulty call: an option that cannot be used."""

from __future__ import annotations


class FaultyOption(Exception):
    """The series rules, a repair or the key of the case ids cannot be used; the message says which and why."""
