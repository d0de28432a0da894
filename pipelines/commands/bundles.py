"""``resmtnet bundles``: the bundles that come with the package."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from .say import say

_ABOUT = """List every bundle of the package: what it does, what it reads, how well it was measured to do, its weights.

A bundle's name is what --bundle of the other commands takes; its model card is docs/README.md in its folder."""
_WIDTH = 9


def add_bundles(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.description, command.formatter_class = _ABOUT, argparse.RawDescriptionHelpFormatter
    command.add_argument("--json", action="store_true", help="print JSON instead of text")
    command.set_defaults(command=_bundles)


def _bundles(arguments: argparse.Namespace) -> int:
    found = list(_read(Path(str(files(f"{__package__.split('.', maxsplit=1)[0]}.bundles")))))
    if arguments.json:
        say(json.dumps(found, indent=2))
    else:
        say("\n\n".join([*map(_told, found), "Research use only; not medical devices."]))
    return 0


def _read(shipped: Path) -> Iterator[Mapping[str, Any]]:
    """Say what each bundle's metadata says, in order of the names; nothing of it is built."""
    for metadata in sorted(shipped.rglob("configs/metadata.json")):
        folder, said = metadata.parent.parent, json.loads(metadata.read_text(encoding="utf-8"))
        figures = said.get("eval_metrics", {})
        yield {
            "bundle": folder.relative_to(shipped).as_posix(),
            "name": said.get("name", folder.name),
            "version": said["version"],
            "task": said["task"],
            "input": {
                "modality": sorted({tensor["modality"] for tensor in _inputs(said) if "modality" in tensor}),
                "data_type": said.get("data_type"),
                "image_classes": said.get("image_classes"),
            },
            "metrics": _metrics(figures),
            "measured_on": figures.get("data"),
            "weights": _weights(folder, said),
        }


def _inputs(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [tensor for tensor in said["network_data_format"]["inputs"].values() if isinstance(tensor, dict)]


def _metrics(figures: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Numbers, each with its 95 % interval if there is one (``dice_mean`` has ``dice_ci95``)."""
    return {
        name: {"value": value, "ci95": figures.get(f"{name}_ci95", figures.get(f"{name.removesuffix('_mean')}_ci95"))}
        for name, value in figures.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _weights(folder: Path, said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    file = folder / "models" / "model.pt"
    if not file.is_file():
        return None
    return {
        "file": file.relative_to(folder).as_posix(),
        "mb": round(file.stat().st_size / 1e6, 2),
        "parameters": said.get("parameters"),
    }


def _told(bundle: Mapping[str, Any]) -> str:
    weights, reads = bundle["weights"], bundle["input"]
    lines = {
        "task": bundle["task"],
        "input": "; ".join(filter(None, [", ".join(reads["modality"]), reads["data_type"], reads["image_classes"]])),
        "measured": bundle["measured_on"] or ("" if bundle["metrics"] else "nothing yet"),
        **{"": "\n".join(_figure(name, figure) for name, figure in bundle["metrics"].items())},
        "weights": "none" if weights is None else _file(weights),
    }
    told = [f"  {name:{_WIDTH}}{line}" for name, text in lines.items() for line in text.splitlines()]
    return "\n".join([f"{bundle['bundle']}: {bundle['name']}, version {bundle['version']}", *told])


def _figure(name: str, figure: Mapping[str, Any]) -> str:
    value, interval = figure["value"], figure["ci95"]
    number = str(value) if isinstance(value, int) else f"{value:.3f}"
    return f"{name} {number}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def _file(weights: Mapping[str, Any]) -> str:
    parameters = f", {weights['parameters']:,} parameters" if weights["parameters"] else ""
    return f"{weights['file']}, {weights['mb']:.1f} MB{parameters}"
