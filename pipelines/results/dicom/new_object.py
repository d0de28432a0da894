"""What all DICOM objects made by hand have in common."""

from __future__ import annotations

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from ...records import CaseResult
from .equipment import equipment, series_number
from .result_uid import result_uid


def new_object(result: CaseResult, header: Dataset, sop_class: str, *, what: str, series: str) -> Dataset:
    """Begin an object: series, equipment and SOP common (PS3.3 C.7.3.1, C.7.5.1, C.12.1), qualified as RESEARCH.

    Patient and study come in :func:`.dicom_bytes`. ``what`` and ``series`` are words of :func:`.result_uid`.
    """
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = sop_class, result_uid(result, what)
    made.SeriesInstanceUID, made.SeriesNumber = result_uid(result, series), series_number(header, series)
    made.ContentQualification = "RESEARCH"
    by = equipment(result)
    made.Manufacturer, made.ManufacturerModelName = by["manufacturer"], by["manufacturer_model_name"]
    made.SoftwareVersions, made.DeviceSerialNumber = by["software_versions"], by["device_serial_number"]
    return made
