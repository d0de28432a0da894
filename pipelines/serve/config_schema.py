"""The JSON schema of the service's configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_SECONDS = {"type": "number", "minimum": 0}
_PERIOD = {"type": "number", "exclusiveMinimum": 0}
_COUNT = {"type": "integer", "minimum": 1}
_PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
_AE_TITLE = {"type": "string", "pattern": r"^(?! )[ -\[\]-~]{1,16}(?<! )$"}  # PS3.5 6.2: no backslash, no control


def _object(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


_TLS_SERVER = _object(("certificate", "key"), certificate=_TEXT, key=_TEXT, ca=_TEXT)
_TLS_CLIENT = _object((), certificate=_TEXT, key=_TEXT, ca=_TEXT)
_TLS_CLIENT["dependentRequired"] = {"certificate": ["key"], "key": ["certificate"]}
_WEB = {
    "url": {"type": "string", "pattern": r"^https?://[^/\s@]+(/[^\s?#]*)?$"},
    "token_file": _TEXT,
    "token_env": _TEXT,
    "user": _TEXT,
    "password_file": _TEXT,
    "password_env": _TEXT,
    "ca": _TEXT,
}
_PULL = _object(
    ("url",),
    **_WEB,
    days={"type": "integer", "minimum": 1},
    since={"type": "string", "format": "date"},
    poll_s=_PERIOD,
    filters={"type": "object", "additionalProperties": {"type": "string"}},
)
_PULL["oneOf"] = [{"required": ["days"]}, {"required": ["since"]}]
_NODE = _object(
    ("host", "port", "ae_title"),
    host=_TEXT,
    port=_PORT,
    ae_title=_AE_TITLE,
    calling_ae_title=_AE_TITLE,
    tls=_TLS_CLIENT,
)

CONFIG_SCHEMA: Mapping[str, Any] = _object(
    ("folder",),
    folder=_TEXT,
    receive=_object(
        ("ae_title", "port", "calling_ae_titles"),
        ae_title=_AE_TITLE,
        host=_TEXT,
        port=_PORT,
        calling_ae_titles={"type": "array", "items": _AE_TITLE, "minItems": 1},
        tls=_TLS_SERVER,
    ),
    pull=_PULL,
    send=_object((), dicomweb=_object(("url",), **_WEB), dicom=_NODE) | {"minProperties": 1, "maxProperties": 1},
    run=_object(
        (),
        bundle=_TEXT,
        device=_TEXT,
        outputs={"type": "array", "items": _TEXT, "minItems": 1},
        options={"type": "array", "items": _TEXT},
        time_limit_s=_PERIOD,
    ),
    quiet_s=_SECONDS,
    attempts=_COUNT,
    retry_s=_SECONDS,
    keep_days=_SECONDS,
    min_free_gb=_SECONDS,
) | {"anyOf": [{"required": ["receive"]}, {"required": ["pull"]}]}
