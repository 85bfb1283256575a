"""Moves the colours of one picture toward those of another."""

from __future__ import annotations

import cv2
import numpy as np


def move_palette(image: np.ndarray, reference: np.ndarray, amount: float) -> np.ndarray:
    """Gives a picture the mean and covariance of a reference's colours, in part or in full.

    The linear map that does so with the least movement (Monge-Kantorovich; Pitié & Kokaram 2007), in CIE Lab.

    Args:
        image: `uint8[H, W, 3]`, RGB.
        reference: `uint8[h, w, 3]`, RGB, of any size.
        amount: float in [0, 1]; 0 returns the picture as it is.

    Returns: `uint8[H, W, 3]`, RGB.

    Example:
        >>> red, blue = (np.full((4, 4, 3), c, np.uint8) for c in ((200, 20, 20), (20, 20, 200)))
        >>> bool(np.abs(move_palette(red, blue, 1.0).astype(int) - blue).max() < 4)
        True
    """
    if amount <= 0:
        return image
    own, wanted = _lab(image), _lab(_small(reference))
    flat, target = own.reshape(-1, 3), wanted.reshape(-1, 3)
    mean, target_mean = flat.mean(0), target.mean(0)
    spread = _root(np.cov(_thin(flat).T, bias=True) + np.eye(3))
    back = np.linalg.inv(spread)
    map_ = back @ _root(spread @ (np.cov(target.T, bias=True) + np.eye(3)) @ spread) @ back
    # A nearly flat picture must not have its noise blown up.
    map_ *= min(1.0, 3.0 / np.linalg.norm(map_, 2))
    moved = (flat - mean) @ map_.T + target_mean
    mixed = (flat + amount * (moved - flat)).reshape(own.shape).astype(np.float32)
    rgb = cv2.cvtColor(mixed, cv2.COLOR_LAB2RGB)
    return np.clip(rgb * 255.0 + 0.5, 0, 255).astype(np.uint8)


def _lab(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB).astype(np.float64)


def _small(image: np.ndarray) -> np.ndarray:
    scale = 128 / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _thin(flat: np.ndarray) -> np.ndarray:
    return flat[:: max(len(flat) // 20000, 1)]


def _root(matrix: np.ndarray) -> np.ndarray:
    """Square root of a symmetric positive matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.T
