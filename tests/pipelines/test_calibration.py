import math

import pytest

from resmtnet.pipelines.calibration import Calibration


def test_by_hand():
    # logit(0.8) = ln 4; 0.5 ln 4 + 0.3 + 0.7 ln(20 / 10) = 1.478
    calibrated = Calibration(scale=0.5, shift=0.3, log_diameter=0.7).apply(0.8, 20.0)
    assert calibrated == pytest.approx(1 / (1 + math.exp(-(math.log(2) + 0.3 + 0.7 * math.log(2)))))


def test_default_changes_nothing():
    assert [Calibration().apply(p) for p in (0.001, 0.3, 0.999)] == pytest.approx([0.001, 0.3, 0.999])


def test_temperature_two_halves_the_logit():
    assert Calibration(scale=1 / 2).apply(0.9) == pytest.approx(3 / 4)  # odds 9 become 3


def test_rises_with_probability_and_stays_within_zero_and_one():
    calibration = Calibration(scale=2.0, shift=-2.0)
    values = [calibration.apply(n / 50) for n in range(51)]
    assert values == sorted(values)
    assert 0 < values[0] < values[-1] < 1


def test_no_mask_counts_as_the_least_size():
    calibration = Calibration(log_diameter=1.0)
    assert calibration.apply(0.5, 0.0) == pytest.approx(calibration.apply(0.5, 1.0)) == pytest.approx(1 / 11)


@pytest.mark.parametrize("faulty", [{"scale": 0.0}, {"scale": -1.0}, {"shift": math.nan}, {"log_diameter": math.inf}])
def test_faulty_parameters_are_refused(faulty):
    with pytest.raises(ValueError, match="scale above 0"):
        Calibration(**faulty)


def test_a_missing_diameter_is_refused_where_it_is_used():
    with pytest.raises(ValueError, match="expected diameter_mm"):
        Calibration(log_diameter=0.5).apply(0.3)
