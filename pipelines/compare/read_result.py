"""One case, as ``resmtnet infer`` left it on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..inference.usage_error import UsageError
from ..ingest.check_input import check_input
from ..records import Point
from ..results.case_json import SCHEMA_VERSION
from .compare_error import CompareError

_PACKAGE = __name__.rsplit(".", 3)[0]
_DONE = ("ok", "warned")


@dataclass(frozen=True)
class MeasuredNodule:
    """A finding, as far as two dates are compared by it (LPS mm of its own scan)."""

    finding_id: int
    probability: float
    centre_lps_mm: Point
    long_axis_mm: float
    short_axis_mm: float
    mean_diameter_mm: float
    diameter_3d_mm: float
    volume_mm3: float
    malignancy_probability: float


@dataclass(frozen=True)
class Result:
    """A case that was evaluated; ``model`` are the hashes of config and weights."""

    case_id: str
    input_digest: str
    bundle: str
    model: tuple[str, str]
    nodules: tuple[MeasuredNodule, ...]


def read_result(folder: Path) -> Result:
    """Read a case folder, or the output folder of a run that holds one evaluated case.

    Raises
    ------
    InputPathError
        There is nothing at ``folder``.
    CompareError
        It holds no evaluated case, or ``case.json`` is none of this version.
    UsageError
        It holds several cases.
    """
    check_input(folder)
    if (folder / "case.json").is_file():
        content = _content(folder / "case.json")
        if content["status"] not in _DONE:
            raise CompareError(f"The case was {content['status']}: it has no findings to compare.")
        return _result(content)
    found = [_content(path) for path in sorted((folder / "cases").glob("[!.]*/case.json"))]
    done = [content for content in found if content["status"] in _DONE]
    if not done:
        raise CompareError("The folder holds no evaluated case. Give OUTPUT of resmtnet infer, or OUTPUT/cases/<id>.")
    if len(done) > 1:
        raise UsageError(f"The folder holds {len(done)} evaluated cases. Give that of one: OUTPUT/cases/<id>.")
    return _result(done[0])


def _content(path: Path) -> Mapping[str, Any]:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # late: takes 0.2 s; ships no types

    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise CompareError("A case.json cannot be read. Run resmtnet infer again.") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise CompareError(
            f"A case.json is of another version than {SCHEMA_VERSION}. Run resmtnet infer of this version on the scan."
        )
    if next(Draft202012Validator(_schema()).iter_errors(content), None) is not None:
        raise CompareError("A case.json does not hold what its schema says. Run resmtnet infer again.")
    return dict(content)


@cache
def _schema() -> Any:
    return json.loads((files(_PACKAGE) / "data_manifests" / "case.schema.json").read_bytes())


def _result(content: Mapping[str, Any]) -> Result:
    return Result(
        case_id=content["case_id"],
        input_digest=content["input_digest"],
        bundle=content["bundle"],
        model=(content["config_hash"], content["weights_hash"]),
        nodules=tuple(_nodule(finding) for finding in sorted(content["findings"], key=lambda f: int(f["finding_id"]))),
    )


def _nodule(finding: Mapping[str, Any]) -> MeasuredNodule:
    return MeasuredNodule(
        **{name: finding[name] for name in MeasuredNodule.__dataclass_fields__ if name != "centre_lps_mm"},
        centre_lps_mm=_point(finding["centre_lps_mm"]),
    )


def _point(values: Sequence[float]) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z
