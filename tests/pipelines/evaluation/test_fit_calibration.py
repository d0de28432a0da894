from dataclasses import replace

import numpy as np
import pytest

from resmtnet.pipelines.calibration import Calibration
from resmtnet.pipelines.evaluation.calibration_error import calibration_error
from resmtnet.pipelines.evaluation.cross_calibrated import cross_calibrated
from resmtnet.pipelines.evaluation.fit_calibration import fit_calibration
from resmtnet.pipelines.evaluation.fit_outcomes import fit_outcomes
from resmtnet.pipelines.evaluation.label_rules import malignant_label


def said_and_true(truth: Calibration, n: int = 20_000):
    """Probabilities that ``truth`` would calibrate, sizes in mm, and outcomes drawn accordingly."""
    rng = np.random.default_rng(5)
    said, size = rng.uniform(0.02, 0.98, n), np.exp(rng.normal(2.2, 0.5, n))
    right = np.array([truth.apply(p, d) for p, d in zip(said, size, strict=True)])
    return said, size, right, (rng.random(n) < right).astype(float)


@pytest.mark.parametrize(
    ("form", "truth"),
    [
        ("temperature", Calibration(scale=2.5)),
        ("platt", Calibration(scale=0.6, shift=-0.8)),
        ("platt_size", Calibration(scale=1.7, shift=0.4, log_diameter=1.2)),
    ],
)
def test_known_parameters_are_found(form, truth):
    said, size, right, happened = said_and_true(truth)
    exact = fit_calibration(said, right, diameter_mm=size, form=form)  # soft labels: the very probabilities
    assert (exact.scale, exact.shift, exact.log_diameter) == pytest.approx(
        (truth.scale, truth.shift, truth.log_diameter), abs=2e-3
    )
    drawn = fit_calibration(said, happened, diameter_mm=size, form=form)
    assert (drawn.scale, drawn.shift, drawn.log_diameter) == pytest.approx(
        (truth.scale, truth.shift, truth.log_diameter), abs=0.1
    )


def test_what_is_calibrated_stays():
    said, _, _, happened = said_and_true(Calibration())
    assert fit_calibration(said, happened, form="temperature").scale == pytest.approx(1, abs=0.05)


def test_perfect_separation_has_a_finite_rising_fit():
    fitted = fit_calibration([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], form="platt")
    assert 1 < fitted.scale < 20


@pytest.mark.parametrize("ridge", [0.1, 30.0])
def test_it_is_the_optimum_of_the_penalised_likelihood(ridge):
    said, _, _, happened = said_and_true(Calibration(scale=3.0, shift=1.0), n=200)
    fitted = fit_calibration(said, happened, ridge=ridge)

    def objective(scale, shift):
        p = np.array([Calibration(scale=scale, shift=shift).apply(q) for q in said])
        likelihood = np.sum(happened * np.log(p) + (1 - happened) * np.log(1 - p))
        return -likelihood + ridge / 2 * ((scale - 1) ** 2 + shift**2)

    best = objective(fitted.scale, fitted.shift)
    for step_scale, step_shift in ((0.02, 0), (-0.02, 0), (0, 0.02), (0, -0.02)):
        assert objective(fitted.scale + step_scale, fitted.shift + step_shift) > best


def test_no_case_changes_nothing_and_gaps_are_left_out():
    assert fit_calibration([], [], form="platt") == Calibration()
    said, happened = [0.3, 0.6, 0.5, np.nan], [0, 1, np.nan, 1]
    assert fit_calibration(said, happened) == fit_calibration(said[:2], happened[:2])


def test_faulty_calls_are_refused():
    with pytest.raises(ValueError, match="expected one of temperature"):
        fit_calibration([0.5], [1], form="isotonic")
    with pytest.raises(ValueError, match="expected diameter_mm"):
        fit_calibration([0.5], [1], form="platt_size")


def test_ece_falls_on_patients_that_were_not_fitted_on(simulated):
    label = np.array([malignant_label(o) for o in simulated])
    before = calibration_error([o.malignancy_probability for o in simulated], label)
    after = calibration_error(cross_calibrated(simulated), label)
    assert before > 0.15
    assert after < before / 2


def test_a_fold_knows_nothing_of_its_own_patients(simulated):
    """Turning a patient's labels around changes what is said of others, but not what is said of him."""
    one = simulated[0].patient_id
    turned = [replace(o, scores=[6 - s for s in o.scores]) if o.patient_id == one else o for o in simulated]
    own = np.array([o.patient_id == one for o in simulated])
    before, after = cross_calibrated(simulated), cross_calibrated(turned)
    assert after[own] == pytest.approx(before[own])
    assert not np.allclose(after[~own], before[~own], atol=1e-5)


def test_indeterminate_nodules_are_not_fitted_on(simulated):
    unclear = [replace(o, key=f"U{n}", scores=[3, 3, 3]) for n, o in enumerate(simulated)]
    assert fit_outcomes([*simulated, *unclear]) == fit_outcomes(simulated)


def test_one_patient_cannot_be_split(simulated):
    assert np.isnan(cross_calibrated(simulated[:1])).all()
