"""``resmtnet train``: train a bundle's network."""

from __future__ import annotations

import argparse
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from ..inference.exit_code import ExitCode
from .check_dataset import check_dataset
from .reading_options import at_least_one
from .say import fail, say

_ABOUT = """Train a bundle's network on a folder of the form that the bundle is trained on (dataset_form in its
train.yaml): lidc_nodules for lung nodules (resmtnet data patches makes one from your own annotations), labelled_images
for single images (images.csv with the columns file, label and group, the patient; masks as <stem>_mask.png beside the
images). This runs the bundle's configs/train.yaml, as python -m monai.bundle run would; every value of that file can be
set here by its id with --set.

  resmtnet train --smoke                                       try it out: made data, a small network, two minutes
  resmtnet train FOLDER --output RUN                           train; RUN/models/model.pt are the weights
  resmtnet train FOLDER --output RUN --resume auto             the same, going on where an earlier run was stopped
  resmtnet train FOLDER --output RUN --set batch_size=16 --set 'train_subsets=[0, 1, 2]'
  resmtnet train FOLDER --output RUN --bundle lung_ct_classification           images with one class each
  torchrun --nproc_per_node 4 -m resmtnet.pipelines.cli train FOLDER --output RUN        on four GPUs"""
_WRITES = """writes to OUTPUT
  models/model.pt              average of the weights, at the best validation: what inference takes
  models/model_last.pt         the same, at the last validation
  models/checkpoint_EPOCH.pt   everything that --resume needs; the last two epochs
  train_curve.csv, validation_curve.csv    loss of each task by epoch

Without validation (--set fold=null for images: all are trained on) model_last.pt is the one to take.

A step whose loss or gradients are not finite is skipped and counted; 20 in a row end the training. A run that is
resumed needs the same options, and gives on a CPU the same weights as one that was never stopped."""
_SMOKE_NETWORK = "resmtnet.networks.ResMTNet"
_FLOAT = re.compile(r"[-+]?[0-9]+([.][0-9]*)?[eE][-+]?[0-9]+")
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def add_train(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.description, command.epilog = _ABOUT, _WRITES
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument(
        "dataset_dir", type=Path, nargs="?", metavar="DATASET_DIR", help="folder of the bundle's dataset_form"
    )
    command.add_argument("--output", type=Path, metavar="OUTPUT", help="folder for weights and curves")
    command.add_argument(
        "--backgrounds",
        type=Path,
        metavar="DIR",
        help="chest scans NAME_lungs.nii.gz to put nodules into (default: qin_lung_ct beside DATASET_DIR if it is "
        "there, else phantoms alone); for bundles that have backgrounds_dir",
    )
    command.add_argument("--epochs", type=at_least_one, metavar="N", help="how many (default: as train.yaml says)")
    command.add_argument("--device", default="auto", type=_device, help="auto, cpu, cuda or cuda:N (default: auto)")
    command.add_argument(
        "--resume",
        nargs="?",
        const="true",
        default="false",
        metavar="WHAT",
        help="true (or nothing): go on from the newest checkpoint in OUTPUT; auto: the same, or start where there is "
        "none; PATH: go on from this checkpoint",
    )
    command.add_argument("--overwrite", action="store_true", help="start anew in a folder that holds a run")
    command.add_argument("--tensorboard", action="store_true", help="write curves for TensorBoard to OUTPUT, too")
    command.add_argument("--mlflow", type=Path, metavar="DIR", help="write figures to this folder of MLflow, too")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="ID=VALUE",
        dest="settings",
        help="set a value of train.yaml, in YAML (network_def::width=96); may be given again",
    )
    command.add_argument(
        "--bundle", default="lung_nodule_ct", help="name, or folder of a bundle you trust (it runs code)"
    )
    command.add_argument(
        "--recipe",
        metavar="NAME",
        help="another config of the bundle, configs/NAME.yaml, or a YAML file of yours, over its train.yaml",
    )
    command.add_argument(
        "--smoke", action="store_true", help="a small network on made data, and its evaluation (lung_nodule_ct only)"
    )
    command.add_argument("--quiet", action="store_true", help="no log, no summary")
    command.set_defaults(command=_train)


def _train(arguments: argparse.Namespace) -> int:
    from ..inference.bundle_root import bundle_root
    from ..inference.usage_error import UsageError

    root = Path(bundle_root(arguments.bundle))
    if arguments.device != "auto" and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise UsageError("Under torchrun each process takes the GPU of its own number: leave --device out.")
    if arguments.smoke == (arguments.dataset_dir is not None):
        raise UsageError("Give either DATASET_DIR or --smoke.")
    config = _config(root)
    if arguments.smoke and _target(config) != _SMOKE_NETWORK:
        raise UsageError("--smoke is for lung_nodule_ct. Try this bundle with a small DATASET_DIR and --epochs 2.")
    if arguments.smoke and (arguments.resume != "false" or arguments.epochs == 1):
        raise UsageError("--smoke starts anew and needs two epochs: leave --resume and --epochs 1 out.")
    if arguments.output is None and not arguments.smoke:
        raise UsageError("Give --output: the folder for weights and curves.")
    from ..import_monai import import_monai
    from ..training.training_diverged import TrainingDiverged

    import_monai()
    try:
        with _silence() if arguments.quiet else nullcontext():
            return _smoke(root, arguments) if arguments.smoke else _full(root, arguments, config)
    except TrainingDiverged as error:
        return fail(str(error), ExitCode.INTERNAL)
    except KeyboardInterrupt:
        return fail("Stopped. The same command with --resume auto goes on where it stopped.", ExitCode.INTERRUPTED)


@contextmanager
def _silence() -> Iterator[None]:
    """Log errors only: MONAI's loggers write to stdout whatever the configuration."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _full(root: Path, arguments: argparse.Namespace, config: Mapping[str, Any]) -> int:
    check_dataset(arguments.dataset_dir, form=config.get("dataset_form", "lidc_nodules"))
    backgrounds = _backgrounds(arguments, config)
    _open(arguments.output, resume=arguments.resume != "false", overwrite=arguments.overwrite)
    from ..training.run_training import run_training

    paths = {"dataset_dir": str(arguments.dataset_dir), "output_dir": str(arguments.output), **backgrounds}
    named = {**paths, "resume": arguments.resume, **_named(arguments)}
    trained = run_training(root, named, recipe=arguments.recipe, logged=not arguments.quiet)
    if not arguments.quiet and os.environ.get("RANK", "0") == "0":
        say(_summary(trained, arguments.output))
    return int(ExitCode.OK)


def _smoke(root: Path, arguments: argparse.Namespace) -> int:
    from tempfile import TemporaryDirectory

    from ..training.smoke import smoke

    with TemporaryDirectory(prefix="resmtnet-") as temporary:
        output = arguments.output or Path(temporary)
        _open(output, resume=False, overwrite=arguments.overwrite)
        tried = smoke(root, output, _named(arguments), logged=not arguments.quiet)
    if not arguments.quiet:
        for name, (first, last) in tried["losses"].items():
            say(f"{name:8} loss {first:8.4f} after the first epoch, {last:8.4f} after the last")
        metrics = tried["metrics"]
        say(f"evaluated on {metrics['n_nodules']} made nodules: Dice {metrics['dice_mean']:.2f}")
        say("These weights are of no use; the training works.")
    if not tried["fell"]:
        return fail("The validation losses of presence and outline did not fall.", ExitCode.INTERNAL)
    return int(ExitCode.OK)


def _named(arguments: argparse.Namespace) -> dict[str, Any]:
    named: dict[str, Any] = {"tensorboard": arguments.tensorboard}
    if arguments.epochs is not None:
        named["max_epochs"] = arguments.epochs
    if arguments.device != "auto":
        named["device"] = f"$torch.device('{arguments.device}')"
    if arguments.mlflow is not None:
        named["mlflow_dir"] = str(arguments.mlflow)
    return named | dict(arguments.settings)


def _config(root: Path) -> Mapping[str, Any]:
    """Return the plain content of train.yaml; empty where there is none, which is told later."""
    import yaml

    path = root / "configs" / "train.yaml"
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}


def _target(config: Mapping[str, Any]) -> object:
    network = config.get("network_def")
    return network.get("_target_") if isinstance(network, dict) else None


def _backgrounds(arguments: argparse.Namespace, config: Mapping[str, Any]) -> Mapping[str, str]:
    """Return ``backgrounds_dir`` for bundles that have it."""
    from ..inference.usage_error import UsageError
    from ..ingest.input_path_error import InputPathError

    folder: Path | None = arguments.backgrounds
    if "backgrounds_dir" not in config:
        if folder is not None:
            raise UsageError("The bundle's train.yaml has no backgrounds_dir: leave --backgrounds out.")
        return {}
    if folder is not None and not any(folder.glob("*_lungs.nii.gz")):
        raise InputPathError(f"{folder} holds no chest scan NAME_lungs.nii.gz. Leave --backgrounds out for none.")
    default = arguments.dataset_dir.resolve().parent / "qin_lung_ct"
    return {"backgrounds_dir": str(folder or (default if default.is_dir() else ""))}


def _open(output: Path, *, resume: bool, overwrite: bool) -> None:
    """Make the folder; refuse one that holds a run, unless that is to go on or to be replaced."""
    from ..inference.usage_error import UsageError
    from ..results.output_not_writable import OutputNotWritable, writing
    from ..training.checkpoint_file import checkpoint_files

    with writing(output):
        (output / "models").mkdir(parents=True, exist_ok=True)
    if not os.access(output / "models", os.W_OK):
        raise OutputNotWritable(f"cannot write to {output}. Choose a folder that you may write to.")
    earlier = checkpoint_files(output / "models")
    if earlier and overwrite:
        for path in (*earlier, *(output / "models" / name for name in ("model.pt", "model_last.pt"))):
            path.unlink(missing_ok=True)  # another process of torchrun may have been quicker
    elif earlier and not resume:
        raise UsageError(f"{output} holds a run. --resume auto goes on with it, --overwrite starts anew.")


def _summary(trained: Mapping[str, Any], output: Path) -> str:
    best = "" if trained["best_epoch"] is None else f", best in epoch {trained['best_epoch']}"
    skipped = f", {trained['skipped_steps']} steps skipped" if trained["skipped_steps"] else ""
    return f"{trained['epochs']} epochs{best}{skipped}. Weights: {output / 'models' / 'model.pt'}"


def _setting(text: str) -> Sequence[Any]:
    import yaml

    name, equals, written = text.partition("=")
    try:
        value = yaml.safe_load(written)
    except yaml.YAMLError:
        return _no_setting()
    if not (equals and name.strip()):
        return _no_setting()
    if isinstance(value, str) and _FLOAT.fullmatch(value):
        value = float(value)  # 1e-3, which is text to YAML 1.1
    return [name.strip(), value]


def _no_setting() -> Sequence[Any]:
    raise argparse.ArgumentTypeError("expected ID=VALUE, the value in YAML")


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError("expected auto, cpu, cuda or cuda:N")
    return text
