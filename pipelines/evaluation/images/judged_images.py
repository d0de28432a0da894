"""Judged images, and what their classes are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .image_outcome import ImageOutcome

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JudgedImages:
    """Outcomes in the order of their files.

    Parameters
    ----------
    classes : names, in the order of the probabilities.
    positive : the class that is looked for.
    normal : the class without a lesion; None if there is none.

    Raises
    ------
    ValueError
        ``positive`` or ``normal`` is no class, both are one, or an outcome does not suit the classes; the message names
        what was found and expected.
    """

    classes: tuple[str, ...]
    positive: str
    normal: str | None
    outcomes: tuple[ImageOutcome, ...]

    def __post_init__(self) -> None:
        unknown = {self.positive, *([] if self.normal is None else [self.normal])} - set(self.classes)
        if unknown or self.positive == self.normal:
            found = f"positive {self.positive!r} and normal {self.normal!r}"
            raise ValueError(f"{found}: expected two of the classes {', '.join(self.classes)}, or no normal one")
        n = len(self.classes)
        for number, o in enumerate(self.outcomes):
            if len(o.probabilities) != n or not 0 <= o.label < n:
                found = f"class {o.label} and {len(o.probabilities)} probabilities"
                raise ValueError(f"outcome {number}: {found}: expected one of {n} classes and as many probabilities")

    def column(self, value_of: Callable[[ImageOutcome], float | None]) -> Values:
        """Return one value per image, nan where it is None."""
        values = (value_of(o) for o in self.outcomes)
        return np.array([np.nan if v is None else v for v in values], dtype=float)

    @property
    def groups(self) -> Sequence[str]:
        """The group of every image."""
        return [o.group for o in self.outcomes]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """The number of the true class of every image."""
        return np.array([o.label for o in self.outcomes], dtype=np.int64)

    @property
    def probabilities(self) -> Values:
        """``(images, classes)``."""
        return np.array([o.probabilities for o in self.outcomes], dtype=float).reshape(-1, len(self.classes))

    @property
    def said(self) -> npt.NDArray[np.int64]:
        """The number of the most probable class of every image."""
        return np.asarray(self.probabilities.argmax(1), dtype=np.int64)

    @property
    def score(self) -> Values:
        """The probability of the positive class of every image."""
        return self.probabilities[:, self.classes.index(self.positive)]

    @property
    def against_rest(self) -> npt.NDArray[np.int64]:
        """1 for the positive class, -1 for every other."""
        return np.where(self.labels == self.classes.index(self.positive), 1, -1)

    @property
    def against_lesions(self) -> npt.NDArray[np.int64]:
        """1 for the positive class, -1 for the other classes with a lesion, 0 for the normal one."""
        if self.normal is None:
            return self.against_rest
        return np.where(self.labels == self.classes.index(self.normal), 0, self.against_rest)

    @property
    def against_lesions_name(self) -> str:
        """What the other classes with a lesion are called."""
        return ", ".join(name for name in self.classes if name not in (self.positive, self.normal))
