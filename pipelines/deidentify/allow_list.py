"""The attributes that get through, and in which form; what is not here goes, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from .elements import tag_of
from .options import DeidentifyOptions


class Rule(Enum):
    """What becomes of an attribute that is on the list."""

    KEEP = auto()  # where its value looks like its VR
    UID = auto()  # mapped by the key
    MOMENT = auto()  # a date or time: moved or removed
    EMPTY = auto()  # must be there (type 2), not its value
    REMOVED = auto()  # must have a value (type 1): a fixed text
    TOKEN = auto()  # free text that links things: a keyed token
    LABEL = auto()  # the label of a segment or ROI: its number
    ITEMS = auto()  # a sequence, each item under these rules
    CODES = auto()  # a sequence of coded concepts
    CONTENT = auto()  # the content tree of a report
    PIXELS = auto()


_KEEP = """
ImageType Modality Manufacturer ManufacturerModelName SoftwareVersions PatientPosition PatientOrientation Laterality
AnatomicalOrientationType ImageLaterality BodyPartExamined SeriesNumber AcquisitionNumber InstanceNumber
ImagesInAcquisition NumberOfFrames TemporalPositionIdentifier NumberOfTemporalPositions TemporalPositionIndex
BurnedInAnnotation RecognizableVisualFeatures QualityControlImage PresentationLUTShape ContentQualification
ImagePositionPatient ImageOrientationPatient PixelSpacing SliceThickness SpacingBetweenSlices SliceLocation
PixelAspectRatio SamplesPerPixel PhotometricInterpretation Rows Columns BitsAllocated BitsStored HighBit
PixelRepresentation PlanarConfiguration SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue
PixelPaddingRangeLimit RescaleIntercept RescaleSlope RescaleType WindowCenter WindowWidth VOILUTFunction
LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod
ScanOptions KVP DataCollectionDiameter ReconstructionDiameter DistanceSourceToDetector DistanceSourceToPatient
DistanceSourceToDataCollectionCenter GantryDetectorTilt TableHeight RotationDirection ExposureTime XRayTubeCurrent
Exposure ExposureInuAs ExposureTimeInms XRayTubeCurrentInmA ExposureInmAs ExposureTimeInuS XRayTubeCurrentInuA
GeneratorPower FocalSpots FilterType FilterMaterial ConvolutionKernel ConvolutionKernelGroup
SingleCollimationWidth TotalCollimationWidth TableSpeed TableFeedPerRotation SpiralPitchFactor
DataCollectionCenterPatient ReconstructionTargetCenterPatient ReconstructionAlgorithm ReconstructionFieldOfView
ReconstructionPixelSpacing ReconstructionAngle ImageFilter ExposureModulationType EstimatedDoseSaving CTDIvol
CalciumScoringMassFactorDevice CalciumScoringMassFactorPatient EnergyWeightingFactor AcquisitionType RevolutionTime
TubeAngle ConstantVolumeFlag FluoroscopyFlag TablePosition ContrastBolusVolume ContrastBolusTotalDose ContrastFlowRate
ContrastFlowDuration ContrastBolusIngredient ContrastBolusIngredientConcentration ContrastBolusAgentNumber
ContrastBolusAgentAdministered ContrastBolusAgentDetected ContrastBolusAgentPhase
StackID InStackPositionNumber DimensionIndexValues DimensionIndexPointer FunctionalGroupPointer
DimensionOrganizationType FrameAcquisitionNumber FrameAcquisitionDuration FrameLaterality FrameType PixelPresentation
VolumetricProperties VolumeBasedCalculationTechnique InConcatenationNumber InConcatenationTotalNumber
ConcatenationFrameOffsetNumber AcquisitionDuration
SegmentationType SegmentationFractionalType MaximumFractionalValue SegmentsOverlap SegmentNumber SegmentAlgorithmType
ReferencedSegmentNumber ReferencedFrameNumber RecommendedDisplayCIELabValue RecommendedDisplayGrayscaleValue
SpatialLocationsPreserved
CompletionFlag PreliminaryFlag ValueType ContinuityOfContent RelationshipType NumericValue FloatingPointValue
RationalNumeratorValue RationalDenominatorValue GraphicType GraphicData PixelOriginInterpretation TemporalRangeType
ReferencedSamplePositions ReferencedTimeOffsets ReferencedContentItemIdentifier MappingResource TemplateIdentifier
ROINumber ReferencedROINumber ROIGenerationAlgorithm ROIVolume ROIDisplayColor ContourNumber AttachedContours
ContourGeometricType NumberOfContourPoints ContourSlabThickness ContourOffsetVector ContourData ObservationNumber
RTROIInterpretedType
"""

_UIDS = """
SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID SynchronizationFrameOfReferenceUID
ReferencedSOPClassUID ReferencedSOPInstanceUID ReferencedFrameOfReferenceUID RelatedFrameOfReferenceUID
IrradiationEventUID AcquisitionUID ConcatenationUID SOPInstanceUIDOfConcatenationSource DimensionOrganizationUID
TrackingUID ObservationUID UID FiducialUID MappingResourceUID
"""

_MOMENTS = """
StudyDate SeriesDate AcquisitionDate ContentDate StudyTime SeriesTime AcquisitionTime ContentTime AcquisitionDateTime
FrameAcquisitionDateTime FrameReferenceDateTime StartAcquisitionDateTime EndAcquisitionDateTime StructureSetDate
StructureSetTime ObservationDateTime Date Time DateTime ReferencedDateTime
"""

_EMPTY = """
AccessionNumber ReferringPhysicianName PatientName PatientID PatientBirthDate PatientSex StudyID ContentCreatorName
ContentDescription ContrastBolusAgent PositionReferenceIndicator AcquisitionContextSequence ROIInterpreter
ReferencedPerformedProcedureStepSequence PerformedProcedureCodeSequence
"""

_REMOVED = "DeviceSerialNumber SegmentAlgorithmName ContentLabel StructureSetLabel TextValue PersonName"

_ITEMS = """
ReferencedImageSequence SourceImageSequence ReferencedSeriesSequence ReferencedInstanceSequence
StudiesContainingOtherReferencedInstancesSequence ReferencedSOPSequence CurrentRequestedProcedureEvidenceSequence
PertinentOtherEvidenceSequence PredecessorDocumentsSequence IdenticalDocumentsSequence
DimensionOrganizationSequence DimensionIndexSequence SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence
PixelMeasuresSequence PlanePositionSequence PlaneOrientationSequence FrameContentSequence FrameAnatomySequence
FrameVOILUTSequence PixelValueTransformationSequence CTImageFrameTypeSequence CTAcquisitionTypeSequence
CTAcquisitionDetailsSequence CTTableDynamicsSequence CTGeometrySequence CTReconstructionSequence CTExposureSequence
CTXRayDetailsSequence CTPositionSequence IrradiationEventIdentificationSequence DerivationImageSequence
ContrastBolusUsageSequence SegmentSequence SegmentIdentificationSequence MeasuredValueSequence ContentTemplateSequence
ReferencedFrameOfReferenceSequence RTReferencedStudySequence RTReferencedSeriesSequence ContourImageSequence
StructureSetROISequence ROIContourSequence ContourSequence RTROIObservationsSequence
"""

_CODES = """
AnatomicRegionSequence AnatomicRegionModifierSequence PrimaryAnatomicStructureSequence
PrimaryAnatomicStructureModifierSequence SegmentedPropertyCategoryCodeSequence SegmentedPropertyTypeCodeSequence
SegmentedPropertyTypeModifierCodeSequence PurposeOfReferenceCodeSequence DerivationCodeSequence
CTDIPhantomTypeCodeSequence ConceptNameCodeSequence ConceptCodeSequence MeasurementUnitsCodeSequence
NumericValueQualifierCodeSequence RTROIIdentificationCodeSequence ContrastBolusAgentSequence
ContrastBolusAdministrationRouteSequence
"""

_PATIENT = "PatientSex PatientAge PatientSize PatientWeight"
_DEVICE = "DeviceSerialNumber StationName GantryID DetectorID"
_INSTITUTION = "InstitutionName InstitutionAddress InstitutionalDepartmentName"

_GROUPS = (
    (_KEEP, Rule.KEEP),
    (_UIDS, Rule.UID),
    (_MOMENTS, Rule.MOMENT),
    (_EMPTY, Rule.EMPTY),
    (_REMOVED, Rule.REMOVED),
    ("TrackingID", Rule.TOKEN),
    ("SegmentLabel ROIName", Rule.LABEL),
    (_ITEMS, Rule.ITEMS),
    (_CODES, Rule.CODES),
    ("ContentSequence", Rule.CONTENT),
    ("PixelData", Rule.PIXELS),
)


def allow_list(options: DeidentifyOptions) -> Mapping[int, Rule]:
    """Give the rule of every attribute that gets through, by tag."""
    optional = (
        (_PATIENT if options.patient_characteristics else "", Rule.KEEP),
        (_DEVICE if options.device_identity else "", Rule.KEEP),
        (_INSTITUTION if options.institution_identity else "", Rule.KEEP),
    )
    return MappingProxyType({tag_of(word): rule for words, rule in (*_GROUPS, *optional) for word in words.split()})
