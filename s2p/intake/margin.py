"""The red line beside the margin of ruled paper: however pale, it is red from one end of the page to the other."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from s2p.intake.sight import reach_of, square

_BANDS = 48  # along a margin, in each of which it is looked for
_SLOPES = np.linspace(-0.08, 0.08, 65)  # how far it may be turned
_RED, _SHARE = 5.0, 0.7  # levels by which it is redder than what lies around it; of the bands that have half of that
_STRONGEST = 60  # levels: what is redder tells no more
_MOST, _NEAR = 4, 3  # lines; px by which a line may leave its straight way
_THICK = 1 / 220  # of the short edge: half of the thickest one


def margins_in(image: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Upright red lines of a ruled page, `uint8[H, W, 3]`: where each is, `bool[H, W]`, and its colour, `float[3]`."""
    height, width = image.shape[:2]
    radius = reach_of(image.shape)
    if min(height, width) < 8 * radius or height < 4 * _BANDS:
        return []
    red = np.clip(cv2.subtract(image[..., 0], cv2.max(image[..., 1], image[..., 2])), 0, _STRONGEST)
    edges = np.linspace(0, height, _BANDS + 1).astype(int)
    bands = np.stack([red[start:end].mean(0) for start, end in pairwise(edges)])
    bands -= cv2.blur(bands.astype(np.float32), (8 * radius + 1, 1))  # paint and reddish paper are broad
    bands = cv2.blur(bands.astype(np.float32), (3, 1))
    middles = (edges[:-1] + edges[1:] - 1) / 2
    moved = [np.arange(width)[None] + np.rint(slope * (middles - height / 2)).astype(int)[:, None] for slope in _SLOPES]
    along = np.stack([bands[np.arange(_BANDS)[:, None], one.clip(0, width - 1)] for one in moved])
    usual = np.median(along, axis=1)
    found = []
    for _ in range(_MOST):
        slope, place = np.unravel_index(int(usual.argmax()), usual.shape)
        level = float(usual[slope, place])
        if level < _RED or (along[slope, :, place] >= level / 2).mean() < _SHARE:
            break
        usual[:, max(place - 2 * _NEAR, 0) : place + 2 * _NEAR + 1] = 0.0
        found.append(_line(image, red, bands, moved[slope][:, place], middles))
    return found


def _line(
    image: np.ndarray, red: np.ndarray, bands: np.ndarray, places: np.ndarray, middles: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The pixels of a line and its colour, from where it is in every band."""
    height, width = red.shape
    near = (places[:, None] + np.arange(-_NEAR, _NEAR + 1)).clip(0, width - 1)
    values = np.maximum(bands[np.arange(_BANDS)[:, None], near], 0.0)
    exact, weights = near[np.arange(_BANDS), values.argmax(1)], values.max(1)
    curve = np.polyfit(middles / height, exact, 2, w=np.minimum(weights, np.median(weights)))
    rows = np.arange(height)
    columns = np.rint(np.polyval(curve, rows / height)).astype(int).clip(0, width - 1)
    reach = reach_of(red.shape, _THICK)
    around = red[rows[:, None], (columns[:, None] + np.arange(-reach, reach + 1)).clip(0, width - 1)].mean(0)
    half = int(np.flatnonzero(around >= around.max() / 4).size // 2)
    core = image[rows, columns]
    color = np.median(core[red[rows, columns] >= np.median(red[rows, columns])], axis=0).astype(float)
    mask = np.zeros(red.shape, np.uint8)
    mask[rows, columns] = 1
    return cv2.dilate(mask, square(half)) > 0, color
