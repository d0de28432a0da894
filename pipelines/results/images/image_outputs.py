"""The kinds of files that a run of an image bundle can write."""

from __future__ import annotations

from collections.abc import Sequence

IMAGE_OUTPUTS = {
    "json": "case.json, run.json (always)",
    "csv": "images.csv, slices.csv",
    "mask": "mask.png, masks/",
    "overlay": "overlay.png, which shows the picture",
    "html": "index.html",
}
"""Words that ask for them, and what comes."""


def checked_image_outputs(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words in the order of :data:`IMAGE_OUTPUTS`, each once, ``json`` always among them.

    Raises
    ------
    ValueError
        A word that names nothing.
    """
    unknown = [word for word in words if word not in IMAGE_OUTPUTS]
    if unknown:
        raise ValueError(f"expected some of {', '.join(IMAGE_OUTPUTS)}; found {', '.join(map(repr, unknown))}")
    return tuple(word for word in IMAGE_OUTPUTS if word in {"json", *words})
