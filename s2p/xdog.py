"""Line art from a picture by difference of Gaussians: the one XDoG of the house.

Preprocessing, training and the command line all draw their synthetic lines here, so a network meets the same lines
everywhere.

The difference is `D = G(sigma) - gamma * G(k * sigma)` of the gray picture in [0, 1]. Where `D >= epsilon` there is
paper; below, the soft form inks with `1 + tanh(phi * (D - epsilon))` (Winnemoeller, Kyprianidis, Olsen, "XDoG: An
eXtended difference-of-Gaussians compendium", Computers & Graphics 36(6), 2012) and the hard form inks fully. We differ
from widespread copies in two ways: both forms compare with the same `epsilon` (many copies soften with `tanh(phi * D)`,
which turns the darkest dots white), and the blurs stay in float (8-bit blurs ink their own rounding in dark areas).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from s2p.errors import InputError


def xdog(
    image: np.ndarray,
    *,
    sigma: float = 0.5,
    k: float = 4.5,
    gamma: float = 0.95,
    epsilon: float = 0.0,
    phi: float = 12.0,
    hard: bool = False,
) -> np.ndarray:
    """Draws the lines of a picture in ink on white paper.

    Args:
        image: `uint8[H, W]` gray or `uint8[H, W, 3]` RGB.
        sigma: float in pixels, above 0. Blur of the finer Gaussian; larger means bolder lines.
        k: float above 1. Ratio of the coarser blur to the finer one.
        gamma: float, usually 0.9 to 1. Weight of the coarser blur; nearer to 1 means more and fainter details.
        epsilon: float on the picture's [0, 1] scale. Differences below it are ink.
        phi: float above 0. Steepness of the soft form; the hard form ignores it.
        hard: True for two values only, 0 and 255.

    Returns:
        `uint8[H, W]`, 255 = paper, 0 = ink.

    Raises:
        InputError: for another shape or type, or for parameters out of range.

    Example:
        >>> page = np.full((9, 9), 255, np.uint8); page[4] = 0
        >>> int(xdog(page, hard=True)[4, 4]), int(xdog(page, hard=True)[0, 0])
        (0, 255)
    """
    if not (sigma > 0 and k > 1 and phi > 0):
        raise InputError(f"XDoG needs sigma > 0, k > 1 and phi > 0. Received: sigma={sigma}, k={k}, phi={phi}.")
    gray = _gray(image)
    difference = _blur(gray, sigma) - np.float32(gamma) * _blur(gray, k * sigma)
    if hard:
        return np.where(difference < epsilon, 0, 255).astype(np.uint8)
    paper = 1.0 + np.tanh(np.minimum(phi * (difference - epsilon), 0.0))
    return np.rint(255.0 * paper).astype(np.uint8)


def sharpen(image: np.ndarray, factor: float) -> np.ndarray:
    """Pushes a picture away from its 3x3 smoothed copy, as image libraries' "sharpness" does.

    Args:
        image: `uint8[H, W]` or `uint8[H, W, 3]`.
        factor: float. 1 changes nothing, 3 is what Liu et al. (2017) use before their lines.

    Returns:
        An array of the same shape and type.
    """
    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13.0
    source = image.astype(np.float32)
    smooth = cv2.filter2D(source, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.clip(np.rint(smooth + (source - smooth) * factor), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class XdogStyle:
    """Parameters of one line style; call it with a picture.

    Attributes:
        sigma, k, gamma, epsilon, phi, hard: see `xdog`.
        sharpness: float. Factor of `sharpen` before the lines are taken; 1 for none.

    Example:
        >>> HARD(np.full((4, 4, 3), 200, np.uint8)).min()
        np.uint8(255)
    """

    sigma: float = 0.5
    k: float = 4.5
    gamma: float = 0.95
    epsilon: float = 0.0
    phi: float = 12.0
    hard: bool = False
    sharpness: float = 1.0

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Returns `uint8[H, W]` (255 = paper) for a gray or RGB `uint8` picture."""
        parameters = asdict(self)
        sharpness = parameters.pop("sharpness")
        gray = _gray8(image)
        return xdog(gray if sharpness == 1.0 else sharpen(gray, sharpness), **parameters)


# Soft lines for general use; Tag2Pix's two-valued lines (middle of its random range); bold ones (Liu et al. 2017).
SOFT = XdogStyle()
HARD = XdogStyle(sigma=0.4, k=2.5, gamma=0.95, hard=True)
BOLD = XdogStyle(sigma=1.5, k=2.0, gamma=0.97, epsilon=0.1 / 255, hard=True, sharpness=3.0)


def random_style(generator: np.random.Generator) -> XdogStyle:
    """Draws a soft or hard style whose width and weight vary as between artists.

    Sigma 0.3 to 0.8 and k 1.6 to 4.5 enclose the ranges that Tag2Pix (0.35 to 0.45, 2 to 3) and PaintsTorch (0.3 to
    0.5, 4.5) train with; one fixed style makes a colour network overfit it.
    """
    return XdogStyle(
        sigma=float(generator.uniform(0.3, 0.8)),
        k=float(generator.uniform(1.6, 4.5)),
        gamma=float(generator.uniform(0.93, 0.97)),
        phi=float(generator.uniform(6.0, 24.0)),
        hard=bool(generator.random() < 0.3),
    )


def _gray8(image: np.ndarray) -> np.ndarray:
    shaped = isinstance(image, np.ndarray) and (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3))
    if not shaped or image.dtype != np.uint8 or image.size == 0:
        received = f"{image.dtype}{list(image.shape)}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"XDoG takes a uint8 picture, gray [H, W] or RGB [H, W, 3]. Received: {received}.")
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def _gray(image: np.ndarray) -> np.ndarray:
    return _gray8(image).astype(np.float32) / 255.0


def _blur(gray: np.ndarray, sigma: float) -> np.ndarray:
    # The kernel reaches three sigmas, as in the 8-bit blurs of Tag2Pix; mirrored borders keep edges free of ink.
    size = round(6 * sigma + 1) | 1
    return cv2.GaussianBlur(gray, (size, size), sigma, borderType=cv2.BORDER_REFLECT_101)
