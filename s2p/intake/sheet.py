"""The sheet of paper in a photograph, and what lies around it: a desk, a bed, the lid of a scanner.

Across the edge of a sheet light falls off by one ratio all along, whatever shadow lies over both sides; so its sides
are looked for as long straight steps, each by itself, and what is left over to all four is the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from s2p.image import as_picture
from s2p.intake.sight import enlarged_rows, grain, nearest, reach_of, square

_EDGE = 320  # px, the short edge at which sheets are looked for
_WINDOW = 4  # px to either side of a step that are compared
_STEP, _HIGHEST = 0.12, 0.6  # the least step, in natural logarithms of light, and what a higher one counts
_SLOPES = np.linspace(-0.2, 0.2, 41)
_SHARE, _WHOLE = 0.55, 0.9  # of the picture that a side runs along, and of the side itself, with that step
_CURL = 4  # px by which a side may leave its line
_AWAY, _NEAR = 0.06, 1.5  # share of a step that counts less for each px; px from its line from which on it counts less
_FITS = 6  # how often a line is fitted at most
_MARGIN = 3  # px of a sheet that are left out with what lies around it
_LEAST, _DESK = 0.2, 0.004  # of the picture: the smallest sheet, and the least that lies around one
_NEUTRAL, _SHADOW = 0.14, 0.3  # ratios between channels, and of light: a shadow on paper may look so
_INK, _INKED = 0.35, 0.003  # darkness of ink as a share of the light around; of what lies around a sheet
_FAINT, _CLEAR = 0.012, 0.1  # spread of what strokes darken along a side: the least that tells, and what tells alone
_ACROSS, _SURE = 0.3, 0.6  # likeness of a side's two sides; where light falls off as it does in no shadow
_APART = 8  # px by which two sides are moved against each other to see how alike they are by chance
_LIGHT = 96  # levels: the darkest paper, in its lightest channel
_TINT, _ALIKE = 0.08, 0.6  # logarithms between channels by which paper differs from its usual tint; its share
_ROUGH, _SMOOTH = 0.04, 0.8  # spread of the logarithms of its light around every place; share of it that has less
_UPRIGHT, _COLORED = 0.3, 25.0  # degrees by which what is drawn is not turned; levels between channels of white paper
_SHADES, _GRAIN = 1.0, 0.5  # levels of light, and of grain: what has less is no photograph
_THIN = 3  # rows in one that is looked at for a line
_TRIED = 4  # steps that may be shadows before one that is a side
_PATCH, _TRIES = 24, 24  # px of bare paper whose grain goes on around a sheet; tries along an edge to find some
_STRIP = 64  # rows that are worked on at once


@dataclass(frozen=True)
class Sheet:
    """A sheet in a picture.

    Attributes:
        around: `float32[h, w]`, how much of every place is no sheet, at the size at which it was looked for.
        light: `float32[h, w, 3]`, RGB, the light of bare paper, which goes on around it.
        box: rows and columns of the picture that hold it.
        degrees: by which it is turned to the left.
    """

    around: np.ndarray
    light: np.ndarray
    box: tuple[slice, slice]
    degrees: float

    def outside(self, shape: tuple[int, ...]) -> np.ndarray:
        """What is no sheet, in the picture at another size, `bool[H, W]`."""
        return cv2.resize(self.around, shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0.5

    def cut(self, image: np.ndarray) -> np.ndarray:
        """The part of the picture, `uint8[H, W, 3]`, that holds the sheet, with bare paper in its corners."""
        page = image[self.box].copy()
        outside = self.outside(image.shape)[self.box]
        rough = _grain_of(page, outside)
        tiles = [np.resize(np.arange(_PATCH), edge) for edge in page.shape[:2]]
        light = [enlarged_rows(np.ascontiguousarray(one), image.shape) for one in cv2.split(self.light)]
        top, left = self.box[0].start, self.box[1]
        for row in range(0, len(page), _STRIP):
            own = outside[row : row + _STRIP]
            bare = np.stack([one(top + row, top + row + len(own))[:, left] for one in light], -1)
            bare *= rough[tiles[0][row : row + _STRIP][:, None], tiles[1][None]]
            page[row : row + _STRIP][own] = np.clip(bare + 0.5, 0, 255)[own].astype(np.uint8)
        return page

    def on_page(self, part: np.ndarray, shape: tuple[int, ...], *, goes_on: bool = False) -> np.ndarray:
        """A page of `shape` in the proportion of `part`, which `cut` has become, white where there is no sheet.

        Args:
            part: `uint8[h, w(, 3)]`.
            shape: of the whole picture.
            goes_on: whether the sheet's edge is drawn out to that of the picture, instead.
        """
        rows, columns = self.box
        scale = part.shape[0] / (rows.stop - rows.start), part.shape[1] / (columns.stop - columns.start)
        height, width = max(round(shape[0] * scale[0]), 1), max(round(shape[1] * scale[1]), 1)
        top = min(round(rows.start * scale[0]), height - part.shape[0])
        left = min(round(columns.start * scale[1]), width - part.shape[1])
        page = np.full((height, width, *part.shape[2:]), 255, np.uint8)
        page[top : top + part.shape[0], left : left + part.shape[1]] = part
        outside = self.outside(page.shape)
        page[outside] = 255
        if goes_on:
            element = square(reach_of(page.shape))
            inner = cv2.dilate(outside.astype(np.uint8), element) == 0  # at the edge lines end
            beyond = page[nearest(inner)]
            beyond[255 - cv2.morphologyEx(beyond, cv2.MORPH_CLOSE, element) > 127] = 255  # a line along the edge
            page = np.where(inner, page, np.minimum(page, beyond))
        return page


def sheet_in(image: np.ndarray, *, may_be_made: bool = False) -> Sheet | None:
    """The sheet in a photograph; None where paper fills it, or where none is sure.

    Args:
        image: `uint8[H, W(, 3)]`, RGB.
        may_be_made: whether what looks like no photograph counts, too; else it is a frame that was drawn.
    """
    small = _small(image)
    bare = cv2.blur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square(2)), (3, 3)).astype(np.float32)
    ink = _ink(small)
    steps = [_steps(np.log(np.rot90(bare, turn) + 8.0)) for turn in range(4)]
    found = [list(_sides(steps[turn], np.rot90(bare, turn), np.rot90(ink, turn))) for turn in range(4)]
    sides = _together(found, steps, small.shape)
    if not sides:
        return None
    around = _around({turn: side + _MARGIN for turn, side in sides.items()}, small.shape)
    inner = _around({turn: side + 2 * _MARGIN for turn, side in sides.items()}, small.shape) == 0
    if not _DESK <= around.mean() <= 1 - _LEAST or not _is_paper(bare, inner):
        return None
    slopes = [float(np.polyfit(np.arange(len(side)), side, 1)[0]) for side in sides.values()]
    degrees, box = float(np.degrees(np.arctan(np.median(slopes)))), _box(around > 0.5, image)
    page = image[box]
    if min(page.shape[:2]) < 2 * _PATCH:
        return None
    if not may_be_made and _is_made(page, bare[inner], is_upright=abs(degrees) < _UPRIGHT):
        return None
    light = cv2.medianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, square(3)), 5)
    light = light[nearest(inner)]  # nearer to its edge what lies around shines in
    light = np.where(around[..., None] > 0, cv2.blur(light, (5, 5)), light)
    return Sheet(around, light.astype(np.float32), box, degrees)


def _together(found: list[list[np.ndarray]], steps: list[np.ndarray], shape: tuple[int, ...]) -> dict[int, np.ndarray]:
    """The sides that have their step all along, by their turn, of those that may be; the likeliest where they agree."""

    def whole(sides: dict[int, np.ndarray]) -> dict[int, float]:
        return {turn: _whole(steps[turn], sides, turn, shape) for turn in sides}

    sides = {turn: some[0] for turn, some in enumerate(found) if some}
    while sides and min((shares := whole(sides)).values()) < _WHOLE:
        others = [sides | {turn: other} for turn in sides for other in found[turn][1:]]
        likely = max(others, key=lambda one: min(whole(one).values()), default={})
        if likely and min(whole(likely).values()) >= _WHOLE:
            return likely
        del sides[min(shares, key=lambda turn: shares[turn])]
    return sides


def _is_paper(bare: np.ndarray, inner: np.ndarray) -> bool:
    """Whether what is `inner`, `bool[H, W]`, is light, smooth and of one tint for the most part: no painting."""
    light = np.log(bare + 8.0)
    tint = light[..., ::2] - light[..., 1:2]
    is_alike = np.abs(tint - np.median(tint[inner], axis=0)).max(-1) < _TINT
    gray = light.mean(-1)
    spread = cv2.blur(gray * gray, (5, 5)) - cv2.blur(gray, (5, 5)) ** 2
    is_light = float(np.median(bare[inner].max(-1))) >= _LIGHT
    return bool(is_light and is_alike[inner].mean() >= _ALIKE and (spread[inner] < _ROUGH**2).mean() >= _SMOOTH)


def _is_made(page: np.ndarray, light: np.ndarray, *, is_upright: bool) -> bool:
    """Whether a page without grain has no shade on it, either: a frame that was drawn, unless it is white and askew.

    Args:
        page: `uint8[H, W(, 3)]`.
        light: `float32[N, 3]`, its places without lines.
    """
    usual = np.median(light, axis=0)
    is_even = np.median(np.abs(light - usual).max(-1)) < _SHADES
    is_odd = is_upright or np.ptp(usual) > _COLORED
    gray = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    return bool(is_odd and is_even and grain(gray) < _GRAIN)


def _small(image: np.ndarray) -> np.ndarray:
    scale = min(_EDGE / min(image.shape[:2]), 1.0)
    return as_picture(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _steps(light: np.ndarray) -> np.ndarray:
    """How much lighter every place is than what lies to its left, `float32[H, W]`, in the channel where most.

    Args:
        light: `float32[H, W, 3]`, logarithms.
    """
    wide = np.pad(light, ((0, 0), (_WINDOW + 1, _WINDOW), (0, 0)), mode="edge")
    sums = np.pad(np.cumsum(wide, axis=1, dtype=np.float64), ((0, 0), (1, 0), (0, 0)))
    means = (sums[:, _WINDOW:] - sums[:, :-_WINDOW]) / _WINDOW
    width = light.shape[1]
    return (means[:, _WINDOW + 2 :] - means[:, :width]).max(-1).astype(np.float32)


def _ink(image: np.ndarray) -> np.ndarray:
    """How much light strokes take of what lies around them, `float32[H, W]`; reduced, so ruling takes little."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    around = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, square(2)).astype(np.float32)
    return (around - gray) / (around + 8.0)


def _sides(steps: np.ndarray, bare: np.ndarray, ink: np.ndarray) -> Iterator[np.ndarray]:
    """Where a sheet may begin in every row, `float32[H]`, perhaps before the picture, the likeliest first."""
    height, width = steps.shape
    held = np.pad(np.clip(steps, 0.0, _HIGHEST), ((0, 0), (1, 1)))  # a column of nothing to either side
    if (held.max(1) >= _STEP).mean() < _SHARE / 3:
        return
    rows, first = np.arange(height), np.arange(-width // 4, int(0.6 * width))
    turned = np.rint(_SLOPES[:, None] * (rows - height / 2)).astype(int)
    some = rows[::_THIN]
    sums = _THIN * np.stack([
        held[some[:, None], (first + one[some, None] + 1).clip(0, width + 1)].sum(0) for one in turned
    ])  # fmt: skip
    for _ in range(_TRIED):
        slope, place = np.unravel_index(int(sums.argmax()), sums.shape)
        if sums[slope, place] < _SHARE * height * _STEP:
            return
        line = first[place] + turned[slope]
        if _is_beside(line, steps, bare) and not _is_shade(line, bare, ink):
            yield _curve(line, steps)
        sums[:, max(place - 3 * _CURL, 0) : place + 3 * _CURL] = 0.0


def _curve(line: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The steps along a line, `float32[H]`, which need not be turned exactly as their side is."""
    rows = np.arange(len(line))
    for _ in range(_FITS):
        places, heights = _steps_near(line, steps)
        if heights.max() < _STEP:
            break
        high = np.where(heights >= _STEP, heights, 0.0)  # planks that cross a side have lower ones than it has
        weights, straight = high, line.astype(np.float64)
        for _ in range(_FITS):
            straight = np.polyval(np.polyfit(rows, places, 1, w=weights), rows)
            weights = high / (1.0 + ((places - straight) / _NEAR) ** 2)
        former, line = line, np.rint(straight).astype(int)
        if (former == line).all():
            break
    places, heights = _steps_near(line, steps)
    curve = np.where(heights >= _STEP, places, line)
    return cv2.blur(cv2.medianBlur(curve.astype(np.float32)[:, None], 5), (1, 2 * _CURL + 1))[:, 0]


def _steps_near(line: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where beside a line the step of every row is highest, `int[H]`, and how high the highest is, `float32[H]`."""
    rows, near = np.arange(len(line)), line[:, None] + np.arange(-_CURL, _CURL + 1)
    is_inside = (near >= 1) & (near < steps.shape[1])
    heights = np.where(is_inside, steps[rows[:, None], near.clip(0, steps.shape[1] - 1)], 0.0)
    likely = heights * (1.0 - _AWAY * np.abs(np.arange(-_CURL, _CURL + 1)))  # planks have steps beside a sheet, too
    return near[rows, likely.argmax(1)], heights.max(1)


def _is_beside(line: np.ndarray, steps: np.ndarray, bare: np.ndarray) -> bool:
    """Whether what lies beyond a step stays darker than the paper beside it; beyond a thick stroke is paper again."""
    rows = np.flatnonzero((line >= _WINDOW) & (line < steps.shape[1] - 2 * _WINDOW))
    rows = rows[steps[rows, line[rows]] >= _STEP]
    if not len(rows):
        return False
    light = np.log(bare + 8.0)
    darker = (light[rows, line[rows] + _WINDOW + 2][:, None] - light[rows]).max(-1)
    beyond = np.arange(steps.shape[1]) < line[rows, None] - 2
    return bool((darker[beyond] >= _STEP / 2).mean() >= _SHARE)


def _is_shade(line: np.ndarray, bare: np.ndarray, ink: np.ndarray) -> bool:
    """Whether a step is the edge of a shadow: strokes run across it, or it has no colour and strokes lie beyond it."""
    height, width = ink.shape
    rows = np.flatnonzero((line >= 3 * _WINDOW) & (line < width - 3 * _WINDOW))
    if len(rows) < height / 8:
        return False
    beside = [rows[:, None], line[rows, None] + np.arange(_WINDOW, 2 * _WINDOW)]
    beyond = [rows[:, None], line[rows, None] - np.arange(_WINDOW, 2 * _WINDOW)]
    left = np.median(bare[tuple(beyond)], axis=(0, 1)) / np.maximum(np.median(bare[tuple(beside)], axis=(0, 1)), 1.0)
    is_gray = bool(np.ptp(left) < _NEUTRAL and left.min() > _SHADOW)
    if _runs_across(*(ink[tuple(place)].mean(1) for place in (beside, beyond)), least=_ACROSS if is_gray else _SURE):
        return True
    outside = np.arange(width) < line[:, None] - _WINDOW
    return is_gray and bool((ink[outside] >= _INK).mean() >= _INKED)


def _runs_across(beside: np.ndarray, beyond: np.ndarray, *, least: float) -> bool:
    """Whether the strokes along one side of a step, `float32[N]`, go on along the other, and not by chance."""
    one, other = (cv2.dilate(level[:, None], np.ones((5, 1), np.uint8))[:, 0] for level in (beside, beyond))
    spread = min(one.std(), other.std())
    if spread <= _FAINT or (alike := np.corrcoef(one, other)[0, 1]) <= least:
        return False
    if spread >= _CLEAR:
        return True
    moved = [np.roll(other, by) for by in range(_APART, len(other) - _APART + 1)]  # the grain of wood is like ruling
    return bool(alike > max((np.corrcoef(one, some)[0, 1] for some in moved), default=0.0))


def _around(sides: dict[int, np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """How much of every place lies beyond the sides, `float32[H, W]`."""
    around = np.zeros(shape[:2], np.float32)
    for turn, side in sides.items():
        page = np.rot90(around, turn)
        np.maximum(page, np.clip(side[:, None] - np.arange(page.shape[1]), 0.0, 1.0), out=page)
    return around


def _whole(steps: np.ndarray, sides: dict[int, np.ndarray], turn: int, shape: tuple[int, ...]) -> float:
    """The share of a side that has the step, without what lies beyond the other sides."""
    others = np.rot90(_around({one: side for one, side in sides.items() if one != turn}, shape), turn)
    side = np.rint(sides[turn]).astype(int)
    rows = np.flatnonzero((side >= 2) & (side < steps.shape[1]))
    rows = rows[others[rows, side[rows]] == 0]
    if len(rows) < steps.shape[0] / 8:
        return 0.0
    near = side[rows, None] + np.arange(-1, 2)
    return float((steps[rows[:, None], near.clip(0, steps.shape[1] - 1)].max(1) >= _STEP).mean())


def _box(around: np.ndarray, image: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the picture that hold what is not around."""
    found = []
    for axis in range(2):
        places = np.flatnonzero(~around.all(1 - axis))
        scale = image.shape[axis] / around.shape[axis]
        found.append(slice(int(places[0] * scale), min(int(np.ceil((places[-1] + 1) * scale)), image.shape[axis])))
    return found[0], found[1]


def _grain_of(page: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The grain of bare paper, as shares of its light, `float32[_PATCH, _PATCH, 3]`."""
    best, bare = np.inf, np.ones((_PATCH, _PATCH, 3), np.float32)
    for row in np.linspace(0, len(page) - _PATCH, _TRIES).astype(int):
        for column in np.linspace(0, page.shape[1] - _PATCH, _TRIES).astype(int):
            place = slice(row, row + _PATCH), slice(column, column + _PATCH)
            if outside[place].any():
                continue
            own = page[place].astype(np.float32) + 1.0
            share = own / cv2.blur(own, (9, 9))
            if (unevenness := float(np.ptp(share))) < best:
                best, bare = unevenness, share
    usual = 1.4826 * float(np.median(np.abs(bare - 1.0)))
    return np.clip(bare, 1.0 - 2.5 * usual, 1.0 + 2.5 * usual)
