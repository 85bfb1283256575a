"""Colours of one open place flow into each other; lines, narrow gaps and hints hold them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.meeting import flowed
from s2p.reach import CELL
from s2p.regions import coarse

RED, BLUE = (200, 40, 40), (40, 40, 200)


def halves(gap: int | None) -> tuple[Page, np.ndarray, np.ndarray]:
    """A page that is parted by a wall with a gap of so many px, or by nothing; its picture and colours."""
    lines = np.full((512, 512), 255, np.uint8)
    if gap is not None:
        cv2.line(lines, (256, 0), (256, 511), 0, 3)
        lines[256 - gap // 2 : 256 + (gap + 1) // 2] = 255
    page = page_of(lines)
    labels = np.zeros((512, 512), np.int32)
    labels[:, 256:] = 1
    regions = replace(page.regions, labels=labels, count=2)
    page = replace(page, regions=regions, grid=coarse(regions, CELL))
    colors = np.array([RED, BLUE], np.uint8)
    return page, colors[labels], colors


def painted(gap: int | None, *hints: tuple[int, int], may: bool = True) -> np.ndarray:
    page, flat, colors = halves(gap)
    fixed = np.array([y // CELL * (512 // CELL) + x // CELL for x, y in hints], int)
    return flowed(page, flat, colors, fixed, np.array([may, True]))


def test_an_open_border_becomes_a_soft_passage():
    row = painted(None)[256].astype(int)
    steps = np.abs(np.diff(row, axis=0)).max(-1)
    assert steps.max() <= 8 and (np.diff(row[:, 2]) >= 0).all(), "never a step, always towards blue"
    assert (row[60] == RED).all() and (row[450] == BLUE).all(), "far away nothing changes"
    assert abs(row[256, 0] - 120) < 12


@pytest.mark.parametrize("gap", [0, 8])
def test_a_line_or_a_line_with_a_narrow_gap_holds_them(gap):
    page, flat, colors = halves(gap)
    assert (flowed(page, flat, colors, np.zeros(0, int), np.ones(2, bool)) == flat).all()


def test_through_a_wide_gap_they_flow_and_beside_the_wall_not():
    done, flat = painted(120), halves(120)[1]
    assert (done[256, 240] != flat[256, 240]).any()
    assert (done[40, 200] == flat[40, 200]).all() and (done[40, 300] == flat[40, 300]).all()


def test_hints_keep_their_colour_and_those_who_may_not_take_part_do_not():
    assert np.abs(painted(None, (248, 258))[258, 246].astype(int) - RED).max() < 30
    assert np.abs(painted(None)[258, 246].astype(int) - RED).max() > 50, "without the hint"
    assert (painted(None, may=False) == halves(None)[1]).all()
