"""The image cases of a folder, read one by one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from ...images.picture import Picture
from ...images.picture_plan import PicturePlan
from ...images.plan_images import ImageList, plan_images
from ...images.read_picture import SOFT_TISSUE_HU, read_picture
from ...images.slice_pictures import slice_pictures
from ...ingest.ingest_error import IngestError
from ...ingest.ingest_options import IngestOptions
from ...ingest.read_volume import read_volume
from ...records import SeriesPlan
from ...results.images.finished_images import finished_images
from ...results.images.image_files import IMAGE_FILES
from ...results.images.image_record import ImageRecord
from ..agrees import Hashes, agrees
from ..in_shard import in_shard
from ..keep_apart import keep_apart
from ..shard import Shard
from .image_failure import digest_of_plan, image_failure, unforeseen_image_failure
from .read_images import ImagePlan, ReadImages

MAX_CASE_PIXELS = 2**27
"""In all frames of a file: 512 MiB as float32, 170 frames of 1024 x 768."""


class ImageReader:
    """Plan the image cases of a folder, then read those that are not finished yet, one by one.

    Iterating yields a :class:`ReadImages` per case. One that cannot be read is yielded with its record; it stops
    nobody. Nothing is looked at before the first use. Decoding is done by a worker process
    (:mod:`resmtnet.pipelines.ingest.sandbox`).

    Parameters
    ----------
    dataset_dir : an image, or a folder of any depth.
    output_dir : where the results go; never read as input. Where it is ``dataset_dir``, or its cases hold that,
        planning raises OutputNotWritable.
    hashes : called for what finished cases must agree with; only when there is one. None reads every case.
    overwrite : read finished cases, too.
    outputs : kinds of files that a finished case must have been written with.
    options : how series are judged and chosen and cases named; the defaults where None.
    series : CT series and volume files are cases, with a picture per slice that holds lung; else each DICOM image file
        is a case, with a picture per frame.
    modalities : of DICOM files; others are refused (``E_OTHER_MODALITY``).
    window_hu : the HU that become 0 and 1.
    min_lung_mm2 : a slice with less lung is left out.
    shard : take this part of the cases, as I/N; all of them where None.
    """

    def __init__(
        self,
        dataset_dir: str | Path,
        output_dir: str | Path | None = None,
        *,
        hashes: Callable[[], Hashes] | None = None,
        overwrite: bool = False,
        outputs: Sequence[str] = (),
        options: IngestOptions | None = None,
        series: bool = False,
        modalities: Sequence[str] = ("US",),
        window_hu: Sequence[float] = SOFT_TISSUE_HU,
        min_lung_mm2: float = 0.0,
        shard: str | None = None,
    ) -> None:
        self.shard = None if shard is None else Shard.parse(shard)
        self._root = Path(str(dataset_dir))
        self._output = None if output_dir is None else Path(str(output_dir))
        self._hashes = None if overwrite else hashes
        self._outputs = frozenset(outputs) & {file.output for file in IMAGE_FILES}  # files of the run need no case
        self._options = options
        self._series = series
        self._modalities = tuple(modalities)
        self._window_hu = (float(window_hu[0]), float(window_hu[1]))
        self._min_lung_mm2 = min_lung_mm2

    @cached_property
    def scans(self) -> ImageList:
        """Everything that was found; it is planned when first asked for."""
        if self._output is not None:
            keep_apart(self._root, self._output)
        return in_shard(plan_images(self._root, self._options, exclude=self._output, series=self._series), self.shard)

    def __iter__(self) -> Iterator[ReadImages]:
        records = {} if self._output is None or self._hashes is None else finished_images(self._output)
        for plan in self.scans.plans:
            record = records.get(plan.case_id)
            if record is not None and self._agrees(record, plan):
                continue
            yield self._read(plan)

    def _agrees(self, record: ImageRecord, plan: ImagePlan) -> bool:
        return self._hashes is not None and agrees(record, digest_of_plan(plan), self._outputs, self._hashes())

    def _read(self, plan: ImagePlan) -> ReadImages:
        began = time.perf_counter()
        try:
            return self._of_file(plan, began) if isinstance(plan, PicturePlan) else self._of_series(plan, began)
        except IngestError as error:
            failure = image_failure(plan, error.code, error.reason, error.status)
        except Exception as error:  # noqa: BLE001  # one bad case never stops the rest
            failure = unforeseen_image_failure(plan, "F_READ", error)
        return ReadImages(plan, time.perf_counter() - began, failure=failure)

    def _of_file(self, plan: PicturePlan, began: float) -> ReadImages:
        first = self._picture(plan, 0)
        if first.kind == "dicom" and first.modality not in self._modalities:
            expected = " or ".join(self._modalities)
            raise IngestError("E_OTHER_MODALITY", f"(found {first.modality or 'none'}, expected {expected})")
        pictures = self._frames(plan, first)
        digests = "".join(picture.digest for picture in pictures)
        return ReadImages(
            plan=plan,
            read_s=time.perf_counter() - began,
            pictures=pictures,
            numbers=tuple(range(len(pictures))),
            n_pictures=len(pictures),
            codes=tuple(dict.fromkeys(code for picture in pictures for code in picture.codes)),
            digest=first.digest if len(pictures) == 1 else hashlib.sha256(digests.encode()).hexdigest(),
        )

    def _frames(self, plan: PicturePlan, first: Picture) -> tuple[Picture, ...]:
        """All frames; each page of a TIFF has a size of its own, so that they are counted as they come, too."""
        pictures, n_pixels, counted = [first], first.grey.size * first.n_frames, first.grey.size
        for frame in range(1, first.n_frames):
            if n_pixels > MAX_CASE_PIXELS:
                break
            pictures.append(self._picture(plan, frame))
            counted += pictures[-1].grey.size
            n_pixels = max(n_pixels, counted)
        if n_pixels > MAX_CASE_PIXELS:
            raise IngestError("E_TOO_LARGE", f"({n_pixels} pixels in all frames, at most {MAX_CASE_PIXELS})")
        return tuple(pictures)

    def _picture(self, plan: PicturePlan, frame: int) -> Picture:
        return read_picture(plan.path, frame=frame, window_hu=self._window_hu)

    def _of_series(self, plan: SeriesPlan, began: float) -> ReadImages:
        volume = read_volume(plan)
        slices, codes = slice_pictures(volume, window_hu=self._window_hu, min_lung_mm2=self._min_lung_mm2)
        return ReadImages(
            plan=plan,
            read_s=time.perf_counter() - began,
            pictures=tuple(one.picture for one in slices),
            numbers=tuple(one.k for one in slices),
            heights_mm=tuple(one.z_mm for one in slices),
            n_pictures=len(volume.hu),
            codes=(*volume.codes, *codes),
            digest=volume.digest,
        )
