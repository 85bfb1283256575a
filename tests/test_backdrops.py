"""What lies behind figures on bare paper: the gap between legs that the page cuts off is paper, too."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.backdrops import on_paper
from s2p.pipelines.looking import page_of
from s2p.pipelines.scene import Scene

PAPER, CLOTH, GROUND = (NAMES.index(name) for name in ("paper", "cloth", "ground"))


def trousers():
    """Two legs that the page's lower edge cuts off, on paper: the page, its scene, and the region between them."""
    lines = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(lines, (150, 120), (350, 600), 0, 4)
    cv2.polylines(lines, [np.array([(220, 520), (250, 260), (280, 520)])], False, 0, 4)
    page = page_of(lines)
    between = int(page.regions.labels[480, 250])
    shown = np.where(page.regions.labels[2::4, 2::4] == page.regions.labels[10, 10], PAPER, CLOTH)
    return page, Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown]), between


@pytest.mark.parametrize(("paper", "is_paper"), [(0.3, True), (0.1, False)])
def test_a_gap_at_the_edge_is_paper_where_that_is_half_believed(paper, is_paper):
    page, scene, between = trousers()
    chances = scene.chances.copy()
    chances[between] = (1.0 - paper) * np.eye(len(NAMES))[CLOTH] + paper * np.eye(len(NAMES))[PAPER]
    none = np.zeros(0, np.int64), np.zeros((0, 3), np.uint8)
    shown = on_paper(page, replace(scene, chances=chances), scene.shown, *none)
    assert (shown[between] == PAPER) == is_paper
    others = np.arange(len(shown)) != between
    assert (shown[others] == scene.shown[others]).all(), "the legs are cloth, at the edge as well"


@pytest.mark.parametrize(("color", "is_paper"), [((120, 180, 240), False), ((255, 255, 255), True)])
def test_whoever_colours_the_ground_wants_no_paper(color, is_paper):
    page, scene, between = trousers()
    shown = scene.shown.copy()
    shown[between] = GROUND
    home = np.array([int(page.regions.labels[10, 10])])
    found = on_paper(page, scene, shown, home, np.array([color], np.uint8))
    assert (found[between] == PAPER) == is_paper
