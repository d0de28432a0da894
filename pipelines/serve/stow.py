"""Send objects by STOW-RS (DICOM PS3.18 10.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from .open_dicomweb import open_dicomweb
from .send_error import SendError
from .serve_config import Web


def stow(web: Web, files: Sequence[Path]) -> Iterator[Path]:
    """Store the files one by one, and give each that was accepted.

    Raises
    ------
    SendError
        At the first that was not.
    """
    import pydicom
    import requests

    client = open_dicomweb(web)
    for file in files:
        try:
            answer = client.store_instances([pydicom.dcmread(file)])
        except requests.HTTPError as error:
            status = "an error" if error.response is None else f"HTTP status {error.response.status_code}"
            raise SendError(f"STOW was answered with {status}") from None
        except requests.RequestException as error:
            raise SendError(f"STOW failed ({type(error).__name__})") from None
        failed = answer.get("FailedSOPSequence")
        if failed:
            raise SendError(f"STOW was refused (reason 0x{int(failed[0].get('FailureReason', 0)):04X})")
        yield file
