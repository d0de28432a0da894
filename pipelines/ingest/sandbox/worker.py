"""The worker process: ``python -P -m resmtnet.pipelines.ingest.sandbox.worker SOCKET MEMORY_BYTES``."""

from __future__ import annotations

import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from ..ingest_error import IngestError
from ..pixels.decode_fault import FAULTS, DecodeFault
from ..tree.member_stream import forget_member
from .restrict_process import end_task, limit_task, restrict_process

Report = Callable[[int], None]
_BLOCK = 2**16


def main() -> None:
    """Do one task after the other until the socket closes."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    restrict_process(int(sys.argv[2]))
    while (received := _receive(connection)) is not None:
        task, descriptors = received
        limit_task(task["memory_bytes"], task["seconds"])
        answer = _do(task, descriptors, lambda step: _say(connection, "at", "", step))
        end_task()
        _say(connection, *answer)
    os._exit(0)  # no destructor of a library has anything left to do


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    data, descriptors = bytearray(), []
    while not data.endswith(b"\n"):
        block, more, _, _ = socket.recv_fds(connection, _BLOCK, 1)
        if not block:
            return None
        data += block
        descriptors += more
    return json.loads(data), descriptors


def _say(connection: socket.socket, kind: str, name: str, *numbers: float) -> None:
    connection.sendall(json.dumps([kind, name, numbers]).encode("ascii") + b"\n")


def _do(task: dict[str, Any], descriptors: list[int], report: Report) -> tuple[Any, ...]:
    try:
        return ("done", "", *_carry_out(task, descriptors, report))
    except DecodeFault as fault:
        return ("fault", fault.name, *fault.numbers)
    except IngestError as error:
        return ("fault", error.code if error.code in FAULTS else "decoder")
    except MemoryError:
        return ("fault", "memory")
    except OSError:
        return ("fault", "E_UNREADABLE")
    except BaseException:  # noqa: BLE001 - a panic of a library in Rust is no Exception
        return ("fault", "decoder")
    finally:
        forget_member()
        for descriptor in descriptors:
            os.close(descriptor)


def _carry_out(task: dict[str, Any], descriptors: list[int], report: Report) -> tuple[float, ...]:
    """Import late: a worker that meets no NIfTI file never loads nibabel."""
    body = task["body"]
    if task["kind"] == "header":
        from .parse_header import parse_header

        return parse_header(body)
    memory = _map(descriptors[0], task["start"], task["size"])
    if task["kind"] == "slices":
        from .fill_slices import fill_slices

        return fill_slices(body, memory, report)
    if task["kind"] == "picture":
        from .fill_picture import fill_picture

        return fill_picture(body, memory)
    from .fill_volume import fill_volume

    return fill_volume(body, memory)


def _map(descriptor: int, start: int, size: int) -> memoryview:
    """Map a part of the shared memory, from a place that need not be the start of a page; unmapped when unused."""
    skipped = start % mmap.ALLOCATIONGRANULARITY
    return memoryview(mmap.mmap(descriptor, size + skipped, offset=start - skipped))[skipped:]


if __name__ == "__main__":
    main()
