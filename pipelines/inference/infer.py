"""From a folder of scans or pictures to results, with one bundle."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..ingest.check_input import check_input
from ..ingest.input_path_error import InputPathError
from ..results.output_not_writable import OutputNotWritable
from .bundle_config import bundle_outputs, read_bundle_config, reads_images
from .bundle_root import bundle_root
from .exit_code import ExitCode
from .keep_apart import keep_apart
from .open_output import open_output
from .scan_reader import ScanReader
from .shard import Shard
from .usage_error import UsageError
from .workers import Workers

if TYPE_CHECKING:
    from ..ingest.ingest_options import IngestOptions
    from .model_identity import ModelIdentity


def infer(
    input_path: str | Path,
    output_dir: str | Path,
    *,
    bundle: str = "lung_nodule_ct",
    device: str = "auto",
    overwrite: bool = False,
    links: bool = True,
    outputs: Sequence[str] | None = None,
    shard: str | None = None,
    cluster: str | None = None,
    workers: Workers | None = None,
    options: IngestOptions | None = None,
    progress: bool = True,
    overrides: Mapping[str, Any] | None = None,
) -> ExitCode:
    """Evaluate every case under ``input_path`` (a file or a tree) and write the results to ``output_dir``.

    What a case is, is the bundle's: a scan, or an image file, a series of slices, an ultrasound sequence.

    Finished cases of an earlier run with the same model are left alone, all others are done; what the results list is
    said in :class:`.WriteResultsHandler`. The scans are planned and the first one read while torch and MONAI are being
    imported; pictures when it is done.

    Parameters
    ----------
    bundle : a bundle of the package, or the folder of one that is trusted: its config runs as code.
    device : auto, cpu, cuda or cuda:N.
    overwrite : do everything again, in place of earlier results; they are removed when the run starts, not before the
        call has proved good.
    links : write ``private/links.csv``; False removes that of an earlier run.
    outputs : the kinds of files to write: words of :data:`resmtnet.pipelines.results.outputs.OUTPUTS`, or, for
        pictures, of :data:`resmtnet.pipelines.results.images.image_outputs.IMAGE_OUTPUTS`; the bundle's where None.
    shard : the part of the cases to do, as I/N (from 1); ``resmtnet merge`` joins the results of all parts.
    cluster : ray, ray://auto or ray://HOST:PORT: on the workers of a cluster (:mod:`resmtnet.pipelines.cluster`).
    workers : how many, and what each of them gets.
    options : how scans are judged, chosen and named; the defaults where None.
    progress : show a bar on stderr where that is a terminal.
    overrides : values of the bundle's config by id (such as ``min_probability``).

    Raises
    ------
    InputPathError
        ``input_path`` does not exist or may not be read.
    OutputNotWritable
        ``output_dir`` cannot be made or written, holds something else, or is not apart from ``input_path``.
    ValueError
        A word of ``outputs`` that names nothing, or a shard that is none.
    UsageError
        There is no such bundle, device or cluster, or the bundle has no weights, or it makes no files, or has no
        values, of the kind that was asked for.
    """
    source, output = Path(input_path), Path(output_dir)
    shard = None if shard is None else str(Shard.parse(shard))
    root = _usable_bundle(bundle)
    config = read_bundle_config(root)
    words = bundle_outputs(config, outputs)
    named = {"dataset_dir": str(source), "output_dir": str(output), "overwrite": overwrite, "links": links}
    named |= {"outputs": list(words), **({} if shard is None else {"shard": shard}), **(overrides or {})}
    if reads_images(config):
        named |= {} if options is None else {"reading": options}
        _check_known(named, config)
    elif "backend" in named:
        _check_known({"backend": named["backend"]}, config)
    check_input(source)
    keep_apart(source, output)
    if not overwrite:
        _check_shard(output, shard)
    open_output(output)
    identity: Future[ModelIdentity] = Future()
    scans = None
    if not reads_images(config) and cluster is None:
        scans = ScanReader(
            source, output, hashes=identity.result, overwrite=overwrite, outputs=words, options=options, shard=shard
        )
        scans.start()
    try:
        if cluster is None:
            _run(root, scans, identity, device, named, progress=progress)
        else:
            from ..cluster.infer_on_ray import infer_on_ray

            infer_on_ray(
                cluster,
                root,
                source,
                output,
                named,
                device,
                options=options,
                workers=workers,
                progress=progress,
            )
    except RuntimeError as error:  # MONAI wraps what its expressions raise
        fault = _faulty_call(error)
        if fault is None:
            raise
        raise fault from None
    finally:
        identity.cancel()  # a reader that still waits for it ends; without effect once it is set
        if scans is not None:
            scans.close()
    return ExitCode(json.loads((output / "run.json").read_bytes())["exit_code"])


def _check_shard(output: Path, shard: str | None) -> None:
    """See that the folder holds no other part: the end of a run removes records that are not of its input."""
    with suppress(OSError, ValueError, AttributeError):  # missing, or none of ours: that is judged elsewhere
        earlier = json.loads((output / "run.json").read_bytes()).get("shard", "")
        if earlier != (shard or ""):
            held = f"part {earlier} of a divided run" if earlier else "a run that was not divided"
            raise UsageError(f"OUTPUT holds {held}. Give each part a folder of its own, or say --overwrite.")


def _check_known(named: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    unknown = [name for name in named if name not in config]
    if unknown:
        raise UsageError(f"The bundle has no {', '.join(unknown)}.")


def _usable_bundle(name: str) -> Path:
    root = Path(bundle_root(name))
    if not (root / "models" / "model.pt").is_file():
        raise UsageError("The bundle has no weights (models/model.pt).")
    return root


def _run(
    root: Path,
    scans: ScanReader | None,
    identity: Future[ModelIdentity],
    device: str,
    overrides: Mapping[str, Any],
    *,
    progress: bool,
) -> None:
    from ..import_monai import import_monai

    import_monai()  # and torch: seconds, in which the scans are read
    from .bundle_workflow import BundleWorkflow
    from .show_progress import show_progress

    on_cpu = device == "auto" and overrides.get("backend") == "openvino"  # what it computes on
    chosen = {} if device == "auto" and not on_cpu else {"device": _existing("cpu" if on_cpu else device)}
    started = {} if scans is None else {"scans": scans}
    workflow = BundleWorkflow(root, {**overrides, **chosen, **started})
    identity.set_result(workflow.part("identity"))
    evaluator = workflow.part("evaluator")
    evaluator.logger = _mute()
    if progress:
        show_progress(evaluator, workflow.part("scans"))
    workflow.run()


def _mute() -> logging.Logger:
    """Make a logger that says nothing: Ignite's logs the text of every exception, which may quote paths or values."""
    logger = logging.Logger("mute")
    logger.disabled = True
    return logger


def _faulty_call(error: BaseException | None) -> BaseException | None:
    """Find the fault of the call that an exception was raised from, None where it is another fault."""
    while error is not None and not isinstance(error, InputPathError | OutputNotWritable | UsageError):
        error = error.__cause__
    return error


def _existing(device: str) -> str:
    import torch

    if device.startswith("cuda") and int(device.partition(":")[2] or 0) >= torch.cuda.device_count():
        raise UsageError(f"There is no device {device} here: {torch.cuda.device_count()} CUDA devices were found.")
    return device
