"""``private/links.csv``: which case is which scan. It identifies patients."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..records import Origin
from .atomic_write import atomic_write

_LINKS = Path("private") / "links.csv"
_HEADER = ("case_id", "relative_path", "series_uid")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet would run such a cell; the quote marks it as text


def write_links(output: Path, links: Mapping[str, Origin]) -> Path:
    """Write the links of these cases, beside those of earlier cases that are still there (folder 0700, file 0600).

    Raises
    ------
    OSError
        The folder cannot be made or written.
    """
    path = output / _LINKS
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)  # also where it was there before, or the umask is unusual
    kept = {case_id: origin for case_id, origin in read_links(path).items() if (output / "cases" / case_id).is_dir()}
    atomic_write(path, links_csv({**kept, **links}), mode=0o600)
    return path


def links_path(output: Path) -> Path:
    """Where the links of an output folder are."""
    return output / _LINKS


def remove_links(output: Path) -> None:
    """Remove the links and their folder; it stays where anything else lies in it."""
    (output / _LINKS).unlink(missing_ok=True)
    with suppress(OSError):
        (output / _LINKS).parent.rmdir()


def links_csv(links: Mapping[str, Origin]) -> bytes:
    """Encode the links, sorted by case id, safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for case_id, origin in sorted(links.items()):
        writer.writerow([_guard(cell) for cell in (case_id, origin.relative_path, origin.series_uid)])
    return text.getvalue().encode("utf-8", errors="surrogateescape")


def read_links(path: Path) -> dict[str, Origin]:
    """Read the links back; a missing or foreign file holds none."""
    try:
        text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return {}
    rows = [[_unguard(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    if not rows or tuple(rows[0]) != _HEADER:
        return {}
    return {row[0]: Origin(row[1], row[2]) for row in rows[1:] if len(row) == len(_HEADER)}


def _guard(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") else cell
