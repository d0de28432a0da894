"""What can be said of a scan, as stable codes: ``E_`` refused, ``F_`` failed, ``W_`` with a warning, ``I_`` skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Code:
    """What a code means, and what a user can do about it."""

    summary: str
    remedy: str


_EXPORT_AGAIN = "Export the whole series again from the archive."
_NONE = "Nothing needs to be done."
_CHECK = "Check the scan before relying on the result."

_GEOMETRY = {
    "E_MISSING_SLICES": Code("Slices are missing inside the stack.", _EXPORT_AGAIN),
    "E_DUPLICATE_POSITION": Code(
        "Several different slices stand at one position and nothing tells them apart.",
        "Export the phases or reconstructions as series of their own.",
    ),
    "E_MIXED_PHASES": Code(
        "Slices of several phases or reconstructions take turns in one stack.",
        "Export the phases or reconstructions as series of their own.",
    ),
    "E_IRREGULAR_SPACING": Code(
        "The slices do not stand at equal distances on a straight line.",
        "Use a reconstruction with constant slice spacing.",
    ),
    "E_MIXED_SIZE": Code("The slices differ in rows or columns and no size is a full stack.", _EXPORT_AGAIN),
    "E_MIXED_ORIENTATION": Code("The slices differ in orientation and none is a full stack.", _EXPORT_AGAIN),
    "E_MIXED_PIXELSPACING": Code("The pixel spacing differs inside the series.", _EXPORT_AGAIN),
    "E_MIXED_FOR": Code("The slices belong to different frames of reference.", _EXPORT_AGAIN),
    "E_BAD_ORIENTATION": Code(
        "ImageOrientationPatient is missing, not finite, or not two unit vectors at right angles.", _EXPORT_AGAIN
    ),
    "E_NO_POSITION": Code("ImagePositionPatient is missing in some slices.", _EXPORT_AGAIN),
    "E_BAD_POSITION": Code("ImagePositionPatient is not three finite numbers within a kilometre.", _EXPORT_AGAIN),
    "E_NO_GEOMETRY": Code(
        "The file does not say where its voxels stand in the patient.", "Convert from the DICOM series again."
    ),
    "E_BAD_AFFINE": Code("The voxel-to-world matrix is not usable.", "Convert from the DICOM series again."),
    "E_NO_PIXELSPACING": Code("PixelSpacing is missing or not two lengths between 0.01 and 50 mm.", _EXPORT_AGAIN),
    "E_TOO_FEW_SLICES": Code("Too few slices for a volume.", "Give the whole series."),
    "E_NOT_3D": Code("Not one three-dimensional volume.", "Give one 3D volume per file."),
    "W_GANTRY_TILT": Code("The slices are sheared (gantry tilt); the true positions are used.", _NONE),
    "W_UNEVEN_SPACING": Code("Slice positions are off the regular grid by up to 10 % of the spacing.", _CHECK),
    "W_ORIENTATION_JITTER": Code("Slice orientations differ by up to 0.001; their mean is used.", _CHECK),
    "W_INSTANCE_ORDER": Code("InstanceNumber does not follow the slice positions, which are used.", _NONE),
    "W_PARTIAL_COVERAGE": Code(
        "InstanceNumber does not start at 1: slices may be missing at an end.", "Check that the export is complete."
    ),
    "W_AFFINE_CONFLICT": Code("sform and qform disagree; the sform is used.", _CHECK),
}

_IDENTITY = {
    "E_MIXED_PATIENT": Code(
        "One series holds several patients or studies.", "Stop, and sort out the identities in the archive."
    ),
    "E_UID_CONFLICT": Code("Two different images carry one SOPInstanceUID.", _EXPORT_AGAIN),
    "E_NO_UID": Code("An instance, series or study UID is missing.", _EXPORT_AGAIN),
    "E_NOT_CT": Code("An image of another modality than CT.", "Give CT series only."),
    "E_NOT_HUMAN": Code("The patient is declared a quadruped.", "Give human CT only."),
    "W_DUPLICATE_FILE": Code("Files were given twice; one copy is used.", _NONE),
    "W_LOCALIZER_DROPPED": Code("Localizer images, or a few slices across the volume, were left out.", _NONE),
    "W_PHASES_SPLIT": Code("The series holds several complete stacks, read as volumes of their own.", _NONE),
    "W_UNREADABLE_NEIGHBOUR": Code(
        "A DICOM file beside the series could not be read; it may belong to it.",
        "Check that the volume is complete.",
    ),
    "W_BURNED_IN": Code("The images are declared to carry burned-in text.", _CHECK),
    "W_DERIVED": Code("The images are declared DERIVED.", _CHECK),
}

_PIXELS = {
    "E_TRANSFER_SYNTAX": Code("The transfer syntax is not supported.", "Export as Explicit VR Little Endian."),
    "E_INFLATE_LIMIT": Code("Deflated data grow beyond the limit.", "Export as Explicit VR Little Endian."),
    "E_NESTING": Code("Sequences are nested too deeply.", _EXPORT_AGAIN),
    "E_BAD_HEADER": Code("The header cannot be parsed.", _EXPORT_AGAIN),
    "E_UNREADABLE": Code("The file cannot be opened or read.", "Check the permissions and the disk."),
    "E_FILE_CHANGED": Code("The file changed while it was being read.", "Wait until the export is finished."),
    "E_TOO_LARGE": Code("The image is larger than the limits allow.", "Give a smaller region or fewer frames."),
    "E_PIXEL_FORMAT": Code(
        "Not a grey CT image of 16 allocated bits per voxel.", "Export the original CT reconstruction."
    ),
    "E_NO_PIXELS": Code("The image holds no pixel data.", _EXPORT_AGAIN),
    "E_PIXEL_LENGTH": Code("The pixel data do not fit rows, columns and frames.", _EXPORT_AGAIN),
    "E_TRUNCATED": Code("The file ends before its pixel data do.", "Copy the file again."),
    "E_CODESTREAM_MISMATCH": Code("The compressed image has another size or sign than the header says.", _EXPORT_AGAIN),
    "E_DECODE": Code("The pixel data cannot be decoded.", _EXPORT_AGAIN),
    "F_WORKER_DIED": Code("The process that decoded the image ended abnormally.", _EXPORT_AGAIN),
    "F_WORKER_TIMEOUT": Code("Decoding took longer than the limit allows and was stopped.", _EXPORT_AGAIN),
    "W_LOSSY": Code("The images were compressed with loss.", _CHECK),
    "W_PREAMBLE": Code(
        "The files begin like programs or archives; that part was not looked at.",
        "Do not open the files with anything but a DICOM reader.",
    ),
    "W_NO_PREAMBLE": Code("DICOM files without preamble were read.", _NONE),
}

_VALUES = {
    "E_NO_RESCALE": Code("RescaleSlope or RescaleIntercept is missing.", _EXPORT_AGAIN),
    "E_BAD_RESCALE": Code(
        "RescaleSlope is zero, a rescale value is not one finite number, or a modality LUT says something else.",
        _EXPORT_AGAIN,
    ),
    "E_NAN": Code("Some voxels are not finite numbers.", "Replace them at the source."),
    "E_NOT_HU": Code(
        "The values cannot be Hounsfield units of a scan with air in it.", "Give HU; no offset is ever guessed."
    ),
    "E_CONSTANT": Code("All voxels have the same value.", _EXPORT_AGAIN),
    "W_NO_AIR": Code("No voxel is as dark as air.", _CHECK),
    "W_RESCALE_TYPE": Code("RescaleType is given and is not HU.", _CHECK),
    "W_PADDING_CLIPPED": Code("Values below -1024 HU (padding) were set to -1024.", _NONE),
    "W_HIGH_CLIPPED": Code("Values above 32767 HU were set to 32767.", _CHECK),
}

_PICTURES = {
    "E_PICTURE_FORMAT": Code(
        "Not a picture of 8 or 16 bits in grey or colour.", "Save it as PNG, or export the original DICOM image."
    ),
    "E_OTHER_MODALITY": Code(
        "A DICOM image of another modality than the bundle is for.", "Use the bundle that is for such images."
    ),
    "E_NOT_AXIAL": Code(
        "The slices of the series are not axial, or a single slice is turned.", "Give the axial reconstruction."
    ),
}

_CONTENT = {
    "W_IMPLAUSIBLE_HU": Code(
        "Air or soft tissue is not where it should be in the histogram of a chest CT.",
        "Check rescale slope and intercept at the source.",
    ),
    "W_MIRRORED": Code(
        "The image looks mirrored left to right: the liver lies on the left, the heart does not.", _CHECK
    ),
    "W_UPSIDE_DOWN": Code("The image looks turned over: the spine or the lung bases are on the wrong side.", _CHECK),
    "W_SPACING_IMPLAUSIBLE": Code("Body or lungs have sizes that do not fit the spacing in the header.", _CHECK),
}

_REPAIRED = {
    "W_RESAMPLED": Code("Gaps between the slices were filled by linear interpolation, as asked for.", _CHECK),
    "W_ORTHOGONALISED": Code(
        "The sheared slices were resampled to a grid with right angles by linear interpolation, as asked for.", _CHECK
    ),
    "W_ASSUMED_HU": Code("Stored values without rescale were taken as HU, as asked for.", _CHECK),
}

_LABELS = {
    "E_LABEL_NO_SCAN": Code(
        "No readable scan of this name was found.",
        "Name the scan by its file, its folder, its case id or its SeriesInstanceUID.",
    ),
    "E_LABEL_AMBIGUOUS": Code("Several scans go by this name.", "Name the scan by its case id or SeriesInstanceUID."),
    "E_LABEL_NO_PLACE": Code(
        "A nodule is rated or listed without saying where it is.", "Give x, y, z, box corners, or a mask."
    ),
    "E_LABEL_VALUE": Code("A value of an annotation is missing, odd, or out of range.", "Correct the annotation."),
    "E_LABEL_CONFLICT": Code("Annotations of one scan or nodule contradict each other.", "Correct the annotation."),
    "E_LABEL_GRID": Code(
        "The voxels of a mask are not voxels of the image.",
        "Give a mask drawn on this image, or resample it to the image (nearest neighbour).",
    ),
    "E_LABEL_UNREADABLE": Code("A file of annotations cannot be read.", "Export the annotations again."),
    "E_LABEL_CONTOUR": Code(
        "A contour does not lie in a slice of the image, or is not closed.",
        "Export the contours on the slices of the image.",
    ),
    "E_LABEL_EMPTY": Code(
        "A mask or structure set holds no nodule.",
        "Choose the structures by name, or say that the scan holds no nodule.",
    ),
    "W_BOX_OUTSIDE_IMAGE": Code(
        "A nodule lies partly or wholly outside of the image.", "Check the frame of the positions (LPS, RAS, voxels)."
    ),
    "W_BOX_OUTSIDE_LUNG": Code(
        "The centre of a nodule lies far from both lungs.", "Check the frame of the positions (LPS, RAS, voxels)."
    ),
    "W_FRAME_SUSPECT": Code(
        "Most nodules fit the scan only with x and y negated: RAS may have been given as LPS, or LPS as RAS.",
        "Convert again with the other frame.",
    ),
    "W_PATIENT_UNKNOWN": Code(
        "Nothing says whose scan it is; in folds it counts as a patient of its own.",
        "Give patient_id, or scans of one patient may come into several folds.",
    ),
    "W_CONTOUR_OFF_SLICE": Code("Contours stood between slices and were moved to the nearest one.", _CHECK),
    "W_CONTOUR_GAP": Code("Slices between the first and last contour of a nodule have none.", _CHECK),
}

_SKIPPED = {
    "I_NOT_CHOSEN": Code("The series rules leave this series out.", "Change the series rules to have it."),
    "I_ARCHIVE": Code(
        "A zip archive that is damaged, in several parts or beyond the limits.", "Unpack it and check it."
    ),
    "I_ARCHIVE_MEMBER": Code(
        "A member of a zip archive that is encrypted, a link, a volume file, an archive, packed in another way than "
        "deflate, or has an unsafe or doubled name.",
        "Unpack it first.",
    ),
    "I_NON_DICOM": Code("Not a DICOM or volume file.", _NONE),
    "I_NOT_PICTURE": Code("Neither a picture that this bundle reads nor DICOM.", _NONE),
    "I_MASK": Code("A mask that lies beside its picture.", _NONE),
    "I_NON_IMAGE": Code("A DICOM object that is no image of a scan (report, segmentation, screen, plan).", _NONE),
    "I_NOT_LISTED": Code("An object of a kind that de-identification does not let through.", _NONE),
    "I_BURNED_IN": Code(
        "An image that may carry text in its pixels (declared so, a screen, or without a place in the patient).", _NONE
    ),
    "I_DICOMDIR": Code("A DICOMDIR; the files themselves are read instead.", _NONE),
    "I_LOCALIZER": Code("A series of localizer images only.", _NONE),
    "I_NOT_REGULAR": Code("A link, pipe, socket or device; never followed.", _NONE),
    "I_UNREADABLE": Code("A folder that may not be read.", "Check the permissions."),
    "I_OVER_LIMIT": Code("Beyond the limits of depth, count or size.", "Give a smaller folder."),
}

_REPORT = "Try again; if it fails again, report the line of code that is named."
_RUN = {
    "F_READ": Code("Reading the scan failed in an unforeseen way.", _REPORT),
    "F_PREPARE": Code("Preparing the scan for the network failed.", _REPORT),
    "F_INFERENCE": Code("Evaluating the scan failed.", _REPORT),
    "F_OUT_OF_MEMORY": Code("The memory did not suffice for the scan.", "Use a machine with more memory, or the CPU."),
    "W_SMALLER_REGIONS": Code(
        "For want of memory the scan went through the network in smaller regions; findings at their seams may differ a "
        "little.",
        "Use a machine with more memory, or fewer runs at once.",
    ),
    "W_RAN_ON_CPU": Code(
        "For want of memory on the device the network ran on the CPU.",
        "Nothing needs to be done; a device with more memory is faster.",
    ),
    "F_WRITE": Code("The results of the scan could not be encoded.", _REPORT),
    "F_WORKER_LOST": Code(
        "Each worker of the cluster that was given the scan was lost over it.",
        "Use machines with more memory; if it fails again, report it.",
    ),
    "E_NOT_ALIGNED": Code("The lungs of two scans cannot be laid on each other.", "Compare them by eye."),
    "W_POOR_ALIGNMENT": Code("The lungs of two scans fit poorly.", "Check every match by eye."),
    "W_OTHER_MODEL": Code("The two results are of different models.", "Run infer on both scans with one model."),
    "W_NO_INTERVAL": Code("The time between the scans is not known.", "Give --days."),
    "W_FILE_NOT_MADE": Code(
        "A result file (named in the notes) could not be made of this scan; findings and other files stand.",
        "Use the other files; report the scan's geometry and the note if the file matters.",
    ),
    "W_LUNGS_NOT_FOUND": Code("No lungs were recognised in the field of view; the whole body is searched.", _CHECK),
}

CODES: Mapping[str, Code] = MappingProxyType(
    {
        **_GEOMETRY,
        **_IDENTITY,
        **_PIXELS,
        **_VALUES,
        **_PICTURES,
        **_CONTENT,
        **_REPAIRED,
        **_LABELS,
        **_SKIPPED,
        **_RUN,
    }
)
"""Every code that may stand in a record."""
