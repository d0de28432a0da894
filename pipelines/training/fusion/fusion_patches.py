"""Patches of nodules, and of lung without one, as nine planes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ....transforms.grid import Grid
from ....transforms.planes_view import PlanesView
from ....transforms.targets import box_of
from ..background import Background
from ..close_transplant import close_transplant
from ..lidc_nodules import LidcRecord
from ..nodule import F32, Nodule
from ..random_turn import random_turn
from ..shown_slices import shown_slices
from ..slab import beyond
from ..transplant import Pose, paste, posed
from .axial_mm import axial_mm, axial_mm_of
from .fusion_label import SeenNodule
from .lung_places import Places, chest_places, choose_place, patch_places
from .place_mm import place_mm
from .surroundings import surroundings

F64 = npt.NDArray[np.float64]

_NEGATIVE_SHARE = 0.35
TRANSPLANT_SHARE = 0.2
"""Share of nodules that are shown in another chest: their own surroundings end with their slices."""
_OWN_SHARE, _DECOY_SHARE = 0.5, 0.2
"""Of the places without a nodule: those in a nodule's patch, and those with a pasted piece of ordinary lung."""
_SLAB_SHARE = 0.6
"""Share of the places in a chest that are shown as patches of nodules are: a few slices, continued. That slices end
must not tell a nodule."""
_SHIFT_MM = 3.0
_ROOM_MM = 32
"""Reach of a block that any turn of the planes stays within."""
_TRANSPLANT_ROOM = 16
"""Pixels: a pasted nodule is off the middle of its cube by up to 8."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Planes ``(9, edge, edge)`` in HU, and the nodule in them; None: none."""

    planes: F32
    nodule: SeenNodule | None


@dataclass(frozen=True, eq=False)
class FusionPatches:
    """Draw a patch.

    Parameters
    ----------
    records, weights : nodules, and how often each is drawn.
    others : by key of a record, centres (k, j, i; its voxels) of other nodules of its scan.
    decoys : pieces of ordinary lung and chest wall, to be pasted as nodules are.
    backgrounds, background_weights : chests, and how often each is drawn; may be none.
    view : what is seen of a place.
    negative_share : share of patches without a nodule.
    transplant_share : of the nodules that are outlined: shown in another chest.
    """

    records: Sequence[LidcRecord]
    weights: F64
    others: Mapping[str, Sequence[F64]]
    decoys: Sequence[Nodule]
    backgrounds: Sequence[Background]
    background_weights: F64
    view: PlanesView
    negative_share: float = _NEGATIVE_SHARE
    transplant_share: float = TRANSPLANT_SHARE
    seed: int = 0
    _sizes: Mapping[str, float | None] = field(init=False)
    _places: Sequence[Places] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        object.__setattr__(self, "_sizes", {r.key: axial_mm(r) for r in self.records})
        object.__setattr__(self, "_places", [chest_places(b, rng) for b in self.backgrounds])

    def draw(self, rng: np.random.Generator) -> Seen:
        """Draw one patch."""
        if rng.random() < self.negative_share:
            return self._negative(rng)
        record = self.records[int(rng.choice(len(self.records), p=self.weights))]
        if self.backgrounds and record.outlined and rng.random() < self.transplant_share:
            return self._transplanted(record, rng)
        centre = place_mm(record, record.place[0])
        planes, location, scale = self._at(record, centre, rng)
        size = self._sizes[record.key]
        return Seen(planes, SeenNodule(location, None if size is None else size / scale, record.scores))

    def _at(self, record: LidcRecord, centre_mm: F64, rng: np.random.Generator) -> tuple[F32, F64, float]:
        """Look at a place of a patch: planes, where it stands in them (k, j, i; mm), and their in-plane scale."""
        turn, location = random_turn(rng), rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3)
        hu, grid = surroundings(record, shown_slices(record, rng))
        planes = self.view.cut(hu, grid, centre_mm - (turn @ location)[::-1], turn)
        return planes, location, float(np.sqrt(abs(np.linalg.det(turn[1:, 1:]))))

    def _transplanted(self, record: LidcRecord, rng: np.random.Generator) -> Seen:
        background = self.backgrounds[self._which(rng)]
        edge, step = self.view.edge + _TRANSPLANT_ROOM, self.view.spacing_mm
        hu, lesion = close_transplant(record, background, rng, edge=edge, spacing_mm=step)
        if lesion.mask is None:  # pasted out of sight
            return Seen(self._cut_cube(hu, np.full(3, (edge - 1) / 2)), None)
        mask = np.asarray(lesion.mask >= 0.5)
        centre, location = box_of(mask)[0], rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3)
        planes = self._cut_cube(hu, centre - location / step)
        return Seen(planes, SeenNodule(location, axial_mm_of(mask, (step, step, step)), record.scores))

    def _cut_cube(self, hu: F32, centre_kji: F64) -> F32:
        step = self.view.spacing_mm
        grid = Grid((hu.shape[0], hu.shape[1], hu.shape[2]), np.diag([step, step, step, 1.0]))
        return self.view.cut(hu, grid, centre_kji[::-1] * step)

    def _negative(self, rng: np.random.Generator) -> Seen:
        kind = rng.random()
        if kind < _OWN_SHARE or not self.backgrounds:
            own = self._own_place(rng)
            if own is not None:
                return Seen(self._at(*own, rng)[0], None)
        return Seen(self._in_chest(rng, decoy=kind > 1 - _DECOY_SHARE), None)

    def _own_place(self, rng: np.random.Generator) -> tuple[LidcRecord, F64] | None:
        for _ in range(10 if self.backgrounds else 1000):
            record = self.records[int(rng.choice(len(self.records), p=self.weights))]
            places = patch_places(record, self.others.get(record.key, ()))
            if len(places):
                middle = record.place[0][0]
                j, i = choose_place(places, record.hu[len(record.hu) // 2], rng)
                return record, place_mm(record, (middle, float(j), float(i)))
        if self.backgrounds:
            return None
        raise ValueError("no patch holds lung away from its nodules: give chests, by backgrounds_dir or phantom_seeds")

    def _in_chest(self, rng: np.random.Generator, *, decoy: bool) -> F32:
        which = self._which(rng)
        background = self.backgrounds[which]
        k, j, i = (int(v) for v in choose_place(self._places[which], background.hu, rng))
        block, middle = _block(background, (k, j, i))
        if decoy and self.decoys:
            flips = (bool(rng.random() < 0.5), bool(rng.random() < 0.5), bool(rng.random() < 0.5))
            pose = Pose(float(rng.uniform(0, 2 * np.pi)), 1.0, flips, background.slice_mm)
            paste(block, posed(self.decoys[int(rng.integers(len(self.decoys)))], pose), [int(v) for v in middle])
        elif rng.random() < _SLAB_SHARE:
            block, middle = self._as_slab(block, middle, rng)
        turn, location = random_turn(rng), rng.uniform(-_SHIFT_MM, _SHIFT_MM, 3)
        grid = Grid((block.shape[0], block.shape[1], block.shape[2]), np.eye(4))
        return self.view.cut(block, grid, (middle - turn @ location)[::-1], turn)

    def _as_slab(self, block: F32, middle: F64, rng: np.random.Generator) -> tuple[F32, F64]:
        """Keep as many slices about the middle as a nodule's patch has, and continue them as there."""
        record = self.records[int(rng.choice(len(self.records), p=self.weights))]
        slices = max(1, round(record.hu.shape[0] * record.spacing_mm[2]))
        low = int(np.clip(middle[0] - slices // 2, 0, block.shape[0] - 1))
        kept = block[low : low + slices]
        ends = [beyond(end, 1.0)[None] for end in (kept[0], kept[-1])]
        return np.concatenate([ends[0], kept, ends[1]]), middle - [low - 1, 0, 0]

    def _which(self, rng: np.random.Generator) -> int:
        return int(rng.choice(len(self.backgrounds), p=self.background_weights))


def _block(background: Background, place: tuple[int, int, int]) -> tuple[F32, F64]:
    """Cut out what the planes may show of a chest, and where the place stands in it."""
    crop = tuple(
        slice(max(0, p - _ROOM_MM), min(n, p + _ROOM_MM + 1)) for p, n in zip(place, background.hu.shape, strict=True)
    )
    return background.hu[crop].astype(np.float32), np.subtract(place, [c.start for c in crop]).astype(np.float64)
