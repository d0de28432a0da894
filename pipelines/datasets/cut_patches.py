"""A data list to a folder to train on."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..ingest.ingest_error import IngestError
from ..ingest.ingest_options import IngestOptions
from ..ingest.unforeseen_error import unforeseen_error
from ..results.atomic_write import atomic_write
from ..results.output_not_writable import OutputNotWritable, writing
from ..with_progress import with_progress
from .cut_patch import cut_patch
from .data_list import Refused, ScanLabel
from .labelled_plans import LabelledPlans
from .labelled_volume import LabelledVolume, nodule_voxels, read_labelled
from .patch_tables import PatchRecord, fold_of_scan, write_patch_tables
from .read_data_list import read_data_list
from .write_background import BackgroundRecord, write_background, write_backgrounds_table

PATCHES, BACKGROUNDS = "patches", "backgrounds"


@dataclass(frozen=True)
class PatchOptions:
    """How patches are cut.

    context_mm : of the scan kept around a nodule on all sides, above and below too.
    width_mm : least edge in plane.
    backgrounds : keep the lungs of complete scans, to put nodules into and to learn what is none.
    """

    context_mm: float = 24.0
    width_mm: float = 78.0
    backgrounds: bool = True
    ingest: IngestOptions = field(default_factory=IngestOptions)
    progress: bool = False


@dataclass(frozen=True)
class CutPatches:
    """What was cut: patches and backgrounds, and what had to be left out."""

    patches: tuple[PatchRecord, ...]
    backgrounds: tuple[BackgroundRecord, ...]
    refused: tuple[Refused, ...]

    @property
    def folds(self) -> tuple[int, ...]:
        """Fold of each patch."""
        return tuple(fold_of_scan(record.scan) for record in self.patches)


def cut_patches(data_list: Path, output: Path, options: PatchOptions | None = None) -> CutPatches:
    """Cut every nodule of a list out of its scan, in the ``lidc_nodules`` form that training and evaluation read.

    - ``patches/KEY.npz``: ``hu`` int16, ``readers`` and ``others`` uint8, see :class:`.CutPatch`;
    - ``nodules.csv``, ``ratings.csv``, ``manifest.json``: see :func:`.patch_tables.write_patch_tables`. They are
      written last: a folder without them is not finished;
    - ``backgrounds/NAME_lungs.nii.gz`` of complete scans, see :func:`.write_background.write_background`. A scan with a
      nodule outside of the image is not complete: that nodule stands somewhere in it, unmarked.

    Patients stand in the fold that the list names (``luna16_subset``), else in one of 0 to 7 by a hash.

    Parameters
    ----------
    data_list : file, or folder that holds ``data_list.json``.
    output : new or empty folder.

    Raises
    ------
    DataListError, OutputNotWritable
    """
    options = options or PatchOptions()
    labels = read_data_list(data_list)
    folder = data_list if data_list.is_dir() else data_list.parent
    plans = LabelledPlans(folder, options.ingest)
    patches: list[PatchRecord] = []
    backgrounds: list[BackgroundRecord] = []
    refused: list[Refused] = []
    with writing(output):
        _open(output)
        for scan in with_progress(labels.scans, "scans", shown=options.progress):
            for made in _of_scan(scan, plans, folder, output, options):
                if isinstance(made, PatchRecord):
                    patches.append(made)
                elif isinstance(made, BackgroundRecord):
                    backgrounds.append(made)
                else:
                    refused.append(made)
        if backgrounds:
            write_backgrounds_table(backgrounds, output / BACKGROUNDS)
        write_patch_tables(patches, output)
    return CutPatches(tuple(patches), tuple(backgrounds), tuple(refused))


def _open(output: Path) -> None:
    if output.is_dir() and any(output.iterdir()):
        raise OutputNotWritable(f"{output} is not empty. Choose a new or empty folder.")
    (output / PATCHES).mkdir(parents=True, exist_ok=True)


def _of_scan(
    scan: ScanLabel, plans: LabelledPlans, folder: Path, output: Path, options: PatchOptions
) -> Iterator[PatchRecord | BackgroundRecord | Refused]:
    try:
        volume = read_labelled(scan, plans.find(scan), folder)
    except IngestError as error:
        yield Refused(scan.case_id, error.code, error.reason)
        return
    except Exception as error:  # noqa: BLE001 - one odd scan never stops the rest
        fault = unforeseen_error(error)
        yield Refused(scan.case_id, fault.code, fault.reason)
        return
    whole = _without_lost(volume)
    yield from _nodules(whole, output, options)
    if whole.scan.complete and options.backgrounds:
        made = write_background(whole, output / BACKGROUNDS)
        yield made or Refused(scan.case_id, "W_LUNGS_NOT_FOUND", "No background: no lungs were recognised.")


def _without_lost(volume: LabelledVolume) -> LabelledVolume:
    """Take a scan of which a nodule is not found for incomplete: that nodule stands somewhere in it, unmarked."""
    if all(nodule_voxels(volume, nodule).bits.any() for nodule in volume.scan.nodules):
        return volume
    return dataclasses.replace(volume, scan=dataclasses.replace(volume.scan, complete=False))


def _nodules(volume: LabelledVolume, output: Path, options: PatchOptions) -> Iterator[PatchRecord | Refused]:
    for nodule in volume.scan.nodules:
        try:
            patch = cut_patch(volume, nodule, context_mm=options.context_mm, width_mm=options.width_mm)
        except IngestError as error:
            yield Refused(volume.scan.case_id, error.code, error.reason)
            continue
        except Exception as error:  # noqa: BLE001 - one odd nodule never stops the rest
            fault = unforeseen_error(error)
            yield Refused(volume.scan.case_id, fault.code, fault.reason)
            continue
        record = PatchRecord(volume.scan, nodule, patch.grid)
        packed = io.BytesIO()
        np.savez_compressed(packed, hu=patch.hu, readers=patch.readers, others=patch.others)
        atomic_write(output / PATCHES / f"{record.key}.npz", packed.getvalue())
        yield record
