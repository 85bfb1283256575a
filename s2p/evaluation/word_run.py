"""One picture with words before some painters: what they make of its own words, of other colours, of one other."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from s2p.config import Settings
from s2p.evaluation.agreement import agrees, chip, color_of, exchanges, group_of, middle_of
from s2p.evaluation.difference import delta_e, lab
from s2p.evaluation.fills import Point, shrink
from s2p.evaluation.run import Checking, Colorizer
from s2p.evaluation.sheet import Row, row
from s2p.evaluation.simulated import to_hints
from s2p.evaluation.target import STRIDE, Target
from s2p.evaluation.word_cases import Case
from s2p.pipelines.request import Request
from s2p.progress import Reporter
from s2p.tags import TagOptions, choices

Wish = Mapping[str, str]  # the tag that is asked for, by the tag that is true

OWN, OTHER = "own", "other"
_BORDER = 4  # px around a part in which nothing is said to have changed
_TITLED = 180  # letters


@dataclass(frozen=True)
class Asked:
    """A painter that is asked.

    Attributes:
        name: on tables.
        painter: anything with the `run` of a system.
        with_points: whether it is told by points, one in the middle of each part (of each eye), instead of by words.
    """

    name: str
    painter: Colorizer
    with_points: bool = False


@dataclass(frozen=True)
class Painted:
    """One painting at the size of its picture, with its figures."""

    image: np.ndarray
    figures: dict[str, Any]


class Sitting:
    """One case before all painters.

    Args:
        case: with at least one part.
        asked: the painters.
        seed: of the colours that are asked for besides the picture's own.
        settings: how they paint.
        report: is asked whether to go on before every painting.
    """

    def __init__(
        self, case: Case, asked: Sequence[Asked], *, seed: int, settings: Settings, report: Reporter
    ) -> None:
        self.case, self.asked, self._settings, self._report = case, asked, settings, Checking(report)
        self._target = Target(case.image, case.lines)
        random = np.random.default_rng([seed, zlib.crc32(case.name.encode())])
        own = {tag: tag for tag in case.tags}
        self.wishes: dict[str, dict[str, str]] = {OWN: own, OTHER: dict(own)}
        exchanged = {tag: found for tag in case.parts if (found := exchanges(tag))}
        for tag, found in exchanged.items():
            self.wishes[OTHER][tag] = str(random.choice(found))
        self.moved = str(random.choice(list(exchanged))) if exchanged else None
        self.paintings: dict[str, dict[str, Painted]] = {}
        self.untrained: tuple[str, ...] = ()

    def judged(self) -> dict[str, Any]:
        """Figures of every painter, and of the original, which shows what full marks are."""
        systems = {asked.name: self._judged(asked) for asked in self.asked}
        systems["original"] = {OWN: self._measured(self.case.image, self.wishes[OWN]), OTHER: None, "changed": None}
        return {
            "name": self.case.name, "size": [self.case.image.shape[1], self.case.image.shape[0]],
            "tags": list(self.case.tags), "are_read": self.case.are_read, "judged": list(self.case.parts),
            "asked": {kind: [wish[tag] for tag in self.case.parts] for kind, wish in self.wishes.items()},
            "systems": systems,
        }

    def row(self) -> Row:
        """The case on the contact sheet: its drawing and picture, then every painter's two paintings."""
        pictures = [self.case.image]
        for found in self.paintings.values():
            pictures += [found[OWN].image, found[OTHER].image]
        words = ", ".join(choices()[tag].title for tag in self.case.parts)
        other = ", ".join(choices()[self.wishes[OTHER][tag]].title for tag in self.case.parts)
        title = f"{self.case.name}: {words} | {other}"
        return row(title[:_TITLED], lines=self.case.lines, points=self.points(self.wishes[OTHER]), pictures=pictures)

    def points(self, wish: Wish) -> list[Point]:
        """A point of its word's colour in the middle of every part, and of each of two eyes."""
        found: list[Point] = []
        for tag, part in self.case.parts.items():
            for piece in _eyes(part) if group_of(tag) == "eyes" else (part,):
                found.append((*middle_of(piece, self.case.lines), chip(wish[tag])))
        return found

    def _judged(self, asked: Asked) -> dict[str, Any]:
        own, other = (self._painting(asked, self.wishes[kind]) for kind in (OWN, OTHER))
        self.paintings[asked.name] = {OWN: own, OTHER: other}
        changed = None
        if self.moved is not None:
            wish = {**self.wishes[OWN], self.moved: self.wishes[OTHER][self.moved]}
            changed = self._changed(own.image, self._painting(asked, wish), wish[self.moved])
        return {OWN: own.figures, OTHER: other.figures, "changed": changed}

    def _painting(self, asked: Asked, wish: Wish) -> Painted:
        self._report.check()
        request = Request(self.case.lines, settings=self._settings, own=TagOptions(tags=tuple(wish.values())))
        if asked.with_points:
            request = Request(self.case.lines, settings=self._settings, hints=to_hints(self.points(wish)))
        started = time.perf_counter()
        result = asked.painter.run(request, self._report)
        seconds = time.perf_counter() - started
        self.untrained = tuple(dict.fromkeys((*self.untrained, *result.untrained)))
        image = shrink(result.image, self.case.image.shape)
        figures = self._measured(image, wish)
        if not asked.with_points:
            figures["unfound"] = [wish[tag] for tag in self.case.parts if wish[tag] in result.unfound]
        return Painted(image, {**figures, "seconds": seconds})

    def _measured(self, image: np.ndarray, wish: Wish) -> dict[str, Any]:
        parts = []
        for tag, part in self.case.parts.items():
            color = color_of(part, image, self.case.lines)
            parts.append({
                "asked": wish[tag], "group": group_of(tag),
                "color": None if color is None else "#{:02x}{:02x}{:02x}".format(*color),
                "agrees": None if color is None else agrees(color, wish[tag]),
            })  # fmt: skip
        is_off = self._target.is_off
        error = delta_e(lab(image[::STRIDE, ::STRIDE]), self._target.lab)[is_off]
        return {"parts": parts, "color_off_lines": float(error.mean()) if error.size else None}

    def _changed(self, before: np.ndarray, after: Painted, to: str) -> dict[str, Any]:
        """What one other word changed, off the lines: in its part, and elsewhere."""
        assert self.moved is not None
        part = self.case.parts[self.moved]
        whole = self.case.with_beside(self.moved).astype(np.uint8)
        around = cv2.dilate(whole, np.ones((2 * _BORDER + 1,) * 2, np.uint8)) > 0
        change = delta_e(*(lab(image[::STRIDE, ::STRIDE]) for image in (before, after.image)))
        elsewhere, inside = (
            change[mask[::STRIDE, ::STRIDE] & self._target.is_off] for mask in (~around, part)
        )
        color = color_of(part, after.image, self.case.lines)
        return {
            "from": self.moved, "to": to, "agrees": None if color is None else agrees(color, to),
            "elsewhere": float(elsewhere.mean()) if elsewhere.size else None,
            "inside": float(inside.mean()) if inside.size else None,
        }


def _eyes(part: np.ndarray) -> Iterator[np.ndarray]:
    """The larger pieces of irises: one, or two of which the second is at least a quarter of the first."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part.astype(np.uint8), connectivity=8)
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable")[:2] + 1
    for number in order:
        if stats[number, cv2.CC_STAT_AREA] * 4 >= stats[order[0], cv2.CC_STAT_AREA]:
            yield labels == number
