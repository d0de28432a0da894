"""The scans of a folder, by every name that an annotation may call them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from os.path import realpath
from pathlib import Path, PurePosixPath
from typing import TypeVar

from ...ingest.ingest_error import IngestError
from ...ingest.ingest_options import IngestOptions
from ...ingest.plan_scans import plan_scans
from ...records import Rejection, SeriesPlan

_SUFFIXES = (".nii.gz", ".nii", ".mha", ".mhd", ".nrrd", ".nhdr", ".dcm", ".zip")
_Scan = TypeVar("_Scan", SeriesPlan, Rejection)
_Names = dict[str, list[_Scan]]


class ScanIndex:
    """Finds the one scan that a name means.

    A name is, in this order: the case id of ``resmtnet ingest``; the SeriesInstanceUID; the path below the folder of
    scans, or any path to it; the name of the file or folder, with or without its ending; the name of a folder above it.

    Parameters
    ----------
    root : folder of scans, of any depth.
    exclude : a folder below it that holds none.
    masks : files (real paths) that are no scans, whatever they look like.
    """

    def __init__(
        self,
        root: Path,
        options: IngestOptions,
        *,
        exclude: Path | None = None,
        masks: Collection[Path] = (),
        progress: bool = False,
    ) -> None:
        self.root = root
        listed = plan_scans(root, options, exclude=exclude, progress=progress)
        self.plans = tuple(plan for plan in listed.plans if plan.path not in masks)
        self._by_kind: tuple[_Names[SeriesPlan], ...] = _index(self.plans)
        self._refused: tuple[_Names[Rejection], ...] = _index(listed.rejections)
        self._by_instance: dict[str, SeriesPlan] = {}
        for plan in self.plans:
            self._by_instance.update({place.sop_instance_uid: plan for place in plan.slices})

    def find(self, name: str, beside: Path | None = None) -> SeriesPlan:
        """Return the scan of this name; a relative path may start at the folder of scans, or at ``beside``.

        Raises
        ------
        IngestError
            ``E_LABEL_NO_SCAN``, which says why where a scan of this name is there and refused; ``E_LABEL_AMBIGUOUS``.
        """
        wanted = [name.strip().replace("\\", "/"), *self._below_root(name.strip(), beside)]
        for names in self._by_kind:
            found = next((names[each] for each in wanted if each in names), [])
            if len(found) > 1:
                raise IngestError("E_LABEL_AMBIGUOUS", f"({len(found)} scans)")
            if found:
                return found[0]
        codes = sorted({each.code for names in self._refused for name in wanted for each in names.get(name, ())})
        why = f"(it is there and refused: {', '.join(codes)}; resmtnet ingest says more)" if codes else ""
        raise IngestError("E_LABEL_NO_SCAN", why)

    def find_instance(self, sop_instance_uids: Iterable[str]) -> SeriesPlan:
        """Return the scan that holds one of these slices; IngestError ``E_LABEL_NO_SCAN`` where none does."""
        for uid in sop_instance_uids:
            if uid in self._by_instance:
                return self._by_instance[uid]
        raise IngestError("E_LABEL_NO_SCAN")

    def _below_root(self, name: str, beside: Path | None) -> Iterator[str]:
        root = Path(realpath(self.root))
        for folder in () if "\0" in name else filter(None, (beside, self.root)):
            path = Path(realpath(folder / name))
            if path.is_relative_to(root) and path != root:
                yield path.relative_to(root).as_posix()


def _index(scans: Iterable[_Scan]) -> tuple[_Names[_Scan], ...]:
    """Give the scans by name, for each kind of names."""
    by_kind: tuple[_Names[_Scan], ...] = ({}, {}, {}, {}, {}, {})
    for scan in scans:
        for names, kind in zip(by_kind, _names(scan), strict=True):
            for name in dict.fromkeys(kind):  # a folder is called the same with and without its ending
                names.setdefault(name, []).append(scan)
    return by_kind


def _names(plan: SeriesPlan | Rejection) -> tuple[tuple[str, ...], ...]:
    place = PurePosixPath(plan.origin.relative_path)
    uid = (plan.origin.series_uid,) if plan.origin.series_uid else ()
    above = tuple(parent.as_posix() for parent in place.parents if parent.name)
    folders = tuple(parent.name for parent in place.parents if parent.name)
    return (plan.case_id,), uid, (place.as_posix(),), (place.name, _stem(place.name)), above, folders


def _stem(name: str) -> str:
    return next((name[: -len(suffix)] for suffix in _SUFFIXES if name.lower().endswith(suffix)), name)
