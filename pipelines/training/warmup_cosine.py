"""The learning rate schedule."""

from __future__ import annotations

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR


def warmup_cosine(
    optimizer: Optimizer, *, steps: int, warmup_share: float = 0.05, last_share: float = 0.001
) -> SequentialLR:
    """Return a schedule that rises linearly to the optimiser's learning rate and falls as a cosine.

    Loshchilov and Hutter 2017 (SGDR, eq. 5) without restarts, after the warm-up of Goyal et al. 2017 (2.2).

    Parameters
    ----------
    steps : of the optimiser, in all.
    warmup_share : share of the steps in which the rate rises, from a 25th of it.
    last_share : share of the rate that is left at the last step.

    Raises
    ------
    ValueError
        There are fewer than two steps.
    """
    if steps < 2:
        raise ValueError(f"a schedule needs at least two steps, found {steps}; raise max_epochs or epoch_length")
    rising = min(max(1, round(steps * warmup_share)), steps - 1)
    lr = max(group["lr"] for group in optimizer.param_groups)
    rise = LinearLR(optimizer, start_factor=0.04, total_iters=rising)
    fall = CosineAnnealingLR(optimizer, T_max=steps - rising, eta_min=lr * last_share)
    return SequentialLR(optimizer, [rise, fall], milestones=[rising])
