"""Names of convolution kernels that get through as they are: this attribute is free text."""

from __future__ import annotations

import re

_WORDS = """
STANDARD SOFT LUNG BONE BONEPLUS DETAIL EDGE CHST CHEST ULTRA SHARP SHARPPLUS SMOOTH MEDIUM BODY BRAIN HEAD NECK INNER
EAR PLUS HD CARDIAC CALCIUM SPINE LIVER ABDOMEN PELVIS VASCULAR NORMAL FINE HARD VERY EXTRA HIGH LOW QUANTITATIVE
MEDIASTINUM DEFAULT NONE UNKNOWN AICE FIRST AIDR IMR IDOSE ASIR ASIRV ADMIRE SAFIRE STR STRONG MILD ENHANCED RESOLUTION
"""
_KNOWN = frozenset(_WORDS.split())
# B31f, Br40d, Qr36s, I70f 3, FC51-H, UA, IMR1: up to three letters, with or without a number and some letters behind
_CODE = re.compile(r"[A-Z]{0,3}\d{1,4}[A-Z]{0,2}|[A-Z]{1,2}|IMR\d")
_BETWEEN = re.compile(r"[ _+/,.()-]+")
_MAX_CHARS = 16  # of VR SH


def is_kernel(text: str) -> bool:
    """Whether a value is made of known words of kernel names and short codes only."""
    words = [word for word in _BETWEEN.split(text.upper()) if word]
    return len(text) <= _MAX_CHARS and all(word in _KNOWN or _CODE.fullmatch(word) for word in words)
