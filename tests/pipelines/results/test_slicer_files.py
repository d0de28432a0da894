from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from resmtnet.pipelines.results.markups_json import SCHEMA, markups_json
from resmtnet.pipelines.results.nodules_nifti import nodules_nifti
from resmtnet.pipelines.results.slicer_script import slicer_script

OFFSETS = ((10.0, -6.0, 4.0), (-12.0, 8.0, 0.0))


@pytest.fixture
def markups(make_case):
    result, volume = make_case("oblique", offsets_mm=OFFSETS)
    return result, json.loads(markups_json(result, volume))


def test_points_and_lines_stand_where_the_findings_are(markups) -> None:
    result, document = markups
    points, *lines = document["markups"]
    assert {markup["coordinateSystem"] for markup in document["markups"]} == {"LPS"}
    assert {markup["coordinateUnits"] for markup in document["markups"]} == {"mm"}
    assert points["type"] == "Fiducial"
    assert [tuple(p["position"]) for p in points["controlPoints"]] == [f.centre_lps_mm for f in result.findings]
    assert [p["label"] for p in points["controlPoints"]] == ["Nodule 1", "Nodule 2"]
    assert [(line["type"], line["name"]) for line in lines] == [
        ("Line", f"Nodule {n} {axis} axis") for n in (1, 2) for axis in ("long", "short")
    ]
    for line, length in zip(lines, [12.0] * 4, strict=True):
        first, second = (p["position"] for p in line["controlPoints"])
        assert math.dist(first, second) == pytest.approx(length)
    assert tuple(map(tuple, (p["position"] for p in lines[2]["controlPoints"]))) == result.findings[1].long_axis_lps_mm


def test_the_form_is_that_of_the_markups_schema(markups) -> None:
    """Kinds and lengths of the fields as schema 1.0.3 of 3D Slicer has them."""
    _, document = markups
    assert document["@schema"] == SCHEMA
    assert SCHEMA.endswith("/markups-schema-v1.0.3.json#")
    for markup in document["markups"]:
        assert markup["type"] in ("Fiducial", "Line", "Angle", "Curve", "ClosedCurve", "Plane", "ROI")
        assert isinstance(markup["locked"], bool)
        assert len(markup["display"]["color"]) == 3
        assert all(0 <= value <= 1 for value in markup["display"]["color"])
        assert len({p["id"] for p in markup["controlPoints"]}) == len(markup["controlPoints"])
        for point in markup["controlPoints"]:
            assert (len(point["position"]), len(point["orientation"])) == (3, 9)
            assert point["positionStatus"] == "defined"
        if markup["type"] == "Line":
            assert len(markup["controlPoints"]) == 2


def test_the_same_case_gives_the_same_bytes_and_no_axis_no_line(make_case) -> None:
    result, volume = make_case()
    assert markups_json(result, volume) == markups_json(result, volume)
    centre = result.findings[0].centre_lps_mm
    flat = replace(result.findings[0], short_axis_lps_mm=(centre, centre), short_axis_mm=0.0)
    names = [m["name"] for m in json.loads(markups_json(replace(result, findings=(flat,)), volume))["markups"]]
    assert names == ["Nodules (research use only)", "Nodule 1 long axis"]


def test_nothing_found_nothing_to_open(make_case, rejected) -> None:
    result, volume = make_case(findings=())
    assert markups_json(result, volume) is slicer_script(result, volume) is markups_json(rejected, None) is None


def test_neither_tells_where_the_scan_comes_from(make_case) -> None:
    result, volume = make_case()
    for data in (markups_json(result, volume), slicer_script(result, volume)):
        assert b"CANARY" not in data
        assert b"case-01" not in data


STAND_IN = """
# stands in for Slicer's own module: reads what it is given with other libraries, and says so
import json, sys, types
import nibabel, numpy
def segmentation(path): print("segments", sorted(set(numpy.asarray(nibabel.load(path).dataobj).ravel().tolist()) - {0}))
def markups(path): print("markups", len(json.load(open(path))["markups"]))
def volume(path): print("volume", nibabel.load(path).shape); return "node"
def viewer(background, fit): print("shown", background, fit)
slicer = types.ModuleType("slicer")
slicer.util = types.SimpleNamespace(
    loadSegmentation=segmentation, loadMarkups=markups, loadVolume=volume, setSliceViewerLayers=viewer
)
sys.modules["slicer"] = slicer
script, *sys.argv[1:] = sys.argv[1:]
exec(compile(open(script).read(), script, "exec"), {"__name__": "__main__", "__file__": script})
"""


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-c", STAND_IN, str(folder / "open_in_slicer.py"), *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(command, capture_output=True, check=True, text=True, cwd="/", env=environment).stdout


def test_the_script_opens_what_lies_beside_it(make_case, tmp_path: Path) -> None:
    case = make_case(offsets_mm=OFFSETS)
    (tmp_path / "open_in_slicer.py").write_bytes(slicer_script(*case))
    assert run(tmp_path) == "loaded: \n"
    (tmp_path / "nodules.nii.gz").write_bytes(nodules_nifti(*case))
    (tmp_path / "markups.mrk.json").write_bytes(markups_json(*case))
    expected = "segments [1, 2]\nmarkups 5\nloaded: nodules.nii.gz, markups.mrk.json\n"
    assert run(tmp_path) == expected
    with_scan = run(tmp_path, str(tmp_path / "nodules.nii.gz"))
    assert with_scan.startswith("volume (70, 60, 40)\nshown node True\nsegments [1, 2]\n")
    assert with_scan.endswith("loaded: scan, nodules.nii.gz, markups.mrk.json\n")
