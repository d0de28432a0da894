"""What the service is told by its configuration file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Tls:
    """Files of TLS in PEM form; ``ca`` is what the other side's certificate must be signed by."""

    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True)
class Receive:
    """Receive by C-STORE: who we are, and who may send (``calling_ae_titles``, nobody else)."""

    ae_title: str
    port: int
    calling_ae_titles: tuple[str, ...]
    host: str = "127.0.0.1"
    tls: Tls | None = None


@dataclass(frozen=True)
class Web:
    """A DICOMweb server; the secret, token or password, stands in a file or an environment variable."""

    url: str
    user: str = ""
    token_file: Path | None = None
    token_env: str = ""
    password_file: Path | None = None
    password_env: str = ""
    ca: Path | None = None


@dataclass(frozen=True)
class Pull:
    """Ask ``web`` every ``poll_s`` for CT studies of the last ``days``, or dated ``since`` or later."""

    web: Web
    days: int | None = None
    since: datetime.date | None = None
    poll_s: float = 60.0
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """Where a C-STORE goes to, and by which AE title we call."""

    host: str
    port: int
    ae_title: str
    calling_ae_title: str = "RESMTNET"
    tls: Tls | None = None


@dataclass(frozen=True)
class Run:
    """How ``resmtnet infer`` is called; ``options`` are further words of its command line."""

    bundle: str = "lung_nodule_ct"
    device: str = "auto"
    outputs: tuple[str, ...] = ("json", "seg", "sr")
    options: tuple[str, ...] = ()
    time_limit_s: float = 3600.0


@dataclass(frozen=True)
class ServeConfig:
    """The whole file.

    Parameters
    ----------
    folder : the queue, what was received and the results.
    receive, pull : where studies come from; at least one of them.
    send : where the DICOM results go; None: they stay in ``folder/results``.
    quiet_s : a study is complete when nothing new came for so long.
    attempts : how often a run that breaks off is tried before the study is failed.
    retry_s : wait before the second try of a run, a retrieval or a sending; doubled each time, up to an hour.
    keep_days : so long what was received, and what was sent, is kept after a study is done.
    min_free_gb : nothing more is taken in when the disk has less free.
    """

    folder: Path
    receive: Receive | None = None
    pull: Pull | None = None
    send: Web | Node | None = None
    run: Run = field(default_factory=Run)
    quiet_s: float = 60.0
    attempts: int = 3
    retry_s: float = 60.0
    keep_days: float = 1.0
    min_free_gb: float = 2.0
