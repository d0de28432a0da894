from __future__ import annotations

import json
import sys
from types import ModuleType

from resmtnet.pipelines.inference.bundle_workflow import BundleWorkflow


class ImportsWhenLookedAt(str):
    """Name of a module during whose look-up another thread imports one."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        sys.modules.setdefault("resmtnet_another", ModuleType("resmtnet_another"))
        return False


def test_parts_are_built_while_another_thread_imports(tmp_path, monkeypatch):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "metadata.json").write_text("{}")
    (tmp_path / "configs" / "inference.json").write_text(json.dumps({"one": {"_target_": "fractions.Fraction"}}))
    monkeypatch.setitem(sys.modules, "resmtnet_another", ModuleType("x"))  # so that it is taken out again
    del sys.modules["resmtnet_another"]
    monkeypatch.setitem(sys.modules, ImportsWhenLookedAt("resmtnet_odd"), ModuleType("resmtnet_odd"))
    assert BundleWorkflow(tmp_path, {}).part("one") == 0
