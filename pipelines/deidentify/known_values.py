"""Attributes that hold one of a few words, and the words: no other value gets through."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .body_parts import BODY_PARTS
from .elements import tag_of

_YES_NO = "YES NO"
_SIDES = "R L U B"
_WORDS = {  # enumerated values and defined terms of PS3.3
    "Modality": "CT SEG SR RTSTRUCT OT",
    "PatientSex": "M F O",
    "AnatomicalOrientationType": "BIPED QUADRUPED",
    "PatientPosition": "HFS HFP HFDR HFDL FFS FFP FFDR FFDL LFP LFS RFP RFS AFDR AFDL PFDR PFDL",
    "Laterality": _SIDES,
    "ImageLaterality": _SIDES,
    "FrameLaterality": _SIDES,
    "BurnedInAnnotation": _YES_NO,
    "RecognizableVisualFeatures": _YES_NO,
    "QualityControlImage": "YES NO BOTH",
    "PresentationLUTShape": "IDENTITY INVERSE",
    "ContentQualification": "PRODUCT RESEARCH SERVICE",
    "PhotometricInterpretation": "MONOCHROME1 MONOCHROME2",
    "VOILUTFunction": "LINEAR LINEAR_EXACT SIGMOID",
    "LossyImageCompression": "00 01",
    "LossyImageCompressionMethod": "ISO_10918_1 ISO_14495_1 ISO_15444_1 ISO_15444_15 ISO_18181_1",
    "RotationDirection": "CW CC",
    "ConstantVolumeFlag": _YES_NO,
    "FluoroscopyFlag": _YES_NO,
    "ContrastBolusAgentAdministered": _YES_NO,
    "ContrastBolusAgentDetected": _YES_NO,
    "DimensionOrganizationType": "3D 3D_TEMPORAL TILED_FULL TILED_SPARSE",
    "PixelPresentation": "MONOCHROME MIXED COLOR TRUE_COLOR",
    "VolumetricProperties": "VOLUME SAMPLED DISTORTED MIXED",
    "SegmentationType": "BINARY FRACTIONAL LABELMAP",
    "SegmentationFractionalType": "PROBABILITY OCCUPANCY",
    "SegmentsOverlap": "YES NO UNDEFINED",
    "SegmentAlgorithmType": "AUTOMATIC SEMIAUTOMATIC MANUAL",
    "ROIGenerationAlgorithm": "AUTOMATIC SEMIAUTOMATIC MANUAL",
    "SpatialLocationsPreserved": "YES NO REORIENTED_ONLY",
    "CompletionFlag": "PARTIAL COMPLETE",
    "PreliminaryFlag": "PRELIMINARY FINAL",
    "ContinuityOfContent": "SEPARATE CONTINUOUS",
    "PixelOriginInterpretation": "FRAME VOLUME",
    "TemporalRangeType": "POINT MULTIPOINT SEGMENT MULTISEGMENT BEGIN END",
    "MappingResource": "DCMR",
    "GraphicType": "POINT MULTIPOINT POLYLINE CIRCLE ELLIPSE POLYGON ELLIPSOID",
    "ContourGeometricType": "POINT OPEN_PLANAR OPEN_NONPLANAR CLOSED_PLANAR CLOSEDPLANAR_XOR",
    "ValueType": "TEXT NUM CODE DATETIME DATE TIME UIDREF PNAME COMPOSITE IMAGE WAVEFORM SCOORD SCOORD3D TCOORD"
    " CONTAINER TABLE",
}
_WITH_SPACES = {
    "RelationshipType": (
        *("CONTAINS", "HAS PROPERTIES", "HAS OBS CONTEXT", "HAS ACQ CONTEXT", "INFERRED FROM", "SELECTED FROM"),
        "HAS CONCEPT MOD",
    ),
    "ContrastBolusIngredient": ("IODINE", "GADOLINIUM", "CARBON DIOXIDE", "BARIUM", "XENON"),
}

KNOWN_VALUES: Mapping[int, frozenset[str]] = MappingProxyType(
    {
        **{tag_of(keyword): frozenset(("", *words.split())) for keyword, words in _WORDS.items()},
        **{tag_of(keyword): frozenset(("", *words)) for keyword, words in _WITH_SPACES.items()},
        tag_of("BodyPartExamined"): BODY_PARTS,
    }
)
"""Words by tag; each of several values must be one of them."""
