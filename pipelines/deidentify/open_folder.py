"""Take a folder for de-identified files into use."""

from __future__ import annotations

from os.path import realpath
from pathlib import Path

from ..inference.usage_error import UsageError
from ..results.atomic_write import atomic_write
from ..results.output_not_writable import OutputNotWritable, writing

MARKER = ".resmtnet-deidentified"
"""The file that marks a folder as ours; it holds the fingerprint of the key and the options."""


def keep_places_apart(source: Path, output: Path, private: dict[str, Path]) -> None:
    """See that input and output do not lie in one another, and that no private file lies in either.

    Raises
    ------
    OutputNotWritable, UsageError
        They do.
    """
    scans, results = Path(realpath(source)), Path(realpath(output))
    if scans.is_relative_to(results) or results.is_relative_to(scans):
        raise OutputNotWritable("IN and OUT lie in one another. Choose another folder for OUT.")
    places = [Path(realpath(path)) for path in private.values()]
    for what, place in zip(private, places, strict=True):
        if place.is_relative_to(scans) or place.is_relative_to(results):
            raise UsageError(f"{what} lies inside IN or OUT. It identifies patients: keep it elsewhere.")
    if len(set(places)) < len(places):
        raise UsageError(f"{' and '.join(private)} are one file. Choose two.")


def open_folder(output: Path, policy: str) -> None:
    """Make the folder and mark it; an earlier folder of ours must have the same key and options.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written, holds something else, or was made under another key or other options.
    """
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        marker = output / MARKER
        text = f"De-identified by resmtnet.\n{policy}\n".encode()
        if marker.is_file() and not marker.is_symlink():
            if marker.read_bytes() != text:
                raise OutputNotWritable(f"{output} was made with another key or other options. Choose a new folder.")
        elif any(output.iterdir()):
            raise OutputNotWritable(f"{output} is not empty and not ours. Choose a new or empty folder.")
        else:
            atomic_write(marker, text)
