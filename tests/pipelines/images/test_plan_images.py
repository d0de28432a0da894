from __future__ import annotations

import hashlib
import hmac

import numpy as np
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
