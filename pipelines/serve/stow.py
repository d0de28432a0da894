"""Send objects by STOW-RS (DICOM PS3.18 10.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .c_store import ALREADY_THERE
from .open_dicomweb import open_dicomweb
from .send_error import SendError
from .serve_config import Web

if TYPE_CHECKING:
    from dicomweb_client import DICOMwebClient
    from pydicom import Dataset
    from requests import Response

_CONFLICT = 409  # no object was stored; the body says why (PS3.18 10.5.3)


def stow(web: Web, files: Sequence[Path]) -> Iterator[Path]:
    """Store the files one by one, and give each that was accepted.

    Raises
    ------
    SendError
        The server cannot be reached, or, after the last, a file was not accepted.
    """
    import requests

    client = open_dicomweb(web)
    refused: list[SendError] = []
    for file in files:
        try:
            _store(client, file)
        except SendError as error:
            refused.append(error)
        except requests.RequestException as error:
            raise SendError(f"STOW failed ({type(error).__name__})") from None
        else:
            yield file
    if refused:
        raise refused[0]


def _store(client: DICOMwebClient, file: Path) -> None:
    import pydicom
    import requests

    try:
        answer = client.store_instances([pydicom.dcmread(file)])
    except requests.HTTPError as error:
        if error.response is None:
            raise SendError("STOW was answered with an error") from None
        reasons = _reasons(_body(error.response)) if error.response.status_code == _CONFLICT else ()
        if reasons and set(reasons) == {ALREADY_THERE}:
            return
        raise SendError(f"STOW was answered with HTTP status {error.response.status_code}") from None
    for reason in _reasons(answer):
        if reason != ALREADY_THERE:
            raise SendError(f"STOW was refused (reason 0x{reason:04X})")


def _body(response: Response) -> Dataset:
    """Parse the answer's JSON; a server may answer an error with anything, which then says nothing."""
    import pydicom

    try:
        return pydicom.Dataset.from_json(response.json())
    except Exception:  # noqa: BLE001 - what pydicom raises of what is no DICOM JSON is not documented
        return pydicom.Dataset()


def _reasons(answer: Dataset) -> tuple[int, ...]:
    return tuple(int(item.get("FailureReason", 0)) for item in answer.get("FailedSOPSequence") or ())
