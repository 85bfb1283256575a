"""The resize rules of the painting pipeline: which sizes the networks see, and how a picture gets there.

Pictures are `uint8` or float, `[H, W]` or `[H, W, C]`; sizes are `(height, width)`.
"""

from __future__ import annotations

import numpy as np

from s2p.errors import TooLargeError

MAX_SIDE = 32_000  # OpenCV's interpolation indexes rows and columns with 16 bits in places
MAX_WORKING_PIXELS = 12 * 1024 * 1024


def fit64_size(shape: tuple[int, ...], k: int) -> tuple[int, int]:
    """`(height, width)` of `fit64` for a picture of `shape` (height first)."""
    return _fit_size(shape, 16 * k, 64)


def fit16_size(shape: tuple[int, ...], k: int) -> tuple[int, int]:
    """`(height, width)` of `fit16` for a picture of `shape` (height first)."""
    return _fit_size(shape, 4 * k, 16)


def min_size(shape: tuple[int, ...], m: int) -> tuple[int, int]:
    """`(height, width)` of `min_resize` for a picture of `shape` (height first)."""
    height, width = shape[:2]
    if height < width:
        return m, max(1, int(m / height * width))
    return max(1, int(m / width * height)), m


def max_size(shape: tuple[int, ...], m: int) -> tuple[int, int]:
    """`(height, width)` of `max_resize` for a picture of `shape` (height first)."""
    height, width = shape[:2]
    if height > width:
        return m, max(1, int(m / height * width))
    return max(1, int(m / width * height)), m


def fit64(image: np.ndarray, k: int) -> np.ndarray:
    """Short edge to exactly `16 k`, the other to the nearest multiple of 64; the networks' size rule.

    Args:
        image: `uint8` or `float32/64[H, W]` or `[H, W, C]`; so for all resize rules.
        k: int, at least 1.

    Returns: the same dtype and number of dimensions. A square counts its width as short: at k = 14 it becomes
    224 wide and 256 high, as in the original.
    """
    return _resize(image, fit64_size(image.shape, k), by=min)


def fit16(image: np.ndarray, k: int) -> np.ndarray:
    """Short edge to exactly `4 k`, the other to the nearest multiple of 16; the draft network's size rule."""
    return _resize(image, fit16_size(image.shape, k), by=min)


def resize_to(image: np.ndarray, shape: tuple[int, ...], factor: float = 1.0) -> np.ndarray:
    """Resizes to `(int(H * factor), int(W * factor))` of `shape`, whatever the aspect."""
    return _resize(image, (max(1, int(shape[0] * factor)), max(1, int(shape[1] * factor))), by=min)


def min_resize(image: np.ndarray, m: int) -> np.ndarray:
    """Short edge to `m`, aspect kept."""
    return _resize(image, min_size(image.shape, m), by=max)


def max_resize(image: np.ndarray, m: int) -> np.ndarray:
    """Longest side to `m`, aspect kept."""
    return _resize(image, max_size(image.shape, m), by=max)


def working_size(
    shape: tuple[int, ...], zoom: float, *, max_pixels: int = MAX_WORKING_PIXELS, name: str = "The picture"
) -> tuple[int, int]:
    """`(height, width)` at which a sketch is painted, or a refusal before a thin strip becomes a giant.

    The short edge is always enlarged to the working size, so a 400x1 upload would become 409,600 pixels wide.

    Args:
        shape: of the picture, height first.
        zoom: float. The zoom factor of the settings.
        max_pixels: int. Limit of the larger of the two sizes that are computed (cleaned sketch, painting).

    Raises:
        TooLargeError: over the limit.

    Example:
        >>> working_size((1000, 708), 1.0)
        (1472, 1024)
    """
    half = min_size(shape, int(512 * zoom))
    improved = (half[0] * 2, half[1] * 2)
    painting = fit64_size(improved, int(64 * zoom))
    _check_working(shape, max(improved, painting, key=lambda s: s[0] * s[1]), max_pixels, name)
    return painting


def reference_size(
    shape: tuple[int, ...], *, max_pixels: int = MAX_WORKING_PIXELS // 4, name: str = "The reference"
) -> tuple[int, int]:
    """`(height, width)` at which a reference is read (`fit64` with k = 14); refuses like `working_size`."""
    size = fit64_size(shape, 14)
    _check_working(shape, size, max_pixels, name)
    return size


def _check_working(shape: tuple[int, ...], size: tuple[int, int], max_pixels: int, name: str) -> None:
    if size[0] * size[1] > max_pixels or max(size) > MAX_SIDE:
        raise TooLargeError(
            f"{name} is too long and thin: {shape[1]} x {shape[0]} would be worked on at {size[1]} x {size[0]}, "
            f"at most {max_pixels / 1e6:.3g} million pixels and {MAX_SIDE} a side are possible. "
            "Cut it into pieces or choose a smaller zoom."
        )


def _fit_size(shape: tuple[int, ...], short_edge: int, multiple: int) -> tuple[int, int]:
    height, width = shape[:2]
    short, long = (height, width) if height < width else (width, height)
    rounded = int(long * (short_edge / short)) + multiple // 2
    # Never 0: for tiny k the rule would round the long edge away.
    other = max(multiple, rounded - rounded % multiple)
    return (short_edge, other) if height < width else (other, short_edge)


def _resize(image: np.ndarray, size: tuple[int, int], *, by) -> np.ndarray:
    """Area averaging when the edge chosen by `by` (min or max) shrinks, Lanczos otherwise."""
    import cv2

    shrinks = by(size) < by(image.shape[:2])
    resized = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)
    return resized.reshape(*size, *image.shape[2:])  # OpenCV drops a single channel
