from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from resmtnet.pipelines.deidentify.deidentify_folder import deidentify_folder
from resmtnet.pipelines.deidentify.options import DeidentifyOptions
from resmtnet.pipelines.phantom.dicom_series import write_ct_series

KEY = "00112233445566778899aabbccddeeff" * 2


@dataclass(frozen=True)
class Outcome:
    output: Path
    records: list[dict[str, Any]]

    @property
    def files(self) -> list[Path]:
        return sorted(self.output.rglob("*.dcm"))

    @property
    def datasets(self) -> list[Dataset]:
        return [pydicom.dcmread(path) for path in self.files]

    @property
    def all_bytes(self) -> bytes:
        paths = sorted(path for path in self.output.rglob("*") if path.is_file())
        names = [str(path.relative_to(self.output)).encode() for path in paths]
        return b"".join([*names, *(path.read_bytes() for path in paths), repr(self.records).encode()])

    def count(self, what: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for record in self.records:
            for code, n in record[what].items():
                found[code] = found.get(code, 0) + n
        return found

    @property
    def written(self) -> int:
        return sum(record["written"] for record in self.records)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(KEY)
    return path


@pytest.fixture
def deidentify(tmp_path: Path, key_file: Path) -> Callable[..., Outcome]:
    def run(root: Path, name: str = "out", **options: Any) -> Outcome:
        records = deidentify_folder(root, tmp_path / name, key_file=key_file, options=DeidentifyOptions(**options))
        return Outcome(tmp_path / name, records)

    return run


@pytest.fixture
def ct(tmp_path: Path) -> Callable[..., tuple[Path, ...]]:
    """Write a small CT series below ``in``."""

    def write(edit: Callable[[int, Dataset], None] | None = None, n: int = 1, seed: int = 0, folder: str = "in"):
        hu = np.random.default_rng(seed).integers(-1000, 1000, (n, 6, 8)).astype(np.int16)
        affine = np.diag([0.7, 0.8, 2.5, 1.0])
        return write_ct_series(tmp_path / folder, hu, affine, seed=seed, edit=edit)

    return write
