"""Chooses colours for the regions of a drawing that nobody coloured.

The mean of all that a region could be is beige, so nothing is averaged. The network `reach` names the part that each
region belongs to (skin, hair, cloth, paper, ...), a wardrobe of colours that go together is drawn for the whole picture
(`s2p.pipelines.wardrobe`), and regions take theirs one after another, the large ones first. What is drawn is a hint
from then on and reaches as far as any other, so both sleeves of a coat are drawn once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from s2p import reach
from s2p.pipelines.flats import Page, Seen, View, by_region, is_ground, look
from s2p.pipelines.wardrobe import PARTS, Wardrobe, wardrobe
from s2p.runtime import Network

MOST = 24  # colours of one choice
_SMALLEST = 0.0012  # of the page; what is smaller follows its neighbours or stays paper
_ENTRIES = 24  # cells of a region that are asked
_SHARPNESS = 1.2  # power of the likelihoods
_ALIKE = 0.15  # Lab / 100; how close to a colour of the palette another one shares its likelihood
# What may be meant where no part is clear: by what takes much of the page's border, and by everything else.
_PLACES, _FIGURES = ("paper", "ground", "sky"), ("skin", "skin", "hair", "cloth")
_NAMED = 0.6  # likelihood from which on a part is believed
_TAKEN = 0.5  # share of hints from which on a region is theirs


@dataclass(frozen=True)
class Chosen:
    """One choice of colours.

    Attributes:
        points: `float32[N, 2]`, x and y in [0, 1]: the middles of the regions that were coloured.
        colors: `uint8[N, 3]`, RGB.
        likelihood: float. Mean logarithm of how likely the colours were held, weighted by area.
    """

    points: np.ndarray
    colors: np.ndarray
    likelihood: float


def choose(
    network: Network, page: Page, points: np.ndarray, palette: np.ndarray, *, seeds: Sequence[int]
) -> list[Chosen]:
    """Draws one choice for every seed; the network runs once for all of them.

    Args:
        network, page: as for `s2p.pipelines.flats.look`.
        points: `float[N, 2]`, x and y in [0, 1]: where the artist's hints lie, which are kept to.
        palette: `float32[PALETTE, 3]`, Lab / 100, that the network was trained for.
        seeds: another seed, other colours.
    """
    asked = _Asked.of(page, look(network, page, points))
    return [asked.draw(palette, np.random.default_rng(seed)) for seed in seeds]


@dataclass(frozen=True)
class _Asked:
    """Some cells of every region, and what the network says of them.

    Attributes:
        page: the drawing.
        seen: the network's answer.
        view: the cells that are asked.
        palette: `float32[S, PALETTE]`, exponentials of what speaks for the colours, the largest 1.
        peak: `float32[S, 1]`, what was taken off before.
        taken: `float32[S]`, what speaks for the artist's hints on the same scale.
        likely: `float32[R, PALETTE]`, how likely every region has every colour, if it has one of the palette.
        parts: `float32[R, PARTS]`, how likely every region is every part.
        ground: `bool[R]`, of `s2p.pipelines.flats.is_ground`.
    """

    page: Page
    seen: Seen
    view: View
    palette: np.ndarray
    peak: np.ndarray
    taken: np.ndarray
    likely: np.ndarray
    parts: np.ndarray
    ground: np.ndarray

    @staticmethod
    def of(page: Page, seen: Seen) -> _Asked:
        view = View.of(page).thinned(_ENTRIES)
        start = 2 * reach.KEYS
        logits = seen.maps[view.cells][:, start : start + reach.PALETTE]
        peak = logits.max(-1, keepdims=True)
        palette = np.exp(logits - peak)
        likely = by_region(palette / palette.sum(-1, keepdims=True), view, page.regions.count)
        named = reach.part_logits(seen.maps[view.cells])
        named = np.exp(named - named.max(-1, keepdims=True))
        parts = by_region(named / named.sum(-1, keepdims=True), view, page.regions.count)
        nothing = np.zeros(len(view.cells), np.float32)
        asked = _Asked(page, seen, view, palette, peak, nothing, likely, parts, is_ground(page))
        return replace(asked, taken=asked.reached(seen.places))

    def reached(self, found: reach.Places) -> np.ndarray:
        """What speaks for following any of some hints, `float32[S]`."""
        if not len(found.cells):
            return np.zeros(len(self.view.cells), np.float32)
        spots = reach.coordinates(self.view.shape)[self.view.cells]
        maps = self.seen.maps
        hints, _ = reach.logits(
            np, maps[self.view.cells][None], maps[found.cells][None], spots[None], found.points[None],
            found.costs[:, self.view.regions].T[None], np.zeros((1, len(found.cells)), np.float32),
        )
        return np.exp(np.minimum(hints[0] - self.peak, 40.0)).sum(-1)

    def draw(self, palette: np.ndarray, random: np.random.Generator) -> Chosen:
        """One choice."""
        areas, own = self.page.regions.areas, self.palette.sum(-1)
        clothes, taken = wardrobe(random), self.taken.copy()
        points: list[np.ndarray] = []
        colors: list[np.ndarray] = []
        score, weight = 0.0, 1e-6
        for region in np.argsort(-areas, kind="stable"):
            if areas[region] < _SMALLEST or len(points) >= MOST:
                break
            here = self.view.regions == region
            if (taken[here] / (taken[here] + own[here])).mean() > _TAKEN or region in self.seen.places.homes:
                continue
            offered = self._offered(int(region), clothes)
            chance = self._fit(int(region), reach.lab_of(offered), palette)
            chosen = int(random.choice(len(offered), p=chance / chance.sum()))
            score, weight = score + areas[region] * np.log(chance[chosen]), weight + areas[region]
            point = self._middle(int(region))
            share = np.array(self.page.lines.shape[::-1], np.float32) / np.array(self.page.inner[::-1], np.float32)
            points.append(np.minimum(point * share, 0.999))
            colors.append(offered[chosen])
            taken = taken + self.reached(reach.places(self.page.regions, point[None]))
        return Chosen(
            np.array(points, np.float32).reshape(-1, 2), np.array(colors, np.uint8).reshape(-1, 3),
            float(score / weight),
        )

    def _offered(self, region: int, clothes: Wardrobe) -> np.ndarray:
        """The colours of what a region shows; where that is not clear, all but those of small things."""
        part = int(self.parts[region].argmax())
        if self.parts[region, part] >= _NAMED or PARTS[part] == "paper":
            return clothes.of(PARTS[part])
        unclear = _PLACES if self.ground[region] else _FIGURES
        return np.concatenate([clothes.of(name) for name in unclear])

    def _fit(self, region: int, colors: np.ndarray, palette: np.ndarray) -> np.ndarray:
        """How well colours, `float32[N, 3]` in Lab / 100, suit what the network holds likely for a region."""
        apart = np.abs(colors[:, None] - palette[None]).sum(-1)
        return (np.exp(-apart / _ALIKE) @ self.likely[region] + 1e-3) ** _SHARPNESS

    def _middle(self, region: int) -> np.ndarray:
        """The place of a region that is furthest from ink and from the page's edge, x and y in [0, 1] of the page."""
        height, width = self.page.inner
        mask = (self.page.regions.labels[:height, :width] == region).astype(np.uint8)
        framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
        row, column = divmod(int(cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1].argmax()), width)
        high, wide = self.page.lines.shape
        return np.array([(column + 0.5) / wide, (row + 0.5) / high], np.float32)
