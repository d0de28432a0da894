"""What compose.yaml promises, and that the service and the archive take their configurations."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from resmtnet.pipelines.serve.read_serve_config import read_serve_config

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

each = pytest.mark.parametrize("name", ["orthanc", "serve"])


def test_there_are_two_services():
    assert sorted(SERVICES) == ["orthanc", "serve"]


@each
def test_a_service_is_confined(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & service.keys()
    assert {"mem_limit", "pids_limit"} <= service.keys()


@each
def test_a_service_runs_as_the_user_of_its_image(name):
    service = SERVICES[name]
    file = ROOT / "docker" / service["build"]["context"] / service["build"]["dockerfile"]
    assert f"USER {service['user']}" in file.read_text().splitlines()
    assert not service["user"].startswith("0")


@each
def test_an_image_has_a_version(name):
    image, _, tag = SERVICES[name]["image"].partition(":")
    assert tag[0].isdigit()
    if image == "resmtnet":
        assert tag == VERSION


@each
def test_ports_are_open_on_loopback_alone(name):
    ports = SERVICES[name].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_service_has_no_way_out():
    assert SERVICES["serve"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "ports" not in SERVICES["serve"]
    outer = [network for network in SERVICES["orthanc"]["networks"] if network != "inside"]
    options = [COMPOSE["networks"][network]["driver_opts"] for network in outer]
    assert options == [{"com.docker.network.bridge.enable_ip_masquerade": "false"}]


def mounted(name: str) -> dict[str, str]:
    return dict(volume.split(":")[:2][::-1] for volume in SERVICES[name]["volumes"])


def test_the_service_takes_its_configuration():
    program, command, file = "resmtnet", *SERVICES["serve"]["command"]
    source = ROOT / "docker" / mounted("serve")[file]
    config = read_serve_config(source)
    assert str(config.folder) in mounted("serve")
    assert SERVICES["serve"]["healthcheck"]["test"] == ["CMD", program, command, file, "--health"]
    orthanc = json.loads((ROOT / "docker" / "orthanc.json").read_text())
    url = f"http://orthanc:{orthanc['HttpPort']}{orthanc['DicomWeb']['Root'].rstrip('/')}"
    assert config.pull is not None
    assert (config.pull.web.url, config.send.url) == (url, url)


def test_what_is_mounted_from_here_is_read_only():
    for service in SERVICES.values():
        for volume in service["volumes"]:
            assert volume.split(":")[0] in COMPOSE["volumes"] or volume.endswith(":ro")


def test_the_archive_writes_where_it_may():
    orthanc = json.loads((ROOT / "docker" / "orthanc.json").read_text())
    assert {orthanc["StorageDirectory"], orthanc["IndexDirectory"]} <= mounted("orthanc").keys()
    published = {int(port.split(":")[-1]) for port in SERVICES["orthanc"]["ports"]}
    assert published == {orthanc["HttpPort"], orthanc["DicomPort"]}
