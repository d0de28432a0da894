"""Bombs cost a worker, and nothing is left behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np

RSS_BOUND = 400 * 2**20  # Python with numpy and pydicom takes a fifth of it, the bomb would take eight gigabytes

READ = """
import json, sys
from pathlib import Path
from resmtnet.pipelines.ingest.ingest_error import IngestError
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.ingest.sandbox.default_pool import default_pool
scans = plan_scans(Path(sys.argv[1]))
found = [r.code for r in scans.rejections]
for plan in scans.plans:
    try:
        found.append(int(read_volume(plan).hu.sum()))
    except IngestError as error:
        found.append(error.code)
libraries = {"nibabel", "SimpleITK", "jpeg_ls", "openjpeg", "_openjpeg", "gdcm"} & set(sys.modules)
status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with the peak of the test run
peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps([found, peak, sorted(libraries), default_pool().pids]), flush=True)
"""


def read(*paths: Path, script: str = READ) -> list:
    command = [sys.executable, "-c", script, *map(str, paths)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def write_bomb(path: Path) -> None:
    """8 GiB of float64 zeros in 8 MB."""
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.float64)
    header.set_data_shape((1024, 1024, 1024))
    header.set_sform(np.diag([-0.5, -0.5, 0.5, 1.0]), code=1)
    header["xyzt_units"], header["vox_offset"] = 2, 352
    block = gzip.compress(bytes(2**26), 9)
    with path.open("wb") as file:
        file.write(gzip.compress(header.binaryblock + bytes(4)))
        for _ in range(128):
            file.write(block)


def test_a_file_that_inflates_without_end_stops_at_the_limit_of_the_worker(tmp_path):
    write_bomb(tmp_path / "bomb.nii.gz")
    found, peak, _, _ = read(tmp_path)
    assert found == ["E_TOO_LARGE"]
    assert peak < RSS_BOUND


def test_decoders_are_never_loaded_here(tmp_path, make_series, affine):
    _, hu = make_series("JPEG-LS")
    nibabel.save(nibabel.Nifti1Image(hu.T, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine), tmp_path / "a.nii.gz")
    (tmp_path / "b.mha").write_bytes(metaimage(hu))
    found, _, libraries, _ = read(tmp_path)
    assert found == [int(hu.sum())] * 3
    assert libraries == []


def metaimage(hu: np.ndarray) -> bytes:
    nk, nj, ni = hu.shape
    header = (
        f"ObjectType = Image\nNDims = 3\nBinaryData = True\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\n"
        f"ElementSpacing = 1 1 1\nDimSize = {ni} {nj} {nk}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    )
    return header.encode() + hu.astype("<i2").tobytes()


def left_of(pids: list[int]) -> list[int]:
    deadline = time.monotonic() + 10
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return left


def test_workers_go_with_the_process_that_started_them(tmp_path, make_series):
    make_series()
    before = {path for folder in ("/dev/shm", "/tmp") for path in Path(folder).iterdir()}
    _, _, _, pids = read(tmp_path)
    assert pids
    assert left_of(pids) == []

    script = READ + "import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        _, _, _, pids = json.loads(process.stdout.readline())
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        os.kill(process.pid, signal.SIGKILL)
    assert left_of(pids) == []
    after = {path for folder in ("/dev/shm", "/tmp") for path in Path(folder).iterdir()}
    assert not [path for path in after - before if "resmtnet" in path.name]


FORK = """
import os, signal, sys, threading, time
from pathlib import Path
from resmtnet.pipelines.ingest.plan_scans import plan_scans
from resmtnet.pipelines.ingest.read_volume import read_volume
from resmtnet.pipelines.ingest.sandbox.default_pool import default_pool
(plan,) = plan_scans(Path(sys.argv[1])).plans
digest = read_volume(plan).digest
own = default_pool().pids
stop, same = threading.Event(), []
def keep_reading():
    while not stop.is_set():
        same.append(read_volume(plan).digest == digest)
reader = threading.Thread(target=keep_reading)
os.kill(own[0], signal.SIGSTOP)  # so that the fork comes in the middle of a task for sure
reader.start()
time.sleep(0.3)
child = os.fork()
if child == 0:
    signal.alarm(20)
    right = read_volume(plan).digest == digest and not {*own} & {*default_pool().pids}
    default_pool().close()
    os._exit(0 if right else 1)
status = os.waitpid(child, 0)[1]
os.kill(own[0], signal.SIGCONT)
stop.set()
reader.join()
print("[%d, %d, %d]" % (status, all(same), own == default_pool().pids))
"""


def test_a_forked_process_has_workers_of_its_own(tmp_path, make_series):
    make_series()
    assert read(tmp_path, script=FORK) == [0, 1, 1]
