"""Which structures are nodules, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

NODULE_WORDS = ("nodule", "tumor", "tumour", "neoplasm", "lesion", "mass", "gtv", "cancer", "metastas")
"""What nodules are called in SEG and RTSTRUCT; lungs, heart or body never are."""
_WORD = re.compile("|".join(NODULE_WORDS))


def is_nodule_name(names: Sequence[str], only: str | None) -> bool:
    """Say whether one of a structure's names holds ``only`` (any case); None for one of :data:`NODULE_WORDS`."""
    text = "\n".join(names).lower()
    return bool(_WORD.search(text)) if only is None else only.lower() in text
