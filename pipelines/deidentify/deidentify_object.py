"""One object: from what was stored to the bytes of the new file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydicom.dataset import Dataset

from ..ingest.header.read_meta import EXPLICIT_LITTLE
from ..ingest.ingest_error import IngestError
from .allow_list import Rule
from .clean_dataset import Context, clean_dataset
from .elements import tag_of
from .encode_file import encode_file
from .options import DeidentifyOptions
from .pixel_element import PIXEL_DATA, pixel_element
from .profile_elements import profile_elements
from .pseudonyms import Pseudonyms
from .read_object import StoredObject
from .reason_to_drop import IMAGES
from .report_subject import has_subject
from .stored_value import stored_bytes, stored_items, stored_text, stored_texts

_LEVELS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


@dataclass(frozen=True)
class NewObject:
    """A de-identified file: where it goes below the output, its bytes, and (identifying) where its names come from."""

    patient: str
    path: PurePosixPath
    data: bytes
    links: frozenset[tuple[str, str, str]]


def deidentify_object(
    stored: StoredObject, names: Pseudonyms, options: DeidentifyOptions, rules: Mapping[int, Rule]
) -> NewObject:
    """Encode an object anew from what the allow-list lets through.

    Raises
    ------
    IngestError
        ``E_NO_UID``, ``E_NO_PIXELS``, ``E_BAD_RESCALE``, or what is wrong with its elements or pixel data.
    """
    ds = stored.dataset
    uids = [stored_text(ds, tag_of(keyword)) for keyword in _LEVELS]
    sop_class = stored_text(ds, tag_of("SOPClassUID"))
    if not all(uids) or not sop_class:
        raise IngestError("E_NO_UID")
    if tag_of("ModalityLUTSequence") in ds:  # without it the image would have other values
        raise IngestError("E_BAD_RESCALE", "(a modality LUT)")
    identity = patient_identity(ds)
    offset = names.offset_days(identity) if options.dates == "modified" else None
    context = Context(rules, names, offset, stored.syntax.little_endian, _is_signed(ds), has_subject(ds))
    cleaned = clean_dataset(ds, context)
    pixels = pixel_element(ds, stored.syntax) if sop_class in IMAGES else None
    if pixels is None and sop_class in IMAGES:
        raise IngestError("E_NO_PIXELS")
    elements = profile_elements(cleaned, names.patient(identity), options)
    if pixels is not None:
        elements[PIXEL_DATA] = pixels
    syntax = stored.meta.transfer_syntax if pixels is not None and pixels.fragments else EXPLICIT_LITTLE
    return NewObject(
        names.patient(identity),
        _path(names, identity, uids),
        encode_file(elements, sop_class, names.uid(uids[-1]), syntax),
        frozenset(_links(ds, names, rules, identity)) if options.links_file else frozenset(),
    )


def patient_identity(ds: Dataset) -> str:
    """Say who a patient is: the identifier, else the name, else the study."""
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID"):
        if text := stored_text(ds, tag_of(keyword)):
            return f"{keyword} {text}"
    return ""


def _path(names: Pseudonyms, identity: str, uids: list[str]) -> PurePosixPath:
    study, series, instance = (names.name(level, uid) for level, uid in zip(_LEVELS, uids, strict=True))
    return PurePosixPath(names.patient(identity), study, series, f"{instance}.dcm")


def _is_signed(ds: Dataset) -> bool:
    return any(stored_bytes(ds, tag_of("PixelRepresentation")) or b"")


def _links(ds: Dataset, names: Pseudonyms, rules: Mapping[int, Rule], identity: str) -> Iterator[tuple[str, str, str]]:
    """Kind, old and new of the patient and of every UID that was mapped."""
    yield "patient", identity.partition(" ")[2], names.patient(identity)
    yield from (("uid", uid, names.uid(uid)) for uid in _uids(ds, rules) if names.uid(uid) != uid)


def _uids(ds: Dataset, rules: Mapping[int, Rule]) -> Iterator[str]:
    for tag in (int(tag) for tag in ds.keys() if int(tag) in rules):  # noqa: SIM118 - no values read
        for item in stored_items(ds, tag):
            yield from _uids(item, rules)
        if rules[tag] is Rule.UID:
            yield from filter(None, stored_texts(ds, tag))
