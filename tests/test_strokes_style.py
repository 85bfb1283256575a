"""Strokes in the style of a picture: its colours, and its texture by gradients through the whole painting."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.errors import CancelledError, InputError
from s2p.progress import NullReporter
from s2p.strokes.painting import paint
from s2p.strokes.style import restyled
from s2p.strokes.texture import SIDE, _backward, _forward, textured
from tests.stroke_cases import ALL, picture, strokes_of


@pytest.mark.parametrize("name", ALL)
def test_restyled_strokes_have_the_mean_and_the_spread_of_the_style(name):
    rng = np.random.default_rng(8)
    strokes = strokes_of(name, 300)
    values = strokes.values.copy()
    values[:, list(strokes.layout.sizes)] = 0.2  # all weigh the same
    values[:, strokes.layout.color] = values[:, strokes.layout.color] * 0.3 + 0.3
    strokes = strokes.with_values(values)
    style = (np.clip(rng.normal((0.6, 0.5, 0.3), (0.05, 0.03, 0.08), (40, 40, 3)), 0, 1) * 255).astype(np.uint8)
    done = restyled(strokes, style)
    colors = done.values[:, strokes.layout.color].reshape(-1, 3)
    np.testing.assert_allclose(colors.mean(0), style.reshape(-1, 3).mean(0) / 255, atol=0.02)
    np.testing.assert_allclose(colors.std(0), style.reshape(-1, 3).std(0) / 255, atol=0.015)
    shape = len(strokes.layout.shape)
    np.testing.assert_array_equal(done.values[:, :shape], strokes.values[:, :shape])
    np.testing.assert_array_equal(done.values[:, -1], strokes.values[:, -1])
    np.testing.assert_array_equal(restyled(strokes, style, strength=0.0).values, strokes.values)
    with pytest.raises(InputError, match="strength"):
        restyled(strokes, style, strength=2.0)


@pytest.mark.parametrize("name", ALL)
def test_the_gradient_of_a_whole_painting_is_what_differences_say(name):
    strokes, rng = strokes_of(name, 6, aspect=0.75, canvas="#406080"), np.random.default_rng(3)
    by_canvas = cv2.GaussianBlur(rng.normal(size=(240, SIDE, 3)).astype(np.float32), (0, 0), 9).transpose(2, 0, 1)

    def loss(values: np.ndarray) -> float:
        return float((_forward(strokes.with_values(values))[0].astype(np.float64) * by_canvas).sum())

    found = _backward(strokes.values, strokes.layout, _forward(strokes)[1], by_canvas, (3, 240, SIDE))
    color = strokes.layout.color
    for columns in (list(range(color.start)), list(range(color.start, color.stop))):
        way = np.zeros_like(strokes.values)
        way[:, columns] = np.sign(found[:, columns])
        wanted = (loss(strokes.values + 5e-4 * way) - loss(strokes.values - 5e-4 * way)) / 1e-3
        assert abs((found * way).sum() - wanted) < 0.1 * wanted


def test_texture_moves_strokes_of_a_progressive_file_and_stops_when_told():
    style = np.zeros((64, 64, 3), np.uint8)
    style[:, ::8], style[:, 1::8] = 255, 255
    strokes = paint(picture(), max_strokes=30, max_divide=3, canvas_size=64, candidates=6, iters=1).strokes
    done = textured(strokes, style, steps=3)
    plain = restyled(strokes, style)
    shape = len(strokes.layout.shape)
    moved = np.abs(done.values - plain.values)
    assert moved[:, :shape].max() > 1e-3 and moved[:, strokes.layout.color].max() > 1e-3 and not moved[:, -1].any()
    colors = done.values[:, strokes.layout.color].reshape(-1, 3)
    assert np.abs(colors - colors.mean(1, keepdims=True)).max() < 0.05, "a gray style gives no other colours"
    np.testing.assert_array_equal(textured(strokes, style, steps=3).values, done.values)
    np.testing.assert_array_equal(textured(strokes, style, strength=0.0).values, strokes.values)
    report = NullReporter()
    report.cancelled = True
    with pytest.raises(CancelledError):
        textured(strokes, style, report=report)
    with pytest.raises(InputError, match="steps must be"):
        textured(strokes, style, steps=0)
