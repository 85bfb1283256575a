"""One SVG picture with its parts named and new colours chosen, ready to be laid on pages."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..synthetic.paints import Color, pick, rgb
from .svg import Mark, Picture, Placement, raster
from .table import Rule, Table

_SURVEY = 288  # pixels of the longer side when it is looked at what of a mark is seen
_INK_SHARE = 0.018  # of a figure's longer side: what lies deeper in ink is no line
_THIN_SHARE = 0.012  # of the longer side: narrower parts of pupils and lashes are lines
_HIDDEN = ("below", "none")
_FANTASY_SKIN = ("#9fc98a", "#8fb3d9", "#b99ad0", "#c9d0d6", "#d97a6a")
_CODES = np.random.default_rng(2**20 + 7).choice(2**24 - 2, 4096, replace=False) + 1  # a colour for every class


@dataclass(frozen=True)
class Class:
    """Marks of one part and colour.

    Attributes:
        part: name as in `table.PARTS`.
        color: what tells it from others of the part.
        solid: of ink, see `Rule.solid`.
        inked: see `Rule.inked`.
    """

    part: str
    color: str = ""
    solid: str = "unknown"
    inked: bool = False


@dataclass(frozen=True)
class Layers:
    """A figure on a page: all arrays are as large as the page.

    Attributes:
        painted: `uint8[H, W, 4]` RGBA, colours multiplied by alpha.
        ink: as `painted`, its drawing: black on white where the figure is.
        classes: `int32[H, W]`, number of the class in `Figure.classes` + 1; 0 where nothing is, -1 where it is
            not decided (between two, or too thin).
        line: float. What lies deeper in ink than this many pixels is no line.
    """

    painted: np.ndarray
    ink: np.ndarray
    classes: np.ndarray
    line: float


@dataclass
class _Seen:
    """What is seen of a mark in the survey: shares of the box, and pixels."""

    pixels: int = 0
    middle: tuple[float, float] = (0.5, 0.5)
    wide: float = 0.0
    high: float = 0.0


@dataclass
class Figure:
    """A picture whose marks have parts and colours.

    Args:
        picture: the SVG.
        table: which parts it shows.
        random: chooses colours.
    """

    picture: Picture
    table: Table
    random: np.random.Generator
    classes: list[Class] = field(init=False)

    def __post_init__(self) -> None:
        marks = self.picture.marks
        self._active = [rule for rule in self.table.rules if self.random.random() < rule.chance]
        self._seen = self._survey()
        self._rules = [self._rule_of(mark, seen) for mark, seen in zip(marks, self._seen)]
        self._colors = self._choose_colors()
        keys = [
            Class(rule.part, "" if rule.part == "ink" else color, rule.solid, rule.inked)
            for rule, color in zip(self._rules, self._colors)
        ]
        self.classes = list(dict.fromkeys(key for key in keys if key.part not in _HIDDEN))
        numbers = {key: number for number, key in enumerate(self.classes)}
        self._class_of = [numbers.get(key, -1) for key in keys]
        thinner = float(self.random.uniform(0.5, 1.0)) if self.table.thin else 1.0
        self._widths = {
            mark.element: thinner
            for mark, rule in zip(marks, self._rules)
            if mark.side == "stroke" and rule.part == "ink" and thinner < 1
        }

    @property
    def is_usable(self) -> bool:
        """Whether most of what is seen of it has a part, and there is more than lines."""
        parts = np.array([rule.part for rule in self._rules] + [""])[self._surveyed]
        areas = np.count_nonzero((parts != "") & ~np.isin(parts, ("ink", *_HIDDEN)))
        return bool(areas > 0.02 * parts.size and np.count_nonzero(parts == "unknown") < 0.4 * areas)

    @property
    def content(self) -> tuple[float, float, float, float]:
        """`(left, top, width, height)` of what is seen, in units of the picture."""
        rows, columns = np.nonzero(self._surveyed >= 0)
        return self._units(rows, columns) if len(rows) else self.picture.box

    @property
    def head(self) -> tuple[float, float, float, float] | None:
        """The box of skin, hair and eyes around the upper skin, in units of the picture; None of what has no skin."""
        parts = np.array([rule.part for rule in self._rules] + [""])[self._surveyed]
        skin = np.isin(parts, ("skin", "iris", "eye white", "mouth"))
        if skin.mean() < 0.01:
            return None
        rows, columns = np.nonzero(skin | (parts == "hair"))
        upper = rows <= np.quantile(rows, 0.9)
        return self._units(rows[upper], columns[upper])

    def layers(self, size: tuple[int, int], place: Placement) -> Layers:
        """The figure on a page of `(height, width)` pixels."""
        picture, box = self.picture, self.picture.box
        painted = raster(picture.drawn(self._colors, widths=self._widths), box, size, place)
        black = ["none" if rule.part in _HIDDEN else "#000000" if rule.part == "ink" or rule.inked else "#ffffff"
                 for rule in self._rules]  # fmt: skip
        ink = raster(picture.drawn(black, widths=self._widths), box, size, place)
        codes = ["none" if number < 0 else f"#{_CODES[number]:06x}" for number in self._class_of]
        coded = raster(picture.drawn(codes, solid=True, widths=self._widths), box, size, place)
        longer = place.scale * max(box[2:])
        classes = self._decode(coded, painted[..., 3] > 127)
        return Layers(painted, ink, self._without_thin(classes, longer), _INK_SHARE * longer)

    def _decode(self, coded: np.ndarray, there: np.ndarray) -> np.ndarray:
        values = (coded[..., 0].astype(np.int64) << 16) | (coded[..., 1].astype(np.int64) << 8) | coded[..., 2]
        known = _CODES[: len(self.classes)]
        order = np.argsort(known)
        found = np.clip(np.searchsorted(known[order], values), 0, max(len(known) - 1, 0))
        classes = np.where(coded[..., 3] > 0, -1, 0).astype(np.int32)
        if len(known):
            exact = (known[order][found] == values) & (coded[..., 3] == 255)
            classes[exact] = order[found][exact] + 1
        classes[there & (classes == 0)] = -1
        return classes

    def _without_thin(self, classes: np.ndarray, longer: float) -> np.ndarray:
        """Lashes and rings of the eye are lines; what is left is the pupil."""
        edge = round(_THIN_SHARE * longer)
        for number, kind in enumerate(self.classes):
            if kind.part == "iris" and kind.inked and edge > 1:
                mask = (classes == number + 1).astype(np.uint8)
                core = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge,) * 2))
                classes[(mask > 0) & (core == 0)] = -1
        return classes

    def _survey(self) -> list[_Seen]:
        left, top, wide, high = self.picture.box
        scale = _SURVEY / max(wide, high)
        size = (max(round(high * scale), 8), max(round(wide * scale), 8))
        place = Placement(scale, size[1] / 2, size[0] / 2, (left + wide / 2, top + high / 2))
        colors = [f"#{code:06x}" if mark.opacity > 0.5 else "none" for mark, code in zip(self.picture.marks, _CODES)]
        coded = raster(self.picture.drawn(colors, solid=True), self.picture.box, size, place)
        values = (coded[..., 0].astype(np.int64) << 16) | (coded[..., 1].astype(np.int64) << 8) | coded[..., 2]
        self._surveyed = np.full(size, -1, np.int32)
        found = []
        for number in range(len(colors)):
            mask = (values == _CODES[number]) & (coded[..., 3] == 255)
            self._surveyed[mask] = number
            rows, columns = np.nonzero(mask)
            if not len(rows):
                found.append(_Seen())
                continue
            middle = (float(columns.mean()) / size[1], float(rows.mean()) / size[0])
            spans = ((np.ptp(columns) + 1) / max(size), (np.ptp(rows) + 1) / max(size))
            found.append(_Seen(len(rows), middle, *map(float, spans)))
        return found

    def _units(self, rows: np.ndarray, columns: np.ndarray) -> tuple[float, float, float, float]:
        left, top, wide, high = self.picture.box
        x, y = wide / self._surveyed.shape[1], high / self._surveyed.shape[0]
        return (left + float(columns.min()) * x, top + float(rows.min()) * y,
                (float(np.ptp(columns)) + 1) * x, (float(np.ptp(rows)) + 1) * y)  # fmt: skip

    def _rule_of(self, mark: Mark, seen: _Seen) -> Rule:
        for rule in self._active:
            if _fits(rule, mark, seen):
                return rule
        return Rule("below" if mark.opacity <= 0.6 else self.table.otherwise)

    def _choose_colors(self) -> list[str]:
        """A colour for each mark: people get one skin and one hair, clothes their own, the rest is turned a little."""
        chosen: dict[tuple[str, str], str] = {}
        turn = float(self.random.uniform(-0.05, 0.05) if self.random.random() < 0.7 else self.random.uniform(-0.5, 0.5))
        dresses = self.random.random() < 0.8
        main = self._main_colors()
        answer = []
        for mark, rule in zip(self.picture.marks, self._rules):
            kind, color = "hair" if rule.part == "brow" else rule.part, mark.color
            is_name, is_plain = color.startswith("@"), re.fullmatch("#[0-9a-f]{6}", color) is not None
            if kind == "none":
                answer.append("none")
            elif rule.inked or kind in ("ink", *self.table.keeps) or not (is_name or is_plain):
                answer.append("#000000" if is_name else color if is_plain else "keep")
            elif kind in ("skin", "hair"):
                person = self._person(mark)
                base = chosen.setdefault((kind, person), _tone(kind, self.random))
                answer.append(base if is_name else _shaded(base, color, main[kind, person]))
            elif kind == "cloth" or is_name:
                fresh = _hex(pick("cloth", self.random).base)
                answer.append(chosen.setdefault((kind, color), fresh if dresses or is_name else color))
            elif kind in ("thing", "creature"):
                answer.append(_turned(color, turn))
            else:
                answer.append(color)
        return answer

    def _person(self, mark: Mark) -> str:
        if not self.table.persons:
            return ""
        return next((group for group in mark.groups if re.search(self.table.persons, group)), "")[-2:]

    def _main_colors(self) -> dict[tuple[str, str], str]:
        counts: dict[tuple[str, str], dict[str, int]] = {}
        for mark, rule, seen in zip(self.picture.marks, self._rules, self._seen):
            kind = "hair" if rule.part == "brow" else rule.part
            found = counts.setdefault((kind, self._person(mark)), {})
            found[mark.color] = found.get(mark.color, 0) + seen.pixels + 1
        return {key: max(found, key=lambda color: found[color]) for key, found in counts.items()}


def _fits(rule: Rule, mark: Mark, seen: _Seen) -> bool:
    if rule.group and not any(re.search(rule.group, group) for group in mark.groups):
        return False
    if rule.color and not re.fullmatch(rule.color, mark.color):
        return False
    if rule.side and rule.side != mark.side:
        return False
    if mark.opacity <= 0.6 and rule.part not in _HIDDEN:
        return False
    if rule.within:
        left, top, right, bottom = rule.within
        if not (left <= seen.middle[0] <= right and top <= seen.middle[1] <= bottom):
            return False
    if rule.most and (max(seen.wide, seen.high) > rule.most or not seen.pixels):
        return False
    return not rule.rounded or 0.55 <= seen.wide / max(seen.high, 1e-6) <= 1.8


def _tone(kind: str, random: np.random.Generator) -> str:
    if kind == "skin" and random.random() < 0.05:
        return str(random.choice(_FANTASY_SKIN))
    return _hex(pick(kind, random).base)


def _shaded(base: str, color: str, main: str) -> str:
    """`base`, as much lighter or darker as `color` is than `main`."""
    if color == main or not main.startswith("#"):
        return base
    lightness = [colorsys.rgb_to_hls(*(v / 255 for v in rgb(value)))[1] for value in (color, main)]
    hue, level, saturation = colorsys.rgb_to_hls(*(v / 255 for v in rgb(base)))
    level = min(max(level + np.clip(lightness[0] - lightness[1], -0.25, 0.25), 0.03), 0.98)
    return _hex(tuple(round(255 * v) for v in colorsys.hls_to_rgb(hue, level, saturation)))  # type: ignore[arg-type]


def _turned(color: str, turn: float) -> str:
    hue, level, saturation = colorsys.rgb_to_hls(*(v / 255 for v in rgb(color)))
    return _hex(tuple(round(255 * v) for v in colorsys.hls_to_rgb((hue + turn) % 1, level, saturation)))  # type: ignore[arg-type]


def _hex(color: Color) -> str:
    return "#" + "".join(f"{value:02x}" for value in color)
