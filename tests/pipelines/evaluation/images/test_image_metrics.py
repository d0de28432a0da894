import numpy as np
import pytest

from resmtnet.pipelines.evaluation.images.cross_fitted_calls import cross_fitted_calls
from resmtnet.pipelines.evaluation.images.image_metrics import image_metrics
from resmtnet.pipelines.evaluation.images.image_outcome import ImageOutcome
from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages
from resmtnet.pipelines.evaluation.roc_auc import roc_auc

CLASSES = ("normal", "benign", "malignant")


def outcome(n, label, probabilities, group=None, **masks):
    return ImageOutcome(file=f"{n}.png", group=group or f"g{n}", label=label, probabilities=probabilities, **masks)


def judged(*outcomes, classes=CLASSES, normal="normal"):
    return JudgedImages(classes, "malignant", normal, outcomes)


@pytest.fixture(scope="module")
def by_hand():
    lesion = {"predicted_area": 0.2, "true_area": 0.1}
    return image_metrics(
        judged(
            outcome(0, 0, (0.8, 0.1, 0.1), predicted_area=0.0, true_area=0.0),
            outcome(1, 0, (0.3, 0.1, 0.6), predicted_area=0.1, true_area=0.0),
            outcome(2, 0, (0.9, 0.1, 0.0), predicted_area=0.0, true_area=0.0),
            outcome(3, 1, (0.1, 0.7, 0.2), dice=0.9, missed=False, **lesion),
            outcome(4, 1, (0.1, 0.2, 0.7), dice=0.8, missed=False, **lesion),
            outcome(5, 2, (0.0, 0.1, 0.9), dice=0.0, missed=True, **lesion),
            outcome(6, 2, (0.5, 0.3, 0.2), dice=0.5, missed=False, **lesion),
            outcome(7, 2, (0.1, 0.1, 0.8), dice=0.6, missed=False, **lesion),
        ),
        draws=200,
    )


def test_counts_and_classes_by_hand(by_hand):
    assert by_hand["confusion"] == [[2, 0, 1], [0, 1, 1], [1, 0, 2]]
    assert (by_hand["n_images"], by_hand["n_groups"]) == (8, 8)
    assert by_hand["accuracy"] == pytest.approx(5 / 8)
    per_class = by_hand["per_class"]
    assert [per_class[c]["precision"] for c in CLASSES] == pytest.approx([2 / 3, 1, 1 / 2])
    assert [per_class[c]["recall"] for c in CLASSES] == pytest.approx([2 / 3, 1 / 2, 2 / 3])
    f1 = [2 / 3, 2 / 3, 4 / 7]
    assert [per_class[c]["f1"] for c in CLASSES] == pytest.approx(f1)
    assert by_hand["macro_f1"] == pytest.approx(np.mean(f1))


def test_thresholds_by_hand(by_hand):
    # malignant .9 .8 .2; benign .7 .2; normal .6 .1 0
    assert by_hand["auc"] == pytest.approx((5 + 5 + 2.5) / 15)
    assert by_hand["auc_against_lesions"] == pytest.approx((2 + 2 + 0.5) / 6)
    assert by_hand["sensitivity_at_0.5"] == pytest.approx(2 / 3)
    assert by_hand["specificity_at_0.5"] == pytest.approx(1 / 2)
    assert by_hand["specificity_at_0.5_against_rest"] == pytest.approx(3 / 5)
    assert by_hand["specificity_at_sensitivity_94"] == pytest.approx(0)  # all three must be found: threshold .2
    assert by_hand["specificity_at_sensitivity_94_against_rest"] == pytest.approx(2 / 5)


def test_calibration_by_hand(by_hand):
    # of the class said: .5 wrong; .6 wrong; .7 right, .7 wrong; .8 right, .8 right; .9 right, .9 right
    assert by_hand["ece"] == pytest.approx((0.5 + 0.6 + abs(1.4 - 1) + 0.4 + 0.2) / 8)
    brier = [0.01, 0.36, 0, 0.04, 0.49, 0.01, 0.64, 0.04]
    assert by_hand["brier_positive"] == pytest.approx(np.mean(brier))


def test_masks_by_hand(by_hand):
    assert by_hand["dice_mean"] == pytest.approx((0.9 + 0.8 + 0 + 0.5 + 0.6) / 5)  # empty on normal: not a Dice of 1
    assert by_hand["dice_median"] == pytest.approx(0.6)
    assert by_hand["dice_missed_share"] == pytest.approx(1 / 5)
    assert by_hand["false_area_on_normal_share"] == pytest.approx(1 / 3)
    assert (by_hand["n_with_lesion"], by_hand["n_without_lesion"]) == (5, 3)
    assert by_hand["per_class"]["malignant"]["dice_mean"] == pytest.approx(1.1 / 3)
    assert "dice_mean" not in by_hand["per_class"]["normal"]


def test_every_figure_has_an_interval_around_it(simulated_images):
    metrics = image_metrics(simulated_images, draws=200)
    parts = [metrics, *metrics["per_class"].values()]
    figures = [(part, name) for part in parts for name, value in part.items() if isinstance(value, float)]
    assert len(figures) >= 27
    for part, name in figures:
        low, high = part[f"{name}_ci95"] if name != "dice_mean" else part["dice_ci95"]
        assert low <= part[name] <= high or name.startswith("ece")  # a calibration error is larger in draws
        assert low < high
    assert metrics["dice_mean_ci95"] == metrics["dice_ci95"]


def test_interval_is_by_group():
    rng = np.random.default_rng(0)
    rows = [(0.1, 0.8, 0.1) if rng.random() < 0.6 else (0.8, 0.1, 0.1) for _ in range(30)]
    alone = judged(*(outcome(n, 1, p) for n, p in enumerate(rows)))
    twins = judged(*(outcome(n, 1, rows[n % 30], group=f"g{n % 30}") for n in range(120)))
    ends = [image_metrics(one, draws=500)["accuracy_ci95"] for one in (alone, twins)]
    assert ends[0] == pytest.approx(ends[1])  # four times the images of the same patients know no more


def test_auc_and_calls_on_many(simulated_images):
    metrics = image_metrics(simulated_images, draws=50)
    truth = simulated_images.labels == 2
    assert metrics["auc"] == pytest.approx(roc_auc(simulated_images.score, truth))
    lesions = simulated_images.labels > 0
    assert metrics["auc_against_lesions"] == pytest.approx(roc_auc(simulated_images.score[lesions], truth[lesions]))
    wins = simulated_images.score[truth][:, None] > simulated_images.score[~truth][None]
    assert metrics["auc"] == pytest.approx(wins.mean())  # no ties among random scores
    assert np.sum(metrics["confusion"]) == 240
    assert np.trace(metrics["confusion"]) / 240 == pytest.approx(metrics["accuracy"])


def test_cross_fitted_calls_use_the_other_half():
    # group a holds the high scores: what b's threshold calls in a is not what a's own would
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    sides = np.array([1, 1, -1, -1, 1, 1, -1, -1])
    groups = ["a"] * 4 + ["b"] * 4
    calls = cross_fitted_calls(score, sides, groups, sensitivity=1.0)
    assert calls == pytest.approx([1, 1, 1, 1, 0, 0, 0, 0])  # a: threshold .4 of b; b: threshold .8 of a


def test_cross_fitted_sensitivity_is_near_the_one_asked_for():
    rng = np.random.default_rng(5)
    sides = np.repeat([1, -1], 2000)
    score = rng.normal(sides, 1)
    calls = cross_fitted_calls(score, sides, [f"g{n // 4}" for n in range(4000)], sensitivity=0.94)
    assert calls[sides > 0].mean() == pytest.approx(0.94, abs=0.01)
    # normal distributions two apart: threshold 1 - 1.555, specificity Phi(-.555 + 1)
    assert 1 - calls[sides < 0].mean() == pytest.approx(0.672, abs=0.03)


def test_without_masks_there_are_no_figures_of_masks():
    metrics = image_metrics(judged(outcome(0, 1, (0.2, 0.5, 0.3)), outcome(1, 2, (0.2, 0.5, 0.3))), draws=20)
    assert not [name for name in metrics if "dice" in name or "area" in name]


def test_two_classes_have_no_normal_one():
    two = judged(
        *(outcome(n, n % 2, (1 - p, p)) for n, p in enumerate((0.1, 0.9, 0.6, 0.4))),
        classes=("benign", "malignant"),
        normal=None,
    )
    metrics = image_metrics(two, draws=20)
    assert metrics["auc"] == metrics["auc_against_lesions"] == pytest.approx(3 / 4)
    assert metrics["notes"]["against"].startswith("malignant against benign;")


def test_no_image_at_all():
    metrics = image_metrics(judged(), draws=20)
    assert metrics["n_images"] == 0
    assert metrics["accuracy"] is None


@pytest.mark.parametrize(
    ("classes", "normal", "outcomes"),
    [
        (("a", "b"), None, ()),
        (CLASSES, "healthy", ()),
        (CLASSES, "malignant", ()),
        (CLASSES, "normal", (outcome(0, 3, (0.1, 0.2, 0.7)),)),
        (CLASSES, "normal", (outcome(0, 1, (0.3, 0.7)),)),
    ],
)
def test_what_does_not_suit_is_refused(classes, normal, outcomes):
    with pytest.raises(ValueError, match="expected"):
        judged(*outcomes, classes=classes, normal=normal)
