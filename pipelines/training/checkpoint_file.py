"""Checkpoints of a training run, as files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..results.atomic_write import atomic_write
from ..results.output_not_writable import writing
from .checkpoint_error import CheckpointError

FORMAT = "resmtnet training checkpoint 1"
_KEPT = 2


def save_whole(value: Any, path: Path) -> None:
    """Write tensors and plain values so that the file is there whole or not at all.

    Raises
    ------
    OutputNotWritable
        The disk is full, for one; what was at ``path`` before is still there.
    """
    buffer = io.BytesIO()
    torch.save(value, buffer)
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, buffer.getvalue())


def checkpoint_files(folder: str | Path) -> list[Path]:
    """Return the checkpoints ``checkpoint_EPOCH.pt`` of a folder, oldest first."""
    found = [path for path in Path(folder).glob("checkpoint_*.pt") if _epoch(path) is not None]
    return sorted(found, key=lambda path: _epoch(path) or 0)


def save_checkpoint(state: Mapping[str, Any], folder: str | Path, epoch: int) -> None:
    """Write the checkpoint of an epoch, and remove all but the last two."""
    save_whole({"format": FORMAT, **state}, Path(folder) / f"checkpoint_{epoch}.pt")
    for path in checkpoint_files(folder)[:-_KEPT]:
        path.unlink()


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        It is missing, cannot be read, or is no checkpoint of a training run.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path.name}; --resume auto starts anew where there is none")
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # what broken bytes lead to is not foreseen: struct.error, for one
        raise CheckpointError(
            f"{path.name} cannot be read: it is truncated, or no checkpoint.{_before(path)}"
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path.name} is no checkpoint of a training run (weights alone?).{_before(path)}")
    return state


def _epoch(path: Path) -> int | None:
    number = path.stem.removeprefix("checkpoint_")
    return int(number) if number.isdecimal() else None


def _before(path: Path) -> str:
    others = [other for other in checkpoint_files(path.parent) if (_epoch(other) or 0) < (_epoch(path) or 0)]
    return f" The one before it is {others[-1].name}: go on from there with --resume and its path." if others else ""
