"""A data list to its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from ..results.atomic_write import atomic_write
from ..results.plain_json import plain_json
from .check_data_list import check_data_list
from .data_list import DataList
from .data_list_error import DataListError
from .data_list_schema import SCHEMA_VERSION, check_schema

DATA_LIST_NAME = "data_list.json"


def write_data_list(data_list: DataList, path: Path) -> None:
    """Write a list as JSON, whole or not at all; :func:`.read_data_list.read_data_list` gives the same values back.

    Parameters
    ----------
    path : the file, or a folder (made where missing) for ``data_list.json``. Relative paths in the list are relative
        to the file's folder.

    Raises
    ------
    DataListError
        A value that no list may hold (a number that is not finite, a path that leaves the folder, a name given
        twice, a patient in two folds); nothing is written.
    OSError
        The file cannot be written.
    """
    check_data_list(data_list)
    document = {"schema_version": SCHEMA_VERSION, "frame": "LPS", **_plain(data_list)}
    try:
        encoded = plain_json(document)
    except (ValueError, TypeError) as error:
        raise DataListError(f"The data list cannot be written: {error}.") from None
    check_schema(document)
    file = path if path.suffix == ".json" else path / DATA_LIST_NAME
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(file, encoded)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value  # numpy's numbers are no JSON numbers
