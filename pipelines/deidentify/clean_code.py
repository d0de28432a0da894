"""Coded concepts: the code counts, its wording is never copied."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

from .elements import Elements, tag_of, text_element
from .pseudonyms import Pseudonyms
from .stored_value import stored_text

_UNIT = r"(?:[munkMGcd]?(?:m|g|s|l|L|Bq|Gy|Sv|Hz|Pa|V|eV|mol|J|W|A|K|Ci)|min|h|d|wk|mo|a|deg|rad|Cel|%|1)(?:-?[1-9])?"
# how a code of each scheme looks; braces of UCUM hold free text
_PATTERNS = {
    "DCM": re.compile(r"1[0-4]\d{4}"),
    "SCT": re.compile(r"[1-9]\d{2,14}[01]0\d"),  # concepts only: 00 or 10 before the check digit
    **dict.fromkeys(("SRT", "SNM3"), re.compile(r"[A-Z][A-Z0-9]?-[0-9A-F]{4,6}")),
    "LN": re.compile(r"\d{1,7}-\d"),
    "FMA": re.compile(r"\d{1,7}"),
    "RADLEX": re.compile(r"RID\d{1,6}"),
    "NCIt": re.compile(r"C\d{1,7}"),
    "UMLS": re.compile(r"C\d{7}"),
    "IBSI": re.compile(r"[A-Z0-9]{4}"),
    "UCUM": re.compile(rf"/?{_UNIT}(?:[./]{_UNIT}){{0,3}}"),
}
_SHORT = 16  # longest CodeValue; above it LongCodeValue
_LOCAL = "99RESMTNET"


def code_of(item: Dataset) -> tuple[str, str]:
    """Scheme and value of a coded concept, empty where they are missing."""
    value = stored_text(item, tag_of("CodeValue")) or stored_text(item, tag_of("LongCodeValue"))
    return stored_text(item, tag_of("CodingSchemeDesignator")), value


def clean_code(item: Dataset, names: Pseudonyms) -> Elements:
    """Keep a code that DICOM names or that looks like one of a public scheme; any other becomes a keyed token."""
    scheme, value = code_of(item)
    pattern = _PATTERNS.get(scheme)
    if (scheme, value) in _meanings() or (pattern and value and pattern.fullmatch(value)):
        return make_code(scheme, value)
    return make_code(_LOCAL, names.token("code", f"{scheme}\0{value}"), "local code")


def make_code(scheme: str, value: str, meaning: str = "") -> Elements:
    """Build a coded concept (PS3.3 8.8), by default with the wording of PS3.16, or the code itself for want of one."""
    meaning = meaning or _meanings().get((scheme, value), value)
    keyword = "CodeValue" if len(value) <= _SHORT else "LongCodeValue"
    pairs = ((keyword, value), ("CodingSchemeDesignator", scheme), ("CodeMeaning", meaning[:64]))
    return dict(text_element(*pair) for pair in pairs)


@functools.cache
def _meanings() -> Mapping[tuple[str, str], str]:
    """Wordings of PS3.16 as pydicom holds them; a few are not ASCII."""
    found = {
        (scheme, value): meaning.encode("ascii", "replace").decode()
        for scheme, by_name in concepts.items()
        for by_value in by_name.values()
        for value, (meaning, _) in by_value.items()
    }
    old = {("SRT", value): found[("SCT", new)] for value, new in mapping["SRT"].items() if ("SCT", new) in found}
    return {**found, **old}
