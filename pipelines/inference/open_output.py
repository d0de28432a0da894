"""Take an output folder into use."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from ..results.output_not_writable import OutputNotWritable, writing
from ..results.prepare_output import prepare_output
from ..results.run_files import RUN_FILES

_LINKS = Path("private") / "links.csv"


def open_output(output: Path, *, overwrite: bool = False) -> None:
    """Make the folder if need be, see that it is ours and can be written, and remove earlier results if asked to.

    Ours is a folder that is empty or holds results of an earlier run. Only what this package writes is removed.

    Raises
    ------
    OutputNotWritable
        It cannot be made or written, or holds something else.
    """
    with writing(output):
        if output.is_dir() and not _is_ours(output):
            raise OutputNotWritable(
                f"{output} is not empty and holds no results of an earlier run. Choose a new or empty folder."
            )
    prepare_output(output)
    if overwrite:
        with writing(output):
            _clear(output)
        prepare_output(output)


def _is_ours(output: Path) -> bool:
    names = {path.name for path in output.iterdir() if not path.name.startswith(".")}
    return not names or "cases" in names


def _clear(output: Path) -> None:
    shutil.rmtree(output / "cases")
    for name in (*(file.name for file in RUN_FILES), str(_LINKS)):
        (output / name).unlink(missing_ok=True)
    with suppress(FileNotFoundError, OSError):  # left alone when anything else lies in it
        (output / _LINKS).parent.rmdir()
