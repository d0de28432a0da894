"""What is measured and said of a finding, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...records import Finding
from .facts_table import facts_table
from .number_text import number_text

ATTRIBUTE_ENDS = {
    "subtlety": "1 extremely subtle, 5 obvious",
    "calcification": "1 to 5 kinds of it, 6 absent",
    "sphericity": "1 linear, 3 ovoid, 5 round",
    "margin": "1 poorly defined, 5 sharp",
    "lobulation": "1 none, 5 marked",
    "spiculation": "1 none, 5 marked",
    "texture": "1 non-solid, 3 part-solid, 5 solid",
}
"""Ends of the scales of the LIDC readers' form (Armato et al., Med Phys 38 (2011) 915-931)."""


def finding_facts(finding: Finding, n_slices: int) -> str:
    """Return HTML: size and place, and what the network says; each value also stands whole in a ``data`` element."""
    return (
        '<div class="facts">'
        + facts_table("Size and place", _size_rows(finding, n_slices))
        + facts_table("Assessment by the network", _said_rows(finding))
        + "</div>"
    )


def _size_rows(finding: Finding, n_slices: int) -> Iterable[tuple[str, str, str]]:
    yield (
        "Long axis",
        _value("long_axis_mm", finding.long_axis_mm, 1, "mm"),
        "longest axial diameter; may pass the outline",
    )
    yield "Short axis", _value("short_axis_mm", finding.short_axis_mm, 1, "mm"), "longest across it, same plane"
    yield "3D diameter", _value("diameter_3d_mm", finding.diameter_3d_mm, 1, "mm"), "of the sphere of equal volume"
    yield "Volume", _value("volume_mm3", finding.volume_mm3, 0, "mm\u00b3"), ""
    yield "Mean density", _value("mean_hu", finding.mean_hu, 0, "HU"), "within the outline"
    yield "Lung", escape(finding.lung_side), ""
    key = finding.key_slice_k
    yield (
        "Key slice",
        f'<data data-key="key_slice_k" value="{key}">{key + 1} of {n_slices}</data>',
        f"counted from 1; k = {key} in the files",
    )
    for axis, where, value in zip("xyz", ("left", "back", "head"), finding.centre_lps_mm, strict=True):
        yield f"Centre, {axis}", _value(f"centre_{axis}_mm", value, 1, "mm"), f"LPS, to the patient's {where}"


def _said_rows(finding: Finding) -> Iterable[tuple[str, str, str]]:
    yield "Detection probability", _value("probability", finding.probability, 2), "that this is a nodule"
    yield (
        "Malignancy probability",
        _value("malignancy_probability", finding.malignancy_probability, 2),
        "calibrated" if finding.calibrated else "not calibrated",
    )
    yield (
        "Spread of malignancy score",
        _value("malignancy_sd", finding.malignancy_sd, 1),
        "standard deviation; readers score 1 to 5",
    )
    if finding.outline_uncertainty is None:
        yield "Outline uncertainty", "not known", ""
    else:
        yield (
            "Outline uncertainty",
            _value("outline_uncertainty", finding.outline_uncertainty, 2),
            "0 every voxel sure, 1 none sure",
        )
    for name, value in finding.attributes.items():
        label = name.replace("_", " ").capitalize()
        yield label, _value(f"attribute_{name}", value, 1), ATTRIBUTE_ENDS.get(name, "")


def _value(key: str, value: float, digits: int, unit: str = "") -> str:
    shown = f"{number_text(value, digits)} {unit}".strip()
    return f'<data data-key="{escape(key)}" value="{float(value)!r}">{escape(shown)}</data>'
