"""Losses, each masked per case for partial labels."""

from .class_loss import ClassLoss
from .emt_loss import EmtLoss
from .fusion_loss import FusionLoss
from .multi_task_loss import MultiTaskLoss
from .targets import Targets, pack_targets, unpack_targets

__all__ = ["ClassLoss", "EmtLoss", "FusionLoss", "MultiTaskLoss", "Targets", "pack_targets", "unpack_targets"]
