"""Figures of judged nodules and places, by hand and by scikit-free counting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resmtnet.pipelines.evaluation.fusion.fusion_figures import fusion_figures
from resmtnet.pipelines.evaluation.fusion.fusion_places import SHIFT_MM, FusionPlaces
from resmtnet.pipelines.evaluation.fusion.judged_place import JudgedPlace, read_places, write_places
from resmtnet.pipelines.evaluation.fusion.score_places import main
from resmtnet.pipelines.evaluation.nodule_outcome import NoduleOutcome
from resmtnet.pipelines.evaluation.outcomes_file import write_outcomes
from resmtnet.pipelines.inference.fusion.fusion_look import FusionLook
from resmtnet.transforms.planes_view import PlanesView


def outcome(n: int, told: float, scores: list[int]) -> NoduleOutcome:
    return NoduleOutcome(
        key=f"n{n}",
        patient_id=f"P{n}",
        found=True,
        probability=0.9,
        diameter_mm=5.0 + n,
        predicted_diameter_mm=6.0 + n,
        malignancy_probability=told,
        scores=scores,
        modal_score=scores[0],
    )


# told, readers: two benign (one called malignant), three malignant (one called benign), one unclear, one of two readers
OUTCOMES = [
    *(outcome(0, 0.1, [1, 1, 2]), outcome(1, 0.7, [2, 2, 2])),
    *(outcome(2, 0.9, [5, 5, 4]), outcome(3, 0.6, [4, 4, 4]), outcome(4, 0.3, [5, 5, 5])),
    *(outcome(5, 0.9, [3, 3, 3]), outcome(6, 0.9, [1, 1])),
]
PLACES = [
    *(JudgedPlace("n0", "P0", True, 0.9, 1.0), JudgedPlace("n1", "P1", True, 0.4, 2.0)),
    *(JudgedPlace("n0", "P0", False, 0.2), JudgedPlace("n1", "P1", False, 0.5)),
]


def test_the_figures_are_those_counted_by_hand():
    figures = fusion_figures(OUTCOMES, PLACES, draws=50)
    assert figures["accuracy"] == pytest.approx(3 / 5)
    benign, malignant = 2 * 1 / (2 * 1 + 1 + 1), 2 * 2 / (2 * 2 + 1 + 1)
    assert figures["macro_f1"] == pytest.approx((benign + malignant) / 2)
    assert figures["auc"] == pytest.approx(4 / 6)  # pairs: .9>.1 .9>.7 .6>.1 .3>.1, not .6>.7, not .3>.7
    assert figures["presence_auc"] == pytest.approx(3 / 4)
    assert figures["location_error_mm"] == pytest.approx(1.5)
    assert figures["n_places_without_nodule"] == 2
    low, high = figures["accuracy_ci95"]
    assert 0 <= low < 3 / 5 < high <= 1


def test_without_places_of_lung_presence_is_not_scored():
    assert fusion_figures(OUTCOMES, PLACES[:2], draws=50)["presence_auc"] is None


def test_places_come_back_from_their_file(tmp_path):
    write_places(PLACES, tmp_path / "places.csv")
    assert read_places(tmp_path / "places.csv") == PLACES


def test_folds_are_pooled(tmp_path, capsys):
    for n, part in enumerate((slice(0, 3), slice(3, 7))):
        folder = tmp_path / str(n)
        write_outcomes(OUTCOMES[part], folder / "outcomes.json")
        write_places(PLACES[n * 2 : n * 2 + 2], folder / "places.csv")
    assert main([str(tmp_path / "0"), str(tmp_path / "1"), "--output", str(tmp_path / "all")]) == 0
    metrics = json.loads((tmp_path / "all" / "metrics.json").read_text())
    assert metrics["accuracy"] == pytest.approx(3 / 5)
    assert metrics["malignancy_auc"] == metrics["auc"]
    assert metrics["presence_auc"] == pytest.approx(3 / 4)
    assert metrics["diameter_mae_mm"] == pytest.approx(1.0)
    assert metrics["dice_mean"] is None
    assert "7 nodules" in capsys.readouterr().out


def test_places_to_look_at_are_shifted_nodules_and_lung(lidc_folder: Path):
    places = FusionPlaces(lidc_folder, FusionLook(PlanesView(), mirrors=2))
    n = len(places.records)
    for place in places.places[:n]:
        assert place.location_mm is not None
        assert 0 < abs(place.location_mm).max() <= SHIFT_MM
    assert all(place.location_mm is None for place in places.places[n:])
    assert len(places) == 2 * n
    image = places[0]["image"]
    assert image.shape == (2, 9, 64, 64)
    assert image[0, 1, 26:38, 26:38].max() > 0.7
    assert places[n]["image"][0, :, 26:38, 26:38].max() < 0.3
