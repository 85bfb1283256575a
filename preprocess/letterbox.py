"""Removes the bars around pictures that were fitted into a square, and pads to a square without inventing a border.

The rules are those of Tag2Pix's `crop_and_upscale` (spec section 1.2), with the white padding that its README promises
and its code forgets.
"""

from __future__ import annotations

import numpy as np

from s2p.errors import InputError

_BAR_LEVEL = 24  # bars are black; JPEG leaves them a little dirty
_WHITE = 250
_MARGIN = 2  # pixels on top of the bar where it was blended with the picture


def content_box(side: int, original: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where the picture lies in a letterboxed square.

    Args:
        side: int. Side of the square.
        original: `(width, height)` before it was fitted in.

    Returns:
        `(x, y, width, height)`, two pixels less than computed, because the border is blended with the bar.

    Example:
        >>> content_box(512, (800, 1000)), content_box(512, (1000, 800))
        ((52, 0, 407, 512), (0, 52, 512, 407))
    """
    width, height = original
    if height > width:
        inner = int(width * side / height) - _MARGIN
        return (side - inner) // 2, 0, inner, side
    inner = int(height * side / width) - _MARGIN
    return 0, (side - inner) // 2, side, inner


def padding_of(width: int, height: int) -> tuple[int, int, int, int]:
    """`(left, right, top, bottom)` that makes a square: portraits on both sides, others on top only.

    All of it goes on top, because mirroring at the bottom would reflect a cut torso.

    Example:
        >>> padding_of(407, 512), padding_of(512, 407), padding_of(512, 510)
        ((52, 53, 0, 0), (0, 0, 105, 0), (0, 0, 2, 0))
    """
    missing = abs(height - width)
    if height > width:
        return missing // 2, missing - missing // 2, 0, 0
    return 0, 0, missing, 0


def remove_letterbox(image: np.ndarray, original: tuple[int, int] | None = None) -> np.ndarray:
    """Cuts the bars off.

    Args:
        image: `uint8[H, W, 3]` RGB.
        original: `(width, height)` of the picture before it was fitted into a square, or None to detect black bars.
            A picture that is not square, or whose original is unknown and shows no bars, is returned as it is.

    Returns:
        `uint8[h, w, 3]`, a view.
    """
    height, width = image.shape[:2]
    if original is not None:
        if min(original) < 1:
            raise InputError(f"An original size must be at least 1 x 1. Received: {original[0]} x {original[1]}.")
        if height != width or original[0] == original[1]:
            return image
        x, y, inner_width, inner_height = content_box(width, original)
        if inner_width < 1 or inner_height < 1:
            return image
        return image[y : y + inner_height, x : x + inner_width]
    top, bottom = _bars(image)
    left, right = _bars(image.transpose(1, 0, 2))
    if top and not left:
        return image[top : height - bottom]
    if left and not top:
        return image[:, left : width - right]
    return image  # bars on all four sides are a frame that the artist drew


def pad_to_square(image: np.ndarray) -> np.ndarray:
    """Pads to a square: white where the border is white, mirrored (edge pixel repeated) elsewhere.

    Args:
        image: `uint8[H, W, 3]` RGB.

    Returns:
        `uint8[S, S, 3]` with S the longer side.
    """
    height, width = image.shape[:2]
    left, right, top, bottom = padding_of(width, height)
    if height > width:
        borders = (image[:, 0], image[:, -1])
    else:
        borders = (image[0],)
    spans = ((top, bottom), (left, right), (0, 0))
    if all((border > _WHITE).all() for border in borders):
        return np.pad(image, spans, mode="constant", constant_values=255)
    return np.pad(image, spans, mode="symmetric")


def square(image: np.ndarray, original: tuple[int, int] | None = None) -> np.ndarray:
    """Tag2Pix's whole step: cut the bars off, then pad to a square again.

    As in the original, a square picture loses a row at the top and bottom and gains two on top.
    """
    height, width = image.shape[:2]
    if original is not None and original[0] == original[1] and height == width:
        _, y, _, inner = content_box(width, original)
        return pad_to_square(image[y : y + inner])
    return pad_to_square(remove_letterbox(image, original))


def _bars(image: np.ndarray) -> tuple[int, int]:
    """Rows to cut at the top and bottom: bars must be on both sides, equally high, and end in a sharp edge."""
    height = image.shape[0]
    dark = (np.ascontiguousarray(image).reshape(height, -1) <= _BAR_LEVEL).all(axis=1)
    lit = np.flatnonzero(~dark)
    if not lit.size:
        return 0, 0
    top, bottom = int(lit[0]), int(height - 1 - lit[-1])
    if min(top, bottom) < 3 or abs(top - bottom) > 3:
        return 0, 0
    # A night sky fades in; a bar ends: within four rows half of the row is clearly brighter than the bar.
    for row in (min(top + 3, height - 1), max(height - 1 - bottom - 3, 0)):
        if (image[row].max(axis=1) > 2 * _BAR_LEVEL).mean() < 0.5:
            return 0, 0
    return top + 1, bottom + 1
