"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the real data (RESMTNET_DATA, or ``shared/data`` beside the repository), or skip."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("RESMTNET_DATA", beside))
    if not folder.is_dir():
        pytest.skip("real data not here (set RESMTNET_DATA)")
    return folder
