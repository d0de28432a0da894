"""What the tests of the security list share. Where each entry of the list is tried:

=====  ==============================================================================================================
T1     security/test_memory.py: test_t01_deflate_bomb
T2     security/test_memory.py: test_t02_rows_and_columns_beyond_all_bounds
T3     security/test_memory.py: test_t03_a_hundred_million_frames
T4     security/test_contents.py: test_t04_a_codestream_of_another_size; catalogue rows 49
T5     security/test_memory.py: test_t05_nested_sequences, test_t05_nested_functional_groups
T6     security/test_memory.py: test_t06_a_length_beyond_the_file, test_t06_headers_that_take_long
T7     test_fuzz.py: test_t07_damaged_files_end_in_a_code
T8     tree/test_walk_files.py: test_links_pipes_and_devices_are_never_opened
T9     tree/test_walk_files.py: test_depth_is_limited, test_a_limit_never_leaves_half_a_folder,
       test_a_large_file_is_left_out_alone
T10    security/test_contents.py: test_t10_a_dicomdir_leads_nowhere
T11    security/test_outputs.py: test_t11_t12_names_in_tags_reach_no_name_and_no_table
T12    security/test_outputs.py: test_t11_t12_names_in_tags_reach_no_name_and_no_table
T13    tree/test_zip_bombs.py, tree/test_zip_members.py
T14    security/test_weights.py: test_t14_a_payload_in_the_weights_does_not_run
T15    security/test_weights.py: test_t15_only_a_bundle_that_the_user_names_is_built
T16    security/test_weights.py: test_t16_nothing_is_pickled
T17    security/test_contents.py: test_t17_private_tags
T18    security/test_contents.py: test_t18_a_preamble_of_something_else
T19    security/test_contents.py: test_t19_character_sets
T20    security/test_contents.py: test_t20_numbers
T21    security/test_contents.py: test_t21_no_grey_image
T22    test_plan_scans.py: test_a_file_that_changed_since_is_refused; tree/test_open_unchanged.py
T23    sandbox/test_worker_pool.py: test_a_worker_killed_at_work_fails_its_series_alone,
       test_a_worker_that_hangs_is_ended_in_time
T24    ../results/test_write_case.py: test_writer_that_raises_leaves_nothing_and_the_old_case_stands,
       test_killed_in_the_middle_the_rest_is_swept_and_a_living_writer_is_not, test_output_without_the_right_to_write
T25    security/test_outputs.py: test_t25_no_network
=====  ==============================================================================================================
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.phantom.dicom_series import write_ct_series
from resmtnet.pipelines.phantom.linear import linear_phantom

SHAPE = (6, 32, 40)
CHILD = """
import json, sys
from pathlib import Path
from resmtnet.pipelines.ingest.ingest_records import ingest_records
records = ingest_records(Path(sys.argv[1]))
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"records": records, "peak_mb": int(peak.split()[1]) / 1024}))
"""


@dataclass(frozen=True)
class Ingested:
    codes: list[list[str]]  # of each record, refusals first
    reasons: list[str]
    peak_mb: float  # of the process that was asked, its imports included


@pytest.fixture(scope="session")
def ingest_apart() -> Callable[[Path], Ingested]:
    """Ingest in a process of its own, whose memory is its own."""

    def run(folder: Path) -> Ingested:
        command = [sys.executable, "-W", "error", "-c", CHILD, str(folder)]
        child = subprocess.run(command, capture_output=True, check=False, timeout=300)
        assert (child.returncode, child.stderr) == (0, b""), child.stderr.decode()[-2000:]
        said = json.loads(child.stdout)
        records = sorted(said["records"], key=lambda record: record["status"] in ("ok", "warned"))
        return Ingested([r["codes"] for r in records], [r["reason"] for r in records], said["peak_mb"])

    return run


@pytest.fixture
def write(tmp_path, affine):
    """Write a small clean series; ``edit(k, dataset)`` may change it."""

    def series(edit=None, *, seed=0, name="scans", shape=SHAPE) -> tuple[Path, ...]:
        return write_ct_series(tmp_path / name, linear_phantom(shape, affine), affine, seed=seed, edit=edit)

    return series


@pytest.fixture
def insert():
    """Put raw bytes into a file, as elements before its patient group."""

    def put(path: Path, raw: bytes) -> None:
        data = path.read_bytes()
        assert data.count(b"\x10\x00\x10\x00PN") == 1
        path.write_bytes(data.replace(b"\x10\x00\x10\x00PN", raw + b"\x10\x00\x10\x00PN"))

    return put


@pytest.fixture(scope="session")
def truth(affine) -> np.ndarray:
    return linear_phantom(SHAPE, affine)
