"""Folds of a sheet are told from what is drawn from edge to edge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.intake.folds import fold_in
from tests import brought as drawn
from tests.intake_cases import figure, grainy


def test_a_fold_is_found_where_it_is_and_nothing_else():
    left = fold_in(drawn.folded(grainy(), at=0.4, depth=0.3))
    assert left is not None
    assert abs(int(left.mean(1).argmin()) - 400) <= 2 and 0.6 < float(left[400].mean()) < 0.9
    assert (left[:360] == 1).all() and (left[440:] == 1).all()


def test_a_tilted_fold_is_followed():
    page = grainy()
    left = fold_in(drawn.folded(page, tilt=0.025, depth=0.3))
    assert left is not None
    rows = left.argmin(0)
    assert rows[-20] - rows[20] == pytest.approx(0.025 * (page.shape[1] - 40), abs=3)


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("ink", [0, 90])
def test_a_horizon_that_is_drawn_stays(ink, strength):
    """The ground of the figure goes from edge to edge, in pencil, too."""
    assert fold_in(drawn.on_paper(figure(ink=ink), (236, 232, 224), grain=4, strength=strength)) is None


def test_ruling_is_no_fold():
    page = np.repeat(figure()[..., None], 3, 2)
    page[40::40] = np.minimum(page[40::40], np.uint8(190))
    assert fold_in(cv2.GaussianBlur(page, (0, 0), 1.0)) is None


def test_a_page_on_which_nothing_is_drawn_or_that_is_tiny_is_not_folded():
    assert fold_in(np.full((300, 300, 3), 255, np.uint8)) is None
    assert fold_in(grainy()[:30, :30]) is None
