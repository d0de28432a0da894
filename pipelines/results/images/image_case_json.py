"""``case.json`` of an image case."""

from __future__ import annotations

from collections.abc import Sequence

from ...images.image_result import ImageResult, PictureResult, PictureView
from ..plain_json import Plain, plain_json
from ..research_use import RESEARCH_USE

IMAGE_SCHEMA_VERSION = 1
"""Of case.json and run.json; ``data_manifests/image_case.schema.json`` and ``image_run.schema.json`` say what they
hold."""
IMAGE_KIND = "image"


def image_case_json(result: ImageResult, views: Sequence[PictureView] | None) -> bytes:
    """Encode a case of any status; where the pictures come from (``origin``) is left out.

    Raises
    ------
    ValueError
        A number that is not finite.
    """
    return plain_json(
        {
            "schema_version": IMAGE_SCHEMA_VERSION,
            "kind": IMAGE_KIND,
            "note": RESEARCH_USE,
            "bundle": result.bundle,
            "outputs": result.outputs,
            "case_id": result.case_id,
            "status": result.status,
            "codes": result.codes,
            "reason": result.reason,
            "notes": result.notes,
            "choice": result.choice,
            "source": result.source,
            "classes": dict(result.classes),
            "predicted": result.predicted,
            "positive": result.positive,
            "summary": result.summary,
            "key": result.key,
            "pictures": [_picture(picture) for picture in result.pictures],
            "n_pictures": result.n_pictures,
            "n_files": result.n_files,
            "n_used": result.n_used,
            "input_digest": result.input_digest,
            "plan_digest": result.plan_digest,
            "config_hash": result.config_hash,
            "weights_hash": result.weights_hash,
            "versions": dict(result.versions),
            "timings_s": dict(result.timings_s),
        }
    )


def _picture(picture: PictureResult) -> dict[str, Plain]:
    return {
        "number": picture.number,
        "rows": picture.rows,
        "columns": picture.columns,
        "classes": dict(picture.classes),
        "spacing_mm": picture.spacing_mm,
        "z_lps_mm": picture.z_mm,
        "mask_share": picture.mask_share,
        "mask_mm2": picture.mask_mm2,
    }
