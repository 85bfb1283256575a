"""Small coloured scenes with true line art, drawn from a seed, so that a newcomer can evaluate without any data."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

COUNT = 6
_SIZE = (480, 384)  # height, width
_INK = (40, 30, 30)
_SKIN = ((255, 224, 196), (236, 188, 150), (160, 110, 80), (110, 72, 52))

Color = tuple[int, int, int]


def draw(number: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draws one scene: a landscape, a portrait or a still life, in turn.

    Args:
        number: int. Which scene.
        seed: int. Another seed gives other colours and places.

    Returns: `(image uint8[480, 384, 3] RGB, lines uint8[480, 384], 255 = paper)`; the lines are the drawn ones.

    Example:
        >>> image, lines = draw(0)
        >>> image.shape[:2] == lines.shape
        True
    """
    generator = np.random.default_rng([seed, number])
    canvas = _Canvas(generator)
    (_landscape, _portrait, _still_life)[number % 3](canvas, generator)
    return canvas.image, canvas.lines


class _Canvas:
    """Colour and lines side by side: a shape covers what lies behind it in both."""

    def __init__(self, generator: np.random.Generator) -> None:
        height, width = _SIZE
        top, bottom = (np.array(_pale(generator), np.float32) for _ in range(2))
        slope = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None, None]
        self.image = np.repeat(top + (bottom - top) * slope, width, axis=1).astype(np.uint8)
        self.lines = np.full(_SIZE, 255, np.uint8)

    def polygon(self, points: Sequence[tuple[float, float]] | np.ndarray, color: Color, *, width: int = 2) -> None:
        """Fills and outlines; points are x, y in fractions of the width and height."""
        corners = np.rint(np.asarray(points, np.float64) * (_SIZE[1], _SIZE[0])).astype(np.int32)
        cv2.fillPoly(self.image, [corners], color, cv2.LINE_AA)
        cv2.fillPoly(self.lines, [corners], 255, cv2.LINE_AA)
        cv2.polylines(self.image, [corners], True, _INK, width, cv2.LINE_AA)
        cv2.polylines(self.lines, [corners], True, 0, width, cv2.LINE_AA)

    def ellipse(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        angles = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
        self.polygon(np.stack([x + width * np.cos(angles), y + height * np.sin(angles)], -1), color)


def _landscape(canvas: _Canvas, generator: np.random.Generator) -> None:
    canvas.ellipse(generator.uniform(0.15, 0.85), 0.14, 0.1, 0.08, (255, 226, 110))
    for level in (0.45, 0.58, 0.72):
        ridge = [(x, level + generator.uniform(-0.06, 0.06)) for x in np.linspace(-0.05, 1.05, 8)]
        canvas.polygon([*ridge, (1.05, 1.05), (-0.05, 1.05)], _green(generator))
    left = generator.uniform(0.1, 0.5)
    canvas.polygon([(left, 0.62), (left + 0.3, 0.62), (left + 0.3, 0.85), (left, 0.85)], _pale(generator))
    canvas.polygon([(left - 0.04, 0.62), (left + 0.15, 0.46), (left + 0.34, 0.62)], _vivid(generator))
    canvas.polygon([(left + 0.12, 0.72), (left + 0.19, 0.72), (left + 0.19, 0.85), (left + 0.12, 0.85)], (120, 80, 50))
    tree = left + 0.45 if left < 0.3 else left - 0.08
    canvas.polygon([(tree - 0.02, 0.7), (tree + 0.02, 0.7), (tree + 0.02, 0.9), (tree - 0.02, 0.9)], (110, 74, 44))
    canvas.ellipse(tree, 0.62, 0.1, 0.12, _green(generator))


def _portrait(canvas: _Canvas, generator: np.random.Generator) -> None:
    skin, hair, eyes = _SKIN[int(generator.integers(len(_SKIN)))], _vivid(generator), _vivid(generator)
    canvas.ellipse(0.5, 0.44, 0.36, 0.36, hair)
    canvas.polygon([(0.12, 1.05), (0.2, 0.8), (0.42, 0.72), (0.58, 0.72), (0.8, 0.8), (0.88, 1.05)], _vivid(generator))
    canvas.polygon([(0.42, 0.62), (0.58, 0.62), (0.6, 0.76), (0.5, 0.82), (0.4, 0.76)], skin)
    canvas.ellipse(0.5, 0.47, 0.25, 0.24, skin)
    fringe = [(x, 0.3 + generator.uniform(0.0, 0.08)) for x in np.linspace(0.7, 0.3, 7)]
    canvas.polygon([(0.27, 0.38), (0.3, 0.22), (0.5, 0.17), (0.7, 0.22), (0.73, 0.38), *fringe], hair)
    for x in (0.4, 0.6):
        canvas.ellipse(x, 0.46, 0.06, 0.04, (255, 255, 255))
        canvas.ellipse(x, 0.46, 0.03, 0.03, eyes)
    canvas.ellipse(0.5, 0.6, 0.06, 0.02, (214, 96, 96))


def _still_life(canvas: _Canvas, generator: np.random.Generator) -> None:
    canvas.polygon([(-0.05, 0.7), (1.05, 0.66), (1.05, 1.05), (-0.05, 1.05)], _vivid(generator))
    for x in np.linspace(0.25, 0.75, 4):
        top = generator.uniform(0.2, 0.34)
        canvas.polygon([(x - 0.008, top), (x + 0.008, top), (0.51, 0.6), (0.49, 0.6)], (70, 140, 70))
        color = _vivid(generator)
        for angle in np.linspace(0.0, 2.0 * np.pi, 6, endpoint=False):
            canvas.ellipse(x + 0.065 * np.cos(angle), top + 0.052 * np.sin(angle), 0.045, 0.036, color)
        canvas.ellipse(x, top, 0.035, 0.028, (250, 214, 90))
    vase = [(0.4, 0.52), (0.6, 0.52), (0.57, 0.6), (0.68, 0.74), (0.6, 0.88), (0.4, 0.88), (0.32, 0.74), (0.43, 0.6)]
    canvas.polygon(vase, _vivid(generator))
    for x, size in ((0.18, 0.09), (0.84, 0.08)):
        canvas.ellipse(x, 0.84, size, size * 0.8, _vivid(generator))


def _vivid(generator: np.random.Generator) -> Color:
    return _hsv(generator.integers((0, 110, 120), (180, 220, 250)))


def _pale(generator: np.random.Generator) -> Color:
    return _hsv(generator.integers((0, 15, 215), (180, 70, 256)))


def _green(generator: np.random.Generator) -> Color:
    return _hsv(generator.integers((35, 80, 120), (80, 180, 220)))


def _hsv(values: np.ndarray) -> Color:
    pixel = cv2.cvtColor(values.astype(np.uint8).reshape(1, 1, 3), cv2.COLOR_HSV2RGB)[0, 0]
    return int(pixel[0]), int(pixel[1]), int(pixel[2])
