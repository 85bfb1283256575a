"""Areas that are no paper and no line: what somebody has coloured already, and even gray tones."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from s2p.intake.sight import channel_maximum, closed, disc, opened, reach_of
from s2p.intake.wash import Wash, strokes_of_paint
from s2p.lineart import channel_minimum

_COLORED, _COLOR = 34, 24  # levels between channels: of the middle of a coloured area, and of its edge
_LEAST, _MOST = 0.004, 0.6  # of the page that is coloured, from where on and up to where it is a drawing with colours
# Of the page, for a painting: how much is coloured at least, how much of that in other tints than the one that most of
# it has, and from how much on that is enough; else so many tints of such a share. Tints differ in so much of all light
# being red, or green; toned paper has one, whatever light falls on it.
_FULL, _OTHERS, _NEARLY_ALL, _TINTS, _TINT, _APART = 0.4, 0.2, 0.7, 6, 0.01, 0.06
_TONE, _BLACK = 10, 205  # darkness in levels of an even tone: more than paper, less than spot black
_PALE = 20  # darkness in levels up to which most of a page is its paper
_DULL, _TONAL = 48, 0.12  # darkness in levels that a colour under it loses; of the page: so much of that is no drawing
_UNEVEN = 6.0  # spread in levels of an even tone
_TEXTURE = 3.5  # in spreads: what differs from the usual paint by less is no line
_PART = 0.0004  # of the page: the smallest area that is kept
_STEP = 100  # levels by which a tone is darker than what it ends at, from where on it is a thing's own, no shadow on it


@dataclass(frozen=True)
class Areas:
    """Areas of a drawing on white paper.

    Attributes:
        colored: `bool[H, W]`, with the lines in them.
        toned: `bool[H, W]`, even grays.
        dull: share of the page in [0, 1] with grays that darken colours over them.
    """

    colored: np.ndarray
    toned: np.ndarray
    dull: float = 0.0

    @property
    def is_painting(self) -> bool:
        """Whether so much is coloured that it is no drawing any more."""
        return float(self.colored.mean()) > _MOST

    @property
    def is_tonal(self) -> bool:
        """Whether grays cover so much that colours come out dark: the gray copy of something coloured, as a rule."""
        return self.dull > _TONAL


def areas_in(image: np.ndarray) -> Areas:
    """Finds them in `uint8[H, W, 3]`."""
    high, low = channel_maximum(image), channel_minimum(image)
    chroma, dark = high - low, 255 - low
    radius = reach_of(image.shape)
    colored = _broad(chroma >= _COLORED, chroma >= _COLOR, radius) | strokes_of_paint(image)
    ground = float(np.median(dark))  # near white paper stays as it is, and is no tone
    gray = (chroma < _COLOR) & (dark >= _TONE + (ground if ground <= _PALE else 0.0)) & (dark <= _BLACK)
    toned = _broad(gray & _even(low), gray, radius)
    whole = closed(colored, radius) if colored.mean() >= _LEAST else colored * 0
    rough = _rough(chroma, dark, radius)
    dull = float((((toned > 0) & (dark >= _DULL)) | (rough & (whole == 0))).mean())
    if rough.mean() > _TONAL:  # else pencil that lies thick
        toned |= rough.astype(np.uint8)
    toned = toned if toned.mean() >= _LEAST else toned * 0
    return Areas(whole > 0, toned > 0, dull)


def is_many_colored(image: np.ndarray) -> bool:
    """Whether a picture, `uint8[H, W(, 3)]`, is coloured all over, in many colours: a painting on whatever ground."""
    if image.ndim == 2:
        return False
    smooth = cv2.medianBlur(np.ascontiguousarray(image), 5)
    colored = channel_maximum(smooth) - channel_minimum(smooth) >= _COLORED
    share = float(colored.mean())
    if share < _FULL:
        return False
    paint = smooth[colored].astype(np.float32)
    red, green = (paint[:, k] / paint.sum(-1) / _APART for k in (0, 1))
    count = np.bincount(red.astype(np.int32) * round(1 / _APART + 1) + green.astype(np.int32))
    others = (count.sum() - count.max()) / colored.size
    is_many = share >= _NEARLY_ALL or int((count >= _TINT * colored.size).sum()) >= _TINTS
    return bool(others >= _OTHERS and is_many)


def _rough(chroma: np.ndarray, dark: np.ndarray, radius: int) -> np.ndarray:
    """Broad grays however uneven, `bool[H, W]`: strokes with gaps, gradients, washes. Lines and black are none."""
    usual, colored = (cv2.medianBlur(one, 2 * radius + 1) if one.any() else one for one in (dark, chroma))
    gray = (usual >= _DULL) & (usual <= _BLACK) & (colored < _COLOR)
    return opened(gray.astype(np.uint8), 2 * radius) > 0


def _even(gray: np.ndarray) -> np.ndarray:
    """Where `uint8[H, W]` hardly changes, `bool[H, W]`."""
    values = gray.astype(np.float32)
    mean = cv2.blur(values, (5, 5))
    return cv2.blur(values * values, (5, 5)) - mean * mean <= _UNEVEN**2


def _broad(middle: np.ndarray, edge: np.ndarray, radius: int) -> np.ndarray:
    """Areas wider than a stroke, `uint8[H, W]`, grown to the edge that they have."""
    if not middle.any():
        return np.zeros(middle.shape, np.uint8)
    core = cv2.erode(middle.astype(np.uint8), disc(radius), borderType=cv2.BORDER_REPLICATE)
    _, parts, about, _ = cv2.connectedComponentsWithStats(cv2.dilate(core, disc(radius)))
    is_large = about[:, cv2.CC_STAT_AREA] >= _PART * middle.size
    is_large[0] = False
    broad = is_large[np.asarray(parts, np.int32)].astype(np.uint8)
    return np.asarray(cv2.dilate(broad, disc(2)), np.uint8) & edge.astype(np.uint8)


def lines_over(image: np.ndarray, where: np.ndarray, wash: Wash | None = None) -> np.ndarray:
    """How much every pixel is darker than what lies around it, `uint8[H, W]`, 255 = not at all.

    The paint of an area is what lies around its lines, and the edge of an area is no line; nor is its texture.

    Args:
        image: `uint8[H, W, 3]`.
        where: `bool[H, W]`, the areas.
        wash: paint in them that lies unevenly, and is no line either.
    """
    if wash is not None:
        uneven = wash.at(image.shape)
        ink = lines_over(cv2.merge([wash.ink(image)] * 3), uneven)
        return np.where(uneven, ink, lines_over(image, where & ~uneven))
    element = disc(reach_of(image.shape))
    around = cv2.morphologyEx(image, cv2.MORPH_CLOSE, element).astype(np.float32).sum(-1)
    share = (image.astype(np.float32).sum(-1) + 8.0) / (around + 8.0)
    middle = float(np.median(share[where])) if where.any() else 1.0
    spread = 1.4826 * float(np.median(np.abs(share[where] - middle))) if where.any() else 0.0
    plain = middle - _TEXTURE * spread
    return np.clip(255.0 * share / max(plain, 0.1), 0.0, 255.0).astype(np.uint8)


def rims_of(image: np.ndarray, toned: np.ndarray) -> np.ndarray:
    """Where dark tones end, `bool[H, W]`: hair or a black coat that no line parts from the skin beside it.

    What is less dark than that may be a shadow, which ends no colour.

    Args:
        image: `uint8[H, W, 3]`.
        toned: `bool[H, W]`, of `areas_in`.
    """
    tone = toned.astype(np.uint8)
    dark = 255 - channel_minimum(image)
    beside = cv2.erode(dark, disc(3), borderType=cv2.BORDER_REPLICATE)  # the lightest around
    is_dark = (dark >= _STEP) & (dark - np.minimum(beside, dark) >= _STEP)
    return is_dark & (cv2.dilate(tone, disc(1)) > 0) & (cv2.erode(tone, disc(2)) == 0)


Spot = tuple[float, float, tuple[int, int, int]]


def paint_of(image: np.ndarray, colored: np.ndarray, lines: np.ndarray) -> list[Spot]:
    """A point in every coloured area, and its colour: `(x, y, (red, green, blue))`, x and y in [0, 1].

    Areas are parted by the lines in them, and where the colour changes.
    """
    height, width = colored.shape
    inside = (colored & (lines > 200)).astype(np.uint8)
    inside = cv2.erode(inside, disc(1))
    levels = (cv2.medianBlur(np.ascontiguousarray(image), 5) // 43).astype(np.int32)
    names = (levels[..., 0] * 6 + levels[..., 1]) * 6 + levels[..., 2]
    found: list[tuple[int, Spot]] = []
    for name in np.unique(names[inside > 0])[:64]:
        count, parts, about, _ = cv2.connectedComponentsWithStats(((names == name) & (inside > 0)).astype(np.uint8))
        for part in range(1, count):
            if about[part, cv2.CC_STAT_AREA] < _PART * colored.size:
                continue
            own = parts == part
            room = cv2.distanceTransform(own.astype(np.uint8), cv2.DIST_L2, 3)
            row, column = np.unravel_index(int(room.argmax()), room.shape)
            red, green, blue = (int(value) for value in np.median(image[own], axis=0))
            point = ((float(column) + 0.5) / width, (float(row) + 0.5) / height, (red, green, blue))
            found.append((int(about[part, cv2.CC_STAT_AREA]), point))
    return [point for _, point in sorted(found, reverse=True)[:128]]
