from __future__ import annotations

import hashlib
import hmac

import numpy as np
import pydicom
from PIL import Image

from resmtnet.pipelines.images.plan_images import plan_images
from resmtnet.pipelines.ingest.ingest_options import IngestOptions
from resmtnet.pipelines.phantom.dicom_series import write_ct_series


def save(path, value=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 5), value, np.uint8)).save(path)
    return path


def test_image_files_are_cases_named_by_their_content(tmp_path):
    path = save(tmp_path / "Secret^Name" / "a.png")
    save(tmp_path / "copy.png")
    save(tmp_path / "b.jpg", 9)
    found = plan_images(tmp_path)
    assert [plan.origin.relative_path for plan in found.plans] == ["Secret^Name/a.png", "b.jpg", "copy.png"]
    first, _, copy = (plan.case_id for plan in found.plans)
    digest = hashlib.sha256(path.read_bytes()).hexdigest().encode()
    assert first == hashlib.sha256(b"resmtnet:" + digest).hexdigest()[:12]
    assert copy == f"{first}-2"
    key = bytes(range(16))
    keyed = plan_images(tmp_path, IngestOptions(id_key=key)).plans[0].case_id
    assert keyed == hmac.new(key, b"resmtnet:" + digest, hashlib.sha256).hexdigest()[:12]
    assert "Secret" not in repr(found.plans)


def test_masks_links_other_files_and_results_are_passed_over(tmp_path):
    save(tmp_path / "a.png")
    save(tmp_path / "a_mask.png")
    save(tmp_path / "lonely_mask.png")  # beside nothing: a picture
    save(tmp_path / "out" / "cases" / "x" / "overlay.png")
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "text.png").write_text("nothing")
    for series in (False, True):
        found = plan_images(tmp_path, exclude=tmp_path / "out", series=series)
        assert [plan.origin.relative_path for plan in found.plans] == ["a.png", "lonely_mask.png"]
        assert [(one.code, one.origin.relative_path) for one in found.rejections] == [("E_BAD_HEADER", "text.png")]
        other = "I_NON_DICOM" if series else "I_NOT_PICTURE"
        assert found.skipped == {"I_MASK": 1, "I_NOT_REGULAR": 1, other: 1}


def test_short_series_are_slices_and_only_axial_ones(tmp_path, small_chest):
    write_ct_series(tmp_path / "long", small_chest.hu[20:30], small_chest.affine_lps)
    write_ct_series(tmp_path / "short", small_chest.hu[20:22], small_chest.affine_lps, seed=1)
    turned = small_chest.affine_lps[:, [0, 2, 1, 3]]
    write_ct_series(tmp_path / "turned", small_chest.hu[20:21], turned, seed=2)
    save(tmp_path / "a.png")
    found = plan_images(tmp_path, series=True)
    kinds = sorted((type(plan).__name__, plan.origin.relative_path.split("/")[0]) for plan in found.plans)
    files = [("PicturePlan", "a.png"), ("PicturePlan", "short"), ("PicturePlan", "short")]
    assert kinds == [*files, ("SeriesPlan", "long")]
    assert [(one.code, one.n_files) for one in found.rejections] == [("E_NOT_AXIAL", 1)]
    assert found.skipped == {}


def test_without_series_every_dicom_image_is_a_case(tmp_path, small_chest):
    write_ct_series(tmp_path, small_chest.hu[20:23], small_chest.affine_lps)
    assert len(plan_images(tmp_path).plans) == 3


def test_masks_are_known_whatever_the_case_of_the_suffix_and_when_numbered(tmp_path):
    for name in ("a.PNG", "a_mask.png", "b.png", "b_mask_1.png", "c_mask_1.png", "._mask.png"):
        save(tmp_path / name)
    assert {plan.path.name for plan in plan_images(tmp_path).plans} == {"a.PNG", "b.png", "c_mask_1.png"}


def test_slices_left_over_of_a_series_that_is_read_are_no_pictures(tmp_path, small_chest):
    (first, *_) = write_ct_series(tmp_path / "long", small_chest.hu[20:30], small_chest.affine_lps)
    whole = pydicom.dcmread(first, stop_before_pixels=True)

    def as_part(_: int, ds: pydicom.Dataset) -> None:
        for name in ("PatientID", "PatientName", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
            setattr(ds, name, whole[name].value)

    half = small_chest.hu[20:22, ::2, ::2].copy()
    write_ct_series(tmp_path / "rest", half, small_chest.affine_lps, seed=1, edit=as_part)
    found = plan_images(tmp_path, series=True)
    assert [type(plan).__name__ for plan in found.plans] == ["SeriesPlan"]
    assert [(one.code, one.n_files) for one in found.rejections] == [("E_TOO_FEW_SLICES", 2)]


def test_localizers_of_a_short_series_are_no_slices(tmp_path, small_chest):
    def mark(k: int, ds: pydicom.Dataset) -> None:
        ds.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER" if k == 0 else "AXIAL"]

    paths = write_ct_series(tmp_path, small_chest.hu[20:22], small_chest.affine_lps, edit=mark)
    found = plan_images(tmp_path, series=True)
    assert [plan.path for plan in found.plans] == [paths[1]]
    assert found.skipped == {"I_LOCALIZER": 1}


def test_dicom_named_like_a_picture_is_counted_once(tmp_path, small_chest):
    (path,) = write_ct_series(tmp_path, small_chest.hu[20:21], small_chest.affine_lps)
    report = pydicom.dcmread(path)
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    report.save_as(path.with_name("report.png"))
    path.rename(path.with_name("slice.png"))
    for series in (False, True):
        found = plan_images(tmp_path, series=series)
        assert [plan.origin.relative_path for plan in found.plans] == ["slice.png"]
        assert (found.rejections, dict(found.skipped)) == ((), {"I_NON_IMAGE": 1})


def test_a_refused_slice_is_named_by_its_content(tmp_path, small_chest):
    turned = small_chest.affine_lps[:, [0, 2, 1, 3]]
    (path,) = write_ct_series(tmp_path / "Secret", small_chest.hu[20:21], turned)
    digest = hashlib.sha256(path.read_bytes()).hexdigest().encode()
    (refused,) = plan_images(tmp_path, series=True).rejections
    assert (refused.code, refused.case_id) == ("E_NOT_AXIAL", hashlib.sha256(b"resmtnet:" + digest).hexdigest()[:12])
