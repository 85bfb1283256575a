"""What a drawing looks like by the pixel: strokes, paper and grain. The measures that all corrections share."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

WORK_EDGE = 1536  # px, the short edge at which drawings are looked at; larger ones are reduced first
BROAD = 1 / 110  # of the short edge: what is wider than twice this is no stroke
_GRAIN_PIXELS, _BAND = 4_000_000, 48  # px of a page from which on bands of so many rows are enough


def reach_of(shape: tuple[int, ...], share: float = BROAD) -> int:
    """A length of `share` short edges in whole px, at least 2."""
    return max(round(share * min(shape[:2])), 2)


def disc(radius: int) -> np.ndarray:
    """A round structuring element of `2 * radius + 1` px."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def opened(mask: np.ndarray, radius: int) -> np.ndarray:
    """A mask, `uint8[H, W]` of 0 and 1, without what no disc of `radius` px fits into.

    By distances, which take the same time whatever the radius; OpenCV's own takes its square.
    """
    return _within(_beyond(mask, radius), radius)


def closed(mask: np.ndarray, radius: int) -> np.ndarray:
    """A mask, `uint8[H, W]` of 0 and 1, with the gaps into which no disc of `radius` px fits."""
    return 1 - opened(1 - mask, radius)


def _beyond(mask: np.ndarray, radius: int) -> np.ndarray:
    return (cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5) > radius).astype(np.uint8)


def _within(mask: np.ndarray, radius: int) -> np.ndarray:
    if not mask.any():
        return mask
    return (cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5) <= radius).astype(np.uint8)


def square(radius: int) -> np.ndarray:
    """A square structuring element, which OpenCV works through in the time of its edges."""
    return np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)


def nearest(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the nearest place that is `known`, `bool[H, W]`, for every place."""
    _, names = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    names = np.asarray(names, np.int32)
    rows, columns = np.nonzero(known)
    table = np.zeros((2, int(names.max()) + 1), np.int32)
    table[:, names[rows, columns]] = rows, columns
    return table[0][names], table[1][names]


def channel_maximum(image: np.ndarray) -> np.ndarray:
    """The lightest of the three channels, `uint8[H, W]`; a reduction over an axis of three takes ten times as long."""
    if image.ndim == 2:
        return image
    return np.maximum(np.maximum(image[..., 0], image[..., 1]), image[..., 2])


def enlarged_rows(
    small: np.ndarray, shape: tuple[int, ...], *, is_cubic: bool = False
) -> Callable[[int, int], np.ndarray]:
    """What gives some rows of `small`, `float32[h, w]`, at the size of a page, whole too large in floating point.

    Args:
        small: it.
        shape: of the page.
        is_cubic: whether four pixels are mixed along each axis, and not two; with OpenCV's weights.

    Returns: function of the first row and the one behind the last, to `float32[rows, W]`.
    """
    kind = cv2.INTER_CUBIC if is_cubic else cv2.INTER_LINEAR
    wide = small if small.shape[1] == shape[1] else cv2.resize(small, (shape[1], len(small)), interpolation=kind)
    if len(small) == shape[0]:
        return lambda top, bottom: wide[top:bottom]

    def rows(top: int, bottom: int) -> np.ndarray:
        place = (np.arange(top, bottom) + 0.5) * (len(small) / shape[0]) - 0.5
        first = np.floor(place).astype(int)
        taps = range(-1, 3) if is_cubic else range(2)
        sources = [np.clip(first + tap, 0, len(small) - 1) for tap in taps]
        start = int(sources[0].min())
        shares = np.zeros((bottom - top, int(sources[-1].max()) + 1 - start), np.float32)
        for tap, source in zip(taps, sources):
            away = np.abs(place - (first + tap))
            np.add.at(shares, (np.arange(bottom - top), source - start), _cubic(away) if is_cubic else 1.0 - away)
        # NumPy's product is shared by threads, which wait for one another where a computer has other work.
        return cv2.gemm(shares, wide[start : start + shares.shape[1]], 1.0, None, 0.0)  # pyright: ignore

    return rows


def _cubic(away: np.ndarray) -> np.ndarray:
    """The weight of a pixel in cubic convolution (Keys 1981) with OpenCV's -0.75, `away` pixels from it."""
    inner = (1.25 * away - 2.25) * away**2 + 1.0
    outer = ((-0.75 * away + 3.75) * away - 6.0) * away + 3.0
    return np.where(away <= 1.0, inner, np.where(away < 2.0, outer, 0.0))


def strokes(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much every pixel of `uint8[H, W]` is a dark stroke, and how much a light one: two `uint8[H, W]`."""
    element = square(reach_of(gray.shape))
    dark = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, element) - gray
    light = gray - cv2.morphologyEx(gray, cv2.MORPH_OPEN, element)
    return dark, light


def grain(gray: np.ndarray) -> float:
    """Spread of the grain in levels, `uint8[H, W]`: from the quiet half of small differences, which lines are not.

    Of a large page bands at even distances tell as much as all.
    """
    share = max(gray.size // _GRAIN_PIXELS, 1)
    bands = [gray] if share == 1 else [gray[top : top + _BAND] for top in range(0, len(gray) - _BAND, _BAND * share)]
    rest = [np.abs(band - cv2.blur(band, (5, 5))).ravel() for band in (one.astype(np.float32) for one in bands)]
    return float(np.median(np.concatenate(rest)) * 1.4826 * (25 / 24) ** 0.5)
