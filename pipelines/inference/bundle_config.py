"""What a bundle's inference config says before anything of it is built."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..results.images.image_outputs import IMAGE_OUTPUTS, checked_image_outputs
from ..results.outputs import DEFAULT_OUTPUTS, OUTPUTS, checked_outputs
from .usage_error import UsageError

CONFIGS = ("inference.json", "inference.yaml", "inference.yml")
_IMAGE_READER = ".ImageReader"


def read_bundle_config(root: Path) -> Mapping[str, Any]:
    """Read the config's text as it stands; nothing in it is run.

    Raises
    ------
    UsageError
        The bundle has none, or it is no mapping.
    """
    path = next((root / "configs" / name for name in CONFIGS if (root / "configs" / name).is_file()), None)
    if path is None:
        raise UsageError(f"The bundle has no configs/{CONFIGS[0]}.")
    try:
        content = json.loads(path.read_bytes()) if path.suffix == ".json" else _yaml(path)
    except ValueError:
        raise UsageError(f"configs/{path.name} of the bundle cannot be parsed.") from None
    if not isinstance(content, Mapping):
        raise UsageError(f"configs/{path.name} of the bundle is no mapping.")
    return content


def reads_images(config: Mapping[str, Any]) -> bool:
    """Whether the bundle's cases are pictures; else they are scans."""
    scans = config.get("scans")
    return isinstance(scans, Mapping) and str(scans.get("_target_", "")).endswith(_IMAGE_READER)


def bundle_outputs(config: Mapping[str, Any], words: Sequence[str] | None) -> tuple[str, ...]:
    """Return the kinds of files to write, checked and in order; what the config says where ``words`` is None.

    A bundle of pictures writes what its config lists and nothing else: a classifier has no mask.

    Raises
    ------
    ValueError
        A word that names nothing.
    UsageError
        A word for files that the bundle does not make.
    """
    unknown = [word for word in words or () if word not in OUTPUTS and word not in IMAGE_OUTPUTS]
    if unknown:
        known = ", ".join({**OUTPUTS, **IMAGE_OUTPUTS})
        raise ValueError(f"expected some of {known}; found {', '.join(map(repr, unknown))}")
    made = tuple(config.get("outputs", IMAGE_OUTPUTS)) if reads_images(config) else tuple(OUTPUTS)
    other = [word for word in words or () if word not in made]
    if other:
        raise UsageError(f"The bundle writes no {', '.join(other)}. Choose --outputs from {', '.join(made)}.")
    if reads_images(config):
        return checked_image_outputs(made if words is None else words)
    return checked_outputs(DEFAULT_OUTPUTS if words is None else words)


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
