"""Tells pencil from the grain of its paper: grain is dark by the pixel, a line along its length.

Every place is seen along lines in all directions, to one side and to the other. Where both sides are darker than grain
makes them, there is a line. So broken and faint strokes are joined and grain is dropped.
"""

from __future__ import annotations

import cv2
import numpy as np

from s2p.intake.sight import square

_DIRECTIONS = 16
_STRIP = 32  # rows
_LENGTH, _OVERLAP = 12, 3  # px to either side, and how far each side looks beyond the middle
_WIDTHS = (0.8, 1.6)  # px: spread across a stroke
_SEEN, _SURE = 2.3, 4.5  # in spreads of the answer to grain alone: perhaps a line, certainly one
_FOOT, _HEAD = 0.35, 0.7  # of the strongest answer around: the flank of a line, and the line
_STRONGEST = 8.0  # in spreads of the grain: more darkness tells no more, and would shine over its surroundings
_FLOOR = 0.004  # an answer that is none on paper without any grain
_ECHO, _BLOCK = 0.12, 16  # of the darkness within so many px: less is an echo of it
_PATCHES, _LOUDEST = 24, 3.0  # along the short edge: where grain is measured; times the usual grain
_SOLID = 0.7  # of the darkness of usual lines, over more than their width


def lines_in(dark: np.ndarray) -> np.ndarray:
    """Where lines are, `float32[H, W]` in [0, 1].

    Args:
        dark: `float32[H, W]`, how much darker than its paper every pixel is; grain lies around 0.
    """
    strong = cv2.GaussianBlur(dark, (0, 0), 1.0)
    dark = dark / _loudness(dark)
    spread = max(float(np.median(np.abs(dark[::2, ::2]))) * 1.4826, 0.01)
    dark = np.minimum(dark, _STRONGEST * spread)
    best, clear = np.zeros(dark.shape, np.float32), np.zeros(dark.shape, np.float32)
    for width in _WIDTHS:
        ridge = cv2.GaussianBlur(dark, (0, 0), width) - cv2.GaussianBlur(dark, (0, 0), 2.4 * width)
        for one, other in _sides(ridge):
            noise = max(float(np.median(np.abs(one[::3, ::3]))) * 1.4826, _FLOOR)
            both = np.minimum(one, other)
            np.maximum(clear, both / noise, out=clear)
            np.maximum(best, both, out=best)
    is_line = _kept(clear, strong)
    if not is_line.any():
        return np.zeros(dark.shape, np.float32)
    usual = float(np.median(best[clear >= _SURE]))
    share = best / np.maximum(cv2.dilate(best, square(4)), 0.3 * usual)
    return np.where(is_line, np.clip((share - _FOOT) / (_HEAD - _FOOT), 0.0, 1.0), 0.0).astype(np.float32)


def solid_in(dark: np.ndarray, usual: float) -> np.ndarray:
    """Where pencil lies thick, as in pupils and dark hair: `float32[H, W]` in [0, 1].

    Args:
        dark: as above.
        usual: float, the darkness of usual lines.
    """
    return np.clip(cv2.GaussianBlur(dark, (0, 0), 2.0) / max(_SOLID * usual, 0.06) * 2.0 - 1.0, 0.0, 1.0)


def _loudness(dark: np.ndarray) -> np.ndarray:
    """How many times its usual strength grain has at every place, `float32[H, W]`, at least 1: more in the shade."""
    fine = np.abs(dark - cv2.blur(dark, (5, 5)))
    edge = max(min(dark.shape) // _PATCHES, 8)
    rows, columns = dark.shape[0] // edge, dark.shape[1] // edge
    if min(rows, columns) < 5:
        return np.ones(dark.shape, np.float32)
    cut = fine[: rows * edge, : columns * edge].reshape(rows, edge, columns, edge)
    patches = np.median(cut.transpose(0, 2, 1, 3).reshape(rows, columns, -1), axis=2).astype(np.float32)
    around = cv2.GaussianBlur(cv2.medianBlur(patches, 5), (0, 0), 1.5)  # hair and hatching are no grain
    share = np.clip(around / max(float(np.median(around)), 1e-6), 1.0, _LOUDEST)
    return cv2.resize(share.astype(np.float32), dark.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _sides(ridge: np.ndarray):
    """For every direction the means of `ridge` to both sides of every pixel, two `float32[H, W]`."""
    edge = _LENGTH + 1
    padded = cv2.copyMakeBorder(ridge, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    height, width = ridge.shape
    count = np.float32(_LENGTH + _OVERLAP + 1)
    for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
        sums = [np.empty(ridge.shape, np.float32), np.empty(ridge.shape, np.float32)]
        places = [
            (step, edge + round(step * np.sin(angle)), edge + round(step * np.cos(angle)))
            for step in range(-_LENGTH, _LENGTH + 1)
        ]
        both = [place for place in places if abs(place[0]) <= _OVERLAP]
        for top in range(0, height, _STRIP):  # so few rows stay in the processor's own memory
            rows = min(_STRIP, height - top)
            own = [total[top : top + rows] for total in sums]
            middle = np.zeros((rows, width), np.float32)
            for _, row, column in both:
                middle += padded[top + row : top + row + rows, column : column + width]
            for side, total in zip((1, -1), own):
                total[...] = middle
                for step, row, column in places:
                    if side * step > _OVERLAP:
                        total += padded[top + row : top + row + rows, column : column + width]
                total /= count
        yield sums[0], sums[1]


def _kept(strength: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """What is surely a line and what hangs together with it, `bool[H, W]`.

    Not what repeats a far darker stroke beside it, as JPEG does within its blocks: `dark`, `float32[H, W]`, tells.
    """
    perhaps = (strength >= _SEEN).astype(np.uint8)
    count, parts, about, _ = cv2.connectedComponentsWithStats(perhaps, connectivity=8)
    sure, parts = np.zeros(count, bool), np.asarray(parts, np.int32)
    sure[parts[strength >= _SURE]] = True
    sure &= np.maximum(about[:, cv2.CC_STAT_WIDTH], about[:, cv2.CC_STAT_HEIGHT]) >= _LENGTH
    sizes = np.maximum(about[:, cv2.CC_STAT_AREA], 1)
    own, beside = (
        np.bincount(parts.ravel(), weights=one.ravel(), minlength=count) / sizes
        for one in (dark, cv2.dilate(dark, square(_BLOCK)))
    )
    sure &= own >= _ECHO * beside
    sure[0] = False
    return cv2.dilate(sure[parts].astype(np.uint8), square(1)) > 0
