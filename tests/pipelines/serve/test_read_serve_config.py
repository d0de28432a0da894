from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml

from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.serve.read_serve_config import read_serve_config
from resmtnet.pipelines.serve.serve_config import Node, Web

RECEIVE = {"ae_title": "RESMTNET", "port": 11112, "calling_ae_titles": ["PACS"]}
PULL = {"url": "https://pacs.example/dicom-web", "days": 3}


def write(tmp_path: Path, content: object) -> Path:
    file = tmp_path / "serve.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return file


def test_the_least_that_is_needed(tmp_path):
    config = read_serve_config(write(tmp_path, {"folder": "here", "receive": RECEIVE}))
    assert config.folder == tmp_path / "here"
    assert config.receive.host == "127.0.0.1"
    assert (config.pull, config.send) == (None, None)


def test_everything(tmp_path):
    for name in ("token", "password", "ca", "cert", "key"):
        (tmp_path / name).write_text("x")
    tls = {"certificate": "cert", "key": "key", "ca": "ca"}
    text = yaml.safe_dump(
        {
            "folder": "/srv/resmtnet",
            "receive": {**RECEIVE, "host": "0.0.0.0", "tls": tls},
            "pull": {"url": "https://pacs/dicom-web", "poll_s": 5, "token_file": "token", "ca": "ca"}
            | {"filters": {"StudyDescription": "CHEST"}, "since": datetime.date(2026, 1, 31)},
            "send": {"dicom": {"host": "pacs", "port": 104, "ae_title": "PACS", "tls": {"ca": "ca"}}},
            "run": {"outputs": ["seg", "sr"], "options": ["--min-probability", "0.5"], "time_limit_s": 60},
            "quiet_s": 1,
            "attempts": 2,
            "retry_s": 1,
            "keep_days": 0,
            "min_free_gb": 1,
        }
    )
    config = read_serve_config(write(tmp_path, text))
    assert config.folder == Path("/srv/resmtnet")
    assert config.receive.tls.ca == tmp_path / "ca"
    assert config.pull.since == datetime.date(2026, 1, 31)
    assert config.pull.web.token_file == tmp_path / "token"
    assert isinstance(config.send, Node)
    assert config.run.options == ("--min-probability", "0.5")


def test_the_way_back_by_dicomweb(tmp_path):
    web = {"url": "http://127.0.0.1:8042/dicom-web", "user": "u", "password_env": "SECRET"}
    config = read_serve_config(write(tmp_path, {"folder": "f", "pull": PULL, "send": {"dicomweb": web}}))
    assert config.send == Web(web["url"], user="u", password_env="SECRET")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": 1}, "the file: does not know 'colour'; known are folder, receive"),
        ({"folder": None}, "folder: expected type string"),
        ({"receive": {**RECEIVE, "calling_ae_titles": []}}, "calling_ae_titles: is empty: nobody could send"),
        ({"receive": {**RECEIVE, "host": "0.0.0.0", "calling_ae_titles": []}}, "nobody could send"),
        ({"receive": {"port": 11112}}, "receive: needs ae_title, calling_ae_titles"),
        ({"receive": {**RECEIVE, "ae_title": "LONGER THAN 16 SIGNS"}}, "receive.ae_title: expected pattern"),
        ({"receive": {**RECEIVE, "port": 70000}}, "receive.port: expected maximum 65535"),
        ({"receive": {**RECEIVE, "tls": {"certificate": "c"}}}, "receive.tls: needs key"),
        ({"receive": {**RECEIVE, "tls": {"certificate": "c", "key": "k"}}}, "receive.tls.certificate: there is no"),
        ({"receive": None}, "receive: expected type object"),
        ({"pull": {"url": "https://pacs"}}, "pull: needs days or since, not both"),
        ({"pull": {**PULL, "since": "2026-01-31"}}, "pull: needs days or since, not both"),
        ({"pull": {**PULL, "days": 0}}, "pull.days: expected minimum 1"),
        ({"pull": {"url": "https://pacs", "since": "31.1.2026"}}, "pull.since: expected a date"),
        ({"pull": {**PULL, "url": "pacs"}}, "pull.url: expected pattern"),
        ({"pull": {**PULL, "url": "https://user:secret@pacs/"}}, "pull.url: expected pattern"),
        ({"pull": {**PULL, "filters": {"Patient": "x"}}}, "'Patient' is no DICOM keyword"),
        ({"pull": {**PULL, "token_env": "T", "user": "u", "password_env": "P"}}, "pull: expected one of token_file"),
        ({"pull": {**PULL, "user": "u"}}, "pull: expected one of token_file"),
        ({"pull": {**PULL, "url": "http://pacs", "token_env": "T"}}, "over https only"),
        ({"send": {}}, "send: expected minProperties 1"),
        ({"send": {"dicomweb": {"url": "https://p"}, "dicom": {}}}, "send"),
        ({"run": {"outputs": ["dicom"]}}, "expected some of json"),
        ({"run": {"options": ["--no-such"]}}, "run: unrecognized arguments: --no-such"),
        ({"run": {"options": ["elsewhere"]}}, "run: unrecognized arguments: elsewhere"),
        ({"run": {"options": ["--shard", "1/2"]}}, "run.options: --shard, --cluster, --json and --id-key"),
        ({"run": {"options": ["--cluster", "ray"]}}, "run.options: --shard"),
        ({"run": {"options": ["--js"]}}, "run.options: --shard"),
        ({"run": {"options": ["--id-key", "other"]}}, "run.options: --shard"),
        ({"run": {"outputs": ["csv"]}, "send": {"dicomweb": {"url": "https://p"}}}, "there would be nothing to send"),
        ({"run": {"bundle": "no_such"}}, "No such bundle"),
        ({"run": {"time_limit_s": 0}}, "run.time_limit_s: expected exclusiveMinimum 0"),
        ({"attempts": 0}, "attempts: expected minimum 1"),
    ],
)
def test_faults_are_named(tmp_path, change, said):
    with pytest.raises(UsageError) as raised:
        read_serve_config(write(tmp_path, {"folder": "f", "receive": RECEIVE, **change}))
    assert said in str(raised.value)


def test_studies_must_come_from_somewhere(tmp_path):
    with pytest.raises(UsageError, match="needs receive or pull"):
        read_serve_config(write(tmp_path, {"folder": "f"}))


def test_all_faults_at_once_and_no_values(tmp_path):
    content = {"folder": "f", "pull": {**PULL, "password": "hush", "url": "hush"}, "attempts": "hush"}
    with pytest.raises(UsageError) as raised:
        read_serve_config(write(tmp_path, content))
    message = str(raised.value)
    assert all(place in message for place in ("pull.url", "'password'", "attempts"))
    assert "hush" not in message


@pytest.mark.parametrize(("text", "said"), [("a: [", "no YAML"), ("- 1", "the file: expected type object")])
def test_what_is_no_configuration(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        read_serve_config(write(tmp_path, text))
    with pytest.raises(UsageError, match="cannot be read"):
        read_serve_config(tmp_path / "missing.yaml")
