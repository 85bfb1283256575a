"""Enlarges small pictures to a working size, by the 2x network where there is one, by Lanczos otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

Doubler = Callable[[np.ndarray], np.ndarray]


@lru_cache(maxsize=1)
def load_doubler() -> Doubler | None:
    """The 2x network `tail` as a function, or None where this installation has no trained weights for it."""
    from s2p import weights
    from s2p.config import Settings
    from s2p.pipelines.glue import run_tail

    settings = Settings()
    found = weights.find("tail", settings)
    if not found.trained:
        return None
    network = weights.load_network(found, settings)
    return lambda image: run_tail(network, image)


def target_size(height: int, width: int, short_edge: int) -> tuple[int, int]:
    """`(height, width)` with the given short edge and the same aspect.

    Example:
        >>> target_size(512, 400, 768)
        (983, 768)
    """
    scale = short_edge / min(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def shrink(image: np.ndarray, short_edge: int) -> np.ndarray:
    """Shrinks `uint8[H, W, C]` to a short edge by area averaging; smaller pictures stay as they are."""
    if min(image.shape[:2]) <= short_edge:
        return image
    height, width = target_size(image.shape[0], image.shape[1], short_edge)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def enlarge(image: np.ndarray, short_edge: int = 768, *, doubler: Doubler | None = None) -> np.ndarray:
    """Enlarges `uint8[H, W, 3]` RGB to a short edge; larger pictures stay as they are.

    Args:
        image: the picture.
        short_edge: int, in pixels.
        doubler: function from `uint8[H, W, 3]` to `uint8[2H, 2W, 3]`, such as a pipeline's use of `tail`; applied until
            the picture is large enough and shrunk to size afterwards. None for Lanczos.
    """
    if min(image.shape[:2]) >= short_edge:
        return image
    height, width = target_size(image.shape[0], image.shape[1], short_edge)
    if doubler is None:
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_LANCZOS4)
    while min(image.shape[:2]) < short_edge:
        image = doubler(image)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
