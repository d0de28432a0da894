"""Scans read ahead of the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from ..ingest import IngestError, ScanList, plan_scans, read_volume
from ..records import SeriesPlan
from .case_failure import case_failure, name_fault
from .read_scan import ReadScan

if TYPE_CHECKING:
    from concurrent.futures import Future
