"""Confusion matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .drawing import Area, Drawing, Mark, Words

_WIDTH, _CELL_HEIGHT = 460.0, 74.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 110.0, 14.0, 66.0, 14.0
_DARKEST = 0.62
"""Opacity of a cell that holds its whole row; darker, the text on it could not be read."""


def confusion_plot(counts: Sequence[Sequence[int]], classes: Sequence[str], *, title: str) -> Drawing:
    """Draw a row for each true class and a column for each class said: number, and share of the row.

    Raises
    ------
    ValueError
        The matrix has not a row and a column for each class.
    """
    if {len(counts), *map(len, counts)} != {len(classes)}:
        raise ValueError(f"confusion of {len(counts)} rows: expected {len(classes)} rows and columns")
    marks: list[Mark] = [
        Words(at=(_LEFT, 20.0), text=title, size=14, bold=True),
        Words(at=((_LEFT + _WIDTH - _RIGHT) / 2, 40.0), text="class said", anchor="middle"),
        Words(at=(18.0, _TOP + len(classes) * _CELL_HEIGHT / 2), text="true class", anchor="middle", turned=True),
        *_cells(counts, classes),
    ]
    return Drawing(_WIDTH, _TOP + len(classes) * _CELL_HEIGHT + _BOTTOM, title, marks)


def _cells(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> Iterator[Mark]:
    width = (_WIDTH - _LEFT - _RIGHT) / len(classes)
    for column, name in enumerate(classes):
        yield Words(at=(_LEFT + (column + 0.5) * width, _TOP - 8), text=name, ink="quiet", anchor="middle")
    for row, name in enumerate(classes):
        top, total = _TOP + row * _CELL_HEIGHT, sum(counts[row])
        yield Words(at=(_LEFT - 8, top + _CELL_HEIGHT / 2 + 4), text=name, ink="quiet", anchor="end")
        for column, n in enumerate(counts[row]):
            left, share = _LEFT + column * width, n / total if total else 0.0
            corners = [(left, top), (left + width, top), (left + width, top + _CELL_HEIGHT), (left, top + _CELL_HEIGHT)]
            inner = [(x + (1 if x == left else -1), y + (1 if y == top else -1)) for x, y in corners]
            yield Area(points=inner, ink="grid", opacity=0.5)
            yield Area(points=inner, ink="series1", opacity=_DARKEST * share)
            middle = left + width / 2, top + _CELL_HEIGHT / 2
            yield Words(at=middle, text=str(n), size=16, bold=True, anchor="middle")
            yield Words(at=(middle[0], middle[1] + 18), text=f"{100 * share:.0f} %", anchor="middle")
