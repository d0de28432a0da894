"""A bundle's inference config, built and run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.bundle import ComponentLocator, ConfigParser

from .bundle_config import CONFIGS
from .usage_error import UsageError


class BundleWorkflow:
    """What ``python -m monai.bundle run`` does with a bundle's inference config, without its logging.

    Building the parts runs what the config says: only bundles of this package, or one the user names, belong here.

    Parameters
    ----------
    root : the bundle's folder.
    overrides : what to put in place of the config's values, by id; objects are taken as they are.

    Raises
    ------
    UsageError
        The bundle has no inference config.
    """

    def __init__(self, root: Path, overrides: Mapping[str, Any]) -> None:
        configs = [root / "configs" / name for name in CONFIGS]
        config = next((path for path in configs if path.is_file()), None)
        if config is None:
            raise UsageError(f"The bundle has no configs/{CONFIGS[0]}.")
        self._parser = ConfigParser()
        self._parser.locator = _Locator()
        self._parser.read_config(str(config))
        self._parser.read_meta(str(root / "configs" / "metadata.json"))
        self._parser.update({"bundle_root": str(root), **overrides})
        self._parser.parse(reset=True)

    def part(self, part_id: str) -> Any:
        """Build a part of the config, or return it if it was built before."""
        return self._parser.get_parsed_content(part_id)

    def run(self) -> None:
        """Evaluate the expressions of ``initialize``, ``run`` and ``finalize``."""
        for section in ("initialize", "run", "finalize"):
            for n in range(len(self._parser.get(section) or ())):
                self._parser.get_parsed_content(f"{section}::{n}")


class _Locator(ComponentLocator):  # type: ignore[misc]  # MONAI ships no types
    """Take full names as they are: MONAI walks all loaded modules first, which fails while another thread imports."""

    def get_component_module_name(self, name: str) -> list[str] | str | None:
        return None if "." in name else super().get_component_module_name(name)
