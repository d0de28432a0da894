"""Dates and times, moved or removed."""

from __future__ import annotations

import datetime
import re

_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")
_DATE_TIME = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")

DUMMIES = {"DA": "19000101", "TM": "000000", "DT": "19000101000000"}
"""What stands where a date was and one must stand."""


def shift_moment(vr: str, text: str, offset_days: int | None) -> str:
    r"""Move each date of a DA or DT value by whole days into the past; empty where a value cannot be read.

    A time of day stays. The difference to UTC goes: it tells the region. Without an offset everything goes.
    """
    if offset_days is None or not text:
        return ""
    parts = [_shift(vr, part.strip(" \0"), offset_days) for part in text.split("\\")]
    return "\\".join(parts) if all(parts) else ""


def _shift(vr: str, text: str, offset_days: int) -> str:
    if vr == "TM":
        return text if _TIME.fullmatch(text) else ""
    if vr == "DA":
        return _shift_date(text, offset_days) if _DATE.fullmatch(text) else ""
    found = _DATE_TIME.fullmatch(text)
    date = _shift_date(found[1], offset_days) if found else ""
    return f"{date}{found[2] or ''}" if found and date else ""


def _shift_date(text: str, offset_days: int) -> str:
    try:
        day = datetime.datetime.strptime(text, "%Y%m%d").date() - datetime.timedelta(days=offset_days)
    except (ValueError, OverflowError):
        return ""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"
