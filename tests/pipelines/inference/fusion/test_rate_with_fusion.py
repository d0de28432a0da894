"""The detector's findings with another network's probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from resmtnet.pipelines.calibration import Calibration
from resmtnet.pipelines.inference.fusion.fusion_look import FusionLook
from resmtnet.pipelines.inference.fusion.rate_with_fusion import RATED_NOTE, RateWithFusiond
from resmtnet.pipelines.records import Finding, FindingMask, SeriesPlan, Volume
from resmtnet.transforms.grid import Grid
from resmtnet.transforms.planes_view import PlanesView

GRID = Grid((40, 40, 40), np.eye(4))
PLACES = ((8.0, 20.0, 20.0), (30.0, 20.0, 20.0))  # the second is the bright one


class Brightness(torch.nn.Module):
    """Presence and malignancy by how bright the middle is."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(4.0))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = self.gain * (images[:, 4, 28:36, 28:36].mean((1, 2)) - 0.5)
        zero = torch.zeros_like(bright)
        return torch.stack([bright, zero, zero, zero, zero, zero, zero, zero, zero, bright], dim=1)


def finding(number: int, place: tuple[float, float, float], probability: float) -> Finding:
    low, high = tuple(np.subtract(place, 2.0)), tuple(np.add(place, 2.0))
    return Finding(
        finding_id=number,
        probability=probability,
        centre_lps_mm=place,
        centre_ijk=place,
        box_lps_mm=(low, high),
        box_ijk=(low, high),
        long_axis_mm=4.0,
        short_axis_mm=3.0,
        long_axis_lps_mm=(low, high),
        short_axis_lps_mm=(low, high),
        diameter_3d_mm=4.0,
        volume_mm3=30.0,
        mean_hu=-10.0,
        malignancy_probability=0.2,
        malignancy_sd=1.0,
        calibrated=False,
        outline_uncertainty=0.1,
        attributes={"texture": 5.0},
        lung_side="left",
        key_slice_k=20,
        mask=FindingMask((18, 18, 6), np.ones((4, 4, 4), bool)),
    )


@pytest.fixture
def case():
    hu = np.full(GRID.shape_kji, -900, np.int16)
    hu[:, :, 25:] = 300
    plan = SeriesPlan("a", "nifti", Path("a"), (40, 40, 40), (1.0, 1.0, 1.0), np.eye(4), 1, 1, notes=("before",))
    findings = tuple(finding(n, place, 0.9 - n / 10) for n, place in enumerate(PLACES, start=1))
    return {"volume": Volume(hu, np.eye(4), plan), "source_grid": GRID, "findings": findings, "plan": plan}


def rate(case, **options):
    return RateWithFusiond(Brightness(), FusionLook(PlanesView(), mirrors=2), **options)(case)


def test_probabilities_are_the_networks_and_the_rest_is_the_detectors(case):
    first, second = rate(case)["findings"]
    assert [first.finding_id, second.finding_id] == [1, 2]
    assert first.centre_lps_mm == PLACES[1]
    bright = 4 * ((300 + 1000) / 1400 - 0.5)
    assert first.probability == pytest.approx(1 / (1 + np.exp(-bright)), abs=1e-4)
    assert second.probability < 0.2
    share = np.exp(bright) / (4 + np.exp(bright))
    assert first.malignancy_probability == pytest.approx(share + (1 - share) / 4 * 1.5, abs=1e-4)
    assert (first.volume_mm3, first.attributes, first.calibrated) == (30.0, {"texture": 5.0}, False)


def test_the_case_says_what_was_rated(case):
    assert rate(case)["plan"].notes == ("before", RATED_NOTE)


def test_improbable_findings_are_dropped_when_that_is_asked_for(case):
    (only,) = rate(case, min_probability=0.5)["findings"]
    assert only.centre_lps_mm == PLACES[1]
    assert only.finding_id == 1


def test_its_own_calibration_is_applied_and_said(case):
    plain, told = rate(case)["findings"][0], rate(case, calibration=Calibration(shift=-1.0))["findings"][0]
    logit = np.log(plain.malignancy_probability / (1 - plain.malignancy_probability)) - 1
    assert told.malignancy_probability == pytest.approx(1 / (1 + np.exp(-logit)))
    assert told.calibrated


def test_a_scan_without_findings_has_none(case):
    assert rate({**case, "findings": ()})["findings"] == ()


class FarBrightness(Brightness):
    """On a device that is not the CPU (of torch's, that is `meta`) and has no room."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.empty((), device="meta"))

    def cpu(self) -> Brightness:
        return Brightness()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert images.is_meta
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_where_a_device_has_no_room_the_cpu_rates(case):
    look = FusionLook(PlanesView(), mirrors=2)
    far, near = (RateWithFusiond(network(), look)(case) for network in (FarBrightness, Brightness))
    assert [f.probability for f in far["findings"]] == [f.probability for f in near["findings"]]


def test_a_threshold_that_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="min_probability"):
        RateWithFusiond(Brightness(), FusionLook(PlanesView()), min_probability=1.5)
