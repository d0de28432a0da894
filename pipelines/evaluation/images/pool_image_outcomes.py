"""The outcomes of several runs as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from .image_outcomes_file import read_image_outcomes
from .judged_images import JudgedImages


def pool_image_outcomes(files: Sequence[Path]) -> JudgedImages:
    """Read outcomes of runs that share no group.

    Raises
    ------
    ValueError
        A group is in more than one file, an image twice in one, the classes differ, or a file is of another form.
    """
    read = [read_image_outcomes(path) for path in files]
    if len({(judged.classes, judged.positive, judged.normal) for judged in read}) != 1:
        raise ValueError("the files are of different classes: expected runs of one configuration")
    groups = list(chain.from_iterable(set(judged.groups) for judged in read))
    if (shared := len(groups) - len(set(groups))) > 0:
        raise ValueError(f"{shared} groups are in more than one file: expected runs on different groups")
    outcomes = tuple(chain.from_iterable(judged.outcomes for judged in read))
    if (twice := len(outcomes) - len({o.file for o in outcomes})) > 0:
        raise ValueError(f"{twice} images are there twice: expected every file once")
    return replace(read[0], outcomes=outcomes)
