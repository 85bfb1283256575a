"""Likeness of two pictures pixel by pixel: PSNR, SSIM, and PSNR over numbers of hints."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np


def psnr(first: np.ndarray, second: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two `uint8` pictures; 100 for equal ones."""
    error = np.square(first.astype(np.float32) - second.astype(np.float32)).mean(dtype=np.float64)
    return min(100.0, float(10.0 * np.log10(255.0**2 / error))) if error else 100.0


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window of 1.5, 11 px), mean over the channels of RGB."""

    def blur(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)

    x, y = first.astype(np.float32), second.astype(np.float32)
    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x + y * y) - mean_x**2 - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    low, high = (0.01 * 255.0) ** 2, (0.03 * 255.0) ** 2
    top = (2.0 * mean_x * mean_y + low) * (2.0 * covariance + high)
    index = top / ((mean_x**2 + mean_y**2 + low) * (variances + high))
    border = 5 if min(first.shape[:2]) > 10 else 0  # there the window would look beyond the picture
    return float(index[border : index.shape[0] - border, border : index.shape[1] - border].mean(dtype=np.float64))


def area_under(values: Mapping[int, float]) -> float | None:
    """Mean PSNR over log2(1 + hints), by trapezoids, in dB; None for fewer than two numbers of hints."""
    counts = sorted(values)
    if len(counts) < 2:
        return None
    position = np.log2(1.0 + np.array(counts, np.float64))
    height = np.array([values[count] for count in counts])
    area = float((np.diff(position) * (height[1:] + height[:-1]) / 2.0).sum())
    return area / float(position[-1] - position[0])
