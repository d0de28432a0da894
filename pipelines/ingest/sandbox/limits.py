"""What a worker may use."""

from __future__ import annotations

from dataclasses import dataclass

from ..volume_file.judge_volume_header import MAX_VOXELS

GIB = 2**30
_LARGEST_ITEM = 4  # float32


@dataclass(frozen=True)
class Limits:
    """Memory and time of one worker.

    Attributes
    ----------
    memory_bytes
        Address space beside the mapped part of the volume. A slice of 8192x8192 takes JPEG 2000 about 1 GiB, a volume
        file is held once as stored.
    base_s
        Wall and CPU seconds that any task may take: half a second for imports, many times over on a busy machine.
    s_per_mvoxel
        Seconds more for each million voxels. The slowest decoder (JPEG 2000) takes 0.15 s.
    """

    memory_bytes: int = 4 * GIB
    base_s: float = 60.0
    s_per_mvoxel: float = 3.0

    @property
    def memory_bytes_at_most(self) -> int:
        """Address space of a task that maps the largest volume."""
        return self.memory_bytes + MAX_VOXELS * _LARGEST_ITEM + GIB // 1024

    def seconds(self, voxels: int) -> float:
        """Give the time for a task that is to decode so many voxels."""
        return self.base_s + self.s_per_mvoxel * voxels / 1e6
