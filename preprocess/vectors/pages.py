"""Pages with one to three labelled figures, on white paper or before something calm."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..synthetic.paints import pick
from ..synthetic.parts import CLOTHS, FIRST_CLOTH, NUMBERS
from .figure import Class, Figure, Layers
from .svg import Placement

_UNKNOWN = 255
_ON_WHITE = 0.7
_CLOSE = 0.25  # of the people: a closer look at the head


@dataclass(frozen=True)
class Page:
    """A picture with everything that is known of it; all arrays have the same height and width.

    Attributes:
        painted: `uint8[H, W, 3]` RGB.
        lines: `uint8[H, W]`, its drawing, 255 = paper.
        regions: `int32[H, W]`, a number for each colour of each part of each figure; 0 where there is only paper.
        parts: `uint8[H, W]`, numbered as in `preprocess.synthetic.parts`, 255 where it is not known.
    """

    painted: np.ndarray
    lines: np.ndarray
    regions: np.ndarray
    parts: np.ndarray


class Sheet:
    """A page while figures are laid on it.

    Args:
        size: `(height, width)` in pixels.
        random: chooses the ground.
    """

    def __init__(self, size: tuple[int, int], random: np.random.Generator) -> None:
        height, width = size
        self.size, self.random = size, random
        self._painted = np.full((height, width, 3), 255, np.float32)
        self._lines = np.full((height, width), 255, np.float32)
        self._regions = np.zeros(size, np.int32)  # -1: to be decided
        self._ink = np.zeros(size, np.int32)  # region of ink, where there is some
        self._bordered = np.zeros(size, bool)
        self._doubled = np.zeros(size, bool)
        self._kinds: list[Class] = [Class("paper")]
        self._limits: list[float] = [0.0]
        self._width = float(random.uniform(1.2, 3.2)) * min(size) / 512
        self._draw_ground()

    def add(self, figure: Figure, place: Placement) -> None:
        """Lays a figure over what is there."""
        layers = figure.layers(self.size, place)
        first = len(self._kinds)
        self._kinds += figure.classes
        self._limits += [layers.line] * len(figure.classes)
        for plane, layer, channels in ((self._painted, layers.painted, 3), (self._lines, layers.ink, 1)):
            plane *= 1 - (layer[..., 3:] if channels == 3 else layer[..., 3]) * np.float32(1 / 255)
            plane += layer[..., :3] if channels == 3 else layer[..., 0]
        self._mark(layers, figure, first)

    def _mark(self, layers: Layers, figure: Figure, first: int) -> None:
        there = layers.classes != 0
        self._bordered[there] = figure.table.lines != "ink"
        self._doubled[there] = figure.table.lines == "borders"
        regions = np.where(layers.classes > 0, layers.classes - 1 + first, -1)
        is_ink = np.array([kind.part == "ink" for kind in figure.classes] + [False])[layers.classes - 1]
        self._ink[there] = np.where(is_ink, regions, 0)[there]
        self._regions[there] = np.where(is_ink, -1, regions)[there]

    def finish(self) -> Page:
        """The page."""
        regions = self._decided()
        lines = self._with_borders(regions)
        names = [kind.part for kind in self._kinds]
        numbers = np.full(len(names), _UNKNOWN, np.uint8)
        cloths = 0
        for number, name in enumerate(names):
            if name in NUMBERS:
                numbers[number] = NUMBERS[name]
            elif name == "cloth":
                numbers[number] = FIRST_CLOTH + cloths % CLOTHS
                cloths += 1
        painted = np.clip(self._painted + 0.5, 0, 255).astype(np.uint8)
        return Page(painted, lines, regions, numbers[regions])

    def _decided(self) -> np.ndarray:
        """Lines and edges get the number of what is nearest; broad ink that of its own."""
        regions = self._regions.copy()
        broad = self._broad_ink()
        regions[broad > 0] = broad[broad > 0]
        open_ = regions < 0
        if open_.all():
            return np.zeros_like(regions)
        _, labels = cv2.distanceTransformWithLabels(
            open_.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        table = np.zeros(labels.max() + 1, np.int32)
        table[labels[~open_]] = regions[~open_]
        return table[labels]

    def _broad_ink(self) -> np.ndarray:
        broad = np.zeros(self.size, np.int32)
        depth = cv2.distanceTransform((self._ink > 0).astype(np.uint8), cv2.DIST_L2, 5)
        limit = np.array(self._limits, np.float32)[self._ink]
        core = (depth > limit) & (self._ink > 0)
        if not core.any():
            return broad
        reach = 2 * int(np.ceil(max(self._limits))) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        grown = (cv2.dilate(core.astype(np.uint8), kernel) > 0) & (self._ink > 0)
        for number in np.unique(self._ink[grown]):
            part = self._kinds[number].solid
            self._kinds.append(Class(part, "#000000"))
            self._limits.append(0.0)
            broad[grown & (self._ink == number)] = len(self._kinds) - 1
        return broad

    def _with_borders(self, regions: np.ndarray) -> np.ndarray:
        lines = np.clip(self._lines + 0.5, 0, 255).astype(np.uint8)
        if not self._bordered.any():
            return lines
        edges = np.zeros(regions.shape, np.uint8)
        edges[:, 1:] |= (regions[:, 1:] != regions[:, :-1]) & (self._bordered[:, 1:] | self._bordered[:, :-1])
        edges[1:] |= (regions[1:] != regions[:-1]) & (self._bordered[1:] | self._bordered[:-1])
        edge = max(round(self._width * 2), 3)
        near = cv2.dilate((lines < 128).astype(np.uint8), np.ones((2 * edge + 1,) * 2, np.uint8)) > 0
        edges[near & ~self._doubled] = 0
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(round(self._width), 1) + 1,) * 2)
        drawn = cv2.GaussianBlur(cv2.dilate(edges, kernel).astype(np.float32), (0, 0), 0.8)
        drawn = 1 - np.clip(drawn * 1.4 - 0.2, 0, 1)
        if self.random.random() < 0.5:  # the painting has its outlines too
            self._painted *= drawn[..., None]
        return (lines * drawn).astype(np.uint8)

    def _fill(self, mask: np.ndarray, part: str, kind: str) -> None:
        self._kinds.append(Class(part, kind))
        self._limits.append(0.0)
        self._painted[mask] = pick(kind, self.random).base
        self._regions[mask] = len(self._kinds) - 1

    def _draw_ground(self) -> None:
        """White paper mostly; else tinted paper, a coloured backdrop in a frame or not, or a horizon."""
        height, width = self.size
        choice = self.random.random()
        rows, columns = np.mgrid[:height, :width]
        if choice < _ON_WHITE * 0.85:
            return
        line = max(round(self._width), 1)
        if choice < _ON_WHITE:  # a ground line on white paper
            y = int(height * self.random.uniform(0.75, 0.95))
            ends = (int(width * self.random.uniform(0, 0.2)), int(width * self.random.uniform(0.8, 1)))
            self._stroke((ends[0], y), (ends[1], y), line)
        elif choice < 0.78:
            self._painted[:] = pick("plain", self.random).base
        elif choice < 0.9:
            edge = int(min(height, width) * self.random.uniform(0.03, 0.12)) if self.random.random() < 0.5 else 0
            inside = (rows >= edge) & (rows < height - edge) & (columns >= edge) & (columns < width - edge)
            self._fill(inside, "ground", str(self.random.choice(["wall", "plain", "sky", "ground"])))
            if edge:
                corners = ((edge, edge), (width - edge, edge), (width - edge, height - edge), (edge, height - edge))
                for start, end in zip(corners, corners[1:] + corners[:1]):
                    self._stroke(start, end, line)
        else:
            y = int(height * self.random.uniform(0.55, 0.9))
            if self.random.random() < 0.6:
                self._fill(rows < y, "sky", "sky")
            self._fill(rows >= y, "ground", "ground")
            self._stroke((0, y), (width, y), line)

    def _stroke(self, start: tuple[int, int], end: tuple[int, int], width: int) -> None:
        cv2.line(self._lines, start, end, 0.0, width, cv2.LINE_AA)
        if self.random.random() < 0.7:
            cv2.line(self._painted, start, end, (0.0, 0.0, 0.0), width, cv2.LINE_AA)


def compose(figures: list[Figure], size: tuple[int, int], random: np.random.Generator) -> Page:
    """Lays figures side by side on a page, at different sizes, mirrored and a little tilted.

    Args:
        figures: 1 to 3 of them.
        size: `(height, width)` of the page in pixels.
        random: decides everything else.
    """
    sheet = Sheet(size, random)
    height, width = size
    slot = width / len(figures)
    for number in random.permutation(len(figures)):
        figure = figures[number]
        sheet.add(figure, _place(figure, (height, slot), slot * (number + 0.5), len(figures), random))
    return sheet.finish()


def _place(figure: Figure, room: tuple[float, float], x: float, count: int, random: np.random.Generator) -> Placement:
    height, width = room
    mirrored = bool(random.random() < 0.5)
    left, top, wide, high = figure.content
    head = figure.head
    broad = width * (1.0 if count == 1 else 1.35)
    if head is not None and random.random() < _CLOSE:
        left, top, wide, high = head
        scale = min(broad / wide, height / high) * float(random.uniform(0.7, 1.05))
        centre = (left + wide / 2, top + high / 2)
        return Placement(scale, x, height * float(random.uniform(0.4, 0.6)), centre, _tilt(random, 15), mirrored)
    if figure.table.stands and random.random() < 0.85:
        scale = min(broad / wide, height / high) * float(random.uniform(0.75, 1.05))
        centre = (left + wide / 2, top + high)
        return Placement(scale, x, height * float(random.uniform(1.0, 1.06)), centre, _tilt(random, 4), mirrored)
    scale = min(broad / wide, height / high) * float(random.uniform(0.5, 0.95))
    centre = (left + wide / 2, top + high / 2)
    free = max(height - high * scale, 0) / 2
    y = height / 2 + float(random.uniform(-1, 1)) * free
    sway = max(width - wide * scale, 0) / 2 * float(random.uniform(-1, 1))
    return Placement(scale, x + sway, y, centre, _tilt(random, 12), mirrored)


def _tilt(random: np.random.Generator, most: float) -> float:
    return float(random.uniform(-most, most)) if random.random() < 0.5 else 0.0
