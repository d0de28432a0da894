"""What leaves the machine or lands in a file name, a table or a page: nothing of what the tags say."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.inference.infer import infer
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

NASTY = {
    "path": "../../ZZCANARY",
    "absolute": "/etc/ZZCANARY",
    "formula": "=cmd|' /C ZZCANARY'!A0",
    "formula_plus": "+ZZCANARY()",
    "at": "@ZZCANARY",
    "option": "-rf ZZCANARY",
    "html": "<script>ZZCANARY</script>",
    "device": "CON.ZZCANARY",
    "zero": "a\0bZZCANARY",
    "long": "ZZCANARY" * 40,
    "emoji": "ZZCANARY\U0001f4a3\u202e",
}
TEXTS = ("PatientName", "PatientID", "SeriesDescription", "StudyDescription", "ProtocolName", "BodyPartExamined")
CHILD = """
import sys
from pathlib import Path

met = []

def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        met.append(event)
    elif event == "socket.__new__" and arguments[1] in (2, 10):  # AF_INET, AF_INET6; the sandbox talks over AF_UNIX
        met.append(event)
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        met.append(event)

sys.addaudithook(watch)
import socket
if sys.argv[1] == "control":
    socket.socket().close()
else:
    from resmtnet.pipelines.inference.infer import infer
    overrides = {"min_probability": 0.0, "max_findings": 2}
    code = infer(Path(sys.argv[1]), Path(sys.argv[2]), bundle=sys.argv[3], progress=False, overrides=overrides)
    assert code == 0, code
print(met)
"""


@pytest.fixture
def slab(small_chest) -> np.ndarray:
    return small_chest.hu[16:28]


def test_t11_t12_names_in_tags_reach_no_name_and_no_table(tmp_path, small_chest, slab, small_bundle):
    for n, text in enumerate(NASTY.values()):

        def edit(k, ds, text=text, n=n):
            ds.SpecificCharacterSet = "ISO_IR 192"
            for keyword in TEXTS:
                ds.add_new(keyword, "LT", text)  # LT takes any text
            ds.SeriesInstanceUID = f"2.25.99{n}"

        write_ct_series(tmp_path / "in" / f"scan{n}", slab, small_chest.affine_lps, seed=n, edit=edit)
    output = tmp_path / "outer" / "inner" / "out"
    overrides = {"min_probability": 0.0, "max_findings": 2}
    assert infer(tmp_path / "in", output, bundle=str(small_bundle), progress=False, overrides=overrides) == 0
    assert json.loads((output / "run.json").read_text())["n_cases"] == len(NASTY)
    # nothing was written anywhere else
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "outer"]
    assert [path.name for path in (tmp_path / "outer").iterdir()] == ["inner"]
    assert [path.name for path in output.parent.iterdir()] == ["out"]
    for path in output.rglob("*"):
        assert "ZZCANARY" not in path.name
        if path.is_file() and path.parent.name != "dicom":  # DICOM results belong to the patient
            assert b"ZZCANARY" not in path.read_bytes()
    assert_plain_cells(output)


def assert_plain_cells(output: Path) -> None:
    tables = list(output.rglob("*.csv"))
    assert tables
    for table in tables:
        for row in csv.reader(table.read_text(encoding="utf-8").splitlines()):
            for cell in row:
                number = cell.lstrip("-").replace(".", "", 1).replace("e-", "", 1).isdigit()
                assert number or not cell.startswith(("=", "+", "-", "@"))


def run_watched(*arguments: str) -> list[str]:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], capture_output=True, check=False, timeout=300, text=True
    )
    assert child.returncode == 0, child.stderr[-2000:]
    return json.loads(child.stdout.splitlines()[-1].replace("'", '"'))


def test_t25_no_network(tmp_path, small_chest, slab, small_bundle):
    def edit(k, ds):
        if k % 2:  # through the decoders too
            ds.compress("1.2.840.10008.1.2.4.80", encoding_plugin="pyjpegls", generate_instance_uid=False)

    write_ct_series(tmp_path / "in", slab, small_chest.affine_lps, edit=edit)
    assert run_watched(str(tmp_path / "in"), str(tmp_path / "out"), str(small_bundle)) == []


def test_t25_the_watch_sees_a_socket():
    assert run_watched("control") == ["socket.__new__"]
