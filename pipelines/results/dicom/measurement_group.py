"""What is measured of a finding, in the codes of DICOM."""

from __future__ import annotations

from typing import TypedDict

from highdicom.sr import (
    AlgorithmIdentification,
    CodeContentItem,
    CodedConcept,
    FindingSite,
    Measurement,
    RelationshipTypeValues,
    TrackingIdentifier,
)
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from ...records import CaseResult, Finding
from .algorithm import algorithm_name, algorithm_version
from .result_uid import result_uid
from .segment_description import ABNORMAL_STRUCTURE, LUNG, NODULE, SIDES
from .tracking_id import tracking_id

OWN_SCHEME = "99RESMTNET"
CALIBRATION = CodedConcept("calibration", OWN_SCHEME, "Calibration")
CALIBRATED = CodedConcept("calibrated", OWN_SCHEME, "Calibrated on data apart")
NOT_CALIBRATED = CodedConcept("not_calibrated", OWN_SCHEME, "Not calibrated")
DIAMETER_OF = CodedConcept("diameter_of", OWN_SCHEME, "Diameter of")
EQUAL_VOLUME = CodedConcept("equal_volume", OWN_SCHEME, "Sphere of equal volume")

_MM, _MM3 = codes.UCUM.Millimeter, codes.UCUM.CubicMillimeter
_HU, _PERCENT = codes.UCUM.HounsfieldUnit, codes.UCUM.Percent


class MeasurementGroup(TypedDict):
    """What the measurement groups of highdicom have in common (TID 1410, 1411, 1501)."""

    tracking_identifier: TrackingIdentifier
    finding_category: Code
    finding_type: Code
    finding_sites: list[FindingSite]
    measurements: list[Measurement]


def measurement_group(result: CaseResult, finding: Finding) -> MeasurementGroup:
    """Describe a finding: a nodule of the lung, its side where known, and its measurements (TID 300, PS3.16).

    Long and short axis, diameter of the sphere of equal volume, volume, mean attenuation, probability of cancer and
    certainty of finding in percent. The long axis may be longer than the segment is (:func:`.reader_diameters`).
    Modifiers of our own say which diameter it is and whether the probability of cancer is calibrated: DICOM has no
    codes for it, and dcmqi drops the Measurement Method (370129005, SCT) of a measurement.
    Every measurement names algorithm and version: OHIF (as of its source) fails on one that has no content.
    """
    return MeasurementGroup(
        tracking_identifier=TrackingIdentifier(
            uid=result_uid(result, f"finding {finding.finding_id}"), identifier=tracking_id(finding)
        ),
        finding_category=ABNORMAL_STRUCTURE,
        finding_type=NODULE,
        finding_sites=[FindingSite(LUNG, laterality=SIDES.get(finding.lung_side))],
        measurements=_measurements(finding, _algorithm(result)),
    )


def _algorithm(result: CaseResult) -> AlgorithmIdentification:
    return AlgorithmIdentification(
        name=algorithm_name(result), version=algorithm_version(result), family=codes.DCM.ArtificialIntelligence
    )


def _measurements(finding: Finding, by: AlgorithmIdentification) -> list[Measurement]:
    calibrated = CALIBRATED if finding.calibrated else NOT_CALIBRATED
    diameter = _measurement(codes.SCT.Diameter, finding.diameter_3d_mm, _MM, by)
    cancer = _measurement(codes.DCM.ProbabilityOfCancer, 100.0 * finding.malignancy_probability, _PERCENT, by)
    return [
        _measurement(codes.SCT.LongAxis, finding.long_axis_mm, _MM, by),
        _measurement(codes.SCT.ShortAxis, finding.short_axis_mm, _MM, by),
        _modified(diameter, DIAMETER_OF, EQUAL_VOLUME),
        _measurement(codes.SCT.Volume, finding.volume_mm3, _MM3, by),
        _measurement(codes.DCM.AttenuationCoefficient, finding.mean_hu, _HU, by, derivation=codes.SCT.Mean),
        _modified(cancer, CALIBRATION, calibrated),
        _measurement(codes.DCM.CertaintyOfFinding, 100.0 * finding.probability, _PERCENT, by),
    ]


def _measurement(
    name: Code, value: float, unit: Code, by: AlgorithmIdentification, *, derivation: Code | None = None
) -> Measurement:
    return Measurement(name, float(value), unit, algorithm_id=by, derivation=derivation)


def _modified(measurement: Measurement, name: CodedConcept, value: CodedConcept) -> Measurement:
    """Put a modifier of the concept before all that is said of a measurement (TID 300, row 2)."""
    modifier = CodeContentItem(name, value, RelationshipTypeValues.HAS_CONCEPT_MOD)
    measurement[0].ContentSequence.insert(0, modifier)
    return measurement
