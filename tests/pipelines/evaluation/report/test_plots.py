import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from resmtnet.pipelines.evaluation.report.axis import Axis
from resmtnet.pipelines.evaluation.report.draw_plot import draw_plot
from resmtnet.pipelines.evaluation.report.drawing import Dot, Drawing, Line, Words
from resmtnet.pipelines.evaluation.report.figure_text import figure_text
from resmtnet.pipelines.evaluation.report.palette import DARK, LIGHT
from resmtnet.pipelines.evaluation.report.png import png
from resmtnet.pipelines.evaluation.report.series import Series
from resmtnet.pipelines.evaluation.report.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def lines(text, ink):
    found = ElementTree.fromstring(text).iter(f"{SVG}polyline")
    return [np.array([p.split(",") for p in e.get("points").split()], float) for e in found if e.get("class") == ink]


def texts(text):
    return [e.text for e in ElementTree.fromstring(text).iter(f"{SVG}text")]


def plot(*series, **options):
    return svg(draw_plot(series, **({"title": "T", "x_label": "x", "y_label": "y"} | options)))


def test_places_are_linear_or_logarithmic():
    assert Axis(0, 10, 100, 200).place(2.5) == pytest.approx(125)
    assert Axis(1, 100, 0, 50, log=True).place(10) == pytest.approx(25)
    assert Axis(0, 1, 300, 50).place(1) == 50
    assert [Axis(1 / 8, 8, 0, 1, log=True).place(v) for v in (0, 1 / 8, 100)] == [0, 0, 1]


def test_ticks_are_round():
    assert Axis(0, 1, 0, 1).ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert Axis(-3.1, 2.9, 0, 1).ticks() == [-3, -2, -1, 0, 1, 2]
    assert Axis(1 / 8, 8, 0, 1, log=True).ticks() == [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8]
    assert Axis(0.5, 30_000, 0, 1, log=True).ticks() == [1, 10, 100, 1000, 10_000]


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True), (0, np.inf, False)])
def test_faulty_axes_are_refused(low, high, log):
    with pytest.raises(ValueError, match="axis from"):
        Axis(low, high, 0, 1, log)


def test_a_line_passes_through_its_points():
    text = plot(Series(name="a", x=[0, 1, 2], y=[0, 1, 4]), x_range=(0, 2), y_range=(0, 4))
    sample, line = lines(text, "s-series1")
    assert len(sample) == 2  # in the legend
    width, height = line[-1, 0] - line[0, 0], line[0, 1] - line[-1, 1]
    assert line[1, 0] == pytest.approx(line[0, 0] + width / 2, abs=0.1)
    assert line[1, 1] == pytest.approx(line[0, 1] - height / 4, abs=0.1)


def test_a_line_is_cut_where_it_leaves_the_axis():
    (line,) = lines(plot(Series(name="", x=[0, 10], y=[0, 10]), x_range=(0, 5), y_range=(0, 10)), "s-series1")
    (whole,) = lines(plot(Series(name="", x=[0, 5], y=[0, 5]), x_range=(0, 5), y_range=(0, 10)), "s-series1")
    assert line == pytest.approx(whole)


def test_a_logarithmic_axis_has_the_seven_rates_of_luna16():
    curve = Series(name="", x=[0.05, 0.5, 8, 20], y=[0.3, 0.6, 0.9, 0.95])
    text = plot(curve, x_log=True, x_range=(1 / 8, 8), y_range=(0, 1))
    assert [t for t in texts(text) if t][1:8] == ["1/8", "1/4", "1/2", "1", "2", "4", "8"]
    (curve,) = lines(text, "s-series1")
    assert len(curve) == 4 - 2 + 1  # cut at 1/8, and at 8, where there is a point


def test_text_is_escaped():
    assert "a < b & c" in texts(plot(Series(name="a < b & c", x=[0, 1], y=[0, 1])))


def test_no_point_is_an_empty_frame():
    assert "T" in texts(plot(Series(name="none", x=[], y=[])))


def test_a_point_without_an_interval_has_no_whisker():
    series = Series(name="", x=[0, 1], y=[0.5, 0.5], low=[0.2, float("nan")], high=[0.8, float("nan")], kind="both")
    text = plot(series)
    assert len(lines(text, "s-series1")) == 2  # one whisker, and the line
    assert ">nan" not in text
    assert "nan," not in text


def test_series_are_checked():
    with pytest.raises(ValueError, match="lengths"):
        Series(name="a", x=[1, 2], y=[1])
    with pytest.raises(ValueError, match="both ends"):
        Series(name="a", x=[1], y=[1], low=[0])


def test_every_ink_is_there_by_day_and_by_night():
    assert LIGHT.keys() == DARK.keys()
    text = svg(Drawing(10, 10, "t", []))
    assert all(colour in text for colour in (*LIGHT.values(), *DARK.values()))


def test_png_shows_what_svg_says():
    marks = [
        Line(points=[(0, 5), (40, 5)], ink="series1", width=2),
        Line(points=[(0, 15), (40, 15)], ink="series2", width=2, dash=(10, 10)),
        Dot(at=(30, 30), ink="series3", shape="square", radius=5),
        Words(at=(8, 45), text="III", turned=True),
    ]
    image = Image.open(io.BytesIO(png(Drawing(40, 50, "t", marks), scale=2))).convert("RGB")
    assert image.size == (80, 100)

    def near(place, colour):
        wanted = tuple(int(LIGHT[colour][n : n + 2], 16) for n in (1, 3, 5))
        return np.abs(np.subtract(image.getpixel(place), wanted)).max() < 25

    assert near((40, 10), "series1")
    assert near((10, 30), "series2")
    assert near((30, 30), "paper")  # between two dashes
    assert near((60, 60), "series3")
    ink = np.argwhere(np.array(image.convert("L"))[64:, :30] < 128)
    assert np.ptp(ink[:, 0]) < 30
    assert ink[:, 1].max() <= 17  # turned text stands left of its base line


def test_png_has_a_minus_and_no_box():
    drawn = [png(Drawing(60, 20, "t", [Words(at=(5, 15), text=text)])) for text in ("1 \u2212 2", "1 - 2")]
    assert drawn[0] == drawn[1]


def test_figures_in_words():
    figures = {"dice_mean": 0.87654, "dice_ci95": [0.8, 0.9], "bias": -0.004, "bias_ci95": None, "none": None}
    assert figure_text(figures, "dice_mean") == "0.877 (0.800 to 0.900)"
    assert figure_text(figures, "bias", digits=2, unit="mm") == "0.00 mm"
    assert figure_text(figures, "bias") == "\u22120.004"
    assert figure_text(figures, "none") == "\u2013"
