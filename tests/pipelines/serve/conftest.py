"""A real archive (Orthanc), a scan to send to it, and the service as a process of its own."""

from __future__ import annotations

import dataclasses
import gc
import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pydicom
import pytest
import yaml

from resmtnet.pipelines.phantom.dicom_series import write_ct_series

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "resmtnet", "not a secret, the archive is a throw-away"
WAIT_S = 120.0  # a slow machine under load: an inference takes some 10 s on a quiet one
CANARY = "ZZCANARY"
UID = "1.2.826.0.1.3680043.9.7777"


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect what pynetdicom leaves behind while the test that knows of it still runs."""
    yield
    gc.collect()


@pytest.fixture
def free_port() -> Callable[[], int]:
    return find_port


def wait_until(what: Callable[[], Any], limit_s: float = WAIT_S) -> Any:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    return wait_until


@dataclasses.dataclass(frozen=True)
class Orthanc:
    """An archive that nobody but this test talks to."""

    http: int
    dicom: int
    user: str = USER
    password: str = PASSWORD

    @property
    def dicomweb(self) -> str:
        return f"http://127.0.0.1:{self.http}/dicom-web"

    def ask(self, path: str, data: bytes | None = None, method: str | None = None) -> bytes:
        token = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        url = f"http://127.0.0.1:{self.http}{path}"
        request = Request(url, data, {"Authorization": f"Basic {token}"}, method=method)
        with urlopen(request, timeout=30) as answer:
            return answer.read()

    def get(self, path: str) -> Any:
        return json.loads(self.ask(path))

    def store(self, files: tuple[Path, ...]) -> None:
        for file in files:
            self.ask("/instances", file.read_bytes())

    def objects(self, modality: str) -> list[pydicom.Dataset]:
        series = [each for each in self.get("/series?expand") if each["MainDicomTags"]["Modality"] == modality]
        ids = [instance for each in series for instance in each["Instances"]]
        return [pydicom.dcmread(io.BytesIO(self.ask(f"/instances/{instance}/file"))) for instance in ids]


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[Orthanc]:
    program = shutil.which("Orthanc", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    if program is None or not PLUGIN.is_file():
        pytest.skip("needs Orthanc and its DICOMweb plugin (Debian: orthanc, orthanc-dicomweb)")
    archive, folder = Orthanc(find_port(), find_port()), tmp_path / "orthanc"
    folder.mkdir()
    config = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpPort": archive.http,
        "DicomPort": archive.dicom,
        "DicomAet": "ORTHANC",
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "SaveJobs": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "Host": f"127.0.0.1:{archive.http}"},
    }
    (folder / "orthanc.json").write_text(json.dumps(config))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, str(folder / "orthanc.json")], cwd=folder, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or is_up(archive), 30)
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        yield archive
    finally:
        process.kill()  # it waits seconds before it ends by itself, and its data are thrown away
        process.wait()


def is_up(archive: Orthanc) -> bool:
    try:
        archive.get("/system")
    except HTTPError:
        raise
    except OSError:
        return False
    return True


@pytest.fixture
def scan(small_chest, tmp_path: Path) -> tuple[Path, ...]:
    """Every other slice of the small chest, of a patient whose marks can be searched for."""

    def mark(k: int, ds: pydicom.Dataset) -> None:
        ds.PatientName, ds.PatientID, ds.AccessionNumber = f"{CANARY}^JOHN", f"{CANARY}7", CANARY
        ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{UID}.1", f"{UID}.2"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{UID}.4.{k + 1}"
        ds.StudyDate = time.strftime("%Y%m%d")

    thick = small_chest.affine_lps @ np.diag([1.0, 1.0, 2.0, 1.0])
    return write_ct_series(tmp_path / "scan", small_chest.hu[::2], thick, seed=3, edit=mark)


@dataclasses.dataclass
class Serve:
    """``resmtnet serve`` with a configuration; what it says is collected in ``log``."""

    folder: Path
    log: Path
    config: Path
    processes: list[subprocess.Popen[bytes]] = dataclasses.field(default_factory=list)

    def configure(self, **content: Any) -> None:
        self.config.write_text(yaml.safe_dump({"folder": "serve", "min_free_gb": 0, **content}))

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "resmtnet.pipelines.cli", "serve", str(self.config), *options]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"})
        self.processes.append(process)
        return process

    def run(self, *options: str) -> int:
        return self.start(*options).wait(WAIT_S)

    def states(self) -> list[str]:
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(self.folder / "queue.sqlite")) as database:
            return [state for (state,) in database.execute("SELECT state FROM studies")]
        return []

    def said(self) -> str:
        return self.log.read_text()

    def tells(self) -> list[str]:
        """Places where a mark of the patient stands: what was said, names of files, the queue."""
        places = {"log": self.log.read_bytes()}
        for path in self.folder.rglob("*"):
            places[path.name] = path.name.encode()
            if path.is_file() and path.suffix != ".dcm":
                places[str(path)] = path.read_bytes()
        return [place for place, data in places.items() if CANARY.encode() in data or UID.encode() in data]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    pytest.importorskip("pynetdicom")
    pytest.importorskip("dicomweb_client")
    service = Serve(tmp_path / "serve", tmp_path / "log", tmp_path / "serve.yaml")
    yield service
    for process in service.processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
def quick_run(small_bundle: Path) -> dict[str, Any]:
    """A run in which two candidates of the random network are taken for nodules."""
    return {"bundle": str(small_bundle), "options": ["--min-probability", "0", "--max-findings", "2"]}


@pytest.fixture
def store_scu() -> Callable[..., list[int]]:
    """``store_scu(port, files, calling=..., called="RESMTNET", tls=None)``: the status of each, [] where refused."""
    pynetdicom = pytest.importorskip("pynetdicom")

    def store(port: int, files: Any, *, calling: str, called: str = "RESMTNET", tls: Any = None) -> list[int]:
        entity = pynetdicom.AE(ae_title=calling)
        entity.add_requested_context("1.2.840.10008.1.1")
        datasets = [pydicom.dcmread(file) for file in files]
        for sop_class in sorted({dataset.SOPClassUID for dataset in datasets}):
            entity.add_requested_context(sop_class)
        association = entity.associate("127.0.0.1", port, ae_title=called, tls_args=tls)
        if not association.is_established:
            if association.is_alive():
                association.join()
            if association.dul.socket is not None and association.dul.socket.socket is not None:
                association.dul.socket.socket.close()  # pynetdicom does not
            return []
        assert association.send_c_echo().Status == 0
        statuses = [association.send_c_store(dataset).Status for dataset in datasets]
        association.release()
        return statuses

    return store
