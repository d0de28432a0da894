"""Send the results of a study back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pydicom

from .c_store import c_store
from .keyed_name import keyed_name
from .result_objects import result_objects
from .send_error import SendError
from .serve_config import Node, Web
from .serve_log import log_study
from .stow import stow
from .study import Study
from .study_queue import StudyQueue

Sender = Callable[[Sequence[Path]], Iterator[Path]]


def send_study(study: Study, output: Path, queue: StudyQueue, *, target: Web | Node | None, key: bytes) -> None:
    """Send what was not yet accepted; what is refused is kept and tried again later.

    Parameters
    ----------
    output : the folder of the run.
    target : None for nowhere: the results stay where they are.
    key : of the names by which is remembered what was sent.
    """
    if target is not None:
        done, n_sent = queue.sent(study.name), 0
        names = {file: keyed_name(key, "object", _uid(file)) for file in result_objects(output)}
        unsent = [file for file, name in names.items() if name not in done]
        try:
            for file in _sender(target)(unsent) if unsent else ():
                queue.note_sent(study.name, names[file])
                n_sent += 1
        except SendError as error:
            log_study(study.name, f"{n_sent} of {len(unsent)} objects sent; kept for another try: {error}")
            queue.send_again(study, str(error))
            return
        log_study(study.name, f"{n_sent} objects sent")
    queue.done(study)


def _sender(target: Web | Node) -> Sender:
    if isinstance(target, Web):
        return lambda files: stow(target, files)
    return lambda files: c_store(target, files)


def _uid(file: Path) -> str:
    return str(pydicom.dcmread(file, specific_tags=["SOPInstanceUID"], stop_before_pixels=True).SOPInstanceUID)
