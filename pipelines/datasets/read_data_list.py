"""A file to its data list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .check_data_list import check_data_list
from .data_list import DataList, Excluded, NoduleLabel, Point, ReaderRating, Refused, ScanLabel
from .data_list_error import DataListError
from .data_list_schema import check_schema
from .write_data_list import DATA_LIST_NAME


def read_data_list(path: Path) -> DataList:
    """Read a list that :func:`.write_data_list.write_data_list` or another program wrote.

    Parameters
    ----------
    path : the file, or the folder that holds ``data_list.json``.

    Raises
    ------
    DataListError
        The file is not there, is no JSON, does not fit the schema, or contradicts itself; the message says where.
    """
    file = path / DATA_LIST_NAME if path.is_dir() else path
    try:
        document = json.loads(file.read_bytes(), parse_constant=_refuse)
    except OSError as error:
        raise DataListError(f"The data list cannot be read ({type(error).__name__}).") from None
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        what = str(error) if isinstance(error, _NotFinite) else f"it is no JSON{where}"
        raise DataListError(f"The data list cannot be read: {what}.") from None
    check_schema(document)
    scans = tuple(_scan(scan) for scan in document["scans"])
    data_list = DataList(document["manifest"], scans, tuple(Refused(**entry) for entry in document.get("refused", ())))
    check_data_list(data_list)
    return data_list


class _NotFinite(ValueError):
    pass


def _refuse(constant: str) -> None:
    raise _NotFinite(f"it holds {constant}; every number must be finite")


def _scan(scan: Mapping[str, Any]) -> ScanLabel:
    return ScanLabel(
        case_id=scan["case_id"],
        patient_id=scan["patient_id"],
        image=scan["image"],
        complete=scan["complete"],
        nodules=tuple(_nodule(nodule) for nodule in scan.get("nodules", ())),
        excluded=tuple(
            Excluded(_point(place["centre_lps_mm"]), float(place["diameter_mm"])) for place in scan.get("excluded", ())
        ),
        fold=scan.get("fold"),
        checks=tuple(scan.get("checks", ())),
    )


def _nodule(nodule: Mapping[str, Any]) -> NoduleLabel:
    size, diameter = nodule.get("size_mm"), nodule.get("diameter_mm")
    return NoduleLabel(
        nodule_id=nodule["nodule_id"],
        centre_lps_mm=_point(nodule["centre_lps_mm"]),
        size_mm=None if size is None else _point(size),
        diameter_mm=None if diameter is None else float(diameter),
        mask=nodule.get("mask"),
        ratings=tuple(
            ReaderRating(rating["reader"], rating.get("malignancy"), rating.get("attributes", {}))
            for rating in nodule.get("ratings", ())
        ),
    )


def _point(values: list[float]) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z
