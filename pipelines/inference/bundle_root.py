"""Where a bundle lies."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from .usage_error import UsageError

_METADATA = Path("configs") / "metadata.json"


def bundle_root(name: str) -> str:
    """Return the folder of a bundle that comes with the package, or the folder ``name`` itself if that is a bundle.

    A name is looked up in the package first: a bundle's config runs as code, and a folder that happens to lie in the
    working directory must not take the place of the bundle that was meant.

    Raises
    ------
    UsageError
        Neither a bundle of the package nor a bundle folder.
    """
    shipped = Path(str(files(f"{__package__.split('.', maxsplit=1)[0]}.bundles")))
    if (shipped / name / _METADATA).is_file() and Path(name).name == name:
        return str(shipped / name)
    if (Path(name) / _METADATA).is_file():
        return str(Path(name).resolve())
    known = ", ".join(sorted(path.parent.parent.name for path in shipped.glob(f"*/{_METADATA.as_posix()}")))
    raise UsageError(f"No such bundle. Give one of {known}, or a folder that holds {_METADATA.as_posix()}.")
