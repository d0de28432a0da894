"""A YAML file to the service's configuration."""

from __future__ import annotations

import argparse
import datetime
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import yaml

from ..inference.bundle_root import bundle_root
from ..inference.usage_error import UsageError
from .config_schema import CONFIG_SCHEMA
from .run_infer import infer_arguments
from .serve_config import Node, Pull, Receive, Run, ServeConfig, Tls, Web

_MOST_FAULTS = 8
_DICOM_OUTPUTS = frozenset({"seg", "seg-labelmap", "sr", "sc", "rtstruct"})
_FILES = ("token_file", "password_file", "ca", "certificate", "key")
_SAID = {
    ("minItems", "calling_ae_titles"): "is empty: nobody could send; name the AE titles that may",
    ("oneOf", "pull"): "needs days or since, not both",
    ("anyOf", ""): "needs receive or pull: studies must come from somewhere",
}


def read_serve_config(file: Path) -> ServeConfig:
    """Read and check the configuration; paths in it are relative to its folder.

    Raises
    ------
    UsageError
        The file cannot be read or is none, with all faults; or it names a bundle, file or option that is not there.
    """
    content = _yaml(file)
    _check_schema(content)
    base = file.resolve().parent
    config = ServeConfig(
        folder=base / content.pop("folder"),
        receive=_receive(content.pop("receive", None), base),
        pull=_pull(content.pop("pull", None), base),
        send=_send(content.pop("send", None), base),
        run=_run(content.pop("run", {})),
        **content,
    )
    _check_run(config.run, sends=config.send is not None)
    return config


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The configuration cannot be read ({type(error).__name__}).") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError(f"The configuration is no YAML (line {mark.line + 1 if mark else '?'}).") from None


def _check_schema(content: Any) -> None:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # late: takes 0.2 s; ships no types

    if isinstance(content, dict) and isinstance(content.get("pull"), dict):
        since = content["pull"].get("since")
        if isinstance(since, datetime.date) and not isinstance(since, datetime.datetime):
            content["pull"]["since"] = since.isoformat()  # YAML knows dates, JSON does not
    errors = Draft202012Validator(CONFIG_SCHEMA).iter_errors(content)
    faults = sorted(_fault(error) for error in errors)
    if faults:
        more = f" (and {len(faults) - _MOST_FAULTS} more)" if len(faults) > _MOST_FAULTS else ""
        raise UsageError(f"The configuration is faulty. {'; '.join(faults[:_MOST_FAULTS])}{more}.")


def _fault(error: Any) -> str:
    """Say where and what; values are not quoted, as a secret may have got in the wrong place."""
    path = [str(part) for part in error.absolute_path]
    where = ".".join(path) or "the file"
    said = _SAID.get((error.validator, path[-1] if path else ""))
    if error.validator == "additionalProperties" and isinstance(error.schema.get("properties"), Mapping):
        known = error.schema["properties"]
        unknown = ", ".join(repr(str(name)[:40]) for name in error.instance if name not in known)
        said = f"does not know {unknown}; known are {', '.join(known)}"
    elif error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        said = f"needs {', '.join(missing)}"
    return f"{where}: {said or f'expected {error.validator} {error.validator_value}'}"


def _receive(content: dict[str, Any] | None, base: Path) -> Receive | None:
    if content is None:
        return None
    titles = tuple(content.pop("calling_ae_titles"))
    return Receive(calling_ae_titles=titles, tls=_tls(content.pop("tls", None), base, "receive.tls"), **content)


def _pull(content: dict[str, Any] | None, base: Path) -> Pull | None:
    if content is None:
        return None
    own = {name: content.pop(name) for name in ("days", "poll_s", "filters") if name in content}
    _check_filters(own.get("filters", {}))
    since = content.pop("since", None)
    try:
        date = None if since is None else datetime.date.fromisoformat(since)
    except ValueError:
        raise UsageError("pull.since: expected a date such as 2026-01-31.") from None
    return Pull(web=_web(content, base, "pull"), since=date, **own)


def _check_filters(filters: Mapping[str, str]) -> None:
    from pydicom.datadict import tag_for_keyword

    for keyword in filters:
        if tag_for_keyword(keyword) is None:
            raise UsageError(f"pull.filters: {keyword[:40]!r} is no DICOM keyword (such as StudyDescription).")


def _send(content: dict[str, Any] | None, base: Path) -> Web | Node | None:
    if content is None:
        return None
    if "dicomweb" in content:
        return _web(content["dicomweb"], base, "send.dicomweb")
    node = content["dicom"]
    return Node(tls=_tls(node.pop("tls", None), base, "send.dicom.tls"), **node)


def _web(content: dict[str, Any], base: Path, where: str) -> Web:
    web = Web(**_with_paths(content, base, where))
    n_passwords = bool(web.password_file) + bool(web.password_env)
    n_tokens = bool(web.token_file) + bool(web.token_env)
    if n_passwords != bool(web.user) or n_tokens + n_passwords > 1:
        raise UsageError(
            f"{where}: expected one of token_file, token_env, user with password_file, user with password_env, or none."
        )
    if n_tokens + n_passwords and web.url.startswith("http:") and not _is_loopback(urlsplit(web.url).hostname or ""):
        raise UsageError(f"{where}: a secret goes to another machine over https only. Change the url.")
    return web


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(content: dict[str, Any] | None, base: Path, where: str) -> Tls | None:
    return None if content is None else Tls(**_with_paths(content, base, where))


def _with_paths(content: Mapping[str, Any], base: Path, where: str) -> dict[str, Any]:
    """Make paths of the names of files, which must be there."""
    paths = {name: base / content[name] for name in _FILES if name in content}
    for name, path in paths.items():
        if not path.is_file():
            raise UsageError(f"{where}.{name}: there is no such file.")
    return {**content, **paths}


def _run(content: Mapping[str, Any]) -> Run:
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    return Run(**plain)


def _check_run(run: Run, *, sends: bool) -> None:
    """See, before the first study comes, that ``resmtnet infer`` takes these words, and that no result is lost."""
    from ..commands.infer import add_infer

    bundle_root(run.bundle)
    parser = _Parser(add_help=False)
    add_infer(parser)
    given = parser.parse_args(infer_arguments(run, Path("in"), Path("out"), Path("key"))[1:])
    if Path(given.output) != Path("out") or Path(given.input) != Path("in"):
        raise UsageError("run.options: input and output are not for you to choose.")
    if given.shard or given.cluster or given.json or Path(given.id_key) != Path("key"):
        raise UsageError("run.options: --shard, --cluster, --json and --id-key cannot be used here. Leave them out.")
    if sends and not _DICOM_OUTPUTS & set(given.outputs):
        words = ", ".join(sorted(_DICOM_OUTPUTS))
        raise UsageError(f"run.outputs: there would be nothing to send; expected one of {words} at least.")


class _Parser(argparse.ArgumentParser):
    """A parser that raises where another one ends the process."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise UsageError(f"run: {message}.")
