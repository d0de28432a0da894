"""Fetch new CT studies from a DICOMweb server (QIDO-RS and WADO-RS, DICOM PS3.18 10.6 and 10.4)."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .inbox import Inbox
from .keyed_name import SHOWN_CHARS
from .object_uids import object_uids
from .open_dicomweb import open_dicomweb
from .pull_ledger import PullLedger, Seen
from .serve_config import Pull
from .serve_log import log_study, without_fault

if TYPE_CHECKING:
    from dicomweb_client import DICOMwebClient

_PAGE = 100
_INSTANCE, _STUDY, _SERIES = "00080018", "0020000D", "0020000E"
_MODALITY, _N_INSTANCES = "00080060", "00201209"
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'  # else servers decompress, or refuse
_MOST_OBJECT_BYTES = 2**31  # each is held in memory as it comes
_Model = Mapping[str, Any]
_Search = Callable[[int], list[dict[str, dict[str, Any]]]]


class IncompleteStudyError(Exception):
    """The server gave fewer objects of a series than it said there are, or those of another study."""


@dataclass(frozen=True)
class Look:
    """What a look found: whether all that was due was retrieved, and how many studies may still grow."""

    all_good: bool
    n_waiting: int = 0


class DicomwebPull:
    """Looks for studies and retrieves those that are quiet.

    A study is known by its CT series and how many objects each has: results that are stored into it change nothing.

    Parameters
    ----------
    complete : called with the keyed name of each study that was retrieved.
    go_on : asked before each study and object.
    """

    def __init__(
        self,
        pull: Pull,
        inbox: Inbox,
        ledger: PullLedger,
        *,
        complete: Callable[[str], None],
        go_on: Callable[[], bool],
    ) -> None:
        self._pull = pull
        self._inbox = inbox
        self._ledger = ledger
        self._complete = complete
        self._go_on = go_on

    def look(self) -> Look:
        """Look once."""
        if self._inbox.is_full():
            return Look(all_good=False)
        client = open_dicomweb(self._pull.web)
        came = [self._look_at(client, uid) for uid in _studies(client, self._pull) if self._go_on()]
        return Look(all_good="faulty" not in came, n_waiting=came.count("waits"))

    def _look_at(self, client: DICOMwebClient, uid: str) -> Seen:
        what = f"study {self._inbox.name(uid)[:SHOWN_CHARS]}: retrieval"
        return without_fault(what, lambda: self._take_if_due(client, uid), "faulty")

    def _take_if_due(self, client: DICOMwebClient, uid: str) -> Seen:
        name, series = self._inbox.name(uid), _ct_series(client, uid)
        seen = self._ledger.see(name, _fingerprint(series)) if series else "taken"
        if seen != "due":
            return seen
        self._ledger.taking(name)
        try:
            whole = all(self._take_series(client, uid, *each) for each in series.items())
        except Exception:
            self._ledger.fault(name)
            raise
        if not whole:
            self._ledger.stopped(name)
            return "waits"
        self._ledger.taken(name)
        log_study(name, "retrieved")
        self._complete(name)
        return "taken"

    def _take_series(self, client: DICOMwebClient, study: str, series: str, n_objects: int) -> bool:
        """Put the objects of a series into the inbox; False where the service was told to end."""
        n_came = 0
        for data in _series_objects(client, study, series):
            if not self._go_on():
                return False
            if object_uids(data).study != study:
                raise IncompleteStudyError
            self._inbox.put(data)
            n_came += 1
        if n_came < n_objects:
            raise IncompleteStudyError
        return True


def _series_objects(client: DICOMwebClient, study: str, series: str) -> Iterator[bytes]:
    """Retrieve the objects of a series, as files, one after the other.

    dicomweb_client's public way has pydicom parse, and inflate, what a server sends; here it is left to our own reader,
    which knows bounds. Hence the private names.
    """
    if not re.fullmatch(r"[0-9.]{1,64}", series):
        raise ValueError("the UID of a series is none")
    url = f"{client.base_url.rstrip('/')}/studies/{study}/series/{series}"
    headers = {"Accept": _AS_STORED, "Accept-Encoding": "identity"}
    response = client._http_get(url, headers=headers, stream=True)
    if "boundary=" not in response.headers["Content-Type"] or "Content-Encoding" in response.headers:
        response.close()
        raise ValueError("the answer is no plain multipart message")
    n_bytes = 0
    plain = response.iter_content

    def bounded(chunk_size: int) -> Iterator[bytes]:
        nonlocal n_bytes
        for chunk in plain(chunk_size=chunk_size):
            n_bytes += len(chunk)
            if n_bytes > _MOST_OBJECT_BYTES:
                raise OverflowError("an object is too long")
            yield chunk

    response.iter_content = bounded  # type: ignore[method-assign, assignment]  # a part is collected without limit
    for part in client._decode_multipart_message(response, stream=True):
        n_bytes = 0
        yield bytes(part)


def _studies(client: DICOMwebClient, pull: Pull) -> Mapping[str, _Model]:
    """Find the studies that may hold new CT, by UID."""
    since = pull.since
    if since is None:
        days = (pull.days or 0) + 1  # the server's today may still be our yesterday
        since = datetime.date.today() - datetime.timedelta(days=days)
    filters = {**pull.filters, "ModalitiesInStudy": "CT", "StudyDate": f"{since:%Y%m%d}-"}
    return _paged(_STUDY, lambda n: client.search_for_studies(limit=_PAGE, offset=n, search_filters=filters))


def _ct_series(client: DICOMwebClient, study: str) -> Mapping[str, int]:
    """Give the number of objects of each CT series of a study."""
    ct = {"Modality": "CT"}
    found = _paged(_SERIES, lambda n: client.search_for_series(study, limit=_PAGE, offset=n, search_filters=ct))
    return {
        series: int(_value(model, _N_INSTANCES) or _count(client, study, series))
        for series, model in sorted(found.items())
        if _value(model, _MODALITY) in ("CT", None)
    }


def _count(client: DICOMwebClient, study: str, series: str) -> int:
    return len(_paged(_INSTANCE, lambda n: client.search_for_instances(study, series, limit=_PAGE, offset=n)))


def _paged(tag: str, search: _Search) -> dict[str, _Model]:
    """Collect all pages of an answer by the UID ``tag``; a server that knows no pages gives the first one again."""
    found: dict[str, _Model] = {}
    while True:
        new = {str(_value(model, tag)): model for model in search(len(found))}
        if new.keys() <= found.keys():
            return found
        found.update(new)


def _value(model: _Model, tag: str) -> Any:
    values = model.get(tag, {}).get("Value")
    return values[0] if values else None


def _fingerprint(series: Mapping[str, int]) -> str:
    return hashlib.sha256(json.dumps(sorted(series.items())).encode()).hexdigest()
