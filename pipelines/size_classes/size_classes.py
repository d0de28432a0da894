"""All that size rules say of one finding."""

from __future__ import annotations

from ..records import Finding
from .fleischner import fleischner_size_class, fleischner_size_class_by_volume
from .lung_rads import lung_rads_size_class, lung_rads_size_class_by_volume
from .nodule_type import nodule_type

SIZE_CLASS_NOTE = (
    "research_* fields are size classes in the style of Lung-RADS v2022 (baseline, no prior scan) and of the "
    "Fleischner guideline of 2017: rules on size and predicted type alone. They are neither a category nor a "
    "recommendation."
)


def size_classes(finding: Finding) -> dict[str, str | float | None]:
    """Give mean diameter (mm), type and size classes of a finding, by the names they have in ``case.json``."""
    axes, kind = (finding.long_axis_mm, finding.short_axis_mm), nodule_type(finding.attributes)
    return {
        "mean_diameter_mm": sum(axes) / 2,
        "research_nodule_type": kind,
        "research_lung_rads_style_size_class": lung_rads_size_class(*axes, kind),
        "research_lung_rads_style_size_class_by_volume": lung_rads_size_class_by_volume(finding.volume_mm3, kind),
        "research_fleischner_style_size_class": fleischner_size_class(*axes, kind),
        "research_fleischner_style_size_class_by_volume": fleischner_size_class_by_volume(finding.volume_mm3, kind),
    }
