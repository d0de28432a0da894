"""The service: what comes in is evaluated and sent back, until it is told to end."""

from __future__ import annotations

from contextlib import nullcontext

from ..inference.exit_code import ExitCode
from .open_dicomweb import open_dicomweb
from .own_folder import own_folder
from .serve_config import ServeConfig, Web
from .serve_log import LOG, start_log
from .service import Service
from .storage_scp import storage_scp
from .told_to_end import told_to_end


def serve(config: ServeConfig, *, once: bool = False) -> ExitCode:
    """Take studies in, evaluate them one after the other and send the results back, until SIGTERM or SIGINT.

    Parameters
    ----------
    once : listen to nobody, and end when all that is there is done and each sending and retrieval was tried.

    Returns
    -------
    ExitCode
        OK; INTERNAL where a part of the service died; with ``once`` SOME_NOT_DONE where a study of this call failed, or
        could not be retrieved or sent.

    Raises
    ------
    UsageError
        Another service uses the folder, a secret cannot be read, or the port cannot be bound.
    OutputNotWritable
        The folder cannot be made or written.
    """
    start_log()
    for web in (config.pull.web if config.pull else None, config.send):
        if isinstance(web, Web):
            open_dicomweb(web)
    listen_to = None if once else config.receive
    with own_folder(config.folder), told_to_end() as end:
        service = Service(config, end, once=once)
        try:
            with nullcontext() if listen_to is None else storage_scp(listen_to, service.inbox):
                LOG.info("service begins")
                code = service.work()
        finally:
            service.close()
    LOG.info("service ends")
    return code
