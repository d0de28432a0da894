"""Scans that could not be read, in the words of a data list."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..records import Rejection
from .data_list import Refused


def refused_scans(rejections: Iterable[Rejection], is_wanted: Callable[[Rejection], bool]) -> tuple[Refused, ...]:
    """Take over the rejections of the scans that the data set annotates; others (scouts, radiographs) say nothing."""
    return tuple(Refused(each.case_id, each.code, each.reason) for each in rejections if is_wanted(each))
