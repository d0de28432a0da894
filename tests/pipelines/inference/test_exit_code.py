from __future__ import annotations

import pytest

from resmtnet.pipelines.inference.exit_code import ExitCode, exit_code


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["ok", "warned"], ExitCode.OK),
        (["ok", "skipped"], ExitCode.OK),
        (["ok", "rejected"], ExitCode.SOME_NOT_DONE),
        (["warned", "failed"], ExitCode.SOME_NOT_DONE),
        (["rejected", "failed"], ExitCode.SOME_NOT_DONE),
        (["failed"], ExitCode.SOME_NOT_DONE),
        (["rejected", "skipped"], ExitCode.NOTHING_USABLE),
        (["skipped"], ExitCode.NOTHING_USABLE),
        ([], ExitCode.NOTHING_USABLE),
    ],
)
def test_what_a_run_says(statuses, code):
    assert exit_code(statuses) is code
