"""Which patches make up each batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ignite.distributed as idist
from torch.utils.data import Sampler


class PatchBatchSampler(Sampler[list[int]]):
    """Lists of patch numbers, one per batch, for a data set whose patch depends on its number alone.

    A number is of kind ``number % kinds``: 0 a wide look, 1 a close one. All patches of a batch are of one kind. Fresh
    numbers follow from epoch, batch and process, and never come twice in a run; some places of the wide batches are
    given to numbers of the epoch before that were hardest (:meth:`set_hard`). Nothing is drawn at random, so state is
    the epoch and the hard numbers.

    Parameters
    ----------
    epoch_length : batches of an epoch, per process.
    batch_size : patches of a batch.
    kinds : 1, or 2 to alternate between wide and close.
    close_share : share of the batches that are close, spread evenly; the same batches in every process.
    hard_share : share of the places of a wide batch for hard numbers; from the second epoch on.
    """

    def __init__(
        self,
        epoch_length: int,
        batch_size: int,
        *,
        kinds: int = 1,
        close_share: float = 0.5,
        hard_share: float = 0.0,
    ) -> None:
        if kinds not in (1, 2) or not 0 <= close_share <= 1 or not 0 <= hard_share <= 1:
            raise ValueError(
                f"kinds must be 1 or 2 and the shares from 0 to 1, found {kinds}, {close_share}, {hard_share}"
            )
        self.epoch_length, self.batch_size, self.kinds = epoch_length, batch_size, kinds
        self.close_share = close_share if kinds == 2 else 0.0
        self.hard_places = round(hard_share * batch_size)
        self.epoch = 0
        self._hard: list[int] = []

    def __len__(self) -> int:
        return self.epoch_length

    def __iter__(self) -> Iterator[list[int]]:
        hard = iter(self._hard[idist.get_rank() :: idist.get_world_size()])
        for batch in range(self.epoch_length):
            kind = self._kind(batch)
            numbers = [self._fresh(batch, place, kind) for place in range(self.batch_size)]
            if kind == 0:
                again = [number for _, number in zip(range(self.hard_places), hard, strict=False)]
                numbers[: len(again)] = again
            yield numbers

    @property
    def hard_numbers(self) -> int:
        """How many hard numbers an epoch can take, all processes together."""
        wide = sum(self._kind(batch) == 0 for batch in range(self.epoch_length))
        return int(wide * self.hard_places * idist.get_world_size())

    def set_epoch(self, epoch: int) -> None:
        """Set which epoch is drawn next, counted from 0."""
        self.epoch = epoch

    def set_hard(self, numbers: Sequence[int]) -> None:
        """Set the numbers to draw again in the next epoch, hardest first; the same in every process.

        Raises
        ------
        ValueError
            One of them is not of the wide kind.
        """
        if any(number % self.kinds for number in numbers):
            raise ValueError("hard numbers must be of the wide kind (even)")
        self._hard = list(numbers)

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {"epoch": self.epoch, "hard": list(self._hard)}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Take over :meth:`state_dict`."""
        self.epoch, self._hard = state["epoch"], list(state["hard"])

    def _kind(self, batch: int) -> int:
        return int((batch + 1) * self.close_share) - int(batch * self.close_share)

    def _fresh(self, batch: int, place: int, kind: int) -> int:
        of_process = (self.epoch * self.epoch_length + batch) * self.batch_size + place
        return int(of_process * idist.get_world_size() + idist.get_rank()) * self.kinds + kind
