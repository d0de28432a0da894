from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from resmtnet.pipelines.training.images.grouped_folds import grouped_folds
from resmtnet.pipelines.training.images.labelled_images import read_labelled_images

CLASSES = ["normal", "benign", "malignant"]


def made(n_groups: int = 60, seed: int = 0):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 15, n_groups)
    groups = [f"g{g}" for g, size in enumerate(sizes) for _ in range(size)]
    labels = [int(label) for label, size in zip(rng.integers(0, 3, n_groups), sizes, strict=True) for _ in range(size)]
    return labels, groups


def test_no_group_is_divided_and_each_class_is_spread():
    labels, groups = made()
    folds = grouped_folds(labels, groups)
    assert set(folds) == set(range(5))
    assert all(len({f for f, g in zip(folds, groups, strict=True) if g == group}) == 1 for group in set(groups))
    for label, n in Counter(labels).items():
        of = Counter(f for f, k in zip(folds, labels, strict=True) if k == label)
        assert all(0.14 < of[f] / n < 0.26 for f in range(5))


def test_the_first_choices_by_hand():
    """Largest first: a to fold 0; b, of the same class, to 1; c shares no class with a: the first of the even folds."""
    labels = ["x"] * 4 + ["x"] * 3 + ["y"] * 2 + ["x"]
    groups = ["a"] * 4 + ["b"] * 3 + ["c"] * 2 + ["d"]
    assert grouped_folds(labels, groups, n=2) == (0,) * 4 + (1,) * 3 + (0,) * 2 + (1,)


def test_names_and_order_of_the_classes_and_order_of_the_images_do_not_matter():
    labels, groups = made()
    folds = grouped_folds(labels, groups, seed=3)
    assert grouped_folds([CLASSES[k] for k in labels], groups, seed=3) == folds
    assert grouped_folds([2 - k for k in labels], groups, seed=3) == folds
    order = np.random.default_rng(1).permutation(len(labels))
    turned = grouped_folds([labels[i] for i in order], [groups[i] for i in order], seed=3)
    assert turned == tuple(folds[i] for i in order)


def test_another_seed_is_another_division():
    labels, groups = list(range(3)) * 20, [f"g{n}" for n in range(60)]
    assert grouped_folds(labels, groups, seed=0) == grouped_folds(labels, groups, seed=0)
    assert grouped_folds(labels, groups, seed=0) != grouped_folds(labels, groups, seed=1)


@pytest.mark.parametrize("n", [1, 4])
def test_as_many_folds_as_there_can_be(n):
    with pytest.raises(ValueError, match="from 2 to 3 folds"):
        grouped_folds([0, 0, 1, 1], ["a", "b", "c", "c"], n=n)


@pytest.mark.data
def test_every_fold_of_the_real_data_has_every_class(shared_data: Path):
    images = read_labelled_images(shared_data / "iq_othnccd", CLASSES)
    folds = grouped_folds([image.label for image in images], [image.group for image in images])
    counts = Counter((f, image.label) for f, image in zip(folds, images, strict=True))
    assert all(counts[f, label] >= n for f in range(5) for label, n in enumerate((60, 15, 90)))
