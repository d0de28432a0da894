from resmtnet.pipelines.evaluation.detection.choose_detections import choose_detections
from resmtnet.pipelines.evaluation.detection.detection import Detection
from resmtnet.pipelines.evaluation.detection.true_scan import TrueScan


def test_unknown_scans_repeated_rows_and_too_many_are_counted():
    def at(case: str, x: float, probability: float) -> Detection:
        return Detection(case, (x, 0, 0), None, probability)

    rows = [
        at("a", 0, 0.5),
        at("a", 0, 0.7),
        at("a", 0, 0.5),
        at("x", 0, 1),
        *(at("b", n, 1 - n / 10) for n in range(5)),
    ]
    chosen = choose_detections(rows, [TrueScan("a"), TrueScan("b")], most_per_scan=3)
    assert chosen.left_out == {"unknown_scan": 1, "duplicate": 2, "over_limit": 2}
    assert [d.probability for d in chosen.by_case["a"]] == [0.7]
    assert [d.probability for d in chosen.by_case["b"]] == [1, 0.9, 0.8]


def test_rows_as_probable_as_the_first_that_goes_go_too():
    rows = [Detection("a", (n, 0, 0), None, p) for n, p in enumerate((0.9, 0.5, 0.5, 0.1))]
    assert [d.probability for d in choose_detections(rows, [TrueScan("a")], most_per_scan=2).by_case["a"]] == [0.9]
    assert len(choose_detections(rows, [TrueScan("a")], most_per_scan=None).by_case["a"]) == 4
