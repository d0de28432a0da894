import csv
import io
import json
import math
from dataclasses import replace

import pytest

from resmtnet.pipelines.evaluation.outcomes_csv import outcomes_csv
from resmtnet.pipelines.evaluation.outcomes_file import read_outcomes, write_outcomes


def test_what_is_written_is_read(simulated, tmp_path):
    write_outcomes(simulated[::-1], tmp_path / "new" / "outcomes.json")
    assert read_outcomes(tmp_path / "new" / "outcomes.json") == simulated


def test_an_optional_figure_that_is_not_finite_becomes_unknown(simulated, tmp_path):
    path = tmp_path / "outcomes.json"
    write_outcomes([replace(simulated[0], hausdorff95_mm=math.inf)], path)
    assert read_outcomes(path) == [replace(simulated[0], hausdorff95_mm=None)]


def test_a_required_figure_must_be_finite(simulated, tmp_path):
    path = tmp_path / "outcomes.json"
    with pytest.raises(ValueError, match=r"outcomes\[0\]\.probability"):
        write_outcomes([replace(simulated[0], probability=math.nan)], path)
    assert not path.exists()


def test_a_point_has_neither_diameter_nor_dice(simulated, tmp_path):
    path = tmp_path / "outcomes.json"
    write_outcomes([replace(simulated[0], diameter_mm=math.nan, dice=None)], path)
    (outcome,) = read_outcomes(path)
    assert math.isnan(outcome.diameter_mm)
    assert outcome.dice is None


def test_other_files_are_refused(simulated, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text('{"dice_mean": 0.8}')
    with pytest.raises(ValueError, match=r"metrics\.json: not outcomes"):
        read_outcomes(path)


@pytest.mark.parametrize(
    ("change", "message"), [({"probability": None}, "expected probability"), ({"odd": 1}, "found odd")]
)
def test_a_faulty_entry_is_named(simulated, tmp_path, change, message):
    path = tmp_path / "outcomes.json"
    write_outcomes(simulated[:2], path)
    content = json.loads(path.read_text())
    entry = content["outcomes"][1] | change
    content["outcomes"][1] = {
        name: value for name, value in entry.items() if name != "probability" or value is not None
    }
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f"outcome 1: {message}"):
        read_outcomes(path)


def test_the_table_has_a_row_per_nodule(simulated):
    unrated = replace(simulated[1], attributes={}, predicted_attributes={}, slice_mm=None)
    rows = list(csv.DictReader(io.StringIO(outcomes_csv([simulated[0], unrated]).decode())))
    assert [row["key"] for row in rows] == [simulated[0].key, unrated.key]
    assert float(rows[0]["dice"]) == simulated[0].dice
    assert rows[0]["scores"] == " ".join(map(str, simulated[0].scores))
    assert float(rows[0]["predicted_texture"]) == simulated[0].predicted_attributes["texture"]
    assert rows[1]["readers_texture"] == rows[1]["slice_mm"] == ""
