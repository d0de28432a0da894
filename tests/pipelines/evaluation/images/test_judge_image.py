import numpy as np
import pytest
import torch

from resmtnet.pipelines.evaluation.images.image_cases import ImageCases, TrueImage
from resmtnet.pipelines.evaluation.images.judge_image import judge_image
from resmtnet.pipelines.inference.usage_error import UsageError
from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.training.images.labelled_images import read_labelled_images
from resmtnet.transforms.square import Squared

CLASSES = ("normal", "benign", "malignant")
SQUARED = Squared("image", 32)


def packed(mask_logits, class_logits):
    maps = torch.tensor(class_logits)[:, None, None].expand(-1, *mask_logits.shape)
    return torch.cat([mask_logits[None], maps])


def truth_of(folder, mask, number=2):
    return TrueImage(read_labelled_images(folder, CLASSES)[number], mask.shape, mask)


def test_overlap_by_hand(image_folder):
    logits = torch.full((32, 32), -9.0)
    logits[:16, :16] = 9.0  # the left upper quarter
    mask = np.zeros((64, 64), dtype=bool)
    mask[:32, 16:48] = True  # half of it inside the quarter
    said = judge_image(packed(logits, [0.0, 2.0, 1.0]), truth_of(image_folder, mask))
    assert said.dice == pytest.approx(2 * 512 / (1024 + 1024), abs=0.02)  # the edge is a pixel of the square wide
    assert said.missed is False
    assert (said.predicted_area, said.true_area) == (pytest.approx(0.25, abs=0.01), 0.25)
    e = np.exp([0.0, 2.0, 1.0])
    assert said.probabilities == pytest.approx(tuple(e / e.sum()))
    assert (said.file, said.group, said.label) == ("2.png", "g1", 1)


def test_mask_probability_and_temperature(image_folder):
    logits, mask = torch.full((32, 32), 0.8), np.ones((10, 10), dtype=bool)  # a probability of 0.69
    truth = truth_of(image_folder, mask)
    assert judge_image(packed(logits, [0.0, 2.0, 1.0]), truth).dice == 1
    said = judge_image(packed(logits, [0.0, 2.0, 1.0]), truth, mask_probability=0.7, temperature=2.0)
    assert (said.dice, said.missed, said.predicted_area) == (0, True, 0)
    e = np.exp([0.0, 1.0, 0.5])
    assert said.probabilities == pytest.approx(tuple(e / e.sum()))


def test_an_empty_prediction_without_a_lesion_scores_nothing(image_folder):
    mask = np.zeros((8, 8), dtype=bool)
    for logit, area in ((-5.0, 0), (5.0, 1)):
        said = judge_image(packed(torch.full((32, 32), logit), [1.0, 0, 0]), truth_of(image_folder, mask, 0))
        assert (said.dice, said.missed, said.predicted_area, said.true_area) == (None, None, area, 0)


@pytest.mark.parametrize(("empty_above", "area"), [(1.0, 1), (0.7, 0)])
def test_nothing_is_outlined_where_no_lesion_is_said_surely(image_folder, empty_above, area):
    sure = packed(torch.full((32, 32), 5.0), [3.0, 0, 0])
    truth = truth_of(image_folder, np.zeros((8, 8), dtype=bool), 0)
    assert judge_image(sure, truth, normal=0, empty_above=empty_above).predicted_area == area


def test_classes_alone(image_folder):
    said = judge_image(
        torch.tensor([0.0, 0.0, np.log(2)]),
        ImageCases(image_folder, classes=CLASSES, transform=SQUARED).truth(4, (40, 60), outlined=False),
    )
    assert said.probabilities == pytest.approx((0.25, 0.25, 0.5))
    assert (said.dice, said.predicted_area, said.true_area) == (None, None, None)


def test_cases_are_the_files_of_the_folder(image_folder):
    cases = ImageCases(image_folder, classes=CLASSES, transform=SQUARED)
    assert len(cases) == 12
    case = cases[3]
    assert case["image"].shape == (1, 32, 32)
    assert case["shape"].tolist() == [40, 60]
    assert float(case["image"].min()) == pytest.approx(63 / 255)
    truth = cases.truth(3, (40, 60), outlined=True)
    y, x = np.mgrid[:40, :60]
    assert np.array_equal(truth.mask, (y - 20) ** 2 + (x - 20) ** 2 <= 100)
    assert not cases.truth(0, (40, 60), outlined=True).mask.any()
    unknown = ImageCases(image_folder, classes=CLASSES, transform=SQUARED, missing_mask="unknown")
    assert unknown.truth(0, (40, 60), outlined=True).mask is None


def test_folds_divide_the_groups(image_folder):
    parts = [ImageCases(image_folder, classes=CLASSES, transform=SQUARED, folds=[n], n_folds=2) for n in (0, 1)]
    groups = [{r.group for r in part.records} for part in parts]
    assert groups[0] | groups[1] == {f"g{n}" for n in range(6)}
    assert not groups[0] & groups[1]
    with pytest.raises(UsageError, match="expected some of 0 to 1"):
        ImageCases(image_folder, classes=CLASSES, transform=SQUARED, folds=[2], n_folds=2)
    two = ImageCases(image_folder, classes=CLASSES[1:], left_out=["normal"], transform=SQUARED)
    assert {r.label for r in two.records} == {0, 1}


def test_what_cannot_be_read_is_told_by_its_row(image_folder):
    (image_folder / "3.png").write_bytes(b"no picture")
    (image_folder / "2_mask.png").write_bytes((image_folder / "0.png").read_bytes()[:40])
    cases = ImageCases(image_folder, classes=CLASSES, transform=SQUARED)
    with pytest.raises(InputPathError, match=r"row 5: the image or its mask cannot be used"):
        cases[3]
    with pytest.raises(InputPathError, match=r"row 4: the image or its mask cannot be used"):
        cases.truth(2, (40, 60), outlined=True)
    with pytest.raises(InputPathError, match=r"row 6: the mask has 60 x 40 pixels, its image 61 x 40"):
        cases.truth(4, (40, 61), outlined=True)
