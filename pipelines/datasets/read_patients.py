"""Which patient of LIDC-IDRI a series shows."""

from __future__ import annotations

import csv
from pathlib import Path


def read_patients(path: Path) -> dict[str, str]:
    """Read the archive's list of LIDC-IDRI (columns ``Patient Id`` and ``Series UID``) as patient by series.

    Raises
    ------
    ValueError
        The file cannot be read, or is no such table.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            patients = {row["Series UID"].strip(): row["Patient Id"].strip() for row in csv.DictReader(file)}
    except OSError as error:
        raise ValueError(f"The table of patients cannot be read ({type(error).__name__}).") from None
    except (KeyError, AttributeError, UnicodeDecodeError):
        patients = {}
    if not patients or not all(patients.values()):
        raise ValueError("The table of patients must have columns 'Patient Id' and 'Series UID', and no empty patient.")
    return patients
