"""A client of a DICOMweb server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..inference.usage_error import UsageError
from .serve_config import Web

if TYPE_CHECKING:
    from dicomweb_client import DICOMwebClient
    from requests import Response

_JSON = ("application/dicom+json", "application/json")
_TIMEOUT_S = (10.0, 120.0)  # to connect; between two packets


def open_dicomweb(web: Web) -> DICOMwebClient:
    """Make a client that verifies the server's certificate and never follows a redirect away from it.

    The secret is read now: a new client follows a token that is renewed.

    Raises
    ------
    UsageError
        The secret cannot be read.
    """
    import requests
    from dicomweb_client import DICOMwebClient

    session = requests.Session()
    session.hooks["response"].append(_without_parameters)
    session.max_redirects = 0
    session.trust_env = False  # no ~/.netrc in place of what the configuration says
    session.verify = True if web.ca is None else str(web.ca)
    if web.user:
        password = secret(web.password_file, web.password_env)
        session.auth = requests.auth.HTTPBasicAuth(web.user.encode(), password.encode())  # text would be Latin-1
    elif web.token_file or web.token_env:
        session.headers["Authorization"] = f"Bearer {secret(web.token_file, web.token_env)}"
    client = DICOMwebClient(web.url, session=session, timeout=_TIMEOUT_S)
    client.set_http_retry_params(retry=False)  # what fails is tried again by us, later
    return client


def _without_parameters(response: Response, *_: object, **__: object) -> None:
    """Cut what follows the media type of JSON: dicomweb_client reads no answer whose type has parameters."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type in _JSON:
        response.headers["Content-Type"] = media_type


def secret(file: Path | None, variable: str) -> str:
    """Read a token or password from a file, or from an environment variable.

    Raises
    ------
    UsageError
        It is not there, or empty.
    """
    if file is None:
        text, where = os.environ.get(variable, ""), f"environment variable {variable}"
    else:
        where = f"file {file}"
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The secret in {where} cannot be read ({type(error).__name__}).") from None
    if not text.strip():
        raise UsageError(f"There is no secret in {where}.")
    return text.strip()
