"""A look at what somebody brings, before anything is painted: is it ink on white paper, and if not, what is in the way?

    picture ─▶ which way round? ─▶ sheet ─▶ shadow, paper ─▶ ruling ─▶ coloured areas ─▶ lines ─▶ tones ─▶ `Taken`

What is sure is corrected and told (`sentence`): light ink is turned dark, what a photographed sheet lies on becomes
paper, the tint, shadow and grain of paper and its ruling go, areas that are coloured already become colours to start
from, tones stop bounding anything; of what is coloured all over, the lines alone are taken. Clean ink comes back as it
went in, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p import xdog
from s2p.image import as_picture
from s2p.intake import areas, folds, frame, paper, pencil, polarity, ruling, shadow, sheet, sight, tones, wash
from s2p.lineart import channel_minimum, min_pool
from s2p.sizes import min_resize

__all__ = ["OFFERS", "SENTENCES", "Taken", "as_it_is", "is_empty", "on_paper", "sentence", "take_in"]

_DRAWN = 1024  # px, the short edge at which the lines of a painting are drawn
_SMALLEST = 64  # px, the short edge: in less there is nothing to be sure of
_LONGEST = 8  # times the short edge; a strip is no page
_CALMED, _ROUGH = 0.3, 8.0  # px of blur for each level of grain, and up to which, before areas are looked for
_PHOTOGRAPHED = 1.0  # levels of grain from which on light fell on the page, and may have been in something's way
_UNEVEN = 0.5  # levels of grain from which on a page without any line is paper, not a picture that was made soft
_NOISE = 6  # levels: a page with no larger differences is blank

SENTENCES = {
    "sheet": "what lies around the sheet was left out",
    "blank": "nothing is drawn on this page, and its noise was left out",
    "alpha": "light ink on a transparent ground was taken as dark ink",
    "inverted": "light lines on a dark ground were turned round",
    "frame": "the frame around the drawing was left out",
    "paper": "the tint and the shadows of the paper were left out",
    "pencil": "pencil was told from the grain of its paper",
    "ruling": "the ruling of the paper was left out",
    "coloured": "areas with a colour keep it where no hint lies",
    "tones": "tones stay, and bound no colour",
    "grays": "large gray areas darken the colours over them, and its lines can be taken out first",
    "painting": "this looks like a painting rather than a drawing, so its lines were drawn first",
    "empty": "no drawing was found on this page",
}
OFFERS = frozenset({"grays", "painting"})  # where painting its lines alone (`s2p.pipelines.lines`) is better


@dataclass(frozen=True)
class Taken:
    """A drawing as it is painted.

    Attributes:
        picture: `uint8[H, W, 3]`, RGB. The drawing on white paper, with what is coloured in it.
        drawing: `uint8[H, W]`, 255 = paper. Its lines and tones, as they are shown over colours.
        walls: `uint8[h, w]`, 255 = paper. What bounds colour, of the same proportions; `drawing` itself where nothing
            else does.
        paint: `(x, y, (red, green, blue))` of areas that are coloured already, x and y in [0, 1].
        found: keys of `SENTENCES`, in the order in which they were dealt with; empty for clean ink.
        is_looked_at: whether it was looked at, rather than taken as it is.
        told: what was found, and `empty` where nothing is drawn on what was looked at.
    """

    picture: np.ndarray
    drawing: np.ndarray
    walls: np.ndarray
    paint: tuple[tuple[float, float, tuple[int, int, int]], ...] = ()
    found: tuple[str, ...] = ()
    is_looked_at: bool = True

    @property
    def bounds(self) -> np.ndarray | None:
        """The walls, or None where they are the drawing itself."""
        return None if self.walls is self.drawing else self.walls

    @property
    def told(self) -> tuple[str, ...]:
        is_said = "blank" in self.found or not self.is_looked_at
        return (*self.found, "empty") if not is_said and is_empty(self.drawing) else self.found

    def arrays(self) -> list[np.ndarray]:
        """Everything it holds, for a cache."""
        paint = np.array([(x, y, *rgb) for x, y, rgb in self.paint], np.float64).reshape(-1, 5)
        walls = [] if self.bounds is None else [self.walls]
        return [self.picture, self.drawing, paint, np.array(self.found), np.array(self.is_looked_at), *walls]

    @staticmethod
    def of_arrays(arrays: Sequence[np.ndarray]) -> Taken:
        """The one whose `arrays` these are."""
        picture, drawing, paint, found, is_looked_at = arrays[:5]
        walls = arrays[5] if len(arrays) > 5 else drawing
        points = tuple((x, y, (int(red), int(green), int(blue))) for x, y, red, green, blue in paint.tolist())
        return Taken(picture, drawing, walls, points, tuple(found.tolist()), bool(is_looked_at))


def sentence(found: tuple[str, ...]) -> str:
    """What was done, in one sentence; empty for nothing.

    Example:
        >>> sentence(("inverted", "tones"))
        'Light lines on a dark ground were turned round; tones stay, and bound no colour.'
    """
    words = "; ".join(SENTENCES[name] for name in found)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def is_empty(page: np.ndarray) -> bool:
    """Whether nothing is drawn on `uint8[H, W(, 3)]`."""
    return int(page.max()) - int(page.min()) <= _NOISE


def as_it_is(image: np.ndarray, *, invert: bool = False) -> Taken:
    """A picture, `uint8[H, W(, 1, 3 or 4)]`, without any look at it; turned round where that is asked for."""
    picture = 255 - _page(image) if invert else _page(image)
    drawing = channel_minimum(picture)
    return Taken(as_colored(picture), drawing, drawing, (), ("inverted",) if invert else ())


def as_colored(image: np.ndarray) -> np.ndarray:
    """A picture as `uint8[H, W, 3]`; of gray, `uint8[H, W]`, a view that takes no room and cannot be written to."""
    return np.broadcast_to(image[..., None], (*image.shape, 3)) if image.ndim == 2 else image


def on_paper(image: np.ndarray) -> np.ndarray:
    """A picture without transparency, `uint8[H, W, 3]`: on white paper, where light ink becomes dark."""
    if image.ndim == 3 and image.shape[2] == 4 and polarity.is_ink_of_alpha(image):
        return as_picture(255 - image[..., 3])
    return as_picture(image)


def take_in(image: np.ndarray, *, invert: str = "auto") -> Taken:
    """Looks at a picture and corrects what it is sure of.

    Args:
        image: `uint8[H, W]`, `[H, W, 3]` RGB or `[H, W, 4]` RGBA.
        invert: `yes` or `no` where light and dark are known; `auto` looks.

    Returns: the drawing; `as_it_is` for clean ink.

    Example:
        >>> page = np.full((200, 200), 255, np.uint8); page[100] = 0
        >>> take_in(page).found, take_in(255 - page).found
        ((), ('inverted',))
    """
    height, width = image.shape[:2]
    if min(height, width) < _SMALLEST or max(height, width) > _LONGEST * min(height, width):
        return as_it_is(image, invert=invert == "yes")
    picture, small, found, lying = _right_way_round(image, invert)
    if lying is not None:
        page = lying.cut(as_picture(picture))
        taken = _looked_at(page, _reduced(page), [*found], lying)
        if "painting" not in taken.found:
            return _on_desk(lying, taken, picture.shape)
    return _looked_at(picture, small, found)


def _on_desk(lying: sheet.Sheet, taken: Taken, shape: tuple[int, ...]) -> Taken:
    """A drawing on a sheet that lies in a larger picture: white around it, where its colours go on."""
    outside, turned = lying.outside(shape), int("inverted" in taken.found)
    rows, columns = lying.box
    spots = [
        ((columns.start + x * (columns.stop - columns.start)) / shape[1],
         (rows.start + y * (rows.stop - rows.start)) / shape[0], color)
        for x, y, color in taken.paint
    ]
    return Taken(
        lying.on_page(taken.picture, shape), lying.on_page(taken.drawing, shape),
        lying.on_page(taken.walls, shape, goes_on=True),
        tuple(spot for spot in spots if not outside[int(spot[1] * shape[0]), int(spot[0] * shape[1])]),
        (*taken.found[:turned], "frame" if turned else "sheet", *taken.found[turned:]),
    )


def _looked_at(
    picture: np.ndarray, small: np.ndarray, found: list[str], lying: sheet.Sheet | None = None
) -> Taken:
    """The rest of the look, at `uint8[H, W(, 3)]` the right way round, or a sheet, and at its smaller self."""
    turned = picture
    if areas.is_many_colored(small):
        return _painted(turned, found)
    light = paper.paper_of(picture)
    grain = 0.0
    # Ruling that is told from white paper alone is told from nearly white one once that is white.
    if light is not None and (not light.is_clean or ruling.ruling_in(paper.whitened(small, light))):
        if lying is not None or light.grain >= _PHOTOGRAPHED:
            even = _evenly_lit(picture)
            light = paper.paper_of(even) or light
            grain = 0.0 if even is picture else _PHOTOGRAPHED  # what is left of the edge of a shadow is as grain is
            picture = even
        if light.grain >= _UNEVEN and shadow.is_all(_reduced(picture, is_grainy=True)):
            return _blank(picture)
        picture, grain = paper.whitened(picture, light), max(light.grain, grain)
        found.append("paper")
        small = _reduced(picture, is_grainy=grain > 0)
    if is_empty(picture):
        return _blank(picture)
    turned_by = lying.degrees if lying is not None else ruling.turn_of(small) if grain > 0 else 0.0
    printed = ruling.ruling_in(small, turned_by)
    if not printed and turned_by and lying is None:
        printed = ruling.ruling_in(small)
    if printed:
        found.append("ruling")
    for mask, color in printed:
        picture = ruling.without_ruling(picture, _enlarged(mask, picture.shape), color)
        small = ruling.without_ruling(small, mask, color)
    seen = areas.areas_in(small if grain == 0 else cv2.GaussianBlur(small, (0, 0), _CALMED * min(grain, _ROUGH)))
    if seen.is_painting:
        return _painted(turned, found)
    return _with_lines(picture, small, seen, found, grain)


def _evenly_lit(picture: np.ndarray) -> np.ndarray:
    """A photographed drawing, `uint8[H, W(, 3)]`, without shadows that were cast on it and folds of its sheet."""
    for dark_in in (shadow.shadow_in, folds.fold_in):
        left = dark_in(_reduced(picture, is_grainy=True))
        if left is not None:
            picture = shadow.without_shadow(picture, left)
    return picture


def _page(image: np.ndarray) -> np.ndarray:
    """A picture on white, `uint8[H, W, 3]` RGB, or `uint8[H, W]` where it comes without colours."""
    return image if image.ndim == 2 and image.dtype == np.uint8 and image.size else as_picture(image)


def _right_way_round(
    image: np.ndarray, invert: str
) -> tuple[np.ndarray, np.ndarray, list[str], sheet.Sheet | None]:
    """Dark lines on light paper, `uint8[H, W(, 3)]`, the same at the size that is looked at, what was found, and the
    sheet or framed ground in it."""
    if image.ndim == 3 and image.shape[2] == 4 and polarity.is_ink_of_alpha(image):
        picture = as_picture(255 - image[..., 3])
        return picture, _reduced(picture), ["alpha"], None
    picture = _page(image)
    small = _reduced(picture)
    framed = frame.framed_in(picture, small) if invert != "no" else None
    if framed is not None or invert == "yes" or (invert == "auto" and polarity.is_light_on_dark(small)):
        return 255 - picture, _reduced(255 - picture), ["inverted"], framed
    return picture, small, [], sheet.sheet_in(picture)


def _blank(picture: np.ndarray) -> Taken:
    if picture.min() == picture.max():
        return as_it_is(picture)
    drawing = np.full(picture.shape[:2], 255, np.uint8)
    return Taken(as_colored(drawing), drawing, drawing, (), ("blank",))


def _with_lines(
    picture: np.ndarray, small: np.ndarray, seen: areas.Areas, found: list[str], grain: float
) -> Taken:
    """The rest, once there are lines on white paper."""
    walls, paint, paints = channel_minimum(small), (), None
    drawing = channel_minimum(picture)
    soft = seen.colored | seen.toned
    if soft.any():
        over = areas.lines_over(small, soft)
        paints = wash.wash_of(small, seen.colored, over)
        over = over if paints is None else areas.lines_over(small, soft, paints)
        around = cv2.dilate(soft.astype(np.uint8), sight.square(2)) > 0
        walls = np.where(areas.rims_of(small, seen.toned), np.uint8(0), np.where(around, over, walls))
    if seen.colored.any():
        found.append("coloured")
        even = small if paints is None else np.where(paints.where[..., None], paints.color, small)
        paint = tuple(areas.paint_of(even, seen.colored, walls))
        where = _enlarged(cv2.dilate(seen.colored.astype(np.uint8), sight.square(2)) > 0, picture.shape)
        drawing = np.where(where, areas.lines_over(picture, where, paints), drawing)
    printed = None
    if grain > 0:
        printed = tones.tones_in(cv2.GaussianBlur(walls, (0, 0), 0.7))  # before pencil is, which joins dots to strokes
        if printed is not None:
            walls = np.where(printed, np.uint8(255), walls)
        drawing, walls = _without_grain(drawing, walls, seen.toned if printed is None else seen.toned | printed)
        plain = drawing
        if seen.colored.any():
            plain = np.where(_enlarged(seen.colored, picture.shape)[..., None], picture, drawing[..., None])
        picture = plain
        found.append("pencil")
    tone = tones.tones_in(walls)
    if tone is not None:
        walls = np.where(tone, np.uint8(255), walls)
    if tone is not None or printed is not None or seen.toned.any():
        found.append("tones")
    if seen.is_tonal:
        found.append("grays")
    if not found:
        return _as_found(picture, [])
    if walls.shape == drawing.shape and (walls == drawing).all():
        walls = drawing
    return Taken(as_colored(picture), drawing, walls, paint, tuple(found))


def _painted(picture: np.ndarray, found: list[str]) -> Taken:
    """What is painted all over, `uint8[H, W(, 3)]`: its lines."""
    small = min_resize(picture, min(_DRAWN, *picture.shape[:2]))
    lines = cv2.resize(xdog.SOFT(small), picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return _as_found(lines, [*(name for name in found if name in ("alpha", "inverted")), "painting"])


def _as_found(picture: np.ndarray, found: list[str]) -> Taken:
    drawing = channel_minimum(picture)
    return Taken(as_colored(picture), drawing, drawing, (), tuple(found))


def _without_grain(drawing: np.ndarray, walls: np.ndarray, toned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drawing and walls of pencil alone; what is `toned`, `bool[h, w]`, stays in the drawing."""
    dark = np.float32(1.0) - walls.astype(np.float32) / np.float32(255.0)
    dark -= float(np.median(dark))  # of the grain that was cut off at white
    line = pencil.lines_in(dark)
    usual = float(np.percentile(dark[line > 0.9], 75)) if (line > 0.9).any() else 1.0
    seen = np.maximum(line, pencil.solid_in(dark, usual))
    shown = sight.enlarged_rows(cv2.dilate(np.maximum(seen, toned.astype(np.float32)), sight.square(1)), drawing.shape)
    stronger = np.clip(0.55 / max(usual, 0.02), 1.0, 4.0)
    clean = np.empty_like(drawing)
    for top in range(0, len(drawing), 64):
        strip = slice(top, min(top + 64, len(drawing)))
        share = np.clip(shown(strip.start, strip.stop), 0, 1) * np.float32(stronger)
        ink = np.clip((255.0 - drawing[strip].astype(np.float32)) * share, 0, 255)
        clean[strip] = (255.0 - ink).astype(np.uint8)
    return clean, (255.0 - 255.0 * seen).astype(np.uint8)


def _reduced(picture: np.ndarray, *, is_grainy: bool = False) -> np.ndarray:
    """A picture, `uint8[H, W(, 3)]`, at the size that is looked at, `[h, w, 3]`: lines survive, grain is averaged."""
    factor = min(picture.shape[:2]) // sight.WORK_EDGE
    if factor < 2 and min(picture.shape[:2]) <= 1.5 * sight.WORK_EDGE:
        return as_picture(picture)
    if not is_grainy:
        return as_picture(min_pool(picture, max(factor, 2)))
    share = 1 / max(factor, 2)
    return as_picture(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA))


def _enlarged(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A mask, `bool` or `float32[h, w]`, at full size."""
    if mask.shape == tuple(shape[:2]):
        return mask
    is_bool = mask.dtype == bool
    full = cv2.resize(mask.astype(np.float32), shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return full > 0.25 if is_bool else full
