"""``resmtnet serve``: a service between an archive (PACS) and ``resmtnet infer``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..inference.exit_code import ExitCode
from .say import fail, say

if TYPE_CHECKING:
    from ..serve.serve_config import ServeConfig

_EPILOG = """Studies come by C-STORE, or are pulled from a DICOMweb server. When nothing new has come for a while, a
study is evaluated, and its segmentation and reports are sent to the archive by STOW-RS or C-STORE. README has an
example of CONFIG. The service says nothing of patients; what it keeps in its folder is for the owner of the process.

Research use only; not a medical device. Results that go to an archive are seen by everybody who reads there: send
them where they cannot be taken for a diagnosis."""


def add_serve(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = _EPILOG
    command.add_argument("config", type=Path, metavar="CONFIG", help="YAML file")
    what = command.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="pull, do all that is there, and end; listen to nobody")
    what.add_argument("--check", action="store_true", help="check CONFIG and end")
    what.add_argument("--status", action="store_true", help="print the queue as JSON lines, without identities")
    what.add_argument("--retry", action="store_true", help="queue the failed studies once more")
    what.add_argument("--health", action="store_true", help="exit with 0 if the service of CONFIG is alive, else 1")
    command.set_defaults(command=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    from ..serve.read_serve_config import read_serve_config

    config = read_serve_config(arguments.config)
    if arguments.check:
        say("The configuration is good.")
        return int(ExitCode.OK)
    if arguments.status or arguments.retry or arguments.health:
        return _ask(config, arguments)
    _check_packages()
    from ..serve.serve import serve

    return int(serve(config, once=arguments.once))


def _ask(config: ServeConfig, arguments: argparse.Namespace) -> int:
    from contextlib import closing

    from ..inference.usage_error import UsageError
    from ..serve.heartbeat import is_alive
    from ..serve.open_queue import has_database, open_database, open_queue
    from ..serve.retry_failed import retry_failed
    from ..serve.show_queue import show_queue

    if not has_database(config):
        if arguments.health:
            return fail("The service has never run.", ExitCode.INTERNAL)
        raise UsageError("The service has never run: there is no queue in its folder.")
    with closing(open_database(config)) as database:
        queue = open_queue(database, config)
        if arguments.health:
            alive = is_alive(database)
            return int(ExitCode.OK) if alive else fail("The service gives no sign of life.", ExitCode.INTERNAL)
        if arguments.retry:
            say(f"{retry_failed(queue, config)} studies are queued once more.")
        else:
            say("\n".join(show_queue(database, queue)))
    return int(ExitCode.OK)


def _check_packages() -> None:
    from importlib.util import find_spec

    from ..inference.usage_error import UsageError

    missing = [name for name in ("pynetdicom", "dicomweb_client") if find_spec(name) is None]
    if missing:
        raise UsageError(f'The service needs {" and ".join(missing)}: pip install "resmtnet[dicomweb]".')
