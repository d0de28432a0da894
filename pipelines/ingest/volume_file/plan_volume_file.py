"""A volume file judged by its header."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from ...records import Kind, Origin, SeriesPlan
from ..ingest_error import IngestError
from ..tree.open_regular import open_regular
from .judge_volume_header import judge_volume_header, squeezed
from .volume_header import VolumeHeader

_KINDS: tuple[tuple[str, Kind], ...] = (
    (".nii", "nifti"),
    (".nii.gz", "nifti"),
    (".mha", "metaimage"),
    (".mhd", "metaimage"),
    (".nrrd", "nrrd"),
    (".nhdr", "nrrd"),
)
_DETACHED = (".mhd", ".nhdr")
_HASH_BLOCK = 2**20


def is_volume_file(path: Path) -> bool:
    """Whether the name is that of a volume file."""
    return _kind(path) is not None


def companion_of(path: Path) -> Path | None:
    """Give the file beside a header file that holds its voxels, None where there is none."""
    if path.suffix.lower() not in _DETACHED:
        return None
    from .text_header import read_text_header

    try:
        return read_text_header(path).data_path
    except IngestError:
        return None


def plan_volume_file(path: Path, relative_path: str, min_slices: int) -> SeriesPlan:
    """Judge a volume file; its ``case_id`` is a hash of the content that the caller hashes again.

    Raises
    ------
    IngestError
        With the code of the first question that it fails.
    """
    kind = _kind(path)
    assert kind is not None
    with open_regular(path):  # E_UNREADABLE rather than what each library makes of it
        header = _read_header(path, kind)
    verdict = judge_volume_header(header, min_slices)
    if verdict:
        raise IngestError(verdict.code, verdict.detail)
    assert header.affine_lps is not None
    companion = companion_of(path)
    i, j, k = squeezed(header.shape)
    spacing = np.linalg.norm(header.affine_lps[:3, :3], axis=0)
    files = [path, companion] if companion else [path]
    return SeriesPlan(
        case_id=_content_hash(files),
        kind=kind,
        path=path,
        shape_ijk=(i, j, k),
        spacing_mm=(float(spacing[0]), float(spacing[1]), float(spacing[2])),
        affine_lps=header.affine_lps,
        n_files=len(files),
        n_used=len(files),
        codes=header.codes,
        origin=Origin(relative_path),
    )


def _kind(path: Path) -> Kind | None:
    name = path.name.lower()
    return next((kind for suffix, kind in _KINDS if name.endswith(suffix)), None)


def _read_header(path: Path, kind: Kind) -> VolumeHeader:
    """Import the library only where such a file is met: a folder of DICOM needs neither."""
    if kind == "nifti":
        from .nifti_file import read_nifti_header

        return read_nifti_header(path)
    from .itk_file import read_itk_header

    return read_itk_header(path)


def _content_hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        with open_regular(path) as stream:
            while block := stream.read(_HASH_BLOCK):
                digest.update(block)
    return digest.hexdigest()
