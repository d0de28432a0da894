"""What may be kept beyond the basic profile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class DeidentifyOptions:
    """Options of PS3.15 annex E, and where the old identities go.

    Attributes
    ----------
    dates
        ``modified`` (113107): every date of a patient moves by one number of whole days into the past, drawn from the
        key; times of day stay. ``removed``: all dates and times go.
    patient_characteristics
        113108: sex, age (90 years and above become ``090Y``), size and weight stay.
    device_identity
        113109: serial number, station, gantry and detector stay.
    institution_identity
        113112: name, address and department of the institution stay.
    links_file
        Where to write the table of old and new identifiers (mode 0600); None, the default, writes none.
    """

    dates: Literal["modified", "removed"] = "modified"
    patient_characteristics: bool = False
    device_identity: bool = False
    institution_identity: bool = False
    links_file: Path | None = None

    @property
    def policy(self) -> str:
        """The options that change the output, as one line."""
        kept = (self.patient_characteristics, self.device_identity, self.institution_identity)
        names = ("patient", "device", "institution")
        return " ".join([f"dates={self.dates}", *(name for name, keep in zip(names, kept, strict=True) if keep)])
