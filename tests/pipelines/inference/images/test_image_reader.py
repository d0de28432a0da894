"""What the reader makes of one file."""

from __future__ import annotations

from PIL import Image

from resmtnet.pipelines.inference.images import image_reader
from resmtnet.pipelines.inference.images.image_reader import ImageReader


def test_pages_that_grow_are_counted_as_they_come(tmp_path, monkeypatch):
    """The first page says nothing of the size of the others."""
    pages = [Image.new("L", (1, 1)), *(Image.new("L", (40, 40)) for _ in range(4))]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    (whole,) = ImageReader(tmp_path)
    assert [picture.grey.size for picture in whole.pictures] == [1, *[1600] * 4]
    monkeypatch.setattr(image_reader, "MAX_CASE_PIXELS", 3200)
    (refused,) = ImageReader(tmp_path)
    assert refused.pictures == ()
    assert refused.failure is not None
    assert refused.failure.codes == ("E_TOO_LARGE",)
    assert "3201 pixels" in refused.failure.reason  # the third page is the last that is read
