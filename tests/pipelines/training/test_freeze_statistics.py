import torch
from ignite.engine import Engine
from torch import nn

from resmtnet.pipelines.training.freeze_statistics import FreezeStatistics


def train(network: nn.Module, *, after: int | None, epochs: int) -> list[list[torch.Tensor]]:
    """Train as MONAI does, ``train()`` before every step; return the running statistics after each epoch."""
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    seen: list[list[torch.Tensor]] = []

    def step(engine: Engine, batch: torch.Tensor) -> None:
        network.train()
        optimiser.zero_grad()
        network(batch).square().mean().backward()
        optimiser.step()

    trainer = Engine(step)
    FreezeStatistics(network, after=after).attach(trainer)
    generator = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        batches = [torch.randn(4, 2, 6, 6, 6, generator=generator) * 3 + 1 for _ in range(2)]
        trainer.run(batches, max_epochs=len(seen) + 1)
        seen.append([b.clone() for name, b in network.named_buffers() if "running" in name])
    return seen


def made() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv3d(2, 3, 1), nn.BatchNorm3d(3), nn.Sequential(nn.ReLU(), nn.BatchNorm3d(3)))


def same(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_statistics_move_until_they_are_frozen_and_never_again():
    network = made()
    scale = network[1].weight.detach().clone()
    first, second, third, fourth = train(network, after=2, epochs=4)
    assert not same(first, second)
    assert same(second, third)
    assert same(second, fourth)
    assert not torch.equal(network[1].weight, scale)


def test_frozen_from_the_beginning_the_running_statistics_normalise():
    network = made()
    start = [b.clone() for name, b in network.named_buffers() if "running" in name]
    (after,) = train(network, after=0, epochs=1)
    assert same(start, after)
    network.train()
    image = torch.randn(2, 2, 6, 6, 6)
    trained = network(image)
    assert torch.equal(trained, network.eval()(image))


def test_never_frozen_they_always_move():
    first, second = train(made(), after=None, epochs=2)
    assert not same(first, second)


def test_dropout_and_the_rest_still_train_when_frozen():
    network = nn.Sequential(nn.BatchNorm3d(2), nn.Dropout(0.5), nn.Conv3d(2, 2, 1))
    train(network, after=0, epochs=1)
    assert [m.training for m in network] == [False, True, True]
