from __future__ import annotations

import copy
import math

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedTrainer
from torch import nn

from resmtnet.pipelines.training.ema_handler import EmaHandler
from resmtnet.pipelines.training.gradient_guard import GradientGuard
from resmtnet.pipelines.training.schedule_handler import ScheduleHandler
from resmtnet.pipelines.training.training_diverged import TrainingDiverged
from resmtnet.pipelines.training.warmup_cosine import warmup_cosine

INF = float("inf")


class Trained:
    """A trainer of a small network (with batch norm or without), and how often its optimiser stepped."""

    def __init__(self, batches, *, accumulation=1, norm=False, most=20, folder=None, max_norm=None, sgd=False) -> None:
        torch.manual_seed(0)
        parts = [nn.Linear(3, 4), *([nn.BatchNorm1d(4)] if norm else []), nn.Linear(4, 1)]
        self.network = nn.Sequential(*parts)
        self.average = copy.deepcopy(self.network)
        kind = torch.optim.SGD if sgd else torch.optim.AdamW
        self.optimizer = kind(self.network.parameters(), lr=0.1)
        epoch_length = len(batches)
        schedule = warmup_cosine(self.optimizer, steps=2 * -(-epoch_length // accumulation))
        self.guard = GradientGuard(self.network, max_norm=max_norm, most_in_a_row=most, checkpoints=folder)
        self.trainer = SupervisedTrainer(
            device="cpu",
            max_epochs=1,
            epoch_length=epoch_length,
            train_data_loader=batches,
            network=self.network,
            optimizer=self.optimizer,
            loss_function=nn.MSELoss(),
            train_handlers=[self.guard, EmaHandler(self.network, self.average), ScheduleHandler(schedule)],
            decollate=False,
            accumulation_steps=accumulation,
        )

    def run(self) -> Trained:
        self.trainer.run()
        return self

    def weights(self) -> list[torch.Tensor]:
        return [*self.network.state_dict().values(), *self.average.state_dict().values()]


def batches(n: int, size: int = 4) -> list[dict[str, torch.Tensor]]:
    random = torch.Generator().manual_seed(5)
    draw = [torch.randn(size, 4, generator=random) for _ in range(n)]
    return [{"image": rows[:, :3], "label": rows[:, 3:]} for rows in draw]


def spoilt(batch: dict[str, torch.Tensor], key: str = "image", value: float = INF) -> dict[str, torch.Tensor]:
    batch = {name: tensor.clone() for name, tensor in batch.items()}
    batch[key][0, 0] = value
    return batch


@pytest.mark.parametrize(("key", "value"), [("image", INF), ("image", math.nan), ("label", INF)])
def test_a_step_that_is_not_finite_leaves_no_trace(key, value):
    good = batches(5)
    clean = Trained(good, norm=True).run()
    faulty = Trained([*good[:3], spoilt(good[0], key, value), *good[3:]], norm=True)
    rates = []
    faulty.trainer.add_event_handler(
        Events.ITERATION_COMPLETED, lambda _: rates.append(faulty.optimizer.param_groups[0]["lr"])
    )
    faulty.run()
    assert faulty.trainer.state.skipped_steps == 1
    assert all(torch.isfinite(tensor.float()).all() for tensor in faulty.weights())
    assert rates[3] == rates[2]
    assert clean.trainer.state.skipped_steps == 0
    # the network and its statistics are those of the good batches alone (the schedules differ: not the numbers)
    steps = [int(trained.network[1].num_batches_tracked) for trained in (clean, faulty)]
    assert steps == [5, 5]


def test_the_weights_before_and_after_a_skipped_step_are_the_same():
    good = batches(1)
    faulty = Trained([*good, spoilt(good[0])], norm=True)
    kept = []
    faulty.trainer.add_event_handler(
        Events.ITERATION_COMPLETED, lambda _: kept.append([tensor.clone() for tensor in faulty.weights()])
    )
    faulty.run()
    assert all(map(torch.equal, *kept))


def test_too_many_in_a_row_end_the_training_and_say_where_to_go_on(tmp_path):
    (tmp_path / "checkpoint_7.pt").touch()
    good, bad = batches(2)[0], spoilt(batches(1)[0])
    Trained([bad, bad, good, bad, bad], most=3).run()  # never three in a row
    with pytest.raises(TrainingDiverged, match=r"epoch 1: 3 steps in a row .* checkpoint_7\.pt") as caught:
        Trained([good, bad, bad, bad, good], most=3, folder=tmp_path).run()
    assert "lower learning_rate" in str(caught.value)


def test_gradients_are_clipped_to_the_norm():
    """One SGD step moves the weights by the learning rate times the clipped norm."""
    big = [{"image": torch.full((4, 3), 50.0), "label": torch.full((4, 1), -900.0)}]
    clipped = Trained(big, max_norm=0.5, sgd=True)
    rate = clipped.optimizer.param_groups[0]["lr"]
    before = [p.detach().clone() for p in clipped.network.parameters()]
    clipped.run()
    moved = torch.cat([(p.detach() - b).flatten() for p, b in zip(clipped.network.parameters(), before, strict=True)])
    assert float(moved.norm()) == pytest.approx(0.5 * rate, rel=1e-4)


def test_accumulated_gradients_are_those_of_the_large_batch():
    large = batches(3, size=12)
    parts = [{name: tensor[n : n + 4] for name, tensor in batch.items()} for batch in large for n in (0, 4, 8)]
    one, three = Trained(large, max_norm=0.2).run(), Trained(parts, max_norm=0.2, accumulation=3).run()
    assert one.optimizer.param_groups[0]["lr"] == three.optimizer.param_groups[0]["lr"]
    for a, b in zip(one.weights(), three.weights(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)  # sums in another order, float32


def test_one_faulty_part_of_an_accumulated_step_takes_the_whole_step_along():
    good = batches(4)
    faulty = Trained([good[0], good[1], spoilt(good[2]), good[3]], accumulation=2, norm=True).run()
    clean = Trained(good[:2], accumulation=2, norm=True).run()
    assert faulty.trainer.state.skipped_steps == 1
    assert int(faulty.network[1].num_batches_tracked) == int(clean.network[1].num_batches_tracked) == 2


@pytest.mark.filterwarnings("ignore:CUDA is not available")  # MONAI's autocast names CUDA
def test_with_a_loss_scaler_the_guard_sees_the_true_gradients():
    """torch's scaler works on the CPU too; a scale that overflows is skipped, and halved for the next step."""
    plain = Trained(batches(4), max_norm=0.2).run()
    scaled = Trained(batches(4), max_norm=0.2)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)

    def begin(engine):
        engine.amp, engine.scaler = True, scaler

    scaled.trainer.add_event_handler(Events.STARTED, begin)
    scaled.run()
    for a, b in zip(plain.weights(), scaled.weights(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)
    faulty = Trained([*batches(2), spoilt(batches(1)[0])])
    faulty.trainer.add_event_handler(Events.STARTED, begin)
    faulty.run()
    assert faulty.trainer.state.skipped_steps == 1
    assert scaler.get_scale() == 2.0**9
