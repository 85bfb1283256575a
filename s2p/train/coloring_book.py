"""Colours line drawings at random, which makes pictures whose lines are known exactly, endlessly.

Regions between the lines get flat, graded or textured colours; pens are black, dark, coloured or nearly invisible;
then comes what happens to pictures: shadows, soft focus, paper, night, JPEG. Everything takes a
`numpy.random.Generator`; the same generator state gives the same picture. Drawings are `uint8[H, W]`, 255 = paper.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.train.encoded import as_jpeg


def color_in(drawing: np.ndarray, palette: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Paints a drawing.

    Args:
        drawing: `uint8[H, W]`, 255 = paper.
        palette: `uint8[h, w, 3]` RGB, a picture whose colours (and now and then textures) are used.

    Returns: `uint8[H, W, 3]`, the picture with its lines.
    """
    paint = fill(drawing, palette, random)
    return draw_over(paint, drawing, random)


def fill(drawing: np.ndarray, palette: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Colours between the lines, `float32[H, W, 3]`; what lies under the ink belongs to the nearest region."""
    ink = (drawing < random.integers(150, 225)).astype(np.uint8)
    if random.random() < 0.5:  # closes gaps of two pixels, so that regions end where the eye ends them
        ink = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    _, labels = cv2.distanceTransformWithLabels(ink, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_CCOMP)
    labels = np.asarray(labels, np.int32)
    colors = _colors(int(labels.max()) + 1, palette, random)
    if random.random() < 0.3:  # whole parts of a page stay paper
        colors[random.random(len(colors)) < 0.5] = colors[0]
    paint = colors[labels]
    shape = drawing.shape
    if random.random() < 0.35:
        paint = paint + (_texture(palette, shape, random) - 128.0) * random.uniform(0.1, 0.7)
    if random.random() < 0.6:  # soft shading
        light = _noise(shape, random, cells=int(random.integers(2, 7)))[..., None]
        paint = paint * (1.0 + light * random.uniform(0.03, 0.2))
    if random.random() < 0.4:  # hard shadows: an edge, and yet no line
        shadow = _noise(shape, random, cells=int(random.integers(2, 6))) > random.uniform(0.2, 1.0)
        paint = paint * np.where(shadow, random.uniform(0.7, 0.95), 1.0)[..., None]
    if random.random() < 0.3:  # watercolour: paint does not end at the line
        paint = cv2.GaussianBlur(paint, (0, 0), random.uniform(0.6, 3.0))
    return np.clip(paint, 0, 255).astype(np.float32)


def draw_over(paint: np.ndarray, drawing: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Lays a drawing over colours with some pen; returns `uint8[H, W, 3]`."""
    alpha = (1.0 - drawing.astype(np.float32) / 255.0)[..., None]
    kind = random.random()
    if kind < 0.45:  # black, or nearly
        pen = np.full(3, random.uniform(0, 45), np.float32)
    elif kind < 0.65:  # one dark colour
        pen = random.uniform(0, 110, 3).astype(np.float32)
    elif kind < 0.92:  # a darker shade of what lies beside
        pen = cv2.GaussianBlur(paint, (0, 0), 2.0) * random.uniform(0.25, 0.8)
    else:  # chalk
        pen = random.uniform(200, 255, 3).astype(np.float32)
    alpha = alpha * random.uniform(0.55, 1.0)
    if random.random() < 0.25:  # the pen lifts here and there
        lift = _noise(drawing.shape, random, cells=int(random.integers(3, 9)))[..., None]
        alpha = alpha * np.clip(0.6 + lift, 0.0, 1.0)
    return np.clip(paint * (1 - alpha) + pen * alpha, 0, 255).astype(np.uint8)


def wear(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What happens to finished pictures; geometry stays. `uint8[H, W, 3]` in and out."""
    if random.random() < 0.25:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.4, 1.0))
    values = picture.astype(np.float32)
    if random.random() < 0.2:  # paper tone and grain
        values = values * random.uniform(0.85, 1.0, 3).astype(np.float32)
        values += random.standard_normal((*picture.shape[:2], 1), np.float32) * random.uniform(1, 9)
    if random.random() < 0.25:  # night, fog, faded print
        low, high = sorted(random.uniform(0, 255, 2))
        low, high = (0.0, max(high, 70.0)) if random.random() < 0.6 else (min(low, 150.0), 255.0)
        values = low + values * (high - low) / 255.0
    if random.random() < 0.25:
        values = 255.0 * (np.clip(values, 0, 255) / 255.0) ** random.uniform(0.6, 1.7)
    picture = np.clip(values, 0, 255).astype(np.uint8)
    if random.random() < 0.4:
        picture = as_jpeg(picture, int(random.integers(45, 97)))
    return picture


def _colors(count: int, palette: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """`float32[count, 3]`: colours of a picture, sometimes any colours, now and then shades of few."""
    height, width = palette.shape[:2]
    rows, columns = random.integers(height, size=count), random.integers(width, size=count)
    colors = palette[rows, columns].astype(np.float32)
    kind = random.random()
    if kind < 0.2:
        colors = random.uniform(0, 255, (count, 3)).astype(np.float32)
    elif kind < 0.3:
        few = colors[random.integers(count, size=3)]
        colors = few[random.integers(3, size=count)] + random.normal(0, 9, (count, 3)).astype(np.float32)
    return np.clip(colors, 0, 255)


def _texture(palette: np.ndarray, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """A piece of a picture without its contours: brush marks, paper, leaves; `float32[H, W, 3]` around 128."""
    height, width = shape[:2]
    y = int(random.integers(max(palette.shape[0] - height, 0) + 1))
    x = int(random.integers(max(palette.shape[1] - width, 0) + 1))
    piece = cv2.resize(np.ascontiguousarray(palette[y : y + height, x : x + width]), (width, height))
    piece = cv2.GaussianBlur(piece, (0, 0), random.uniform(1.5, 6.0)).astype(np.float32)
    return piece - piece.mean((0, 1)) + 128.0


def _noise(shape: tuple[int, ...], random: np.random.Generator, *, cells: int) -> np.ndarray:
    """Smooth noise around 0; `float32[H, W]`."""
    grid = random.standard_normal((cells, cells), np.float32)
    return cv2.resize(grid, shape[1::-1], interpolation=cv2.INTER_CUBIC)
