"""Palettes that move toward a reference."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from s2p.palette import move_palette


def _picture(low: tuple[int, int, int], high: tuple[int, int, int]) -> np.ndarray:
    share = np.random.default_rng(0).random((40, 50, 1))
    return (np.array(low) * (1 - share) + np.array(high) * share).astype(np.uint8)


def test_distance_to_the_reference_falls_with_the_amount():
    own, reference = _picture((20, 60, 160), (90, 160, 250)), _picture((160, 40, 30), (250, 190, 120))
    distances = [
        np.abs(move_palette(own, reference, amount).mean((0, 1)) - reference.mean((0, 1))).sum()
        for amount in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert all(a > b for a, b in pairwise(distances))
    assert distances[-1] < 12


def test_nothing_moves_at_zero():
    own = _picture((0, 0, 0), (255, 255, 255))
    assert move_palette(own, own[:3, :3], 0.0) is own


def test_flat_pictures_survive():
    flat, busy = np.full((8, 8, 3), 120, np.uint8), _picture((0, 0, 0), (255, 200, 9))
    for image, reference in ((flat, busy), (busy, flat), (flat, flat), (flat[:1, :1], busy)):
        assert move_palette(image, reference, 1.0).shape == image.shape
