"""The demo: a phantom chest with known nodules goes the way of every scan; what comes out is held against the truth."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pydicom

from .inference.open_output import open_output
from .phantom.chest import ChestPhantom, chest_phantom
from .phantom.dicom_series import write_ct_series
from .phantom.match_nodules import Found, Match, match_nodules
from .results.links_csv import read_links
from .results.output_not_writable import writing

SEED = 0
SPACING_MM = (0.9, 0.9, 1.5)
DISTANCE_MM = 2.0  # how far a centre may be off
DIAMETER_SHARE = 0.20  # how far a diameter may be off

_DIFFERS = 1  # exit code: the pipeline ran, but not every nodule was found and measured well

Infer = Callable[..., int]


def run_demo(
    output: Path,
    *,
    seed: int = SEED,
    bundle: str = "lung_nodule_ct",
    device: str = "auto",
    overwrite: bool = False,
    infer: Infer | None = None,
) -> int:
    """Write a phantom as DICOM under ``output/scan``, run ``infer`` on it and print found against true.

    The truth stays here: the pipeline sees the DICOM files only. The measured diameter is that of the sphere of the
    finding's volume (``diameter_3d_mm``), as is the true one.

    Parameters
    ----------
    infer
        What runs on the scan; None for the same function as ``resmtnet infer``.

    Returns
    -------
    int
        0 if every nodule was found within 2 mm and 20 % of its diameter, 1 if not, or the exit code of a failed run.

    Raises
    ------
    OutputNotWritable
        ``output`` cannot be written.
    """
    open_output(output)
    phantom = chest_phantom(seed=seed, spacing_mm=SPACING_MM)
    scan = output / "scan" / f"phantom-{seed}"
    with writing(output):
        shutil.rmtree(scan, ignore_errors=True)  # slices of an older version would be mixed in
        files = write_ct_series(scan, phantom.hu, phantom.affine_lps, seed=seed)
    print(f"Phantom chest {seed}: {len(files)} DICOM slices with {len(phantom.nodules)} nodules, in {scan}")
    status = (infer or _infer())(scan, output, bundle=bundle, device=device, overwrite=overwrite)
    if status != 0:
        print(f"The run ended with exit code {status}; see {output / 'run.json'}")
        return int(status)
    return _report(output, phantom, _found(output, files[0]))


def _infer() -> Infer:
    from .inference.infer import infer  # late: it takes seconds to import

    return infer


def _found(output: Path, file: Path) -> tuple[Found, ...]:
    """Read the findings of the case that this file belongs to."""
    series_uid = str(pydicom.dcmread(file, stop_before_pixels=True).SeriesInstanceUID)
    links = read_links(output / "private" / "links.csv")
    case_ids = {case_id for case_id, origin in links.items() if origin.series_uid == series_uid}
    with (output / "findings.csv").open(newline="") as stream:
        return tuple(_row(row) for row in csv.DictReader(stream) if row["case_id"] in case_ids)


def _row(row: dict[str, str]) -> Found:
    centre = (float(row["x_mm"]), float(row["y_mm"]), float(row["z_mm"]))
    return Found(int(row["finding_id"]), float(row["probability"]), centre, float(row["diameter_3d_mm"]))


def _report(output: Path, phantom: ChestPhantom, found: Sequence[Found]) -> int:
    matches = match_nodules(phantom.nodules, found)
    bad = [match for match in matches if not _good(match)]
    others = len(found) - sum(match.found is not None for match in matches)
    print(_table(matches))
    print(f"Other findings: {others}")
    rule = f"within {DISTANCE_MM:.0f} mm and {DIAMETER_SHARE:.0%} of the diameter"
    if bad:
        missed = sum(match.found is None for match in bad)
        print(f"NOT AS IT SHOULD BE: {missed} missed, {len(bad) - missed} not {rule}.")
    else:
        print(f"All {len(matches)} nodules found {rule}.")
    print(f"Look at {output / 'index.html'} and {output / 'findings.csv'}")
    return _DIFFERS if bad else 0


def _good(match: Match) -> bool:
    return match.distance_mm <= DISTANCE_MM and abs(match.diameter_error) <= DIAMETER_SHARE


def _table(matches: Sequence[Match]) -> str:
    true = f"{'true place x, y, z (LPS mm)':>28}  {'lung':>5}  {'true mm':>7}"
    found = f"{'found mm':>8}  {'off mm':>6}  {'diameter':>8}  {'finding':>7}  {'probability':>11}"
    return "\n".join(["", f"{true}  {found}", *map(_line, matches), ""])


def _line(match: Match) -> str:
    x, y, z = match.nodule.centre_lps_mm
    true = f"{x:>10.1f}{y:>9.1f}{z:>9.1f}  {match.nodule.lung_side:>5}  {match.nodule.diameter_mm:>7.1f}"
    if match.found is None:
        return f"{true}  {'missed':>8}"
    found = f"{match.found.diameter_mm:>8.1f}  {match.distance_mm:>6.2f}  {match.diameter_error:>+8.1%}"
    return f"{true}  {found}  {match.found.finding_id:>7}  {match.found.probability:>11.3f}"
