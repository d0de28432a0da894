from __future__ import annotations

import os
from pathlib import Path

import pytest

from resmtnet.pipelines.records import Origin
from resmtnet.pipelines.results.clear_output import clear_output
from resmtnet.pipelines.results.finished_cases import finished_cases
from resmtnet.pipelines.results.prepare_output import prepare_output
from resmtnet.pipelines.results.run_info import RunInfo
from resmtnet.pipelines.results.write_case import write_case
from resmtnet.pipelines.results.write_run import write_run
from resmtnet.pipelines.results_marker import MARKER

RUN = RunInfo("lung_nodule_ct", 0)


@pytest.fixture
def output(make_case, tmp_path: Path) -> Path:
    prepare_output(tmp_path)
    for case_id in ("case-01", "case-02"):
        write_case(tmp_path, *make_case(case_id=case_id))
    write_run(tmp_path, RUN, tuple(finished_cases(tmp_path).values()), links={"case-01": Origin("a")})
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_results_go_and_everything_else_stays(output: Path) -> None:
    theirs = ["cases/patient/scan.dcm", "cases/readme.txt", "notes.txt", "private/key", "scan/1.dcm"]
    for name in theirs:
        (output / name).parent.mkdir(exist_ok=True)
        (output / name).write_text("precious")
    (output / "cases" / ".unfinished-1").mkdir()
    clear_output(output)
    assert files(output) == [MARKER, *theirs]
    assert not list(output.rglob(".unfinished-*"))


def test_a_link_among_the_cases_is_not_followed(output: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "case.json").write_text("precious")
    (output / "cases" / "linked").symlink_to(elsewhere)
    clear_output(output)
    assert files(elsewhere) == ["case.json"]
    assert files(output) == [MARKER]


@pytest.mark.parametrize("nth", [1, 3, 5])
def test_killed_in_the_middle_no_case_is_there_in_part(output: Path, nth: int) -> None:
    whole = {"case.json", "nodules.nii.gz", "preview.png"}
    child = os.fork()
    if child == 0:
        _die_at_unlink_of(whole, nth)
        clear_output(output)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 9 << 8
    assert all({file.name for file in folder.iterdir()} == whole for folder in output.glob("cases/[!.]*"))
    assert (output / MARKER).is_file()
    prepare_output(output)
    assert not list(output.rglob(".unfinished-*"))


def _die_at_unlink_of(names: set[str], nth: int) -> None:
    """End the process like a kill, before the nth file of these names is removed."""
    unlink = os.unlink
    left = nth

    def count(path: str | Path, *more: object, **named: object) -> None:
        nonlocal left
        left -= Path(path).name in names
        os._exit(9) if left == 0 else unlink(path, *more, **named)

    os.unlink = count
