"""The JSON schema of data lists, and whether a document fits it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from .data_list_error import DataListError

SCHEMA_VERSION = 1
_MOST_FAULTS = 8
_PACKAGE = __name__.rsplit(".", 3)[0]


def check_schema(document: Any) -> None:
    """See that a document is a data list.

    Raises
    ------
    DataListError
        Saying where it is not; values are not quoted, as they may identify.
    """
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # late: takes 0.2 s; ships no types

    faults = [
        f"{_place(error.absolute_path)}: {_expected(error.validator, error.validator_value)}"
        for error in Draft202012Validator(_schema()).iter_errors(document)
    ]
    if faults:
        more = f" (and {len(faults) - _MOST_FAULTS} more)" if len(faults) > _MOST_FAULTS else ""
        raise DataListError("This is no data list: " + "; ".join(faults[:_MOST_FAULTS]) + more + ".")


@cache
def _schema() -> Any:
    return json.loads((files(_PACKAGE) / "data_manifests" / "data_list.schema.json").read_bytes())


def _place(path: Iterable[str | int]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part:.40}" for part in path)


def _expected(keyword: str, value: Any) -> str:
    if keyword == "required":
        return f"needs {', '.join(value)}"
    words = {
        "additionalProperties": "holds a field that the schema does not know",
        "pattern": "is empty, a relative path that leaves the folder of the list, or a name with a space or slash",
    }
    return words.get(keyword, f"expected {keyword} {value}")
