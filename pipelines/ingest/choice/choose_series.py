"""Series rules applied to the series that can be read."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...records import Rejection, SeriesPlan
from ..ingest_error import IngestError
from .series_rules import Plane, SeriesRules

FITS = "fits the rules"
OBLIQUE_COSINE = 0.94  # 20 degrees: beyond it a plane is called oblique

Choice = tuple[tuple[SeriesPlan, ...], tuple[Rejection, ...]]

_PLANES: tuple[Plane, ...] = ("sagittal", "coronal", "axial")  # normal along x, y, z
_SEPARATORS = re.compile(r"[ _-]+")


def choose_series(plans: Sequence[SeriesPlan], rules: SeriesRules) -> Choice:
    """Split plans into those that are taken, each with the reason as ``choice``, and a skipped record of the others.

    A condition on a tag is asked of DICOM series only: a volume file says nothing of its kernel or thickness.
    """
    faults = {plan.case_id: _fault(plan, rules) for plan in plans}
    fitting = [plan for plan in plans if not faults[plan.case_id]]
    ranks = _ranks(fitting, rules)
    taken = [
        dataclasses.replace(plan, choice=_praise(*ranks[plan.case_id], rules))
        for plan in fitting
        if _is_kept(*ranks[plan.case_id], rules)
    ]
    left = [(plan, faults[plan.case_id]) for plan in plans if faults[plan.case_id]]
    left += [
        (plan, f"{_ranked(*ranks[plan.case_id], rules)}; {rules.keep} kept")
        for plan in fitting
        if not _is_kept(*ranks[plan.case_id], rules)
    ]
    return tuple(taken), tuple(_leave_out(plan, why) for plan, why in left)


def plane_of(plan: SeriesPlan) -> Plane:
    """Name the orientation of the slices."""
    normal = np.cross(plan.affine_lps[:3, 0], plan.affine_lps[:3, 1])
    cosines = np.abs(normal) / np.linalg.norm(normal)
    return _PLANES[int(cosines.argmax())] if cosines.max() >= OBLIQUE_COSINE else "oblique"


def _fault(plan: SeriesPlan, rules: SeriesRules) -> str:
    """Say which condition does not hold; empty where all do."""
    return next(filter(None, (condition(plan, rules) for condition in _CONDITIONS)), "")


def _of_shape(plan: SeriesPlan, rules: SeriesRules) -> str:
    count, coverage = plan.shape_ijk[2], _coverage_mm(plan)
    if count < rules.min_slices:
        return f"{count} slices, at least {rules.min_slices} wanted"
    if coverage < rules.min_coverage_mm:
        return f"{coverage:.0f} mm covered, at least {rules.min_coverage_mm:g} wanted"
    if _step_mm(plan) > rules.max_spacing_mm:
        return f"{_step_mm(plan):.3g} mm between slices, at most {rules.max_spacing_mm:g} wanted"
    if rules.planes and plane_of(plan) not in rules.planes:
        return f"{plane_of(plan)} slices, wanted are {' or '.join(rules.planes)}"
    return ""


def _of_thickness(plan: SeriesPlan, rules: SeriesRules) -> str:
    if _thickness_mm(plan) <= rules.max_thickness_mm:
        return ""
    return f"slices {_thickness_mm(plan):.3g} mm thick, at most {rules.max_thickness_mm:g} wanted"


def _of_kind(plan: SeriesPlan, rules: SeriesRules) -> str:
    facts = plan.facts
    if facts is None:
        return ""
    if rules.modality and facts.modality.upper() not in _upper(rules.modality):
        return "another modality than wanted"
    if rules.body_part and facts.body_part and facts.body_part.upper() not in _upper(rules.body_part):
        return "another body part than wanted"
    words = _words(facts.image_type)
    lacking = [value for value in rules.image_type_has if value.upper() not in words]
    unwanted = [value for value in rules.image_type_lacks if value.upper() in words]
    if lacking:
        return f"ImageType without {lacking[0]}"
    return f"ImageType with {unwanted[0]}" if unwanted else ""


def _of_text(plan: SeriesPlan, rules: SeriesRules) -> str:
    """Patterns; what was found is never quoted, for it is free text."""
    facts = plan.facts
    if facts is None:
        return ""
    if not _found(rules.kernel, facts.kernel):
        return "its kernel does not match"
    if not _found(rules.description, facts.description):
        return "its description does not match"
    if rules.description_lacks and _found(rules.description_lacks, facts.description):
        return "its description matches what is not wanted"
    return ""


_CONDITIONS: tuple[Callable[[SeriesPlan, SeriesRules], str], ...] = (_of_kind, _of_shape, _of_thickness, _of_text)


def _ranks(plans: Sequence[SeriesPlan], rules: SeriesRules) -> Mapping[str, tuple[int, int]]:
    """Rank of each series (from 0) among so many of its study or patient; volume files stand each alone."""
    groups: defaultdict[str, list[SeriesPlan]] = defaultdict(list)
    for plan in plans:
        facts = plan.facts
        groups[plan.case_id if facts is None else facts.patient + (facts.study if rules.per == "study" else "")].append(
            plan
        )
    return {
        plan.case_id: (rank, len(group))
        for group in groups.values()
        for rank, plan in enumerate(sorted(group, key=lambda plan: (_measures(plan, rules), plan.case_id)))
    }


def _measures(plan: SeriesPlan, rules: SeriesRules) -> tuple[float, ...]:
    """Sort key, the best first."""
    kernel = plan.facts.kernel if plan.facts else ""
    measures = {
        "kernel": float(
            next((n for n, wanted in enumerate(rules.kernels) if _found(wanted, kernel)), len(rules.kernels))
        ),
        "thickness": _thickness_mm(plan),
        "spacing": _step_mm(plan),
        "slices": -float(plan.shape_ijk[2]),
        "coverage": -_coverage_mm(plan),
    }
    return tuple(round(measures[name], 2) for name in rules.by)


def _is_kept(rank: int, count: int, rules: SeriesRules) -> bool:
    return rules.keep == 0 or rank < rules.keep


def _ranked(rank: int, count: int, rules: SeriesRules) -> str:
    return f"number {rank + 1} of {count} of its {rules.per} by {', '.join(rules.by)}"


def _praise(rank: int, count: int, rules: SeriesRules) -> str:
    return f"{FITS}; {_ranked(rank, count, rules)}" if rules.keep else FITS


def _leave_out(plan: SeriesPlan, why: str) -> Rejection:
    error = IngestError("I_NOT_CHOSEN", f"({why})", "skipped")
    return Rejection(plan.case_id, error.status, error.code, error.reason, plan.n_files, plan.codes, plan.origin)


def _step_mm(plan: SeriesPlan) -> float:
    """Distance of the slices along their normal."""
    along_i, along_j, step = plan.affine_lps[:3, :3].T
    normal = np.cross(along_i, along_j)
    return float(abs(normal @ step) / np.linalg.norm(normal))


def _coverage_mm(plan: SeriesPlan) -> float:
    return _step_mm(plan) * (plan.shape_ijk[2] - 1)


def _thickness_mm(plan: SeriesPlan) -> float:
    said = plan.facts.thickness_mm if plan.facts else None
    return _step_mm(plan) if said is None else said


def _upper(values: tuple[str, ...]) -> set[str]:
    return {value.upper() for value in values}


def _words(image_type: tuple[str, ...]) -> set[str]:
    """Values of ImageType, their words, and the values without what separates words (MIN IP is MINIP)."""
    values = _upper(image_type)
    return values.union(*(_SEPARATORS.split(value) for value in values), (_SEPARATORS.sub("", v) for v in values))


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
