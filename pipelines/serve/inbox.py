"""The folder of what was received."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from ..ingest.header.read_slice_headers import CT_IMAGE, ENHANCED_CT
from ..results.atomic_write import sync_folder
from .keyed_name import keyed_name
from .object_uids import object_uids

CT_CLASSES = frozenset({CT_IMAGE}) | ENHANCED_CT
"""SOP classes of what is taken in; all else, our own results among it, is none of ours to evaluate."""

_COMING = ".coming"
_CONTENT_CHARS = 16


class Inbox:
    """One folder for each study and one file for each CT object, both under keyed names; any thread may use it.

    The name of a file says its content too: what was sent under one UID with other pixels is another file.

    A file is there whole or not at all. When the last one came is the folder's time of modification (ns), so that a
    killed service forgets nothing.
    """

    def __init__(self, folder: Path, key: bytes, *, min_free_bytes: float) -> None:
        self.folder = folder
        self._key = key
        self._min_free_bytes = min_free_bytes
        self._lock = threading.Lock()
        shutil.rmtree(folder / _COMING, ignore_errors=True)
        (folder / _COMING).mkdir(mode=0o700, parents=True)

    def name(self, study_uid: str) -> str:
        """Name a study."""
        return keyed_name(self._key, "study", study_uid)

    def is_full(self) -> bool:
        """Say whether the disk has too little free to take in more."""
        return shutil.disk_usage(self.folder).free < self._min_free_bytes

    def put(self, data: bytes) -> bool:
        """Store a DICOM file; False for what is no CT, which is not stored.

        Raises
        ------
        IngestError
            Its header cannot be parsed.
        OSError
            It cannot be written; ``ENOSPC`` also where :meth:`is_full`.
        """
        uids = object_uids(data)
        if uids.sop_class not in CT_CLASSES:
            return False
        if self.is_full():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        study = self.folder / self.name(uids.study)
        name = keyed_name(self._key, "object", uids.sop_instance)
        content = hashlib.sha256(memoryview(data)[uids.begin :]).hexdigest()[:_CONTENT_CHARS]
        path = study / f"{name}-{content}.dcm"  # of two that share a UID neither is lost: the ingest judges
        coming = self.folder / _COMING / secrets.token_hex(8)
        try:
            _write_through(coming, data)
            with self._lock:
                if not study.is_dir():
                    study.mkdir(mode=0o700)
                    sync_folder(self.folder)
                if path.is_file():  # a run may be reading it: only say that it came again
                    os.utime(study)
                else:
                    coming.replace(path)
                    sync_folder(study)
        finally:
            coming.unlink(missing_ok=True)
        return True

    def studies(self) -> Mapping[str, int]:
        """Return when (ns) the last object of each study came."""
        with self._lock:
            return {path.name: path.stat().st_mtime_ns for path in self.folder.glob("[!.]*")}

    def objects(self, study: str) -> tuple[str, ...]:
        """Return the names of a study's files, sorted."""
        return tuple(sorted(path.name for path in (self.folder / study).glob("[!.]*")))

    def digest(self, study: str) -> str:
        """Hash which objects a study has, and their content."""
        return hashlib.sha256("\n".join(self.objects(study)).encode()).hexdigest()

    def remove(self, study: str, *, came: int) -> None:
        """Remove a study, unless something came since then (ns)."""
        path = self.folder / study
        with self._lock:
            if path.is_dir() and path.stat().st_mtime_ns == came:
                shutil.rmtree(path)


def _write_through(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
