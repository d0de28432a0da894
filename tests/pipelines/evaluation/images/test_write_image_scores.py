import csv
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image

from resmtnet.pipelines.evaluation.images.image_metrics import image_metrics
from resmtnet.pipelines.evaluation.images.image_outcomes_file import read_image_outcomes, write_image_outcomes
from resmtnet.pipelines.evaluation.images.judged_images import JudgedImages
from resmtnet.pipelines.evaluation.images.pool_image_outcomes import pool_image_outcomes
from resmtnet.pipelines.evaluation.images.write_image_scores import write_image_scores
from resmtnet.pipelines.evaluation.report.confusion_plot import confusion_plot
from resmtnet.pipelines.evaluation.report.drawing import Area, Words
from resmtnet.pipelines.evaluation.score_outcomes import main


@pytest.fixture(scope="module")
def folder(simulated_images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    write_image_scores(
        simulated_images, folder, about={"data": "simulated <images>", "split": ""}, extra={"folds": [1]}, draws=100
    )
    return folder


def of(judged, rows):
    return replace(judged, outcomes=tuple(judged.outcomes[n] for n in rows))


def test_files(folder):
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    plots = ("roc", "confusion", "reliability", "dice_by_size")
    files = ("metrics.json", "outcomes.json", "outcomes.csv", "report.html")
    assert names == {*files, *(f"plots/{n}.{kind}" for n in plots for kind in ("svg", "png"))}
    for path in folder.glob("plots/*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
    for path in folder.glob("plots/*.png"):
        with Image.open(path) as image:
            assert len(image.getcolors()) > 8


def test_metrics_are_those_of_the_outcomes(simulated_images, folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics.pop("folds") == [1]
    assert metrics == json.loads(json.dumps(image_metrics(simulated_images, draws=100)))
    read = read_image_outcomes(folder / "outcomes.json")
    assert read == replace(simulated_images, outcomes=tuple(sorted(simulated_images.outcomes, key=lambda o: o.file)))


def test_table_has_a_row_for_each_image(simulated_images, folder):
    with (folder / "outcomes.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert len(rows) == 240
    for outcome in simulated_images.outcomes[:20]:
        row = rows[outcome.file]
        told = {name: float(row[f"probability_{name}"]) for name in simulated_images.classes}
        assert tuple(told.values()) == outcome.probabilities
        assert row["said"] == max(told, key=told.get)
        assert row["label"] == simulated_images.classes[outcome.label]
        assert row["dice"] == ("" if outcome.dice is None else str(outcome.dice))


def test_page_holds_the_figures_and_needs_nothing(folder):
    text, metrics = (folder / "report.html").read_text(), json.loads((folder / "metrics.json").read_text())
    assert not re.search(r"<(script|link|img|iframe)|url\(|href=|src=", text.split("</head>")[1])
    low, high = metrics["auc_ci95"]
    assert f"{metrics['auc']:.3f} ({low:.3f} to {high:.3f})" in text
    assert "simulated &lt;images&gt;" in text
    assert "Not a medical device" in text
    assert "scores nothing" in text
    assert text.count("<figure>") == 4


def test_without_masks_the_page_has_no_outlines(simulated_images, tmp_path):
    bare = [replace(o, dice=None, missed=None, predicted_area=None, true_area=None) for o in simulated_images.outcomes]
    write_image_scores(replace(simulated_images, outcomes=tuple(bare)), tmp_path, draws=20)
    assert "Outlines" not in (tmp_path / "report.html").read_text()
    assert not (tmp_path / "plots" / "dice_by_size.svg").exists()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_few_images_make_sound_plots(simulated_images, tmp_path, n):
    metrics = write_image_scores(of(simulated_images, range(n)), tmp_path, draws=20)
    assert metrics["n_images"] == n
    for path in (*tmp_path.glob("plots/*.svg"), tmp_path / "report.html"):
        assert not re.search(r"\bnan\b", path.read_text())


def test_confusion_plot_shows_counts_and_shares():
    plot = confusion_plot([[3, 1], [0, 0]], ["a", "b"], title="T")
    texts = [mark.text for mark in plot.marks if isinstance(mark, Words)]
    assert [t for t in texts if t.isdigit()] == ["3", "1", "0", "0"]
    assert [t for t in texts if "%" in t] == ["75 %", "25 %", "0 %", "0 %"]
    tints = [mark.opacity for mark in plot.marks if isinstance(mark, Area) and mark.ink == "series1"]
    assert tints[0] == pytest.approx(3 * tints[1])
    assert tints[2:] == [0, 0]
    with pytest.raises(ValueError, match="expected 2 rows"):
        confusion_plot([[1, 2, 3], [1, 2, 3]], ["a", "b"], title="T")


def test_folds_pool_to_the_whole(simulated_images, folder, tmp_path, capsys):
    first = {f"g{n}" for n in range(0, 80, 2)}
    for name, side in (("a", True), ("b", False)):
        rows = [n for n, o in enumerate(simulated_images.outcomes) if (o.group in first) == side]
        write_image_outcomes(of(simulated_images, rows), tmp_path / f"{name}.json")
    assert main([str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--output", str(tmp_path / "all")]) == 0
    assert "240 images of 80 groups" in capsys.readouterr().out
    whole = json.loads((folder / "metrics.json").read_text())
    pooled = json.loads((tmp_path / "all" / "metrics.json").read_text())
    for name in ("accuracy", "macro_f1", "auc", "dice_mean", "specificity_at_sensitivity_94"):
        assert pooled[name] == pytest.approx(whole[name])
    assert pooled["confusion"] == whole["confusion"]


def test_what_cannot_be_pooled_is_refused(simulated_images, tmp_path):
    a, b, c = (tmp_path / f"{name}.json" for name in "abc")
    write_image_outcomes(of(simulated_images, range(40)), a)
    write_image_outcomes(of(simulated_images, range(80, 90)), b)  # groups 0 to 9 again
    with pytest.raises(ValueError, match="10 groups are in more than one file"):
        pool_image_outcomes([a, b])
    other = JudgedImages(("normal", "benign", "malignant"), "benign", "normal", simulated_images.outcomes[40:50])
    write_image_outcomes(other, c)
    with pytest.raises(ValueError, match="of different classes"):
        pool_image_outcomes([a, c])
    c.write_text('{"format": "resmtnet.nodule_outcomes.1", "outcomes": []}')
    with pytest.raises(ValueError, match="not outcomes of images"):
        pool_image_outcomes([c])
