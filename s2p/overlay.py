"""Lays the artist's lines over colours: the one composition that every picture, file and preview shows.

A drawing becomes ink with an alpha: as much of it as the drawing is darker than its paper. The grain of the paper is no
ink, faint lines are. The ink is black as drawn, or one colour, or *tinted*: a dark, saturated tone of the paint beside
each line, as painters do it (`s2p.open_paint`). Beside white paper it stays black.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from s2p.config import LINES, Settings
from s2p.errors import InputError
from s2p.open_paint import THIN, line_tones, open_paint, ramp_table
from s2p.schema import Options, parse_color

__all__ = ["LINES", "Pen", "compose", "composed", "ink", "line_layer", "overlay", "shade_at", "shaded", "tint",
           "without_lines"]

# Levels below the paper that are still its grain: so many spreads of it, and at least so many on clean paper.
_GRAIN, _CLEAN = 2.5, 4.0
_KNEE = 1.5  # how softly ink begins there, in the same unit
_SPECK = 1.0  # spread of the grain from which it is also looked at whether dark pixels come alone

THICK = 128  # alpha from which paint under a line is not believed at all
_BAND = 256  # rows that are worked on at once


@dataclass(frozen=True)
class Pen:
    """What the lines are drawn with.

    Attributes:
        lines: `tinted` by the paint beside them, black `as-drawn`, `coloured` in one colour, or `none`.
        color: `#rrggbb` of coloured lines.
    """

    lines: str = "tinted"
    color: str = Settings.line_color

    def __post_init__(self) -> None:
        if self.lines not in LINES:
            raise InputError(f"lines must be one of {', '.join(LINES)}. Received: {self.lines!r}.")
        parse_color(self.color)

    @classmethod
    def of(cls, settings: Settings, options: Options) -> Pen:
        """That of the settings; whoever names a line colour for one painting wants coloured lines."""
        if options.line_color is not None:
            return cls("coloured", options.line_color)
        return cls(settings.lines, settings.line_color)

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour as integers 0..255, red first."""
        digits = parse_color(self.color)
        return int(digits[1:3], 16), int(digits[3:5], 16), int(digits[5:7], 16)


def ink(drawing: np.ndarray) -> np.ndarray:
    """How much ink lies at every place of a drawing.

    Args:
        drawing: `uint8[H, W]`, 255 = paper; scanned paper may be darker, and grainy.

    Returns: `uint8[H, W]`, 0 = paper, 255 = black: black ink of this alpha over white is the drawing on clean paper.

    Example:
        >>> page = np.full((8, 8), 250, np.uint8); page[:, 4] = 0; page[:, 6] = 200
        >>> ink(page)[0].tolist()
        [0, 0, 0, 0, 255, 0, 51, 0]
    """
    return inker(drawing)(0, len(drawing))


def inker(drawing: np.ndarray) -> Callable[[int, int], np.ndarray]:
    """What gives `ink` of a drawing from one row up to another, `uint8[rows, W]`; its paper is looked at once."""
    paper, spread = _paper(drawing)
    table = _ink_table(paper, round(spread * 4) / 4)
    start = paper - max(_CLEAN, 0.7 * spread)
    level = np.arange(256, dtype=np.float32)
    trust = (np.clip((start - level) / max(0.5 * spread, 1.0), 0.0, 1.0) * 255.0).astype(np.uint8)

    def rows(top: int, bottom: int) -> np.ndarray:
        alpha = cv2.LUT(drawing[top:bottom], table)
        if spread < _SPECK:
            return alpha
        # Grain is dark by the pixel, a faint line along its length: what its neighbours know nothing of is dust.
        first = max(top - 2, 0)
        around = cv2.GaussianBlur(drawing[first : bottom + 2], (5, 5), 1.0)[top - first :][: bottom - top]
        return cv2.multiply(alpha, cv2.LUT(around, trust), scale=1 / 255)

    return rows


def without_lines(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colours whose own painted lines are gone: what lies under ink becomes the open paint beside it.

    Args:
        colors: `uint8[H, W, 3]`, RGB.
        alpha: `uint8[H, W]`, of `ink`.

    Returns: `uint8[H, W, 3]`, RGB. Ink that is far from all open paper, as in black hair, keeps what it had.
    """
    return _cleaned(colors, alpha, open_paint(colors, alpha))


def tint(colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """A dark tone of the paint beside every line.

    Args:
        colors: `uint8[H, W, 3]`, RGB. What lies under ink is not looked at: `without_lines` changes nothing.
        alpha: `uint8[H, W]`, of `ink`.

    Returns: `uint8[H, W, 3]`, RGB. L* is at most 5 where the ink is black; black where there is no ink, or only white
        paper near it.
    """
    tones = line_tones(alpha, open_paint(colors, alpha))
    return cv2.resize(tones, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)


def line_layer(colors: np.ndarray, drawing: np.ndarray, pen: Pen) -> np.ndarray:
    """The lines as a layer of their own.

    Args:
        colors: `uint8[H, W, 3]`, RGB, without lines; read only by tinted lines.
        drawing: `uint8[H, W]`, 255 = paper.
        pen: how they are drawn. With `none` the layer holds what would be as drawn: a file keeps it switched off.

    Returns: `uint8[H, W, 4]`, RGBA, to lie over the colours with the blend `normal`.
    """
    alpha = ink(drawing)
    return np.dstack([np.broadcast_to(_paint_of(colors, alpha, pen), colors.shape), alpha])


def compose(colors: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """Colours with lines over them, `uint8[H, W, 3]` RGB.

    Args:
        colors: `uint8[H, W, 3]`, RGB.
        layer: `uint8[H, W, 4]`, RGBA, of `line_layer`.
    """
    return laid(colors, cv2.split(layer[..., :3]), layer[..., 3])


class Shade(NamedTuple):
    """Shadow and light on colours, of any size.

    Attributes:
        shadow: `uint8[h, w, 3]`, RGB, 255 = none. What the colours are multiplied with.
        light: `uint8[h, w, 3]`, RGB, 0 = none, or None. What is screened over them then.
    """

    shadow: np.ndarray
    light: np.ndarray | None = None


def overlay(
    colors: np.ndarray, drawing: np.ndarray, pen: Pen | None = None, *, shade: Shade | None = None
) -> np.ndarray:
    """A drawing's lines over colours: `compose` of `line_layer`, or the colours themselves for a pen that draws none.

    Args:
        colors: `uint8[H, W, 3]`, RGB, without lines.
        drawing: `uint8[H, W]`, 255 = paper.
        pen: tinted by default.
        shade: what lies on the colours under the lines.

    Returns: `uint8[H, W, 3]`, RGB.

    Example:
        >>> page = np.full((8, 8), 255, np.uint8); page[4] = 0
        >>> pink = np.full((8, 8, 3), (250, 160, 170), np.uint8)
        >>> overlay(pink, page, Pen("as-drawn"))[3:5, 0].tolist()
        [[250, 160, 170], [0, 0, 0]]
    """
    pen, below = pen or Pen(), shaded(colors, shade)
    if pen.lines == "none":
        return below.copy()
    alpha = ink(drawing)
    return laid(below, cv2.split(_paint_of(colors, alpha, pen)), alpha, is_spent=shade is not None)


def shade_at(shade: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A shadow or light, `uint8[h, w, 3]`, at the size of a page, `(H, W, ...)`."""
    return cv2.resize(shade, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def composed(
    colors: np.ndarray, drawing: np.ndarray, pen: Pen, *, shade: Shade | None = None, is_spent: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """`without_lines`, then `overlay`, in less time than both.

    Args:
        colors, drawing, pen, shade: as for `overlay`; the colours may hold soft lines of their own.
        is_spent: whether nobody needs `colors` after this; then those without lines take their room.

    Returns: the picture, and its colours without lines; both `uint8[H, W, 3]`, RGB.
    """
    alpha = ink(drawing)
    near = open_paint(colors, alpha)
    clean = _cleaned(colors, alpha, near, is_spent=is_spent)
    below = shaded(clean, shade)
    if pen.lines == "none":
        return below.copy(), clean
    is_tinted = pen.lines == "tinted"
    paint = _at(line_tones(alpha, near), alpha.shape) if is_tinted else cv2.split(_paint_of(clean, alpha, pen))
    return laid(below, paint, alpha, is_spent=shade is not None), clean


def shaded(colors: np.ndarray, shade: Shade | None) -> np.ndarray:
    """Colours under their shade, `uint8[H, W, 3]`; themselves without any."""
    if shade is None:
        return colors
    below = np.empty_like(colors)
    shadows = _at(shade.shadow, colors.shape)
    unlit = iter(()) if shade.light is None else _at(255 - shade.light, colors.shape)
    for channel in range(3):  # `enumerate` would hold the last plane while the next one is made
        for turned, planes in enumerate((shadows, unlit)):
            plane = next(planes, None)
            if plane is None:
                continue
            for top in range(0, len(below), _BAND):
                band = slice(top, top + _BAND)
                own = cv2.extractChannel((below if turned else colors)[band], channel)
                own = cv2.bitwise_not(own, dst=own) if turned else own  # to screen is to multiply negatives
                cv2.multiply(own, plane[band], dst=own, scale=1 / 255)
                cv2.insertChannel(cv2.bitwise_not(own, dst=own) if turned else own, below[band], channel)
            del plane
    return below


def _at(small: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """The channels of `uint8[h, w, 3]` at the size of a page, one after the other: all of them take its room thrice."""
    for plane in cv2.split(small):
        yield cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def laid(
    colors: np.ndarray, paint: Iterable[np.ndarray], alpha: np.ndarray, *, is_spent: bool = False
) -> np.ndarray:
    """Paint, given by its channels, over colours, in the room of the colours where those are spent."""
    picture = colors if is_spent else colors.copy()
    bands = [slice(top, top + _BAND) for top in range(0, len(alpha), _BAND)]  # to work on all at once takes more room
    inked = [np.flatnonzero(alpha[band]).astype(np.int32) for band in bands]  # a page is mostly paper
    planes = iter(paint)
    for channel in range(3):
        plane = next(planes)
        for band, places in zip(bands, inked):
            flat = picture[band].reshape(-1)
            own = places * np.int32(3) + np.int32(channel)
            weight = alpha[band].reshape(-1)[places].astype(np.uint16)
            over = plane[band].reshape(-1)[places] if plane.shape == alpha.shape else plane.reshape(-1)
            mixed = flat[own] * (255 - weight) + over * weight + np.uint16(128)
            flat[own] = (mixed + (mixed >> 8)) >> 8  # divided by 255, rounded
        del plane
    return picture


def _cleaned(colors: np.ndarray, alpha: np.ndarray, near: np.ndarray, *, is_spent: bool = False) -> np.ndarray:
    sure, shape = near[..., 3], alpha.shape[::-1]
    paint = (near[..., :3] / np.maximum(sure, 1e-3)[..., None]).astype(np.uint8)
    trust = cv2.resize((sure * np.float32(255.0)).astype(np.uint8), shape, interpolation=cv2.INTER_LINEAR)
    hidden = cv2.LUT(alpha, ramp_table(THIN, THICK))
    hidden = cv2.multiply(hidden, trust, dst=trust, scale=1 / 255)
    return laid(colors, _at(paint, alpha.shape), hidden, is_spent=is_spent)


def _paint_of(colors: np.ndarray, alpha: np.ndarray, pen: Pen) -> np.ndarray:
    """`uint8[H, W, 3]`, RGB, or `uint8[1, 1, 3]`: one colour for all of it."""
    if pen.lines == "tinted":
        return tint(colors, alpha)
    return np.array([[pen.rgb if pen.lines == "coloured" else (0, 0, 0)]], np.uint8)


# Ink ------------------------------------------------------------------------------------------------------------------


def _paper(drawing: np.ndarray) -> tuple[float, float]:
    """The gray of the paper, its most frequent light value, and the spread of its grain in levels."""
    counts = _counts(drawing)
    light = np.convolve(counts, [1, 2, 3, 2, 1], "same")
    light[:128] = 0
    if counts[128:].sum() < 0.02 * drawing.size:  # hardly any paper to see: white, then
        return 255.0, 0.0
    paper = int(light.argmax()) if counts[254:].sum() < 0.25 * drawing.size else 255
    # Ink is only ever darker, so what is lighter than the paper is all grain; the same spread lies below.
    above = counts[paper:]
    spread = np.sqrt((above * np.arange(len(above)) ** 2).sum() / max(above.sum(), 1.0))
    if paper >= 250:  # grain that was cut off at white shows below only
        below = counts[paper - 12 : paper + 1][::-1]
        half = np.searchsorted(below.cumsum(), 0.683 * below.sum())
        spread = max(spread, float(half))
    return float(paper), float(min(spread, 24.0))


def _counts(drawing: np.ndarray) -> np.ndarray:
    """How often every level occurs, `float64[256]`; band by band, for OpenCV counts in 24 bits."""
    rows = max((1 << 23) // drawing.shape[1], 1)
    bands = [np.ascontiguousarray(drawing[top : top + rows]) for top in range(0, len(drawing), rows)]
    return np.stack([cv2.calcHist([one], [0], None, [256], [0, 256])[:, 0] for one in bands]).sum(0, dtype=np.float64)


@lru_cache(maxsize=16)
def _ink_table(paper: float, spread: float) -> np.ndarray:
    level = np.arange(256, dtype=np.float32)
    below = paper - max(_CLEAN, _GRAIN * spread) - level
    begins = np.clip(below / (_KNEE * max(spread, 1.0)), 0.0, 1.0)
    return np.rint(255.0 * np.clip(1.0 - level / paper, 0.0, 1.0) * begins).astype(np.uint8)
