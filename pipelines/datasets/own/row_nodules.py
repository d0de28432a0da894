"""The rows of one scan to its nodules."""

from __future__ import annotations

from collections.abc import Sequence

from ....transforms.box_corners import box_to_lps
from ....transforms.grid import Grid
from ...ingest.ingest_error import IngestError
from ..data_list import Excluded, NoduleLabel, Point, ReaderRating
from .annotated import Annotations
from .cells import all_in, fault, number_in, whole_in, yes_in
from .read_table import ATTRIBUTES, CORNERS, OF_NODULE, PLACE, SIZES, Row

_HIGHEST = {"calcification": 6, "internalstructure": 4}
"""LIDC rates calcification 1 to 6, internal structure 1 to 4, all else 1 to 5."""
_NAMES = {"internalstructure": "internalStructure"}
_LARGEST_MM = 2000.0
_SMALLEST_MM = 1e-6
Box = tuple[Point, Point | None]


def row_nodules(rows: Sequence[Row], image: Grid, frame: str, readers: Sequence[str]) -> Annotations:
    """Make the nodules of a scan; rows of one nodule (or one place) are put together.

    Raises
    ------
    IngestError
        ``E_LABEL_NO_PLACE``, ``E_LABEL_VALUE``, ``E_LABEL_CONFLICT``, each naming the line.
    """
    by_nodule: dict[object, list[Row]] = {}
    excluded = []
    for row in rows:
        if yes_in(row, "excluded"):
            excluded.append(_excluded(row, image, frame))
        elif _says_nodule(row):
            by_nodule.setdefault(_key(row), []).append(row)
    nodules = tuple(
        _nodule(f"n{number}", own, image, frame, readers) for number, own in enumerate(by_nodule.values(), 1)
    )
    _check_places(nodules, [own[0].number for own in by_nodule.values()])
    return Annotations(nodules, tuple(excluded))


def _check_places(nodules: Sequence[NoduleLabel], numbers: Sequence[int]) -> None:
    """See that no two nodules have one place: a row stands twice, or its readers are not named."""
    first: dict[Point, int] = {}
    for nodule, number in zip(nodules, numbers, strict=True):
        earlier = first.setdefault(nodule.centre_lps_mm, number)
        if earlier != number:
            lines = f"lines {earlier} and {number}"
            raise IngestError(
                "E_LABEL_CONFLICT", f"({lines}: two nodules at one place; name the readers, or leave one)"
            )


def _says_nodule(row: Row) -> bool:
    return any(name in row.cells for name in OF_NODULE)


def _key(row: Row) -> object:
    if "nodule" in row.cells:
        return row.cells["nodule"]
    place = tuple(row.cells.get(name) for name in (*PLACE, *CORNERS))
    # without readers, two rows of one place are two nodules by mistake, which the conflict below would not see
    return place if "reader" in row.cells and any(place) else row.number


def _nodule(nodule_id: str, rows: Sequence[Row], image: Grid, frame: str, readers: Sequence[str]) -> NoduleLabel:
    boxes = [(row, box) for row, box in ((row, _box(row, image, frame)) for row in rows) if box is not None]
    if not boxes:
        raise IngestError("E_LABEL_NO_PLACE", f"(line {rows[0].number})")
    centre, size = boxes[0][1]
    for row, box in boxes[1:]:
        if box != (centre, size):
            lines = f"lines {boxes[0][0].number} and {row.number}"
            raise IngestError("E_LABEL_CONFLICT", f"({lines}: one nodule, two places)")
    diameter = next((d for d in (_diameter(row) for row in rows) if d is not None), None)
    if size is None and diameter is not None:
        size = (diameter, diameter, diameter)
    ratings = [rating for rating in (_rating(row, readers) for row in rows) if rating is not None]
    if len({rating.reader for rating in ratings}) < len(ratings):
        raise IngestError("E_LABEL_CONFLICT", f"(line {rows[0].number}: one reader rates a nodule twice)")
    largest = max(size) if size else None
    return NoduleLabel(nodule_id, centre, size, diameter or largest, None, tuple(ratings))


def _box(row: Row, image: Grid, frame: str) -> Box | None:
    """Give centre and edges in LPS mm, None where the row has no place."""
    place, corners, size = all_in(row, PLACE), all_in(row, CORNERS), all_in(row, SIZES, _SMALLEST_MM)
    if corners is not None:
        if place is not None or size is not None:
            raise fault(row, CORNERS[0], "give corners, or a centre and edges, not both")
        return _from_corners(row, corners, image, frame)
    if place is None:
        return None
    return _to_lps(place, image, frame), _point(size) if size else None


def _from_corners(row: Row, corners: Sequence[float], image: Grid, frame: str) -> Box:
    low, high = corners[:3], corners[3:]
    grown = 1.0 if frame == "voxel" else 0.0  # from the first to the last voxel, both with their faces
    edges = [b - a + grown for a, b in zip(low, high, strict=True)]
    if min(edges) <= 0:
        raise fault(row, CORNERS[3], "each maximum must lie above its minimum")
    centre = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    if frame != "voxel":
        return _to_lps(centre, image, frame), _point(edges)
    first, last = box_to_lps(centre, edges, image)
    return (
        _point([(a + b) / 2 for a, b in zip(first, last, strict=True)]),
        _point([b - a for a, b in zip(first, last, strict=True)]),
    )


def _to_lps(place: Sequence[float], image: Grid, frame: str) -> Point:
    x, y, z = place
    if frame == "voxel":
        return _point(image.to_lps([place])[0])
    return (-x, -y, z) if frame == "ras" else (x, y, z)


def _point(values: Sequence[float]) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _diameter(row: Row) -> float | None:
    return number_in(row, "diameter_mm", _SMALLEST_MM, _LARGEST_MM)


def _excluded(row: Row, image: Grid, frame: str) -> Excluded:
    box = _box(row, image, frame)
    if box is None:
        raise IngestError("E_LABEL_NO_PLACE", f"(line {row.number})")
    diameter = _diameter(row) or (max(box[1]) if box[1] else None)
    if diameter is None:
        raise fault(row, "diameter_mm", "is empty; an excluded place needs it")
    return Excluded(box[0], diameter)


def _rating(row: Row, readers: Sequence[str]) -> ReaderRating | None:
    """Read one reader's rating; readers become numbers, as their names may be those of people."""
    malignancy = whole_in(row, "malignancy", 1, 5)
    given = {_NAMES.get(name, name): whole_in(row, name, 1, _HIGHEST.get(name, 5)) for name in ATTRIBUTES}
    attributes = {name: value for name, value in given.items() if value is not None}
    if malignancy is None and not attributes:
        return None
    name = row.cells.get("reader")
    return ReaderRating("0" if name is None else str(readers.index(name)), malignancy, attributes)
