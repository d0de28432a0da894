"""What a user may choose of how scans are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .choice.series_rules import SeriesRules
from .faulty_option import FaultyOption

MIN_SLICES = 4  # fewer are no volume for a 3D network
MIN_KEY_BYTES = 16  # 128 bits: no key that can be guessed
REPAIRS = ("resample-gaps", "assume-hu")


@dataclass(frozen=True)
class IngestOptions:
    """How scans are judged and named.

    Parameters
    ----------
    min_slices : a volume has at least so many slices.
    fill_gaps : fill missing slices and uneven spacing by linear interpolation (``W_RESAMPLED``).
    assume_hu : take stored values for HU where a series says nothing of rescale and they hold air (``W_ASSUMED_HU``).
    rules : which of the readable series are taken.
    id_key : the case ids are keyed by it (HMAC-SHA256), so that only who has it can tell which series a case is; empty
        for plain hashes.
    """

    min_slices: int = MIN_SLICES
    fill_gaps: bool = False
    assume_hu: bool = False
    rules: SeriesRules = field(default_factory=SeriesRules)
    id_key: bytes = field(default=b"", repr=False)


def ingest_options(
    *,
    min_slices: int = MIN_SLICES,
    repairs: Sequence[str] = (),
    series_rules: str | Path | None = None,
    id_key_file: str | Path | None = None,
) -> IngestOptions:
    """Make options of plain values, as the command and the bundles' configs hold them.

    Raises
    ------
    FaultyOption
        A repair is unknown, or a file cannot be used.
    """
    for repair in repairs:
        if repair not in REPAIRS:
            raise FaultyOption(f"Unknown repair {repair!r:.40}; known are {', '.join(REPAIRS)}.")
    return IngestOptions(
        min_slices=int(min_slices),
        fill_gaps="resample-gaps" in repairs,
        assume_hu="assume-hu" in repairs,
        rules=SeriesRules() if series_rules is None else _rules(Path(series_rules)),
        id_key=b"" if id_key_file is None else _key(Path(id_key_file)),
    )


def _rules(file: Path) -> SeriesRules:
    from .choice.read_series_rules import read_series_rules

    return read_series_rules(file)


def _key(file: Path) -> bytes:
    try:
        key = file.read_bytes().strip()
    except OSError as error:
        raise FaultyOption(f"The key of the case ids cannot be read ({type(error).__name__}).") from None
    if len(key) < MIN_KEY_BYTES:
        raise FaultyOption(f"The key of the case ids has {len(key)} bytes; at least {MIN_KEY_BYTES} are needed.")
    return key
