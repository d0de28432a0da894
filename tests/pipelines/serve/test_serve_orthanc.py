"""A study in an archive comes back with segmentation and reports: a real Orthanc, the service as a real process."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pydicom

from resmtnet.pipelines.inference.exit_code import ExitCode


def check_results(orthanc, scan: tuple[Path, ...]) -> None:
    """One segmentation and two reports (volumes, lines), in the study of the scan and about its series."""
    ct = pydicom.dcmread(scan[0])
    [seg], reports = orthanc.objects("SEG"), orthanc.objects("SR")
    assert len(reports) == 2
    for result in (seg, *reports):
        assert result.StudyInstanceUID == ct.StudyInstanceUID
        assert result.PatientID == ct.PatientID
    assert seg.ReferencedSeriesSequence[0].SeriesInstanceUID == ct.SeriesInstanceUID
    slices = {pydicom.dcmread(file).SOPInstanceUID for file in scan}
    shown = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {instance.ReferencedSOPInstanceUID for instance in shown} <= slices
    evidence = {
        series.SeriesInstanceUID
        for report in reports
        for study in report.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
    }
    assert ct.SeriesInstanceUID in evidence


def test_a_study_is_pulled_and_comes_back_with_seg_and_sr(orthanc, serve, scan, quick_run, monkeypatch):
    """Beside another study, too short for a volume, which is failed and stops nothing."""
    monkeypatch.setenv("PACS_PASSWORD", orthanc.password)
    orthanc.store(scan)
    orthanc.store(short_study(scan))
    web = {"url": orthanc.dicomweb, "user": orthanc.user, "password_env": "PACS_PASSWORD"}
    serve.configure(pull={**web, "days": 2, "poll_s": 0.5}, send={"dicomweb": web}, run=quick_run, quiet_s=0.5)
    assert serve.run("--once") == ExitCode.SOME_NOT_DONE, serve.said()
    check_results(orthanc, scan)
    assert serve.run("--once") == ExitCode.OK, serve.said()  # its own results, and what was done, are nothing new
    assert serve.said().count("run 1 begins") == 2
    check_results(orthanc, scan)
    assert serve.run("--status") == ExitCode.OK
    service, *studies = [json.loads(line) for line in serve.said().splitlines()[-3:]]
    assert service["studies"] == {"done": 1, "failed": 1}
    assert {study["reason"] for study in studies} == {"", "no usable CT series (E_TOO_FEW_SLICES)"}
    assert serve.tells() == []
    assert orthanc.password not in serve.said()


def short_study(scan: tuple[Path, ...]) -> tuple[Path, ...]:
    files = []
    for file in scan[:2]:
        ds = pydicom.dcmread(file)
        ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ds.StudyInstanceUID}1", f"{ds.SeriesInstanceUID}1"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{ds.SOPInstanceUID}1"
        files.append(file.with_name(f"short_{file.name}"))
        ds.save_as(files[-1])
    return tuple(files)


def test_kill_9_in_a_run_and_still_one_result(orthanc, serve, scan, quick_run, wait_for, free_port):
    """Received by C-STORE from the archive, sent back by C-STORE; killed in between."""
    port = free_port()
    receive = {"ae_title": "RESMTNET", "port": port, "calling_ae_titles": ["ORTHANC"]}
    send = {"dicom": {"host": "127.0.0.1", "port": orthanc.dicom, "ae_title": "ORTHANC"}}
    serve.configure(receive=receive, send=send, run=quick_run, quiet_s=0.5, keep_days=0)
    killed = serve.start()
    wait_for(lambda: "service begins" in serve.said())
    orthanc.store(scan)
    orthanc.ask("/modalities/serve", json.dumps(["RESMTNET", "127.0.0.1", port]).encode(), "PUT")
    [study] = orthanc.get("/studies")
    orthanc.ask("/modalities/serve/store", study.encode())
    wait_for(lambda: serve.states() == ["running"] and children(killed))
    [run] = children(killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    wait_for(lambda: is_gone(run), 10)
    assert serve.states() == ["running"]
    assert serve.run("--health") == 0  # it has just been alive
    again = serve.start()
    wait_for(lambda: serve.states() == ["done"])
    again.send_signal(signal.SIGTERM)
    assert again.wait(20) == 0, serve.said()
    check_results(orthanc, scan)
    assert len(orthanc.get("/studies")) == 1
    assert [path for name in ("received", "results") for path in (serve.folder / name).glob("[!.]*")] == []  # keep_days
    assert serve.said().count("run 1 begins") == serve.said().count("run 2 begins") == 1
    assert serve.said().count("3 objects sent") == 1
    assert serve.tells() == []


def children(process: subprocess.Popen[bytes]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def is_gone(pid: int) -> bool:
    """Whether it ended; process 1 may be slow to reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_sigterm_gives_the_run_back(serve, scan, quick_run, wait_for, free_port, store_scu):
    port = free_port()
    receive = {"ae_title": "RESMTNET", "port": port, "calling_ae_titles": ["SENDER"]}
    serve.configure(receive=receive, run=quick_run, quiet_s=0)
    process = serve.start()
    wait_for(lambda: "service begins" in serve.said())
    assert store_scu(port, scan[:1], calling="SENDER") == [0x0000]
    wait_for(lambda: serve.states() == ["running"] and children(process))
    [run] = children(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, serve.said()
    assert serve.states() == ["queued"]
    assert is_gone(run)
