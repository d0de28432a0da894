import shutil

import numpy as np
import pytest

from resmtnet.pipelines.training import chests as module
from resmtnet.pipelines.training.background import Background
from resmtnet.pipelines.training.patch_data import patch_data

WINDOWS_HU = [(-1000, 200), (-200, 600)]


def data(folder, **more):
    options = {"subsets": None, "phantom_seeds": [1, 2], "length": 40, "windows_hu": WINDOWS_HU} | more
    return patch_data(folder, None, **options)


@pytest.fixture(autouse=True)
def quick_chests(monkeypatch):
    """A phantom chest takes seconds to make; plain lung will do here."""
    hu = np.full((80, 80, 80), -850, np.int16)
    plain = Background(hu, np.ones(hu.shape, bool), None, None, 1.0)
    monkeypatch.setattr(module, "phantom_backgrounds", lambda seeds: [plain for _ in seeds])


@pytest.fixture
def own_surroundings(lidc_folder):
    return data(lidc_folder, transplant=False)


def unrated(folder, to):
    """The same nodules, with points only."""
    shutil.copytree(folder, to)
    for patch in (to / "patches").iterdir():
        with np.load(patch) as stored:
            arrays = dict(stored)
        np.savez(patch, **{**arrays, "readers": 0 * arrays["readers"]})
    header = (to / "ratings.csv").read_text().splitlines()[0]
    (to / "ratings.csv").write_text(header + "\n")
    return to


def test_without_transplantation_every_nodule_shows_its_own_surroundings(own_surroundings):
    assert own_surroundings.close.backgrounds == []
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(30):
        _, lesions, known = own_surroundings.wide.draw(rng)
        assert len(lesions) == int(known.max() == 0.5)  # a slab has its nodule, a chest none
        kinds.add(len(lesions))
    assert kinds == {0, 1}


def test_both_looks_have_the_shapes_asked_for(own_surroundings):
    assert own_surroundings[0]["image"].shape == (2, 64, 64, 64)
    assert own_surroundings[1]["image"].shape == (2, 48, 48, 48)


def test_subsets_without_nodules_are_refused(lidc_folder):
    with pytest.raises(ValueError, match=r"no nodule of subsets \[9\]"):
        data(lidc_folder, subsets=[9])


def test_with_transplantation_nodules_are_put_into_chests(lidc_folder):
    both = data(lidc_folder)
    assert len(both.close.backgrounds) == 2
    rng = np.random.default_rng(0)
    pasted = [len(lesions) for _, lesions, known in (both.wide.draw(rng) for _ in range(30)) if known.max() == 1]
    assert max(pasted) >= 2
    assert min(pasted) == 0


def test_points_without_outline_or_rating_train_the_wide_look_alone(lidc_folder, tmp_path):
    points = data(unrated(lidc_folder, tmp_path / "points"))
    assert points.close is None
    assert {points[n]["image"].shape[-1] for n in range(4)} == {64}
    lesions = [lesion for _ in range(20) for lesion in points.wide.draw(np.random.default_rng(_))[1]]
    assert lesions
    assert all(lesion.mask is None and lesion.scores is None for lesion in lesions)
