"""The image cases of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from ..page.table import Cell, Column, number, table, text
from .image_record import ImageRecord


def image_table(cases: Sequence[ImageRecord]) -> str:
    """Return HTML: one row per case that was evaluated, with its thumbnail, class, probabilities and files.

    Columns that would be empty for all cases are left out.
    """
    optional = (
        (Column("Mask, %", numeric=True), [number(_share(case), 1) for case in cases], _any(map(_share, cases))),
        (Column("Mask, mm\u00b2", numeric=True), [number(_area(case), 0) for case in cases], _any(map(_area, cases))),
        (
            Column("Pictures", numeric=True),
            [text(_counted(case)) for case in cases],
            any(c.n_pictures > 1 for c in cases),
        ),
        (Column("Remarks"), [_remarks(case) for case in cases], any(case.codes or case.notes for case in cases)),
    )
    kept = [(column, cells) for column, cells, wanted in optional if wanted]
    classes = list(dict.fromkeys(name for case in cases for name in case.classes))
    columns = (
        *(Column("Case"), Column("Picture", sortable=False), Column("Class")),
        *(Column(f"P({name})", numeric=True) for name in classes),
        *(column for column, _ in kept),
        Column("Files", sortable=False),
    )
    rows = ((*_said(case, classes), *(cells[n] for _, cells in kept), _files(case)) for n, case in enumerate(cases))
    return table(columns, rows, name="images")


def _said(case: ImageRecord, classes: Sequence[str]) -> tuple[Cell, ...]:
    return (
        Cell(f'<a href="{_address(case, "case.json")}"><code>{escape(case.case_id)}</code></a>', case.case_id),
        _thumbnail(case),
        Cell(f"<b>{escape(case.predicted)}</b>", case.predicted),
        *(number(case.classes.get(name), 3) for name in classes),
    )


def _any(values: Iterable[float | None]) -> bool:
    return any(value is not None for value in values)


def _share(case: ImageRecord) -> float | None:
    share = _key(case).get("mask_share")
    return None if share is None else 100 * share


def _area(case: ImageRecord) -> float | None:
    return _key(case).get("mask_mm2")


def _key(case: ImageRecord) -> Mapping[str, float | None]:
    return case.pictures[case.key] if case.pictures else {}


def _counted(case: ImageRecord) -> str:
    used = len(case.pictures)
    return str(used) if used == case.n_pictures else f"{used} of {case.n_pictures}"


def _thumbnail(case: ImageRecord) -> Cell:
    if "overlay.png" not in case.files:
        return Cell('<span class="quiet">none</span>')
    source = _address(case, "overlay.png")
    return Cell(f'<a href="{source}"><img src="{source}" alt="{escape(case.case_id)}" loading="lazy"></a>')


def _remarks(case: ImageRecord) -> Cell:
    codes = "".join(f"<li><code>{escape(code)}</code></li>" for code in case.codes)
    notes = "".join(f'<li class="quiet">{escape(note)}</li>' for note in case.notes)
    return Cell(f'<ul class="plain">{codes}{notes}</ul>' if codes or notes else "")


def _files(case: ImageRecord) -> Cell:
    items = "".join(
        f'<li><a href="{_address(case, name)}">{name}</a></li>' for name in ("case.json", *sorted(case.files))
    )
    return Cell(f'<ul class="plain">{items}</ul>')


def _address(case: ImageRecord, name: str) -> str:
    return f"cases/{quote(case.case_id)}/{name}"
