"""``markups.mrk.json``: the findings as points and lines for 3D Slicer."""

from __future__ import annotations

from ..records import CaseResult, Finding, Point, Volume
from .plain_json import Plain, plain_json
from .research_use import RESEARCH_USE

SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
    "markups-schema-v1.0.3.json#"
)
"""The name of the form, as Slicer 5 reads and writes it; nothing is fetched from there."""

_POINT_COLOUR, _LONG_COLOUR, _SHORT_COLOUR = (1.0, 0.80, 0.16), (0.34, 0.71, 0.91), (0.84, 0.37, 0.0)


def markups_json(result: CaseResult, volume: Volume | None) -> bytes | None:
    """Encode a point in the middle of each finding and a line along each of its two axes, LPS mm.

    The points are one list, each line is a markup of its own; Slicer shows its length. An axis of length 0 is left out.
    None for a case without findings.

    Source: 3D Slicer, markups schema 1.0.3.
    """
    if not result.findings:
        return None
    findings = sorted(result.findings, key=lambda f: f.finding_id)
    return plain_json({"@schema": SCHEMA, "markups": [_points(findings), *_lines(findings)]})


def _points(findings: list[Finding]) -> Plain:
    points = [(_name(f), _measures(f), f.centre_lps_mm) for f in findings]
    return _markup("Fiducial", "Nodules (research use only)", points, _POINT_COLOUR)


def _lines(findings: list[Finding]) -> list[Plain]:
    axes = (("long", _LONG_COLOUR), ("short", _SHORT_COLOUR))
    lines: list[Plain] = []
    for finding in findings:
        ends_of = {"long": finding.long_axis_lps_mm, "short": finding.short_axis_lps_mm}
        for axis, colour in axes:
            name, ends = f"{_name(finding)} {axis} axis", ends_of[axis]
            if ends[0] != ends[1]:
                lines.append(_markup("Line", name, [(name, "", end) for end in ends], colour))
    return lines


def _markup(kind: str, name: str, points: list[tuple[str, str, Point]], colour: Point) -> Plain:
    return {
        "type": kind,
        "name": name,
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "locked": True,  # a slip of the mouse must not move a measurement
        "fixedNumberOfControlPoints": True,
        "labelFormat": "%N-%d",
        "lastUsedControlPointNumber": len(points),
        "controlPoints": [_point(n, *point) for n, point in enumerate(points, start=1)],
        "display": {
            "visibility": True,
            "color": colour,
            "selectedColor": colour,
            "propertiesLabelVisibility": kind == "Line",
            "pointLabelsVisibility": kind == "Fiducial",
        },
    }


def _point(number: int, label: str, description: str, position: Point) -> Plain:
    return {
        "id": str(number),
        "label": label,
        "description": description,
        "associatedNodeID": "",
        "position": position,
        "orientation": (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0),
        "selected": True,
        "locked": True,
        "visibility": True,
        "positionStatus": "defined",
    }


def _name(finding: Finding) -> str:
    return f"Nodule {finding.finding_id}"


def _measures(finding: Finding) -> str:
    axes = f"{finding.long_axis_mm:.1f} x {finding.short_axis_mm:.1f} mm, {finding.volume_mm3:.0f} mm3"
    return f"{axes}, detection probability {finding.probability:.2f}. {RESEARCH_USE}"
