"""The official folds of LUNA16."""

from __future__ import annotations

import csv
from pathlib import Path

SUBSETS = 10


def read_subsets(path: Path) -> dict[str, int]:
    """Read ``seriesuid,subset`` (0 to 9) as fold by SeriesInstanceUID.

    Raises
    ------
    ValueError
        The file cannot be read, or is no such table.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            folds = {row["seriesuid"].strip(): int(row["subset"]) for row in csv.DictReader(file)}
    except OSError as error:
        raise ValueError(f"The table of subsets cannot be read ({type(error).__name__}).") from None
    except (KeyError, ValueError, TypeError, AttributeError):
        folds = {}
    if not folds or not set(folds.values()) <= set(range(SUBSETS)):
        raise ValueError(f"The table of subsets must have columns seriesuid and subset (0 to {SUBSETS - 1}).")
    return folds
