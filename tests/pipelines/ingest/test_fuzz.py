"""Damaged files of every coding, by the hundred: each ends in a code, and the series beside them are read right."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from resmtnet.pipelines.codes import CODES
from resmtnet.pipelines.phantom.code_as import code_as
from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

MUTANTS = int(os.environ.get("RESMTNET_FUZZ", "30"))  # per coding; set it higher to look for more
SHAPE = (4, 32, 40)  # JPEG 2000 encodes nothing smaller
PARENT_MB = 600  # the imports take 150; the budget of the suite is 1500
SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGLSLossless,
    JPEGLosslessSV1,
    JPEG2000Lossless,
    RLELossless,
)
CHILD = """
import json, sys
from pathlib import Path
from resmtnet.pipelines.ingest.ingest_records import ingest_records
records = ingest_records(Path(sys.argv[1]))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"records": records, "peak_mb": int(peak.split()[1]) / 1024}))
"""


def flip_bytes(data: bytearray, rng: random.Random, low: int, high: int) -> None:
    for _ in range(rng.choice((1, 4, 32))):
        data[rng.randrange(low, high)] = rng.randrange(256)


def set_length(data: bytearray, rng: random.Random, low: int, high: int) -> None:
    """Put a value that hurts where a length may stand."""
    at = rng.randrange(low, high - 4)
    data[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\0\0\0\x80", b"\0\0\0\0", b"\xff\xff"))


def cut(data: bytearray, rng: random.Random, low: int, high: int) -> None:
    del data[rng.randrange(low, high) :]


def insert(data: bytearray, rng: random.Random, low: int, high: int) -> None:
    at = rng.randrange(low, high)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 100)))


def repeat(data: bytearray, rng: random.Random, low: int, high: int) -> None:
    at = rng.randrange(low, high)
    data[at:at] = data[at : at + rng.randrange(1, 200)]


MUTATIONS: tuple[Callable[[bytearray, random.Random, int, int], None], ...] = (
    flip_bytes,
    set_length,
    cut,
    insert,
    repeat,
)


def mutate(path: Path, rng: random.Random) -> None:
    """Damage the header or, as often, the pixel data."""
    data = bytearray(path.read_bytes())
    pixels = max(data.rfind(b"\xe0\x7f\x10\x00"), data.rfind(b"\x7f\xe0\x00\x10"), len(data) // 2)
    low, high = rng.choice(((132, pixels), (pixels, len(data))))
    rng.choice(MUTATIONS)(data, rng, low, high)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def clean(affine, tmp_path_factory) -> Path:
    """As many series as there are mutants, written once for all codings."""
    root = tmp_path_factory.mktemp("clean")
    for n in range(MUTANTS):
        write_ct_series(root / f"{n:04}", linear_phantom(SHAPE, affine), affine, seed=n)
    return root


def ingest(root: Path) -> dict:
    child = subprocess.run([sys.executable, "-c", CHILD, str(root)], capture_output=True, check=False, timeout=500)
    assert child.returncode == 0, child.stderr.decode()[-2000:]
    assert child.stderr == b""
    return json.loads(child.stdout)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name.split(",")[0].replace(" ", "_"))
def test_t07_damaged_files_end_in_a_code(syntax, clean, tmp_path):
    good = []
    for n in range(MUTANTS):
        rng = random.Random(f"{syntax}{n}")
        folder = tmp_path / f"{n:04}"
        shutil.copytree(clean / folder.name, folder)
        paths = sorted(folder.iterdir())
        for path in paths:
            code_as(path, syntax)
        if n % 10 == 0:
            good.append(folder.name)  # left as it is
        else:
            mutate(rng.choice(paths), rng)
    told = ingest(tmp_path)
    outcomes = Counter(record["status"] for record in told["records"])
    assert outcomes["rejected"] + outcomes["failed"] > 0
    assert told["peak_mb"] < PARENT_MB
    digests = Counter(record.get("digest") for record in told["records"] if record["status"] == "ok")
    assert digests.most_common(1)[0][1] >= len(good)  # all the good ones are alike, and read
    for record in told["records"]:
        assert set(record["codes"]) <= set(CODES)
        assert record["status"] in ("ok", "warned") or record["reason"]
        if "digest" in record:
            assert record["shape"][2] == SHAPE[0]
            assert record["spacing_mm"][2] == pytest.approx(2.5, rel=0.05)
