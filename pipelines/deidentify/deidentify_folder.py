"""A folder of scans becomes a folder of the same scans without the patients."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..ingest.ingest_error import IngestError
from ..ingest.tree.walk_files import walk_files
from ..ingest.unforeseen_error import unforeseen_error
from ..results.atomic_write import atomic_write
from ..results.output_not_writable import writing
from ..results.sweep_unfinished import sweep_unfinished
from ..with_progress import with_progress
from .allow_list import allow_list
from .deidentify_object import NewObject, deidentify_object, patient_identity
from .key_file import read_key
from .links_file import Link, read_links_file, write_links_file
from .open_folder import keep_places_apart, open_folder
from .options import DeidentifyOptions
from .pseudonyms import Pseudonyms
from .read_object import read_object
from .reason_to_drop import reason_to_drop

_DEFAULTS = DeidentifyOptions()


@dataclass(frozen=True)
class _Outcome:
    """What became of one file; ``patient`` is a pseudonym, empty where nobody knows."""

    patient: str
    code: str = ""
    links: frozenset[Link] = field(default=frozenset(), repr=False)


def deidentify_folder(
    root: Path, output: Path, *, key_file: Path, options: DeidentifyOptions = _DEFAULTS, progress: bool = False
) -> list[dict[str, Any]]:
    """Write the CT images, segmentations, measurement reports and structure sets under ``root`` without identities.

    Basic Application Level Confidentiality Profile of PS3.15 annex E, as an allow-list. Pixels are neither decoded
    nor cleaned (113101 is not claimed) and faces are not removed (113102 is not claimed): objects that may carry text
    in their pixels are left out. Files are named ``<patient>/<study>/<series>/<instance>.dcm`` by the key. The same
    key gives the same bytes, and the same new UIDs in every run, so that references between runs hold.

    Parameters
    ----------
    root
        A folder, or one file.
    output
        Empty, new, or made by an earlier run with the same key and options. Not inside ``root``, nor around it.
    key_file
        64 hexadecimal digits, mode 0600, made where missing; neither in ``root`` nor in ``output``.
    options
        What is kept beyond the profile, and where a table of old and new identifiers goes.
    progress
        Show a bar on stderr where that is a terminal.

    Returns
    -------
    list of dict
        One per patient (``patient`` is the pseudonym; the last, empty one holds the files of nobody known):
        ``written``, and counts by code of what was ``dropped`` (I_), ``failed`` (E_, F_) and ``warned`` of (W_).

    Raises
    ------
    InputPathError, OutputNotWritable, UsageError
        The call is faulty; nothing was read.
    """
    private = {"The key file": key_file} | ({"The links file": options.links_file} if options.links_file else {})
    keep_places_apart(root, output, private)
    walk = walk_files(root)
    names = Pseudonyms(read_key(key_file))
    if options.links_file:
        read_links_file(options.links_file)  # a faulty one is told before the work; another run may add to it meanwhile
    open_folder(output, f"key={names.fingerprint} {options.policy}")
    outcomes: list[_Outcome] = []
    try:
        for outcome in _deidentify(with_progress(walk.files, "files", shown=progress), output, names, options):
            outcomes.append(outcome)  # one by one: what comes before a fault counts
    finally:  # what was written before a fault has its links too
        if options.links_file:
            links = frozenset[Link]().union(*(outcome.links for outcome in outcomes))
            write_links_file(options.links_file, links | read_links_file(options.links_file))
    skipped = (_Outcome("", code) for code, n in walk.skipped.items() for _ in range(n))
    return _records([*outcomes, *skipped])


def _deidentify(
    files: Iterable[Path], output: Path, names: Pseudonyms, options: DeidentifyOptions
) -> Iterator[_Outcome]:
    convert = partial(_convert, names=names, options=options)
    digests: dict[str, bytes] = {}  # of what this run wrote
    swept: set[Path] = set()
    for path in files:
        made = convert(path)
        if isinstance(made, _Outcome):
            yield made
            continue
        digest = hashlib.sha256(made.data).digest()
        if made.path.name in digests:
            same = digests[made.path.name] == digest
            yield _Outcome(made.patient, "W_DUPLICATE_FILE" if same else "E_UID_CONFLICT")
            continue
        digests[made.path.name] = digest
        with writing(output):
            _write(output / made.path, made.data, sweep=(output / made.path).parent not in swept)
        swept.add((output / made.path).parent)
        yield _Outcome(made.patient, "", made.links)


def _convert(path: Path, names: Pseudonyms, options: DeidentifyOptions) -> NewObject | _Outcome:
    patient = ""
    try:
        stored = read_object(path)
        patient = names.patient(patient_identity(stored.dataset))
        if code := reason_to_drop(stored.dataset, stored.meta.sop_class):
            return _Outcome(patient, code)
        return deidentify_object(stored, names, options, allow_list(options))
    except IngestError as error:
        return _Outcome(patient, error.code)
    except RecursionError:
        return _Outcome(patient, "E_NESTING")
    except Exception as error:  # noqa: BLE001 - one odd file never stops the rest
        return _Outcome(patient, unforeseen_error(error).code)


def _write(path: Path, data: bytes, *, sweep: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if sweep:
        sweep_unfinished(path.parent)
    atomic_write(path, data)


def _records(outcomes: list[_Outcome]) -> list[dict[str, Any]]:
    counts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        counts.setdefault(outcome.patient, Counter())[outcome.code] += 1
    return [_record(name, counts[name]) for name in sorted(counts, key=lambda name: (not name, name))]


def _record(patient: str, codes: Counter[str]) -> dict[str, Any]:
    def chosen(*first: str) -> dict[str, int]:
        return {code: codes[code] for code in sorted(codes) if code and code[0] in first}

    return {
        "patient": patient,
        "written": codes[""],
        "dropped": chosen("I"),
        "failed": chosen("E", "F"),
        "warned": chosen("W"),
    }
