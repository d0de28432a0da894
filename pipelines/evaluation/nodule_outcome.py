"""What was found of one nodule whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class NoduleOutcome:
    """One nodule, as annotated and as the network saw it; None where a figure is not known.

    ``found``: a candidate of ``probability`` lies within the nodule's radius of its centre. Mask and rating are read at
    that candidate, or, where there is none, at the annotated place, so that Dice and rating cover every nodule. The
    reference mask is the majority of the readers.

    Parameters
    ----------
    key, patient_id : of the data set, which publishes them.
    found, probability : see above.
    dice : of the predicted mask with the reference, on the voxels of the patch.
    surface_distance_mm, hausdorff95_mm : between the two surfaces: mean, and 95th percentile.
    diameter_mm, predicted_diameter_mm : longest axial diameter of the reference (nan if it is only a point) and of the
        predicted mask.
    volume_mm3, predicted_volume_mm3 : of the two masks.
    malignancy_probability : as told to the user, calibrated if the bundle calibrates.
    raw_malignancy_probability : before calibration.
    malignancy_sd : standard deviation that the network predicts for the readers' score, 1 to 5.
    mask_uncertainty : doubt about the outline, 0 to 1: one minus the mean confidence on it, or the disagreement of
        mirrored looks.
    scores : the readers' malignancy scores, 1 to 5.
    modal_score : their mode, 0 if unknown.
    attributes, predicted_attributes : mean rating of the readers, and the predicted one, by attribute.
    slice_mm : distance of the scan's slices.
    dice_in_cube : Dice over all slices that the network saw, those made beyond the patch too.
    """

    key: str
    patient_id: str
    found: bool
    probability: float
    dice: float | None = None
    surface_distance_mm: float | None = None
    hausdorff95_mm: float | None = None
    diameter_mm: float
    predicted_diameter_mm: float
    volume_mm3: float | None = None
    predicted_volume_mm3: float | None = None
    malignancy_probability: float
    raw_malignancy_probability: float | None = None
    malignancy_sd: float | None = None
    mask_uncertainty: float | None = None
    scores: Sequence[int]
    modal_score: int
    attributes: Mapping[str, float] = field(default_factory=dict)
    predicted_attributes: Mapping[str, float] = field(default_factory=dict)
    slice_mm: float | None = None
    dice_in_cube: float | None = None

    @property
    def uncalibrated_probability(self) -> float:
        """Malignancy before calibration; as told where nothing else is known."""
        raw = self.raw_malignancy_probability
        return self.malignancy_probability if raw is None else raw
