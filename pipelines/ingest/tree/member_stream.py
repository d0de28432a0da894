"""A member of a zip archive as a stream, without unpacking it to the disk."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

from ..ingest_error import IngestError
from .file_stamp import FileStamp, file_stamp
from .inflate_member import inflate_head, inflate_member
from .zip_directory import ZipEntry

HEAD_BYTES = 32 * 2**10  # what the header pass reads first: so much is inflated without the rest
_KEPT_FROM_BYTES = 8 * 2**20  # larger than a slice: frames, which are read one after the other

_lock = threading.Lock()
_kept: list[tuple[tuple[str, FileStamp, ZipEntry], bytearray]] = []


class MemberStream(io.RawIOBase):
    """Reading and seeking in one member; what lies behind its first 32 KiB is given only if all of it proves sound.

    Parameters
    ----------
    archive, descriptor
        The archive and where it is open; the stream closes it.
    entry, start
        The member and where its data begin.
    """

    def __init__(self, archive: Path, descriptor: int, entry: ZipEntry, start: int) -> None:
        self._descriptor = descriptor
        self._entry = entry
        self._stamp = file_stamp(descriptor)
        self._key = (str(archive), self._stamp, entry)
        self._start = start
        self._data = bytearray()
        self._position = 0

    @property
    def n_bytes(self) -> int:
        """Uncompressed size; never more comes out."""
        return self._entry.n_bytes

    def stamp(self) -> FileStamp:
        """Take the stamp of the archive as it is now."""
        return file_stamp(self._descriptor)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move as in any stream."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.n_bytes}[whence]
        if origin + offset < 0:
            raise ValueError("negative position")
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        """Say where it stands."""
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Read ``size`` bytes, fewer only at the end.

        Raises
        ------
        IngestError
            As :func:`inflate_member`; ``E_FILE_CHANGED`` where the archive changed meanwhile.
        """
        end = self.n_bytes if size is None or size < 0 else min(self._position + size, self.n_bytes)
        self._fetch(end)
        data = bytes(memoryview(self._data)[self._position : end])
        self._position += len(data)
        return data

    def readall(self) -> bytes:
        """Read to the end."""
        return self.read()

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` as far as the member reaches."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the archive."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()

    def _fetch(self, end: int) -> None:
        if end > len(self._data) and end <= HEAD_BYTES < self.n_bytes:
            self._data = bytearray(inflate_head(self._descriptor, self._start, self._entry, HEAD_BYTES))
        if end > len(self._data):
            self._data = self._whole()
            if self.stamp() != self._stamp:
                raise IngestError("E_FILE_CHANGED", "(zip archive)", "failed")

    def _whole(self) -> bytearray:
        with _lock:
            if _kept and _kept[0][0] == self._key:
                return _kept[0][1]
            _kept.clear()
        data = inflate_member(self._descriptor, self._start, self._entry)
        if len(data) >= _KEPT_FROM_BYTES:
            with _lock:
                _kept[:] = [(self._key, data)]
        return data


def forget_member() -> None:
    """Free the multi-frame member that is kept for its next frame (at most 1 GiB); it is inflated again if need be."""
    with _lock:
        _kept.clear()
