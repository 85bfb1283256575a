"""Ruled and squared paper: finds printed lines by straightness, length and number, and leaves the ink over them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np

from s2p.intake.margin import margins_in
from s2p.intake.sight import channel_maximum, reach_of, square
from s2p.lineart import channel_minimum

_PIECE, _ACROSS = 1 / 16, 0.5  # of an edge: the shortest straight piece, and how much of it a line runs along
_LEAST = 5  # lines that run alike
_EVEN, _ALIKE = 0.25, 34.0  # how far their distances may differ from the usual one; how far their colours, in levels
_FAINT = 0.04  # darkness that may be a printed line
_SLOPE = 0.1  # at most
_SPAN = 0.55  # of the page that they cover; the courses of a wall do not
_STRAIGHT = 0.8  # px on a page of 700: how far most of a printed line is from its curve
_THICK = 1 / 220  # of the short edge: half of the thickest printed line
_DARKER, _BLACKER = 1.7, 85.0  # times its usual darkness, and levels below it: ink over a printed line
_MARGIN, _PALE, _WHOLE = 2.0, 110, 0.9  # a gray margin: times the ruling's darkness, least level, share that is seen
_WIDEST, _HARDLY, _BRIDGED = 24, 1.15, 0.8  # px of a printed line; times its darkness: ink on it, and ink beside it
_BAND = 256  # rows that are worked on at once: in floating point a large page takes too much room
_TURNED = 3.0  # degrees from which on a sheet is set upright before its ruling is looked for
_CORNER = 16  # lines beyond the last long one that are looked for at the corners of a turned page
_SMALL, _BIN = 350, 2.0  # px of the short edge at which a turn is looked for, and in which parallels are one
_MOST, _FINE, _PEAK = 13.0, 0.5, 3.0  # degrees that are looked for, and in which steps; times the usual direction
_THERE = 0.3  # share of a line that is seen where another one tells that it must be


@dataclass(frozen=True)
class _Line:
    """One line across the page: its curve, half its thickness in px, and its colour."""

    curve: np.ndarray
    half: int
    color: np.ndarray

    @property
    def place(self) -> float:
        return float(np.polyval(self.curve, 0.5))

    def rows(self, width: int) -> np.ndarray:
        return np.polyval(self.curve, (np.arange(width) + 0.5) / width)


def ruling_in(
    image: np.ndarray, degrees: float = 0.0, *, inside: np.ndarray | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The printed lines of a drawing on white paper, `uint8[H, W, 3]`; empty without any.

    Args:
        image: it.
        degrees: by which its sheet is turned to the left.
        inside: `bool[H, W]`, where the drawing is in a larger white one, in which lines are shorter at its corners.

    Lines count as printed when at least five run from side to side at even distances, all of one shade that is not the
    ink's; then single ones of a clear pale colour (a margin) count, too, and pale gray ones that cross the others from
    one end of the page to the other (a margin in a gray scan).

    Returns: where those of one shade are, `bool[H, W]`, and their colour, `float[3]`, for each shade.
    """
    if abs(degrees) > _TURNED:
        return _turned_ruling_in(image, degrees)
    turned = np.ascontiguousarray(image.transpose(1, 0, 2))
    lying, standing = _lines(image), _lines(turned)
    there = None if inside is None else np.ascontiguousarray(inside.T)
    across, upright = _printed(lying, image, inside), _printed(standing, turned, there)
    if not across and not upright:
        return []
    mask, other = np.zeros(image.shape[:2], bool), np.zeros(turned.shape[:2], bool)
    for page, lines in ((mask, across), (other, upright)):
        for line in lines:
            page[_pixels(line, page.shape)] = True
    color = np.median([one.color for one in across + upright], axis=0)
    is_seen = 255 - channel_minimum(image) > 255 * _FAINT / 2
    found = [((mask | other.T) & is_seen, color)]
    alone = [(one, False) for one in _margins(lying)] + [(one, True) for one in _margins(standing)]
    if not (across and upright):
        crossing, page = (standing, turned) if across else (lying, image)
        alone += [(one, bool(across)) for one in _gray_margins(crossing, color, page)]
    for line, is_upright in alone:  # each of a shade of its own, which may be twice as dark as the ruling
        place = np.zeros((turned if is_upright else image).shape[:2], bool)
        place[_pixels(line, place.shape)] = True
        found.append(((place.T if is_upright else place) & is_seen, line.color))
    if across:
        found += margins_in(image)
    if upright:
        found += [(place.T, shade) for place, shade in margins_in(turned)]
    return found


def _turned_ruling_in(image: np.ndarray, degrees: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same on a sheet that is set upright first."""
    height, width = image.shape[:2]
    move = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    share = np.abs(move[:, :2])
    across, down = (int(np.ceil(edge)) for edge in share @ (width, height))
    move[:, 2] += ((across - width) / 2, (down - height) / 2)
    upright = cv2.warpAffine(image, move, (across, down), borderMode=cv2.BORDER_CONSTANT, borderValue=(255,) * 3)
    inside = cv2.warpAffine(np.ones((height, width), np.uint8), move, (across, down))
    back = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    return [
        (cv2.warpAffine(mask.astype(np.uint8) * 255, move, (width, height), flags=back) > _THERE * 255, color)
        for mask, color in ruling_in(upright, inside=inside > 0)
    ]


def turn_of(image: np.ndarray) -> float:
    """Degrees by which the lines of `uint8[H, W, 3]` are turned to the left; 0 where no turn stands out.

    From how much is seen along parallels in each direction (Radon 1917): along those of ruling all or nothing.
    """
    share = min(_SMALL / min(image.shape[:2]), 1.0)
    dark = np.minimum(255 - channel_minimum(image), np.uint8(_BLACKER))  # ink is no more than ruling is
    dark = cv2.resize(dark, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.float32)
    dark -= cv2.blur(dark, (9, 9))
    rows, columns = np.nonzero(dark > 255 * _FAINT / 2)
    if len(rows) < _SMALL:
        return 0.0
    weights = dark[rows, columns]
    places = np.stack([rows - dark.shape[0] / 2, columns - dark.shape[1] / 2])
    turns = np.arange(-_MOST, _MOST + _FINE, _FINE)
    found = []
    for turn in np.radians(turns):
        cosine, sine = np.cos(turn) / _BIN, np.sin(turn) / _BIN
        energy = 0.0
        for along in ((cosine, sine), (-sine, cosine)):
            sums = np.bincount((along @ places + max(dark.shape)).astype(int), weights)
            energy += float(((sums - cv2.blur(sums[None], (9, 1))[0]) ** 2).sum())
        found.append(energy)
    best = int(np.argmax(found))
    return float(turns[best]) if found[best] >= _PEAK * float(np.median(found)) else 0.0


def without_ruling(image: np.ndarray, mask: np.ndarray, color: np.ndarray) -> np.ndarray:
    """The drawing with white paper where printed lines are and no ink crosses them; `uint8[H, W(, 3)]`.

    Args:
        image: `uint8[H, W(, 3)]`.
        mask, color: one shade of `ruling_in`.
    """
    near = cv2.dilate(mask.astype(np.uint8), square(1))  # their soft edges
    gap = min(int(np.ceil(2 * cv2.distanceTransform(near, cv2.DIST_L2, 3).max())), _WIDEST)
    result, darkness = image.copy(), 255.0 - color.min()
    for top in range(0, len(image), _BAND):
        rows = slice(max(top - gap, 0), top + _BAND + gap)
        own = image[rows].copy()
        dark = 255.0 - channel_minimum(own)
        is_ink = (dark > darkness * _DARKER + 12.0) | (channel_maximum(own) < color.max() - _BLACKER)
        printed = (near[rows] > 0) & ~is_ink
        own[printed] = 255
        # Ink that is hardly darker than the lines is seen to run on at both of their sides.
        beside = 255 - _bridged(channel_minimum(own), gap)
        runs_on = printed & (dark > _HARDLY * darkness) & (beside > _BRIDGED * darkness)
        if runs_on.any():
            own[runs_on] = _bridged(own, gap)[runs_on]
        result[top : top + _BAND] = own[top - rows.start :][:_BAND]
    return result


def _bridged(image: np.ndarray, gap: int) -> np.ndarray:
    """A drawing, `uint8[h, w(, 3)]`, whose strokes run on over white gaps of so many px, up, across or askew."""
    length = gap + 2
    ways = np.ones((length, 1)), np.ones((1, length)), np.eye(length), np.eye(length)[::-1]
    opened = (cv2.morphologyEx(image, cv2.MORPH_OPEN, way.astype(np.uint8)) for way in ways)
    return np.minimum.reduce(list(opened))


def _straight(dark: np.ndarray) -> np.ndarray:
    """Pixels of long thin pieces that lie nearly level, `bool[H, W]`."""
    length = max(round(dark.shape[1] * _PIECE), 12)
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)) > 255 * _FAINT
    broad = cv2.morphologyEx(dark, cv2.MORPH_OPEN, square(reach_of(dark.shape, _THICK)))
    return level & (dark > 255 * _FAINT) & (broad < 255 * _FAINT)


def _lines(image: np.ndarray) -> list[_Line]:
    """Lines that run along most of the page, from the top."""
    dark = 255 - channel_minimum(image)
    level = _straight(dark)
    width = level.shape[1]
    joined = cv2.dilate(level.astype(np.uint8), np.ones((3, 2 * max(round(width * _PIECE), 12) + 1), np.uint8))
    _, parts = cv2.connectedComponents(joined, connectivity=8)
    rows, columns = np.nonzero(level)
    names = parts[rows, columns]
    order = np.argsort(names, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(names[order])) + 1) if len(order) else []
    found = [_of_group(rows[own], columns[own], dark, image) for own in groups if len(own) >= _ACROSS * width]
    return sorted(chain.from_iterable(found), key=lambda one: one.place)


def _of_group(rows: np.ndarray, columns: np.ndarray, dark: np.ndarray, image: np.ndarray) -> list[_Line]:
    """The line through the pixels, or the two, where a double one lies so close that its pieces join."""
    if (line := _fitted(rows, columns, dark, image)) is not None:
        return [line]
    width = dark.shape[1]
    above = rows < np.polyval(np.polyfit((columns + 0.5) / width, rows, 1), (columns + 0.5) / width)
    if min(above.sum(), (~above).sum()) < _ACROSS * width:
        return []
    pair = [_fitted(rows[side], columns[side], dark, image) for side in (above, ~above)]
    return [one for one in pair if one is not None] if None not in pair else []


def _fitted(rows: np.ndarray, columns: np.ndarray, dark: np.ndarray, image: np.ndarray) -> _Line | None:
    """The line through the pixels, the ink beside it left out."""
    width, slack = dark.shape[1], reach_of(dark.shape, _THICK)
    for _ in range(4):
        curve = np.polyfit((columns + 0.5) / width, rows, 2)
        rest = np.abs(rows - np.polyval(curve, (columns + 0.5) / width))
        is_near = rest <= max(slack, float(np.median(rest)))
        rows, columns = rows[is_near], columns[is_near]
    if len(np.unique(columns)) < _ACROSS * width or abs(2 * curve[0] + curve[1]) > _SLOPE * width:
        return None
    order = np.lexsort((dark[rows, columns], columns))
    last = np.flatnonzero(np.diff(np.append(columns[order], -1)))  # the darkest of every column
    core = order[last]
    weight = dark[rows, columns].astype(np.float64) + 1.0
    middle = np.bincount(columns, weight * rows, width) / np.maximum(np.bincount(columns, weight, width), 1.0)
    rest = np.abs(middle[columns[core]] - np.polyval(curve, (columns[core] + 0.5) / width))
    if np.percentile(rest, 80) > _STRAIGHT * max(min(dark.shape) / 700, 1.0):
        return None  # drawn by hand
    color = np.median(image[rows[core], columns[core]], axis=0).astype(float)
    return _Line(curve, int(np.ceil(len(rows) / len(core) / 2)), color)


def _printed(lines: list[_Line], image: np.ndarray, inside: np.ndarray | None) -> list[_Line]:
    """Those of one shade at even distances, and those between and beyond them that ink hides; else none."""
    if len(lines) < _LEAST:
        return []
    usual = np.median([one.color for one in lines], axis=0)
    alike = [one for one in lines if np.abs(one.color - usual).max() <= _ALIKE]
    if len(alike) < _LEAST or usual.min() < 40 or alike[-1].place - alike[0].place < _SPAN * len(image):
        return []
    steps = np.diff([one.place for one in alike])
    step = max(float(np.median(steps)), 2.0)
    times = np.rint(steps / step)  # one may be hidden
    if ((np.abs(steps - times * step) <= _EVEN * step) & (times >= 1)).mean() < 0.8:
        return []
    return alike + _hidden(alike, times.astype(int), step, image, inside)


def _hidden(
    lines: list[_Line], times: np.ndarray, step: float, image: np.ndarray, inside: np.ndarray | None
) -> list[_Line]:
    """Lines that ink runs along, and those that leave the page."""
    found = []
    for above, below, count in zip(lines, lines[1:], times):
        for share in np.arange(1, min(count, 5)) / max(count, 1):
            found.append(_Line(above.curve * (1 - share) + below.curve * share, above.half, above.color))
    for line, way in ((lines[0], -1), (lines[-1], 1)):
        for number in range(1, 4 if inside is None else _CORNER):
            found.append(_Line(line.curve + np.array([0, 0, way * number * step]), line.half, line.color))
    return [one for one in found if _seen_share(one, image, inside) >= _THERE]


def _seen_share(line: _Line, image: np.ndarray, inside: np.ndarray | None = None) -> float:
    """How much of a line is darker than paper; 0 beside the page."""
    rows = np.rint(line.rows(image.shape[1])).astype(int)
    columns = np.flatnonzero((rows >= 1) & (rows < len(image) - 1))
    if inside is not None:
        columns = columns[inside[rows[columns], columns]]
    if len(columns) < 16:
        return 0.0
    dark = np.max([255 - image[rows[columns] + offset, columns].min(axis=-1) for offset in (-1, 0, 1)], axis=0)
    return float((dark > 255 * _FAINT).mean())


def _margins(lines: list[_Line]) -> list[_Line]:
    """Those that are pale and of a clear colour."""
    return [one for one in lines if np.ptp(one.color) >= 30 and one.color.max() >= 150]


def _gray_margins(lines: list[_Line], ruling: np.ndarray, image: np.ndarray) -> list[_Line]:
    """Those without a colour that are hardly darker than the ruling and seen nearly all the way."""
    darkest = 255.0 - min(_MARGIN * (255.0 - ruling.min()) + 12.0, 255.0 - _PALE)
    return [
        one for one in lines
        if np.ptp(one.color) < 30 and one.color.min() >= darkest and _seen_share(one, image) >= _WHOLE
    ]


def _pixels(line: _Line, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Places of a line from one side of the page to the other, as thick as it is."""
    places = np.rint(line.rows(shape[1])).astype(int)[:, None] + np.arange(-line.half, line.half + 1)
    columns = np.broadcast_to(np.arange(shape[1])[:, None], places.shape)
    is_inside = (places >= 0) & (places < shape[0])
    return places[is_inside], columns[is_inside]
