"""Losses, each masked per case for partial labels."""

from .multi_task_loss import MultiTaskLoss
from .targets import Targets, pack_targets, unpack_targets

__all__ = ["MultiTaskLoss", "Targets", "pack_targets", "unpack_targets"]
