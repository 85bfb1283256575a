"""Soft strokes lie where hard ones do, and their gradients lead downhill."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.strokes import raster, soft
from s2p.strokes.layouts import layout_of
from tests.stroke_cases import ALL, strokes_of


def overlap(name: str, side: int) -> float:
    """Mean intersection by union of soft and hard strokes (at least half covered), of sizes from 0.1 of the block."""
    layout, rng = layout_of(name), np.random.default_rng(5)
    shape = rng.uniform(0.1, 0.9, (60, len(layout.shape))).astype(np.float32)
    found = soft.draw(shape, layout, side=side, window=(side, side)).cover
    scores = []
    for cover, one in zip(found, shape):
        row = np.ones(layout.size, np.float32)
        row[: len(one)] = one
        hard = np.zeros((side, side), np.float32)
        mark = raster.stamp(row, layout, raster.Frame(side, side, 0, side))
        assert mark is not None
        hard[mark.box] = mark.alpha
        is_hard, is_soft = hard >= 0.5, cover >= 0.5
        scores.append((is_hard & is_soft).sum() / max((is_hard | is_soft).sum(), 1))
    return float(np.mean(scores))


@pytest.mark.parametrize(("name", "side", "least"), [
    ("rectangle", 32, 0.82), ("rectangle", 128, 0.93), ("oilpaintbrush", 128, 0.82), ("watercolor", 64, 0.75),
    ("markerpen", 64, 0.8),
])  # fmt: skip
def test_soft_strokes_lie_where_hard_ones_do(name, side, least):
    assert overlap(name, side) > least


@pytest.mark.parametrize("name", ALL)
def test_gradients_are_what_differences_say(name):
    layout, rng = layout_of(name), np.random.default_rng(2)
    shape = rng.uniform(0.35, 0.65, (5, len(layout.shape))).astype(np.float32)
    if layout.is_curve:
        shape[:, 0:2], shape[:, 4:6] = rng.uniform(0.1, 0.3, (5, 2)), rng.uniform(0.7, 0.9, (5, 2))
    smooth = [cv2.GaussianBlur(rng.normal(size=(64, 64)).astype(np.float32), (0, 0), 6) for _ in range(2)]

    def loss(values: np.ndarray) -> np.ndarray:
        drawn = soft.draw(values, layout, side=64, window=(64, 64), softness=2.0)
        return (drawn.cover * smooth[0] + drawn.along * smooth[1]).sum((1, 2), dtype=np.float64)

    by = [np.broadcast_to(m, (5, 64, 64)) for m in smooth]
    found = soft.draw(shape, layout, side=64, window=(64, 64), softness=2.0).pull(by[0], by[1])
    wanted = np.empty_like(found)
    for column in range(shape.shape[1]):
        step = np.zeros_like(shape)
        step[:, column] = 2e-3
        wanted[:, column] = (loss(shape + step) - loss(shape - step)) / 4e-3
    scale = np.abs(wanted).max()
    assert np.abs(found - wanted).max() < 0.04 * scale


@pytest.mark.parametrize("name", ALL)
def test_a_small_step_downhill_lowers_the_loss(name):
    layout, rng = layout_of(name), np.random.default_rng(4)
    shape = rng.uniform(0.3, 0.7, (8, len(layout.shape))).astype(np.float32)
    target = soft.draw(np.clip(shape + rng.normal(0, 0.08, shape.shape), 0, 1), layout, side=32, window=(32, 32)).cover
    drawn = soft.draw(shape, layout, side=32, window=(32, 32))
    slope = drawn.pull(np.sign(drawn.cover - target), None)
    moved = shape - 2e-4 * slope / np.abs(slope).max(1, keepdims=True)
    after = soft.draw(moved, layout, side=32, window=(32, 32)).cover
    assert (np.abs(after - target).sum((1, 2)) < np.abs(drawn.cover - target).sum((1, 2))).all()


def test_the_quick_cover_is_the_soft_one():
    for name in ALL:
        shape = strokes_of(name, 10).values[:, : len(layout_of(name).shape)]
        quick = soft.cover_quickly(shape, layout_of(name), side=64, window=(64, 64), origin=(0.0, 0.0))
        slow = soft.draw(shape, layout_of(name), side=64, window=(64, 64)).cover
        assert np.abs(quick - slow).mean() < 0.02, name
