"""Carrying paint: the quick way agrees with the plain one, and a stroke that touches nothing learns where to go."""

from __future__ import annotations

import numpy as np

from s2p.errors import InputError
from s2p.strokes import climb as climbing
from s2p.strokes import soft, transport
from s2p.strokes.layouts import layout_of
from s2p.strokes.painting import paint
from tests.stroke_cases import picture


def dense(first: np.ndarray, second: np.ndarray) -> float:
    """The loss of two maps of 24 x 24 as the paper's program computes it: logarithms, and a matrix of 576 x 576."""
    place = np.stack(np.meshgrid(np.arange(24), np.arange(24), indexing="ij"), -1).reshape(-1, 2) / 24
    cost = ((place[:, None] - place[None]) ** 2).sum(-1)
    a, b = (one.ravel() + 1e-9 for one in (first, second))
    a, b = a / a.sum(), b / b.sum()
    u, v = np.zeros(576), np.zeros(576)

    def exponents() -> np.ndarray:
        return (-cost + u[:, None] + v[None]) / transport.EPSILON

    for _ in range(5):
        u = transport.EPSILON * (np.log(a) - np.log(np.exp(exponents()).sum(1) + 1e-6)) + u
        v = transport.EPSILON * (np.log(b) - np.log(np.exp(exponents()).sum(0) + 1e-6)) + v
    return float((np.exp(exponents()) * cost).sum())


def maps(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    first, second = (rng.random((1, 24, 24)) ** 3 + 0.01 for _ in range(2))
    return first, second


def test_rows_and_columns_apart_cost_what_all_pairs_of_pixels_do():
    for seed in range(4):
        made, wanted = maps(seed)
        cost, _ = transport.carried(made, wanted)
        wished = dense(made[0], wanted[0])
        assert abs(cost[0] - wished) < 0.005 * wished


def test_its_gradient_is_that_of_the_plain_way():
    made, wanted = maps(7)
    _, slope = transport.carried(made, wanted)
    rng = np.random.default_rng(1)
    for _ in range(3):
        way = rng.normal(size=(24, 24))
        ahead, behind = (dense(made[0] + step * way, wanted[0]) for step in (1e-5, -1e-5))
        found = float((slope[0] * way).sum())
        assert abs(found - (ahead - behind) / 2e-5) < 0.005 * np.abs(slope).sum() / 10


def test_larger_pictures_are_compared_by_their_means():
    made, wanted = (np.repeat(np.repeat(one, 2, 1), 2, 2) for one in maps(2))
    np.testing.assert_allclose(
        transport.carried(made, wanted)[0], transport.carried(made[:, ::2, ::2], wanted[:, ::2, ::2])[0], rtol=1e-5
    )
    odd = np.random.default_rng(0).random((2, 32, 64)).astype(np.float32)
    cost, slope = transport.carried(odd, odd[::-1])
    assert cost.shape == (2,) and slope.shape == odd.shape and np.isfinite(slope).all()


def test_a_stroke_beside_its_place_is_drawn_to_it_by_transport_alone():
    layout, size = layout_of("rectangle"), (64, 64)
    shape = np.array([[0.35, 1.0, 0.5, 0.5, 0.0]], np.float32)
    there = shape + np.array([[1.2, 0.0, 0.0, 0.0, 0.0]], np.float32)
    target = np.repeat(soft.draw(there, layout, side=32, window=size).cover[:, None], 3, 1)
    drawn = soft.draw(shape, layout, side=32, window=size)
    made = np.repeat(drawn.cover[:, None], 3, 1)
    whole = np.ones((1, *size), np.float32)
    errors, both = (climbing._upstream(target - made, target, whole, weight) for weight in (0.0, 1.0))
    by_errors, by_both = (drawn.pull(one.sum(1), None)[0, 0] for one in (errors, both))
    assert abs(by_errors) < 0.02 * abs(by_both) and by_both < 0, "to the right, where the loss falls"


def test_a_search_takes_it_and_refuses_what_cannot_be():
    about = {"max_strokes": 14, "max_divide": 2, "canvas_size": 64, "candidates": 6, "iters": 3}
    with_it, without = (paint(picture(), transport=weight, **about) for weight in (0.5, 0.0))
    assert np.abs(with_it.strokes.values[1] - without.strokes.values[1]).max() > 0
    assert (with_it.likeness or 0) > 12
    for wrong in ({"transport": -1.0}, {"transport": 0.1, "backend": "neural"}):
        try:
            paint(picture(), **wrong)
        except InputError as error:
            assert "transport must be" in str(error)
        else:
            raise AssertionError(wrong)


