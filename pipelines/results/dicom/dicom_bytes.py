"""A finished DICOM object as the bytes of its file."""

from __future__ import annotations

import copy
import io
import re

import pydicom
from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import correct_ambiguous_vr
from pydicom.uid import UID

from .identity_of import identity_of

_IMPLEMENTATION = UID("2.25.230493824017431862650483710294837461523")
_IMPLEMENTATION_NAME = "RESMTNET"
_NO_DATE, _NO_TIME = "19000101", "000000"
_DATED = ("Content", "Acquisition", "Series", "Study")
_MADE = ("Content", "StructureSet")
_DATE, _TIME = re.compile(r"\d{8}"), re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")


def dicom_bytes(dataset: Dataset, header: Dataset) -> bytes:
    """Encode an object made by highdicom or by hand, with patient and study of ``header`` unchanged.

    The same content gives the same bytes: what is dated by the clock is dated by the source. ContentDate and
    StructureSetDate, where the object has them, are those of :func:`source_date`; InstanceCreationDate and
    ContributionDateTime are left out.

    Parameters
    ----------
    dataset
        With ``file_meta.TransferSyntaxUID``, SOPClassUID and SOPInstanceUID; it is not changed.
    header
        The first of :func:`.source_headers`.
    """
    made = Dataset()
    made.update({element.tag: element for element in dataset})
    identity = identity_of(header)
    for tag in identity.keys():  # noqa: SIM118 - to iterate over the elements would decode them
        made[tag] = identity.get_item(tag)
    date, time = source_date(header)
    for prefix in _MADE:
        if f"{prefix}Date" in made:
            made.add_new(f"{prefix}Date", "DA", date)  # a new element: the old one belongs to ``dataset``
            made.add_new(f"{prefix}Time", "TM", time)
    for name in ("InstanceCreationDate", "InstanceCreationTime"):
        if name in made:
            delattr(made, name)
    made.file_meta = _file_meta(dataset)
    if "ContributingEquipmentSequence" in made:
        items = [_undated(item) for item in made.ContributingEquipmentSequence]
        made.add_new("ContributingEquipmentSequence", "SQ", items)
    correct_ambiguous_vr(made, is_little_endian=True)
    # raw elements of an object that says to have been read in this encoding are written as they are
    made.set_original_encoding(False, True, convert_encodings(made.get("SpecificCharacterSet", default_encoding)))
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


def source_date(header: Dataset) -> tuple[str, str]:
    """Return date (DA) and time (TM) of content, acquisition, series or study, the first that there is.

    19000101 and 000000 where there is none.
    """
    for prefix in _DATED:
        date, time = (str(header.get(f"{prefix}{part}") or "") for part in ("Date", "Time"))
        if _DATE.fullmatch(date):
            return date, time if _TIME.fullmatch(time) else _NO_TIME
    return _NO_DATE, _NO_TIME


def _file_meta(dataset: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    meta.ImplementationClassUID = _IMPLEMENTATION
    meta.ImplementationVersionName = _IMPLEMENTATION_NAME
    return meta


def _undated(item: Dataset) -> Dataset:
    plain = copy.deepcopy(item)
    if "ContributionDateTime" in plain:
        del plain.ContributionDateTime
    return plain
