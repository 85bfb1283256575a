"""The arithmetic between what the network `reach` says and the colours that come of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.regions import coarse, divide


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    page = np.full((128, 192), 255, np.uint8)
    cv2.line(page, (96, 0), (96, 128), 0, 3)
    return page


def shares(page: np.ndarray, points: np.ndarray, maps: np.ndarray | None = None) -> np.ndarray:
    """Chances of following each hint, `float32[h, w, N]`, of a network that says the same everywhere."""
    regions = divide(page)
    grid = coarse(regions, reach.CELL)
    found = reach.places(regions, points)
    maps = np.zeros((1, grid.size, reach.CHANNELS), np.float32) if maps is None else maps
    follow, choose = reach.log_shares(
        np, maps, maps[:, found.cells], reach.coordinates(grid.shape)[None], found.points[None],
        found.costs[:, grid.ravel()].T[None], np.zeros((1, len(points)), np.float32),
    )
    total = np.exp(follow).sum(-1) + np.exp(choose).sum(-1)
    assert np.allclose(total, 1.0, atol=1e-4)
    return np.exp(follow)[0].reshape(*grid.shape, len(points))


def test_a_hint_reaches_its_own_side_of_a_line_further(page):
    one = shares(page, np.array([[0.4, 0.5]]))[..., 0]
    assert one[16, 20] > 2 * one[16, 28], "both cells are equally far from the hint, one behind the line"


def test_the_nearer_of_two_hints_in_one_region_counts_more(page):
    both = shares(page, np.array([[0.1, 0.2], [0.4, 0.8]]))
    assert both[6, 5, 0] > both[6, 5, 1] and both[25, 19, 1] > both[25, 19, 0]


def test_a_missing_hint_is_followed_by_nobody():
    maps = np.zeros((1, 4, reach.CHANNELS), np.float32)
    follow, _ = reach.log_shares(
        np, maps, maps[:, :2], np.zeros((1, 4, 2)), np.zeros((1, 2, 2)), np.zeros((1, 4, 2)), np.array([[0.0, 1.0]])
    )
    assert np.exp(follow[0, :, 0]).min() > 0.01 and np.exp(follow[0, :, 1]).max() == 0.0


def test_training_and_painting_compute_the_same(page):
    from keras import ops

    random = np.random.default_rng(0)
    maps, keys = (random.normal(size=(2, n, reach.CHANNELS)).astype(np.float32) for n in (30, 5))
    spots, hints = (random.random((2, n, 2), np.float32) for n in (30, 5))
    costs, missing = 3 * random.random((2, 30, 5), np.float32), np.float32(random.random((2, 5)) < 0.3)
    ours = reach.log_shares(np, maps, keys, spots, hints, costs, missing)
    theirs = reach.log_shares(ops, *(ops.convert_to_tensor(a) for a in (maps, keys, spots, hints, costs, missing)))
    for one, other in zip(ours, theirs):
        assert np.allclose(one, ops.convert_to_numpy(other), atol=1e-3)


def test_colours_come_back_from_lab():
    colors = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    assert np.abs(reach.rgb_of(reach.lab_of(colors)).astype(int) - colors).max() <= 1


def test_planes_show_hints_and_their_regions(page):
    regions = divide(page)
    grid = coarse(regions, reach.CELL)
    planes = reach.planes(regions, grid, reach.places(regions, np.array([[0.25, 0.5]])))
    assert planes[..., 0].sum() == 1.0 and planes[16, 12, 0] == 1.0
    assert planes[2, 2, 1] == 1.0 and planes[2, 45, 1] == 0.0
    assert planes.min() >= 0.0 and planes.max() <= 1.0
