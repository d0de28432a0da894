from __future__ import annotations

from pathlib import Path

import pytest

from resmtnet.pipelines.ingest.input_path_error import InputPathError
from resmtnet.pipelines.training.images.labelled_images import read_labelled_images

CLASSES = ["normal", "benign", "malignant"]


def test_rows_in_order_with_their_masks(images_dir):
    images = read_labelled_images(images_dir, CLASSES)
    assert [image.file for image in images] == [f"{n}.png" for n in range(12)]
    assert [image.label for image in images] == [0, 0, 1, 1, 2, 2] * 2
    assert images[3].group == "p1"
    assert images[3].path == images_dir / "3.png"
    assert images[3].mask_path == images_dir / "3_mask.png"
    assert images[0].mask_path is None


def test_the_order_of_the_classes_numbers_them_and_labels_can_be_left_out(images_dir):
    images = read_labelled_images(images_dir, ["malignant", "benign"], left_out=["normal"])
    assert [image.label for image in images] == [1, 1, 0, 0] * 2
    assert [image.row for image in images] == [4, 5, 6, 7, 10, 11, 12, 13]


def test_a_table_as_a_spreadsheet_writes_it(write_images, tmp_path):
    write_images(tmp_path)
    table = tmp_path / "images.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert len(read_labelled_images(tmp_path, CLASSES)) == 12


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"label": "cyst"}, "row 7: label 'cyst' is none of benign, malignant, normal"),
        ({"file": "gone.png"}, "row 7: there is no such image"),
        ({"file": "../faulty/5.png"}, "row 7: the image is outside the folder"),
        ({"file": "/etc/hostname"}, "row 7: the image is outside the folder"),
        ({"file": "4.png"}, "row 6: the image is named more than once; row 7"),
        ({"file": "./4.png"}, "row 6: the image is named more than once; row 7"),
        ({"group": " "}, "row 7: no group"),
    ],
)
def test_a_faulty_row_is_named_by_its_number(faulty_dir, values, said):
    with pytest.raises(InputPathError, match=r"images.csv in .* is faulty") as caught:
        read_labelled_images(faulty_dir(5, **values), CLASSES)
    assert said in str(caught.value)


def test_a_label_that_is_not_asked_for_is_a_fault_not_a_smaller_data_set(images_dir):
    with pytest.raises(
        InputPathError, match=r"row 2: label 'normal' .*left_out.* \(and 3 more\)|row 2: label 'normal'"
    ):
        read_labelled_images(images_dir, ["benign", "malignant"])


def test_a_folder_without_a_table_or_with_another_one(tmp_path):
    with pytest.raises(InputPathError, match=r"images.csv not found there. Write one with the columns file, label"):
        read_labelled_images(tmp_path, CLASSES)
    (tmp_path / "images.csv").write_text("file,label\na.png,normal\n")
    with pytest.raises(InputPathError, match="has no column group"):
        read_labelled_images(tmp_path, CLASSES)
    (tmp_path / "images.csv").write_text("file,label,group\n")
    with pytest.raises(InputPathError, match="has no image of the classes"):
        read_labelled_images(tmp_path, CLASSES)
    (tmp_path / "images.csv").write_bytes("file,label,group\nä.png,normal,1\n".encode("latin-1"))
    with pytest.raises(InputPathError, match="UTF-8"):
        read_labelled_images(tmp_path, CLASSES)
    with pytest.raises(InputPathError, match="expected a folder of the labelled_images form"):
        read_labelled_images(tmp_path / "gone", CLASSES)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "counts", "masks"), [("iq_othnccd", (319, 96, 470), 0), ("busi", (108, 334, 166), 608)]
)
def test_the_real_tables(shared_data: Path, name, counts, masks):
    images = read_labelled_images(shared_data / name, CLASSES)
    assert tuple(sum(image.label == k for image in images) for k in range(3)) == counts
    assert sum(image.mask_path is not None for image in images) == masks
