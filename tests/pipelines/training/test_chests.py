from __future__ import annotations

import pytest

from resmtnet.pipelines.training.chests import chests

HOW = {"subsets": None, "unknown_lps_mm": None}


def test_no_chest_at_all():
    where, weights = chests(None, phantom_seeds=[], scan_share=0.75, **HOW)
    assert where == []
    assert weights.size == 0


def test_phantoms_alone_are_drawn_alike():
    where, weights = chests("", phantom_seeds=[7, 8], scan_share=0.75, **HOW)
    assert len(where) == 2
    assert weights.tolist() == pytest.approx([0.5, 0.5])


def test_a_share_that_leaves_nothing_to_draw():
    with pytest.raises(ValueError, match="no chest would be drawn"):
        chests(None, phantom_seeds=[7], scan_share=1.0, **HOW)
