"""Show a part of another picture."""

from __future__ import annotations

from torch import Tensor


def put_patch(picture: Tensor, other: Tensor, where: tuple[float, float, float, float]) -> Tensor:
    """Return ``picture`` ``(c, h, w)`` with a rectangle of ``other``, of the same shape, at the same place (CutMix).

    After Yun et al. 2019 (arXiv 1905.04899), between pictures of one class: the label stays what it is.

    Parameters
    ----------
    where : top, left, bottom and right, as shares of the edge.
    """
    rows, columns = picture.shape[1:]
    top, left, bottom, right = where
    rectangle = (
        slice(None),
        slice(round(top * rows), round(bottom * rows)),
        slice(round(left * columns), round(right * columns)),
    )
    patched = picture.clone()
    patched[rectangle] = other[rectangle]
    return patched
