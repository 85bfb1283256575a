"""Paper: finds its tint, its shadow and its grain, and takes them out of a drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.image import as_picture
from s2p.intake.sight import enlarged_rows, grain
from s2p.lineart import channel_minimum

_BLOCKS = 40  # along the short edge
_STRIP = 64  # rows that are worked on at once
_SHADE = 0.72  # of the light around: darker blocks are ink or paint
_TINT = 14.0  # levels between channels by which a block may differ from the paper's own tint
_CLEAN_SHARE, _CLEAN = 0.3, 250  # a page with so much of it is white already
_DARKEST, _SPREAD, _COLORED, _GRAINY = 236.0, 12.0, 10.0, 3.0  # from where on paper is not taken for clean


@dataclass(frozen=True)
class Paper:
    """The paper of one drawing.

    Attributes:
        light: `float32[h, w, 3]`, RGB 0..255, its light in blocks.
        grain: spread of its grain in levels.
    """

    light: np.ndarray
    grain: float

    def ground(self, shape: tuple[int, ...], channel: int) -> Callable[[int, int], np.ndarray]:
        """What gives its light in one channel from one row up to another, `float32[rows, W]`."""
        return enlarged_rows(np.ascontiguousarray(self.light[..., channel]), shape, is_cubic=True)

    @property
    def is_gray(self) -> bool:
        """Whether its light is the same in all channels."""
        return bool((self.light == self.light[..., :1]).all())

    @property
    def is_clean(self) -> bool:
        """Whether it may stay as it is: near white, even, without colour and grain."""
        means = self.light.reshape(-1, 3).mean(0)
        spread = np.ptp(np.percentile(self.light.mean(-1), [5, 95]))
        return bool(
            means.mean() >= _DARKEST and spread <= _SPREAD and np.ptp(means) <= _COLORED and self.grain <= _GRAINY
        )


def paper_of(image: np.ndarray) -> Paper | None:
    """The paper of a drawing, `uint8[H, W(, 3)]`; None where it is plain white, or where there is none to be seen."""
    step = max(min(image.shape[:2]) // 1000, 1)
    if (channel_minimum(image[::step, ::step]) >= _CLEAN).mean() >= _CLEAN_SHARE:
        return None
    blocks = _blocks(image)
    light = blocks.mean(-1)
    fit = _surface(light)
    tint = blocks - light[..., None]
    own = np.median(tint[light >= np.median(light)], axis=0)
    is_paper = (light >= _SHADE * fit) & (np.abs(tint - own).max(-1) <= _TINT)
    if is_paper.mean() < 0.35:
        return None
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return Paper(_filled(blocks, is_paper), grain(gray))


def whitened(image: np.ndarray, paper: Paper) -> np.ndarray:
    """A drawing on white paper, `uint8[H, W(, 3)]`: every channel by the paper's light; grain is left."""
    result = np.empty_like(image)
    if image.ndim == 2:
        _whiten(image, paper.ground(image.shape, 0), result)
        return result
    if paper.is_gray and (image[..., 0] == image[..., 1]).all() and (image[..., 1] == image[..., 2]).all():
        gray = np.empty(image.shape[:2], np.uint8)
        _whiten(image[..., 0], paper.ground(image.shape, 0), gray)
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB, dst=result)
    for channel in range(3):
        _whiten(image[..., channel], paper.ground(image.shape, channel), result[..., channel])
    return result


def _whiten(values: np.ndarray, ground: Callable[[int, int], np.ndarray], result: np.ndarray) -> None:
    for top in range(0, len(values), _STRIP):
        strip = slice(top, min(top + _STRIP, len(values)))
        scale = np.float32(255.0) / np.maximum(ground(strip.start, strip.stop), np.float32(8.0))
        result[strip] = cv2.convertScaleAbs(cv2.multiply(values[strip], scale, dtype=cv2.CV_32F))


def _blocks(image: np.ndarray) -> np.ndarray:
    """The middle value of every block, `float32[h, w, 3]`."""
    edge = max(min(image.shape[:2]) // _BLOCKS, 4)
    step = max(edge // 16, 1)  # some hundred pixels of a block tell as much as all
    edge = edge // step
    thin = as_picture(image[::step, ::step])
    rows, columns = thin.shape[0] // edge, thin.shape[1] // edge
    cut = thin[: rows * edge, : columns * edge].reshape(rows, edge, columns, edge, 3)
    return np.median(cut.transpose(0, 2, 1, 3, 4).reshape(rows, columns, -1, 3), axis=2).astype(np.float32)


def _surface(light: np.ndarray) -> np.ndarray:
    """A smooth light through the lighter blocks, `float32[h, w]`: third order, dark blocks count less and less."""
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, edge) for edge in light.shape), indexing="ij")
    terms = np.stack([rows**i * columns**j for i in range(4) for j in range(4 - i)], -1).reshape(-1, 10)
    values, weights = light.reshape(-1).astype(np.float64), np.ones(light.size)
    fit = values
    for _ in range(8):
        root = np.sqrt(weights)
        fit = terms @ np.linalg.lstsq(terms * root[:, None], values * root, rcond=None)[0]
        rest = values - fit
        weights = np.where(rest < 0, 1.0 / (1.0 + (rest / 12.0) ** 2), 1.0)
    return np.maximum(fit.reshape(light.shape), 1.0).astype(np.float32)


def _filled(blocks: np.ndarray, is_known: np.ndarray) -> np.ndarray:
    """Blocks that are no paper get the light around them; then all are smoothed a little."""
    known = is_known.astype(np.float32)
    result, left = blocks * known[..., None], known.copy()
    radius = 1.0
    while (left < 0.02).any():
        spread = cv2.GaussianBlur(blocks * known[..., None], (0, 0), radius)
        weight = cv2.GaussianBlur(known, (0, 0), radius)
        new = (left < 0.02) & (weight >= 0.02)
        result[new], left[new] = spread[new] / weight[new][:, None], 1.0
        radius *= 2
    smooth = cv2.medianBlur(np.ascontiguousarray(result), 3)
    return cv2.GaussianBlur(smooth, (0, 0), 0.8)
