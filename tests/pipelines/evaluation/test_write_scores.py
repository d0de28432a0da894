import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from ignite.engine import Engine, Events
from PIL import Image

from resmtnet.pipelines.evaluation.nodule_metrics import nodule_metrics
from resmtnet.pipelines.evaluation.nodule_metrics_handler import NoduleMetricsHandler
from resmtnet.pipelines.evaluation.outcomes_file import read_outcomes, write_outcomes
from resmtnet.pipelines.evaluation.score_outcomes import main, pool_outcomes
from resmtnet.pipelines.evaluation.write_scores import write_scores
from resmtnet.pipelines.inference.close_look import CloseLook


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def folder(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    write_scores(
        simulated, folder, about={"data": "simulated <nodules>", "split": ""}, extra={"folds": [1, 2]}, draws=100
    )
    return folder


def test_files(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    plots = ("roc", "roc_modal", "roc_6_14mm", "reliability", "dice_by_size", "diameter_agreement", "volume_agreement")
    plots = [*plots, "uncertainty_malignancy", "uncertainty_outline"]
    files = ("metrics.json", "outcomes.json", "outcomes.csv", "calibration.json", "report.html")
    assert names == {*files, *(f"plots/{n}.{kind}" for n in plots for kind in ("svg", "png"))}


def test_plots_are_sound(folder):
    for path in folder.glob("plots/*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    for path in folder.glob("plots/*.png"):
        with Image.open(path) as image:
            image.load()
            assert len(image.getcolors()) > 8


def test_metrics_are_those_of_the_outcomes(simulated, folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics.pop("folds") == [1, 2]
    assert metrics == json.loads(json.dumps(nodule_metrics(simulated, draws=100)))
    assert read_outcomes(folder / "outcomes.json") == simulated


def test_page_holds_the_figures_and_needs_nothing(folder):
    text, metrics = (folder / "report.html").read_text(), json.loads((folder / "metrics.json").read_text())
    page = Page(text)
    assert page.links == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "url(" not in text
    assert page.tags.count("figure") == 9
    low, high = metrics["malignancy_auc_gain_ci95"]
    assert f"{metrics['malignancy_auc_gain']:.3f} ({low:.3f} to {high:.3f})" in page.texts
    assert "simulated <nodules>" in page.texts
    assert "split" not in page.texts
    assert any("not pathology" in t for t in page.texts)


def test_calibration_of_every_form(folder):
    forms = json.loads((folder / "calibration.json").read_text())["forms"]
    assert set(forms) == {"none", "temperature", "platt", "platt_size"}
    assert forms["temperature"]["scale"] == pytest.approx(4, rel=0.3)  # the logits were flattened to a quarter
    assert forms["temperature"]["log_loss"] < forms["none"]["log_loss"]


def test_unrated_nodules_make_a_page_without_curves(simulated, tmp_path):
    bare = [replace(o, scores=[], modal_score=0, mask_uncertainty=None) for o in simulated[:3]]
    metrics = write_scores(bare, tmp_path, draws=100)
    assert metrics["malignancy_auc"] is None
    assert not (tmp_path / "plots" / "roc.svg").exists()
    assert (tmp_path / "plots" / "dice_by_size.svg").exists()


def test_points_among_nodules_are_scored_for_what_they_say(simulated, tmp_path):
    points = [replace(o, diameter_mm=float("nan"), dice=None, volume_mm3=None) for o in simulated[:40]]
    metrics = write_scores([*points, *simulated[40:100]], tmp_path, draws=100)
    assert metrics["dice_mean"] == pytest.approx(sum(o.dice for o in simulated[40:100]) / 60)
    assert metrics["n_nodules"] == 100
    assert read_outcomes(tmp_path / "outcomes.json")[-1] == simulated[99]
    assert write_scores(points, tmp_path / "points", draws=100)["malignancy_auc_diameter_only"] is None


def test_few_nodules_of_one_patient_make_sound_plots_without_intervals(simulated, tmp_path):
    few = [replace(o, patient_id="one") for o in simulated[:12]]
    for n in (1, 2, 12):
        metrics = write_scores(few[:n], tmp_path / str(n), draws=50)
        assert metrics["dice_mean"] is not None
        assert metrics["dice_ci95"] is None
        for path in (tmp_path / str(n)).glob("plots/*.svg"):
            assert not re.search(r"\bnan\b", path.read_text())
    assert (tmp_path / "12" / "plots" / "reliability.svg").exists()
    assert (tmp_path / "12" / "plots" / "uncertainty_outline.svg").exists()


def test_no_nodule_at_all(tmp_path):
    assert write_scores([], tmp_path, draws=100)["n_nodules"] == 0


def test_handler_writes_when_the_evaluator_is_done(simulated, tmp_path):
    weights = tmp_path / "model.pt"
    weights.write_bytes(b"weights")
    cubes = SimpleNamespace(records=[SimpleNamespace(row={"luna16_subset": s}) for s in ("7", "7", "3")])
    handler = NoduleMetricsHandler(
        cubes,
        tmp_path / "out",
        close_look=CloseLook(windows_hu=[(-1000, 200)]),
        about={"data": "made"},
        weights=weights,
    )
    engine = Engine(lambda engine, batch: None)
    engine.add_event_handler(Events.COMPLETED, handler.write)
    handler.outcomes = simulated[:20]
    engine.run([0])
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["luna16_subsets"] == [3, 7]
    assert hashlib.sha256(b"weights").hexdigest() in (tmp_path / "out" / "report.html").read_text()


def test_folds_pool_to_the_whole(simulated, folder, tmp_path, capsys):
    patients = sorted({o.patient_id for o in simulated})[::2]
    parts = [[o for o in simulated if (o.patient_id in patients) == side] for side in (True, False)]
    for name, part in zip("ab", parts, strict=True):
        write_outcomes(part, tmp_path / f"{name}.json")
    assert main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--output", str(tmp_path / "all")]) == 0
    assert "300 nodules of 150 patients" in capsys.readouterr().out
    whole = json.loads((folder / "metrics.json").read_text())
    pooled = json.loads((tmp_path / "all" / "metrics.json").read_text())
    for name in ("malignancy_auc", "dice_mean", "diameter_limit_low_mm"):
        assert pooled[name] == pytest.approx(whole[name])


def test_folds_that_share_patients_are_refused(simulated, tmp_path, capsys):
    write_outcomes(simulated[:10], tmp_path / "a.json")
    write_outcomes(simulated[9:12], tmp_path / "b.json")
    with pytest.raises(ValueError, match="1 patients are in more than one file"):
        pool_outcomes([tmp_path / "a.json", tmp_path / "b.json"])
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--output", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert not (tmp_path / "out").exists()
