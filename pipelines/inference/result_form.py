"""What runs of one kind of cases (scans, pictures) do in their own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Case = dict[str, Any]
"""A case on its way: ``plan``, ``timings_s``, and what its kind adds."""


@dataclass(frozen=True)
class ResultForm:
    """The steps that differ between kinds of cases; plans, results and records are those of the kind (hence ``Any``).

    Parameters
    ----------
    prepare_batch : from the case to the network's input and None, as MONAI's evaluators call it.
    frees_image : the image is let go of before postprocessing.
    done : the result of a case after postprocessing, with the seconds of its stages.
    failed : the result of a plan that an unforeseen exception ended, under a code.
    rejected : the result of a refusal.
    checked_outputs : the words for kinds of files, in order; raises ValueError.
    write_case : writes the folder of a result; None stands for a case that has nothing to show.
    finished : the records in an output folder, by case id.
    write_run : writes the files of the run: output, run, records, links.
    """

    prepare_batch: Callable[..., tuple[Any, None]]
    frees_image: bool
    done: Callable[[Case, Mapping[str, float]], Any]
    failed: Callable[[Any, str, BaseException], Any]
    rejected: Callable[[Any], Any]
    checked_outputs: Callable[[Sequence[str]], tuple[str, ...]]
    write_case: Callable[[Path, Any, Case | None], object]
    finished: Callable[[Path], Mapping[str, Any]]
    write_run: Callable[[Path, Any, Sequence[Any], Any], None]
