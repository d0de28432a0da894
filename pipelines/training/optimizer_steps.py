"""When the trainer moves the weights."""

from __future__ import annotations

from typing import Any


def is_optimizer_step(engine: Any) -> bool:
    """Say whether the current iteration of a MONAI trainer ends with a step of the optimiser.

    The rule is that of ``SupervisedTrainer`` with ``accumulation_steps``: every so many iterations, and at the end of
    an epoch.
    """
    within = (engine.state.iteration - 1) % engine.state.epoch_length + 1
    return bool(within % engine.accumulation_steps == 0 or within == engine.state.epoch_length)


def has_stepped(engine: Any) -> bool:
    """Say, after an iteration, whether it moved the weights: a step that was skipped did not."""
    return is_optimizer_step(engine) and not getattr(engine.state, "step_skipped", False)


def optimizer_steps(engine: Any) -> int:
    """Count the optimiser's steps up to and including the current iteration, skipped ones too."""
    epochs, within = divmod(engine.state.iteration, engine.state.epoch_length)
    return int(epochs * steps_per_epoch(engine.state.epoch_length, engine.accumulation_steps)) + int(
        within // engine.accumulation_steps
    )


def steps_per_epoch(epoch_length: int, accumulation_steps: int) -> int:
    """Count the optimiser's steps of an epoch."""
    return -(-epoch_length // accumulation_steps)
