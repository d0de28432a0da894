"""Content items that say who a report is about (PS3.16 TID 1006 to 1009)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from .clean_code import code_of
from .elements import tag_of
from .stored_value import stored_items

_CONCEPT, _CONTENT = tag_of("ConceptNameCodeSequence"), tag_of("ContentSequence")
_CODES = {  # identity and characteristics
    "DCM": ["121118", *(str(code) for code in range(121028, 121037))],
    "LN": ["30525-0", "8302-2", "3137-7", "29463-7", "3141-9", "21112-8", "46098-0"],
    "SCT": ["424144002", "50373000", "27113001", "364075005", "397669002", "263495000", "184099003"],
}
_SUBJECT = frozenset((scheme, code) for scheme, codes in _CODES.items() for code in codes)


def concept_of(item: Dataset) -> tuple[str, str]:
    """Scheme and code of what a content item is named, empty where it has no name."""
    codes = stored_items(item, _CONCEPT)
    return code_of(codes[0]) if codes else ("", "")


def is_about_subject(item: Dataset) -> bool:
    """Whether a content item identifies or describes the patient."""
    return concept_of(item) in _SUBJECT


def has_subject(ds: Dataset) -> bool:
    """Whether there are such items anywhere in a content tree."""
    return any(is_about_subject(item) or has_subject(item) for item in stored_items(ds, _CONTENT))
