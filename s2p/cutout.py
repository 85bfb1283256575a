"""Paintings without their ground: what is neither painted nor drawn becomes transparent."""

from __future__ import annotations

import cv2
import numpy as np

BACKGROUNDS = ("white", "keep", "none")
_PAPER = 252  # from which level of all channels on a colour is that of paper
_STROKE = 1 / 90  # of the short edge: what is opaque and thinner than this in a drawing is ink, not paper


def cover_of(
    colours: np.ndarray, background: str, *, alpha: np.ndarray | None = None, ground: np.ndarray | None = None
) -> np.ndarray:
    """How much of every place is painted.

    Args:
        colours: `uint8[H, W, 3]`, RGB, without lines.
        background: `none` leaves out all that nobody coloured, `keep` as much of it as the drawing itself left out,
            `white` nothing.
        alpha: `uint8[H, W]`, of the drawing, 255 = opaque; None for an opaque one.
        ground: `bool[h, w]`, of any size: what got its colour by nobody's wish.

    Returns: `uint8[H, W]`, 255 = painted, 0 = bare; lines do not count.

    Example:
        >>> cover_of(np.full((2, 2, 3), 255, np.uint8), "none").max()
        np.uint8(0)
    """
    shape = colours.shape[:2]
    if background == "white" or (background == "keep" and alpha is None):
        return np.full(shape, 255, np.uint8)
    least = np.minimum(np.minimum(colours[..., 0], colours[..., 1]), colours[..., 2])
    cover = np.where(least >= _PAPER, np.uint8(0), np.uint8(255))
    if ground is not None:
        grown = cv2.resize(ground.astype(np.uint8) * 255, shape[::-1], interpolation=cv2.INTER_LINEAR)
        cover[grown > 127] = 0
    if background == "keep" and alpha is not None:
        alpha = alpha if alpha.shape == shape else cv2.resize(alpha, shape[::-1], interpolation=cv2.INTER_AREA)
        edge = 2 * max(round(min(shape) * _STROKE), 1) + 1
        paper = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, np.ones((edge, edge), np.uint8))
        cover = np.maximum(cover, paper)
    return cover


def cut_out(image: np.ndarray, below: np.ndarray, cover: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """A painting with its lines and without what is bare.

    Args:
        image: `uint8[H, W, 3]`, RGB, the whole painting.
        below: `uint8[H, W, 3]`, RGB, the same without lines.
        cover: of `cover_of`.
        ink: `uint8[H, W]`, 255 where a line hides all below it.

    Returns: `uint8[H, W, 4]`, RGBA. Laid over `below` it is `image` again, up to a level or two.
    """
    result = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    for top in range(0, len(image), 256):  # in strips: a page in floating point takes sixteen times its room
        strip = slice(top, top + 256)
        is_bare = cover[strip] < 255
        if not is_bare.any():
            continue
        lost = (255.0 - cover[strip, :, None].astype(np.float32)) * (255.0 - ink[strip, :, None]) / np.float32(65025.0)
        left = 1.0 - lost
        colour = (image[strip] - lost * below[strip]) / np.maximum(left, np.float32(1 / 255))
        colour = np.where(left < 1 / 512, np.float32(255.0), np.clip(colour, 0, 255))
        result[strip, :, :3] = np.where(is_bare[..., None], np.rint(colour), image[strip]).astype(np.uint8)
        result[strip, :, 3:] = np.rint(left * 255).astype(np.uint8)
    return result
