"""The array script: its rules with a stand-in for the command, and whole runs on a real Slurm of one node."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import resmtnet
from resmtnet.pipelines.cli import main
from resmtnet.pipelines.inference.exit_code import ExitCode

SCRIPT = Path(resmtnet.__file__).parent / "pipelines" / "cluster" / "slurm_array.sh"
TIMEOUT_S = 300  # of one wait; a run takes seconds where nothing else runs
CONFIG = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MailProg=/bin/true
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def run_script(tmp_path: Path, code: int = 0, arguments: tuple[str, ...] = ("IN", "OUT"), **variables: str):
    """Run the script as a task would, with a command that tells its arguments and ends with ``code``."""
    command = tmp_path / "told"
    command.write_text(f'#!/bin/sh\necho "$OMP_NUM_THREADS: $*"\nexit {code}\n')
    command.chmod(0o755)
    task = {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "4"}
    task |= {"SLURM_ARRAY_TASK_COUNT": "4", "SLURM_CPUS_PER_TASK": "3", "RESMTNET": str(command)}
    environment = {"PATH": os.environ["PATH"], **task, **variables}
    return subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True, timeout=30)


def test_a_task_does_its_shard_with_the_threads_it_has(tmp_path):
    done = run_script(tmp_path, arguments=("/scans of today", "/out", "--outputs", "json,csv"))
    assert done.returncode == 0
    assert done.stdout == "3: infer /scans of today /out/part-2 --shard 2/4 --outputs json,csv\n"


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 0), (4, 0), (1, 1), (2, 2), (5, 5), (6, 6), (130, 130)])
def test_a_shard_that_was_gone_over_counts_as_completed(tmp_path, code, expected):
    done = run_script(tmp_path, code)
    assert done.returncode == expected
    assert (f"({code}: " in done.stdout) == (code in (3, 4))
    assert (f"ended with {code}" in done.stderr) == (expected != 0)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "3"}, "1-N without gaps, found 4 tasks from 0 to 3"),
        ({"SLURM_ARRAY_TASK_MAX": "7"}, "found 4 tasks from 1 to 7"),
        ({"SLURM_ARRAY_TASK_ID": ""}, "submit it with sbatch --array=1-N"),
        ({"RESMTNET_SHARDS": "1"}, "no shard 2 of 1"),
        ({"RESMTNET_SHARDS": "two"}, "found 'two'"),
        ({"RESMTNET": "no-such-command"}, "no command no-such-command"),
    ],
)  # fmt: skip
def test_an_array_that_names_no_shards_is_refused(tmp_path, variables, told):
    done = run_script(tmp_path, **variables)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_single_tasks_are_done_again_where_the_number_of_shards_is_said(tmp_path):
    done = run_script(tmp_path, RESMTNET_SHARDS="9", SLURM_ARRAY_TASK_MIN="2", SLURM_ARRAY_TASK_MAX="7")
    assert done.stdout == "3: infer IN OUT/part-2 --shard 2/9\n"


class SingleNode:
    """A Slurm of one node, in a network namespace of its own that has no interface but lo."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        for name in ("state", "spool"):
            (folder / name).mkdir()
        with socket.socket() as one, socket.socket() as other:
            for bound in (one, other):
                bound.bind(("127.0.0.1", 0))
            ports = [bound.getsockname()[1] for bound in (one, other)]
        (folder / "slurm.conf").write_text(CONFIG.format(host=platform.node(), ports=ports, folder=folder))
        home = Path(sys.executable).parent
        path = f"{home}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": path}
        self._prefix: list[str] = []
        holder = self._start("unshare", "--net", "sleep", "infinity")
        self._prefix = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
        inside, ours = Path(f"/proc/{holder.pid}/ns/net"), Path("/proc/self/ns/net")
        self.wait_until(lambda: inside.readlink() != ours.readlink())
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "addr", "add", "127.0.0.2/8", "dev", "lo")  # with 127.0.0.1 alone Slurm resolves no name
        self._start("slurmctld", "-D", "-i")
        self._start("slurmd", "-D")
        self.wait_until(lambda: self.run("sinfo", "-h", "-o", "%T", code=None) == "idle")

    def run(self, *command: str | Path, code: int | None = 0) -> str:
        """Run a command in the namespace and give what it says; it has to end with ``code``, if one is said."""
        done = subprocess.run(
            [*self._prefix, *command], env=self._environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        assert done.returncode == code or code is None, done.stdout + done.stderr + self._log()
        return done.stdout.strip()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self.folder / "daemons.log").open("ab"))
        process = subprocess.Popen([*self._prefix, *command], env=self._environment, stdout=log, stderr=log)
        self._stack.callback(self._stop, process)
        return process

    @staticmethod
    def _stop(process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def state(self, task: str) -> str:
        """Give the state of a task, such as PENDING."""
        return self.run("scontrol", "show", "job", "-o", task).partition("JobState=")[2].split()[0]

    def wait_until(self, reached: Callable[[], object]) -> None:
        """Ask until it is so."""
        end = time.monotonic() + TIMEOUT_S
        while not reached():
            assert time.monotonic() < end, self._log()
            time.sleep(0.05)

    def _log(self) -> str:
        return "".join(path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*.log")))


@pytest.fixture(scope="module")
def slurm(tmp_path_factory) -> Iterator[SingleNode]:
    missing = [name for name in ("slurmctld", "slurmd", "sbatch", "unshare", "nsenter", "ip") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root, slurmctld, slurmd, slurm-client, iproute2 (missing: {missing or 'root'})")
    with ExitStack() as stack:
        node = SingleNode(tmp_path_factory.mktemp("slurm"), stack)
        yield node
        node.run("scancel", "--user=root", code=None)  # a step that outlives its daemons ignores SIGTERM
        node.wait_until(lambda: node.run("squeue", "-h", code=None) == "")


@pytest.fixture(scope="module")
def scans(tmp_path_factory, small_chest) -> Path:
    """Four chests that differ in one voxel, and one that is cut off."""
    folder = tmp_path_factory.mktemp("scans")
    affine_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_chest.affine_lps
    for n in range(4):
        hu = small_chest.hu.copy()
        hu[0, 0, 0] += n
        nib.Nifti1Image(hu.transpose(2, 1, 0), affine_ras).to_filename(folder / f"scan{n}.nii")
    whole = (folder / "scan0.nii").read_bytes()
    (folder / "broken.nii").write_bytes(whole[: len(whole) // 2])
    return folder


@pytest.fixture(scope="module")
def options(small_bundle) -> list[str]:
    """What every run is given; few findings of a network of random weights will do."""
    return ["--bundle", str(small_bundle), "--outputs", "json,csv", "--min-probability", "0", "--max-findings", "3"]


@pytest.fixture(scope="module")
def undivided(scans, options, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("undivided") / "out"
    assert main(["infer", str(scans), str(output), "--quiet", *options]) == ExitCode.SOME_NOT_DONE
    return output


def cases(output: Path) -> set[str]:
    return {path.parent.name for path in output.glob("cases/*/case.json")}


def test_an_array_and_its_merge_equal_an_undivided_run(slurm, scans, options, undivided, tmp_path):
    output = tmp_path / "out"
    log = ["--output", str(tmp_path / "log-%j")]
    array = ["--array=1-2", "--cpus-per-task=1", *log, SCRIPT, str(scans), str(output), "--quiet", *options]
    job = slurm.run("sbatch", "--parsable", *array)
    merge = f"resmtnet merge {output}/all {output}/part-*"
    after = [f"--dependency=afterok:{job}", "--kill-on-invalid-dep=yes", "--wait", *log]
    slurm.run("sbatch", *after, "--wrap", merge, code=ExitCode.SOME_NOT_DONE)
    parts = [cases(output / f"part-{n}") for n in (1, 2)]
    assert all(parts)
    assert parts[0] | parts[1] == cases(undivided)
    assert parts[0].isdisjoint(parts[1])
    assert (output / "all" / "findings.csv").read_bytes() == (undivided / "findings.csv").read_bytes()
    assert cases(output / "all") == cases(undivided)


def test_a_task_that_is_killed_and_requeued_ends_with_the_same_results(slurm, scans, options, undivided, tmp_path):
    output = tmp_path / "out"
    array = ["--array=1-1", "--cpus-per-task=1", "--output", str(tmp_path / "log")]
    job = slurm.run("sbatch", "--parsable", *array, SCRIPT, str(scans), str(output), "--quiet", *options)
    slurm.wait_until(lambda: cases(output / "part-1"))
    task = f"{job}_1"
    slurm.run("scontrol", "requeue", task)
    slurm.wait_until(lambda: slurm.state(task) == "PENDING")
    # Slurm would wait two minutes; what starts in the second in which it was killed is refused by its node
    slurm.run("scontrol", "update", f"JobId={task}", "StartTime=now+3")
    slurm.wait_until(lambda: slurm.state(task) in ("COMPLETED", "FAILED"))
    assert slurm.state(task) == "COMPLETED"
    assert "Restarts=1" in slurm.run("scontrol", "show", "job", "-o", task)
    assert (output / "part-1" / "findings.csv").read_bytes() == (undivided / "findings.csv").read_bytes()
