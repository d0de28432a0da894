"""The learning rate, step by step."""

from __future__ import annotations

from ignite.engine import Engine, Events
from torch.optim.lr_scheduler import LRScheduler

from .optimizer_steps import has_stepped


class ScheduleHandler:
    """Move a learning rate schedule on with every step of the optimiser.

    MONAI's ``LrScheduleHandler`` counts iterations; with accumulated gradients that is not the same, and one large
    batch would be trained by another schedule than its parts.
    """

    def __init__(self, lr_scheduler: LRScheduler) -> None:
        self.lr_scheduler = lr_scheduler

    def attach(self, engine: Engine) -> None:
        """Follow the optimiser."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.step)

    def step(self, engine: Engine) -> None:
        """Set the learning rate of the next step."""
        if has_stepped(engine):
            self.lr_scheduler.step()
