"""A painting joined to its full-size lines strip by strip, for pages that are too large to be held in colour.

Only the lines are there at full size, one byte a pixel. Colours, shadow, light and the tint of lines are small, and are
brought to the size of the page for as many rows as are asked for; every row is what `s2p.overlay` makes of the page in
one piece. What that looks up in the whole page are some hundred thousand of its pixels (`s2p.open_paint`); they are
collected in a first pass over the strips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from s2p.enlarge import Enlarged
from s2p.open_paint import THIN, line_core, paint_between, ramp_table, small_size, tones_of_core
from s2p.overlay import THICK, Pen, Shade, inker, laid
from s2p.progress import NullReporter, Reporter

ROWS = 256  # of a strip; even
_BITS = 11  # of the shares in which OpenCV mixes two pixels

Rows = Callable[[int, int], np.ndarray]


class Strips:
    """A picture as it is asked for, from above.

    Args:
        painting: `uint8[h, w, 3]`, RGB. Small colours.
        drawing: `uint8[H, W]`, 255 = paper. The artist's lines at the size of the page.
        pen: what they are drawn with.
        bounds: `uint8[k, l]`, or None. Lines at which colours end where that is not at those of the drawing.
        shade: what lies on the colours.

    Attributes:
        shape: `(H, W, 3)`.
    """

    def __init__(
        self, painting: np.ndarray, drawing: np.ndarray, pen: Pen, *, bounds: np.ndarray | None = None,
        shade: Shade | None = None,
    ) -> None:
        self.shape = (*drawing.shape, 3)
        self._painting, self._drawing, self._pen, self._bounds, self._shade = painting, drawing, pen, bounds, shade

    def rows(self, report: Reporter | None = None) -> Iterator[np.ndarray]:
        """The picture from above, `uint8[ROWS, W, 3]` RGB at a time, the last with what is left.

        Args:
            report: told the fraction done, and asked before every strip whether the job was cancelled.
        """
        report = report or NullReporter()
        page, bounds, size = self._drawing, self._bounds, small_size(self.shape)
        draws = hides = inker(page)
        ends = page
        core, drawn = self._lines(draws, size)
        if bounds is not None:
            ends = bounds if bounds.shape == page.shape else cv2.resize(bounds, page.shape[::-1])
            hides = inker(ends)
        colors = Enlarged(self._painting, ends, report=report)
        seen = self._picked(colors.rows, size, report)
        hidden = drawn if bounds is None else self._picked(hides, size, report)
        near = paint_between(seen, hidden)
        under = _Under(near, page.shape)
        tones = self._tones(core, near if bounds is None else paint_between(under.at(seen, hidden), drawn))
        for top, bottom in self._strips():
            report.check()
            strip = under.cleaned(colors.rows(top, bottom), hides(top, bottom), top)
            self._shade_rows(strip, top)
            if tones is not None:
                planes = _planes(tones, page.shape, top, bottom) if tones.shape[:2] != (1, 1) else cv2.split(tones)
                strip = laid(strip, planes, draws(top, bottom), is_spent=True)
            report.update(0.5 + 0.5 * bottom / len(page))
            yield strip

    def _strips(self) -> Iterator[tuple[int, int]]:
        for top in range(0, self.shape[0], ROWS):
            yield top, min(top + ROWS, self.shape[0])

    def _lines(self, draws: Rows, size: tuple[int, int]) -> tuple[np.ndarray | None, np.ndarray]:
        """What tints lines, where they are tinted, and the ink at the pixels that are looked up."""
        alpha = draws(0, self.shape[0])
        core = line_core(alpha, size) if self._pen.lines == "tinted" else None
        return core, cv2.resize(alpha, size[::-1], interpolation=cv2.INTER_NEAREST)

    def _picked(self, rows: Rows, size: tuple[int, int], report: Reporter) -> np.ndarray:
        """The pixels that are looked up, `uint8[h, w(, 3)]`: those that OpenCV takes for the nearest."""
        at = _looked_up(size, self.shape)
        found: list[np.ndarray] = []
        for top, bottom in self._strips():
            report.check()
            own = at[0][(at[0] >= top) & (at[0] < bottom)] - top
            if len(own):
                found.append(rows(top, bottom)[own][:, at[1]])
            report.update(0.5 * bottom / self.shape[0])
        return np.concatenate(found)

    def _tones(self, core: np.ndarray | None, near: np.ndarray) -> np.ndarray | None:
        """The colours of lines, `uint8[h, w, 3]` or `uint8[1, 1, 3]`; None without lines."""
        if core is not None:
            return tones_of_core(core, near)
        if self._pen.lines == "none":
            return None
        return np.array([[self._pen.rgb if self._pen.lines == "coloured" else (0, 0, 0)]], np.uint8)

    def _shade_rows(self, strip: np.ndarray, top: int) -> None:
        """Lays shadow and light on some rows, in their place."""
        if self._shade is None:
            return
        shadow, light = self._shade
        for channel in range(3):
            own = cv2.extractChannel(strip, channel)
            plane = rows_at(shadow[..., channel], self.shape, top, top + len(strip))
            own = cv2.multiply(own, plane, dst=own, scale=1 / 255)
            if light is not None:
                plane = rows_at(255 - light[..., channel], self.shape, top, top + len(strip))
                own = cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(own), plane, scale=1 / 255))
            cv2.insertChannel(own, strip, channel)


class _Under:
    """The paint under lines, in which painted ones disappear (`s2p.overlay.without_lines`).

    Args:
        near: `float32[h, w, 4]`, of `s2p.open_paint`.
        shape: of the page.
    """

    def __init__(self, near: np.ndarray, shape: tuple[int, ...]) -> None:
        sure = near[..., 3]
        self._paint = (near[..., :3] / np.maximum(sure, 1e-3)[..., None]).astype(np.uint8)
        self._trust, self._shape = (sure * np.float32(255.0)).astype(np.uint8), shape

    def cleaned(self, colors: np.ndarray, alpha: np.ndarray, top: int) -> np.ndarray:
        """Rows of the page from `top` without painted lines, in the room of `colors`."""
        trust = rows_at(self._trust, self._shape, top, top + len(colors))
        hidden = cv2.multiply(cv2.LUT(alpha, ramp_table(THIN, THICK)), trust, scale=1 / 255)
        return laid(colors, _planes(self._paint, self._shape, top, top + len(colors)), hidden, is_spent=True)

    def at(self, colors: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        """The same of the pixels that are looked up, `uint8[h, w, 3]`."""
        at = _looked_up(alpha.shape, self._shape)
        trust, *paint = (_mixed(one, self._shape, *at) for one in (self._trust, *cv2.split(self._paint)))
        hidden = cv2.multiply(cv2.LUT(alpha, ramp_table(THIN, THICK)), trust, scale=1 / 255)
        return laid(colors, paint, hidden)


def _planes(small: np.ndarray, shape: tuple[int, ...], top: int, bottom: int) -> Iterator[np.ndarray]:
    for plane in cv2.split(small):
        yield rows_at(plane, shape, top, bottom)


def rows_at(small: np.ndarray, shape: tuple[int, ...], top: int, bottom: int) -> np.ndarray:
    """Some rows of what `cv2.resize` makes of a picture, linearly and in its arithmetic.

    Args:
        small: `uint8[h, w]`.
        shape: of the page, `(H, W, ...)`.
        top, bottom: the first row and the one behind the last.

    Returns: `uint8[bottom - top, W]`; a level off here and there where OpenCV rounds by other instructions.
    """
    return _mixed(small, shape, np.arange(top, bottom), np.arange(shape[1]))


def _mixed(small: np.ndarray, shape: tuple[int, ...], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    above, below, upper, lower = _shares(small.shape[0], shape[0], rows)
    left, right, first, second = _shares(small.shape[1], shape[1], columns)
    start = int(above[0])
    near = small[start : int(below[-1]) + 1].astype(np.int32)
    wide = (near[:, left] * first + near[:, right] * second) >> 4
    mixed = ((wide[above - start] * upper[:, None]) >> 16) + ((wide[below - start] * lower[:, None]) >> 16)
    return ((mixed + 2) >> 2).astype(np.uint8)


def _shares(count: int, length: int, places: np.ndarray) -> tuple[np.ndarray, ...]:
    """Which two of `count` pixels are mixed at every one of some `places` among `length`, and their whole shares."""
    place = ((places + 0.5) * (count / length) - 0.5).astype(np.float32)
    first = np.floor(place).astype(np.int64)
    share = np.where((first < 0) | (first >= count - 1), np.float32(0.0), place - first.astype(np.float32))
    first = np.clip(first, 0, count - 1)
    parts = (np.rint(part * np.float32(1 << _BITS)).astype(np.int32) for part in (np.float32(1.0) - share, share))
    return first, np.minimum(first + 1, count - 1), *parts


def _looked_up(size: tuple[int, ...], shape: tuple[int, ...]) -> list[np.ndarray]:
    """Rows and columns of the pixels that OpenCV takes for the nearest in a copy of `size`."""
    return [
        np.minimum(np.floor(np.arange(count) * (length / count)).astype(np.int64), length - 1)
        for count, length in zip(size, shape)
    ]
