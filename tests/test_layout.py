import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP_LEVEL = {
    ".ci", ".dockerignore", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "__init__.py", "bundles",
    "data_manifests", "docker", "networks", "pins.txt", "pipelines", "py.typed", "pyproject.toml", "tests",
    "transforms",
}  # fmt: skip


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return listing.stdout.splitlines()


def test_the_wheel_lists_every_sub_package():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    homes = ("bundles", "data_manifests", "networks", "pipelines", "transforms")
    folders = [p.parent for home in homes for p in (ROOT / home).rglob("__init__.py")]
    found = {".".join(["resmtnet", *folder.relative_to(ROOT).parts]) for folder in folders}
    assert set(listed) == found | {"resmtnet"}


def test_nothing_new_at_the_top():
    assert {Path(path).parts[0] for path in tracked()} <= TOP_LEVEL


def test_no_file_is_too_large_for_a_bundle():
    assert [p for p in tracked() if (ROOT / p).is_file() and (ROOT / p).stat().st_size > 25 * 2**20] == []
