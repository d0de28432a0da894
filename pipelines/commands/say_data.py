"""What became of annotations, as lines for people or as JSON for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..inference.exit_code import ExitCode
from .say import counted, fail, put_json, say

if TYPE_CHECKING:
    from ..datasets.cut_patches import CutPatches
    from ..datasets.data_list import DataList, Refused


def say_list(made: DataList, *, json_file: str | None, quiet: bool) -> int:
    """Print or write what a list holds and what was left out, and give the exit code."""
    nodules = [nodule for scan in made.scans for nodule in scan.nodules]
    counts = {
        "scans": len(made.scans),
        "scans_without_nodule": sum(scan.complete and not scan.nodules for scan in made.scans),
        "patients": len({scan.patient_id for scan in made.scans}),
        "nodules": len(nodules),
        "outlined": sum(nodule.mask is not None for nodule in nodules),
        "rated": sum(bool(nodule.ratings) for nodule in nodules),
    }
    checks = [(scan.case_id, check) for scan in made.scans for check in scan.checks]
    if json_file is not None:
        put_json({**counts, "checks": [list(check) for check in checks], "refused": _plain(made.refused)}, json_file)
    elif not quiet:
        found = Counter(check.split()[0] for _, check in checks)
        for line in (*(f"{case_id} {check}" for case_id, check in checks), *_lines(made.refused)):
            say(line)
        say(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()))
        if found:
            say(f"to look at: {counted(found)}")
    return _code(made.scans, made.refused, "No scan could be used.")


def say_patches(made: CutPatches, *, json_file: str | None, quiet: bool) -> int:
    """Print or write how many patches were cut and what was left out, and give the exit code."""
    folds = Counter(str(fold) for fold in made.folds)
    counts = {"patches": len(made.patches), "backgrounds": len(made.backgrounds)}
    if json_file is not None:
        put_json({**counts, "patches_by_fold": dict(sorted(folds.items())), "refused": _plain(made.refused)}, json_file)
    elif not quiet:
        for line in _lines(made.refused):
            say(line)
        say(f"{counted(counts)}; patches by fold: {', '.join(f'{f}: {n}' for f, n in sorted(folds.items())) or 'none'}")
    return _code((*made.patches, *made.backgrounds), made.refused, "Nothing could be cut.")


def _lines(refused: Iterable[Refused]) -> list[str]:
    return [f"left out {one.case_id or '-'} {one.code} {one.reason}" for one in refused]


def _plain(refused: Iterable[Refused]) -> list[dict[str, str]]:
    return [{"case_id": one.case_id, "code": one.code, "reason": one.reason} for one in refused]


def _code(done: Sequence[object], refused: Sequence[Refused], nothing: str) -> int:
    if not done:
        return fail(nothing, ExitCode.NOTHING_USABLE)
    return int(ExitCode.SOME_NOT_DONE if refused else ExitCode.OK)
