"""Paintings without their ground: what is neither painted nor drawn becomes transparent."""

from __future__ import annotations

import cv2
import numpy as np

_PAPER = 252  # from which level of all channels on a colour is that of paper
_STROKE = 1 / 90  # of the short edge: what is opaque and thinner than this in a drawing is ink, not paper
_INK = 232  # level of a drawing under which white does not pass


def cover_of(
    colors: np.ndarray, background: str, *, lines: np.ndarray | None = None, alpha: np.ndarray | None = None,
    ground: np.ndarray | None = None, is_wished: bool = True,
) -> np.ndarray:
    """How much of every place is painted.

    Args:
        colors: `uint8[H, W, 3]`, RGB, without lines.
        background: `none` leaves out the ground as far as nobody coloured it, which is the white that no line and no
            colour parts from it; `keep` all white of which the drawing itself was transparent; `white` nothing.
        lines: `uint8[H, W]`, 255 = paper, of any size; None for a painting without.
        alpha: `uint8[H, W]`, of the drawing, 255 = opaque; None for an opaque one.
        ground: `bool[h, w]`, of any size: what lies behind the figures; None where only the page's edge is known to.
        is_wished: whether somebody chose the ground's colour; else it is left out whatever it is.

    Returns: `uint8[H, W]`, 255 = painted, 0 = bare; lines do not count.

    Example:
        >>> cover_of(np.full((2, 2, 3), 255, np.uint8), "none").max()
        np.uint8(0)
    """
    shape = colors.shape[:2]
    if background == "white" or (background == "keep" and alpha is None):
        return np.full(shape, 255, np.uint8)
    least = np.minimum(np.minimum(colors[..., 0], colors[..., 1]), colors[..., 2])
    white, behind = least >= _PAPER, None
    if ground is not None:
        behind = cv2.resize(ground.astype(np.uint8) * 255, shape[::-1], interpolation=cv2.INTER_LINEAR) > 127
    if background == "none":
        white = _outside(white, lines, behind)
    cover = np.where(white, np.uint8(0), np.uint8(255))
    if behind is not None and not is_wished:
        cover[behind] = 0
    if background == "keep" and alpha is not None:
        alpha = alpha if alpha.shape == shape else cv2.resize(alpha, shape[::-1], interpolation=cv2.INTER_AREA)
        edge = 2 * max(round(min(shape) * _STROKE), 1) + 1
        paper = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, np.ones((edge, edge), np.uint8))
        cover = np.maximum(cover, paper)
    return cover


def _outside(white: np.ndarray, lines: np.ndarray | None, ground: np.ndarray | None) -> np.ndarray:
    """White that hangs together with the ground, or with the page's edge where no ground is known; `bool[H, W]`.

    Lines end it. What is white under a line is shared by both of its sides.
    """
    inked = np.zeros(white.shape, bool)
    if lines is not None:
        size = white.shape[::-1]
        lines = lines if lines.shape == white.shape else cv2.resize(lines, size, interpolation=cv2.INTER_AREA)
        inked = lines < _INK
    count, found = cv2.connectedComponents((white & ~inked).astype(np.uint8), connectivity=4)
    labels = np.asarray(found, np.int32)
    if ground is None:
        ground = np.ones(white.shape, bool)
        ground[1:-1, 1:-1] = False
    is_outside = np.zeros(count, bool)
    is_outside[labels[ground]] = True
    is_outside[0] = False
    outside = is_outside[labels]
    shared = white & inked
    if outside.any() and shared.any():
        away, home = (
            cv2.distanceTransform(here.astype(np.uint8), cv2.DIST_L2, 3) for here in (~outside, outside | shared)
        )
        outside |= shared & (away <= home)
    return outside


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
        color = (image[strip] - lost * below[strip]) / np.maximum(left, np.float32(1 / 255))
        color = np.where(left < 1 / 512, np.float32(255.0), np.clip(color, 0, 255))
        result[strip, :, :3] = np.where(is_bare[..., None], np.rint(color), image[strip]).astype(np.uint8)
        result[strip, :, 3:] = np.rint(left * 255).astype(np.uint8)
    return result
