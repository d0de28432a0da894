"""What runs on the machines of a cluster."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from typing import Any

from ..import_monai import import_monai
from ..inference.bundle_config import read_bundle_config
from ..inference.read_scan import read_scan
from ..inference.usage_error import UsageError
from ..ingest.sandbox.default_pool import default_pool
from ..records import SeriesPlan
from .answer import Done, Ready, Refusal
from .case_feed import CaseFeed
from .check_seen import check_seen
from .job import Job


class CaseWorker:
    """Take scans, one after the other, from their files to their case folders.

    The model is loaded once. :meth:`evaluate` is meant to be called by two threads: while one waits for its scan to be
    computed, the other reads the next one, or writes the last one; no more are in memory.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._host = socket.gethostname()
        self._feed = CaseFeed()
        self._loaded = threading.Event()
        self._writing = threading.Lock()

    def start(self) -> Ready | Refusal:
        """Look whether input and output are here, and make the model ready."""
        try:
            _say_nothing()
            check_seen(self._job.source, self._job.mark, self._host)
            evaluator = self._build()
        except Exception as error:  # noqa: BLE001  # an answer, see there
            return Refusal.of(error, self._host)
        self._loaded.wait()
        try:
            self._feed.check()
        except Exception as error:  # noqa: BLE001
            return Refusal.of(error, self._host)
        return Ready(dict(evaluator.computed_on))

    def evaluate(self, plan: SeriesPlan) -> Done | Refusal:
        """Read, compute and write a scan; what is wrong with it goes into its record."""
        try:
            result, case = self._feed.compute(read_scan(plan))
            began = time.perf_counter()
            with self._writing:
                self._writer.write(result, case)
        except Exception as error:  # noqa: BLE001  # an answer, see there
            return Refusal.of(error, self._host)
        return Done({**result.timings_s, "write": time.perf_counter() - began})

    def _build(self) -> Any:
        import_monai()  # before whatever else imports it
        from ignite.engine import Events

        from ..inference.bundle_workflow import BundleWorkflow
        from .hand_over_handler import handing_over, writer_of

        job = self._job
        if not (job.root / "models" / "model.pt").is_file():
            raise UsageError(f"The bundle is not seen on node {self._host} under the same path.")
        default_pool().size = min(default_pool().size, job.cpus)
        overrides = {**job.overrides, **handing_over(read_bundle_config(job.root)), "scans": self._feed}
        self._workflow = BundleWorkflow(job.root, overrides)
        identity = self._workflow.part("identity")
        if (identity.config_hash, identity.weights_hash) != (job.config_hash, job.weights_hash):
            raise UsageError(f"Node {self._host} has another version of resmtnet, or of the bundle. Install the same.")
        self._writer = writer_of(self._workflow.part("handlers"))
        evaluator = self._workflow.part("evaluator")
        evaluator.logger = logging.Logger("mute")  # Ignite's logs the text of every exception
        evaluator.logger.disabled = True
        evaluator.add_event_handler(Events.STARTED, self._loaded.set)
        threading.Thread(target=self._run, name="engine", daemon=True).start()
        return evaluator

    def _run(self) -> None:
        import torch

        torch.set_num_threads(self._job.cpus)  # of this thread
        try:
            self._workflow.run()
        except BaseException as error:  # noqa: BLE001  # it belongs to the threads that wait
            self._feed.fail(error)
        finally:
            self._loaded.set()


def _say_nothing() -> None:
    """Close stdout and stderr: Ray keeps what is said there, and libraries name the files they warn of."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
