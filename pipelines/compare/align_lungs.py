"""Lay the lungs of two scans over each other, as rigid bodies."""

from __future__ import annotations

from typing import Any

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from ..records import FloatArray
from .lung_image import SPACING_MM, LungImage

_AROUND_LUNGS_MM = 9.0  # the edge of the lungs guides the alignment, so it lies within the mask
_SHRINK, _SMOOTH_MM, _SAMPLED = (4, 2, 1), (6.0, 3.0, 0.0), (1.0, 0.3, 0.15)
_ITERATIONS, _FIRST_STEP_MM, _LAST_STEP_MM = 100, 4.0, 0.01
_SEED = 1


def align_lungs(before: LungImage, after: LungImage) -> FloatArray:
    """Return the rigid motion that takes points of one scan to the other: 4x4, LPS mm before to LPS mm after.

    Starts with the centres of the lungs on each other and maximises the correlation of HU in and around the lungs, from
    coarse to fine. On one thread: the same scans give the same motion.

    Whether it is any good is not said here; see :func:`.judge_alignment`.
    """
    fixed, moving = _image(before.hu, before), _image(after.hu, after)
    start = sitk.Euler3DTransform()
    centre = before.points_lps()[before.lungs].mean(axis=0)
    start.SetCenter(centre.tolist())
    start.SetTranslation((after.points_lps()[after.lungs].mean(axis=0) - centre).tolist())
    method = _method()
    method.SetMetricFixedMask(_image(_grown(before).astype(np.uint8), before))
    method.SetMetricMovingMask(_image(after.inside.astype(np.uint8), after))
    method.SetInitialTransform(start, inPlace=True)
    method.Execute(fixed, moving)
    return _matrix(start)


def _method() -> Any:
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsCorrelation()
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentagePerLevel(_SAMPLED, _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel(_SHRINK)
    method.SetSmoothingSigmasPerLevel(_SMOOTH_MM)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=_FIRST_STEP_MM, minStep=_LAST_STEP_MM, numberOfIterations=_ITERATIONS, relaxationFactor=0.6
    )
    method.SetOptimizerScalesFromPhysicalShift()
    return method


def _grown(image: LungImage) -> Any:
    reach = round(_AROUND_LUNGS_MM / SPACING_MM)
    return ndimage.maximum_filter(image.lungs, 2 * reach + 1) & image.inside


def _image(array: Any, of: LungImage) -> Any:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([SPACING_MM] * 3)
    image.SetOrigin(of.origin_lps.tolist())
    return image


def _matrix(transform: Any) -> FloatArray:
    """Write a motion about a centre as one matrix."""
    rotation = np.array(transform.GetMatrix()).reshape(3, 3)
    centre, shift = np.array(transform.GetCenter()), np.array(transform.GetTranslation())
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, centre + shift - rotation @ centre
    return matrix
