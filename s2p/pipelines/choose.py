"""Chooses colours for the regions of a drawing that nobody coloured.

The mean of all that a region could be is beige, so nothing is averaged. The network `parts` says what each region shows
(skin, hair, cloth, paper, ...), a wardrobe of colours that go together is drawn for every figure
(`s2p.pipelines.wardrobe`), and regions take theirs one after another, the large ones first. Skin, hair and eyes of a
figure have one colour each, and an animal has one coat. Clothes and things take one that suits what the network `reach`
holds likely, unless they belong with something that has a colour already: so both sleeves of a coat are drawn once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from s2p import reach
from s2p.parts import NAMES, SCENERY
from s2p.pipelines.backdrops import on_paper, with_backdrops
from s2p.pipelines.heads import Places, people
from s2p.pipelines.looking import Page, Seen, View, by_region, kinds_of, likeness, look, palette_shares
from s2p.pipelines.scene import FACES, Scene, connected
from s2p.pipelines.tilings import each_of
from s2p.pipelines.wardrobe import Wardrobe, wardrobe
from s2p.runtime import Network

MOST = 96  # colours of one choice
# Shares of the page: what is smaller follows its neighbours or stays paper. Eyes and mouths are small, and looked at.
_SMALLEST, _SMALLEST_OF_FACES = 0.0008, 0.0003
_ENTRIES = 24  # cells of a region that are asked
_SHARPNESS = 1.2  # power of the likelihoods
_TAKEN, _ALIKE_ENOUGH = 0.5, 0.5  # share of hints from which on a region is theirs; of colours of the same part
_WORN = 0.35  # how much less likely a colour is with every garment of the person that has it
# Colours of one part on a person, from which on what is as large as a limb takes the likeliest of them; and all else.
_SEVERAL, _MANY, _LIMB = 3, 4, 0.008
_PALE, _SELDOM = (0.86, 0.16), 0.35  # lightness and colourfulness, Lab / 100, of what is worn more seldom, how much
_CLEARLY, _OPEN = 0.6, 0.8  # chance of cloth from which on it is; cost of a border below which it is a wide gap
_SKY_SEEN = 0.02  # share of the page from which on there is a sky, and ground is land
_WORN_BY_CHOICE = ("cloth", "thing")
_SINGLE = ("skin", "hair", "creature", *FACES, *SCENERY)  # one colour for all of a figure, or of the page

Dress = Callable[[Wardrobe, np.random.Generator], Wardrobe]


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
    network: Network, page: Page, points: np.ndarray, colors: np.ndarray, palette: np.ndarray, scene: Scene,
    *, seeds: Sequence[int], said: Mapping[int, np.ndarray] | None = None,
    dress: Dress = lambda own, random: own,
) -> list[Chosen]:
    """Draws one choice for every seed; the network runs once for all of them.

    Args:
        network, page: as for `s2p.pipelines.looking.look`.
        points: `float[N, 2]`, x and y in [0, 1]: where the artist's hints lie, which are kept to.
        colors: `uint8[N, 3]`, RGB, of those hints.
        palette: `float32[PALETTE, 3]`, Lab / 100, that the network was trained for.
        scene: of the page.
        seeds: another seed, other colours.
        said: colours of regions, `uint8[3]` RGB, that words ask for (`s2p.pipelines.wording`).
        dress: changes what is drawn from; the colours of other pictures come in by it (`s2p.pipelines.borrowing`).
    """
    seen = look(network, page, points, scene.cells, kinds_of(colors)[1])
    asked = _Asked.of(page, seen, np.asarray(colors, np.uint8).reshape(-1, 3), scene, said or {})
    return [asked.draw(palette, np.random.default_rng(seed), dress) for seed in seeds]


@dataclass(frozen=True)
class _Asked:
    """What is to be coloured, and what the networks say of it; the same for every choice.

    Attributes:
        areas: `float32[N]`, shares of the page, of the regions that may need a colour; the largest first.
        points: `float32[N, 2]`, their middles, x and y in [0, 1] of the drawing.
        names: of the parts that they show, N of them.
        figures: `int[N]`, numbers of the figures that they belong to.
        people: `int[N]`, of `s2p.pipelines.heads.people`, who may touch.
        likely: `float32[N, PALETTE]`, how likely they have every colour, if they have one of the palette.
        belongs: N arrays `float32[cells, N]`: what speaks for each of their cells following each of them, where a
            colour of its own has 1.
        is_spread: `bool[N]`, which the artist's hints reach already.
        given: what the artist's hints say: the colour, `uint8[3]`, of a figure's part.
        said: what words say, by number.
        mates: numbers of those whose colour each has: cloth that is open to it, of a left and a right the other
            (`s2p.pipelines.twins`), of a leaf the rest of it, and what the same person wears beside it, by number.
        is_outside: whether a sky is seen.
    """

    areas: np.ndarray
    points: np.ndarray
    names: list[str]
    figures: np.ndarray
    people: np.ndarray
    likely: np.ndarray
    belongs: list[np.ndarray]
    is_spread: np.ndarray
    given: dict[tuple[int, str], np.ndarray]
    said: dict[int, np.ndarray]
    mates: dict[int, list[int]]
    is_outside: bool

    @staticmethod
    def of(page: Page, seen: Seen, colors: np.ndarray, scene: Scene, said: Mapping[int, np.ndarray]) -> _Asked:
        view, count, homes = View.of(page).thinned(_ENTRIES), page.regions.count, seen.places.homes
        own = seen.speaks[view.cells]
        likely = palette_shares(seen, view, count)
        places = Places.of(page)
        belongs_to = people(page, scene, places)
        shown, figures = _with_animals(page, scene, belongs_to)
        shown = on_paper(page, scene, shown, homes, colors)
        figures = with_backdrops(page, scene, places, figures)
        asked = _candidates(page, shown, homes, scene.tilings)
        middles = np.array([_middle(page, int(region)) for region in asked], np.float32).reshape(-1, 2)
        # A hint in ink, or in what is hardly wider than a line, would be taken for one beside it.
        is_meant = reach.places(page.regions, middles).homes == asked
        asked, middles = asked[is_meant], middles[is_meant]
        whose = belongs_to[asked]
        belongs = _belongs(seen, view, reach.places(page.regions, middles), own)
        hinted = _shares(_belongs(seen, view, seen.places, own)).sum(-1, keepdims=True)
        share = np.array(page.lines.shape[::-1], np.float32) / np.array(page.inner[::-1], np.float32)
        return _Asked(
            page.regions.areas[asked], np.minimum(middles * share, 0.999), [NAMES[part] for part in shown[asked]],
            figures[asked], whose, likely[asked], [belongs[view.regions == region] for region in asked],
            by_region(hinted, view, count)[asked, 0] > _TAKEN,
            _given(figures[homes], shown[homes], colors),
            {k: said[region] for k, region in enumerate(asked.tolist()) if region in said},
            _mates(
                asked, np.concatenate([_open_cloth(page, scene), scene.twins, _small_things(page, scene)]),
                places.beside(asked) & (whose[:, None] == whose[None]) & (whose >= 0),
            ),
            bool(page.regions.areas[scene.is_shown("sky")].sum() > _SKY_SEEN),
        )

    def draw(self, palette: np.ndarray, random: np.random.Generator, dress: Dress) -> Chosen:
        """One choice."""
        scenery, wardrobes = dress(wardrobe(random, is_outside=self.is_outside), random), dict[int, Wardrobe]()
        known = {key: color for key, color in self.given.items() if key[1] in _SINGLE}
        worn: dict[int, list[bytes]] = {}
        drawn: dict[int, np.ndarray] = {}
        score, weight = 0.0, 1e-6
        for k, (name, figure, person) in enumerate(zip(self.names, self.figures.tolist(), self.people.tolist())):
            # Whoever gave an eye its colour has coloured eyes: its highlights are not for us.
            if (figure, name) in self.given if name in FACES else self.is_spread[k]:
                continue
            color = self.said.get(k)
            if color is None:
                color = known.get((figure, name)) if name in _SINGLE else self._followed(k, drawn)
            if color is None:
                if name not in SCENERY and person not in wardrobes:
                    wardrobes[person] = dress(wardrobe(random), random)
                offered = (scenery if name in SCENERY else wardrobes[person]).of(name)
                before = worn.setdefault(person, [])
                chance = self._fit(k, offered, palette)
                chance = chance * np.array([_WORN ** before.count(one.tobytes()) for one in offered])
                color = offered[int(random.choice(len(offered), p=chance / chance.sum()))]
                before.append(color.tobytes())
                if name in _SINGLE:
                    known[figure, name] = color
            drawn[k] = color
            score += self.areas[k] * np.log(self._fit(k, color[None], palette)[0])
            weight += self.areas[k]
        colors = np.array(list(drawn.values()), np.uint8).reshape(-1, 3)
        return Chosen(self.points[list(drawn)].reshape(-1, 2), colors, float(score / weight))

    def _followed(self, k: int, drawn: dict[int, np.ndarray]) -> np.ndarray | None:
        """The colour that was drawn before for what a region belongs with; None where it is something of its own."""
        for mate in self.mates.get(k, []):
            if mate in drawn and self.names[mate] == self.names[k]:
                return drawn[mate]
        # What words gave its colour says nothing of the rest, and what others wear little.
        alike = [
            other for other in drawn
            if self.names[other] == self.names[k] and self.people[other] == self.people[k] and other not in self.said
        ]
        if not alike or not len(self.belongs[k]):
            return None
        shares = _shares(self.belongs[k][:, alike]).mean(0)
        of_person = {drawn[other].tobytes() for other in alike}
        is_theirs = shares.sum() > _ALIKE_ENOUGH or len(of_person) >= (_SEVERAL if self.areas[k] > _LIMB else _MANY)
        return drawn[alike[int(shares.argmax())]] if is_theirs else None

    def _fit(self, k: int, colors: np.ndarray, palette: np.ndarray) -> np.ndarray:
        """How well colours, `uint8[M, 3]` RGB, suit what the network holds likely for a region; `float[M]`."""
        # White and what is nearly white are likely everywhere; who asks for colours is not asking for that.
        is_scenery = self.names[k] in SCENERY
        likely = self.likely[k] if is_scenery else np.where(reach.is_paper(palette), 0.0, self.likely[k])
        fit = (likeness(colors, palette) @ likely / max(likely.sum(), 1e-3) + 2e-2) ** _SHARPNESS
        lab = reach.lab_of(colors)
        is_pale = (lab[:, 0] > _PALE[0]) & (np.hypot(lab[:, 1], lab[:, 2]) < _PALE[1])
        return np.where(is_pale & (self.names[k] in _WORN_BY_CHOICE), _SELDOM, 1.0) * fit


def _with_animals(page: Page, scene: Scene, whose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What regions show, and the numbers of their figures, `int[R]` each, where every animal is one of its own.

    Hair that is nobody's, `whose` below 0 as `s2p.pipelines.heads.people` says it, is fur.
    """
    is_animal = scene.is_shown("creature") | (scene.is_shown("hair") & (whose < 0))
    return (
        np.where(is_animal, NAMES.index("creature"), scene.shown),
        np.where(is_animal, page.regions.count + connected(page, is_animal), scene.figures),
    )


def _given(figures: np.ndarray, shown: np.ndarray, colors: np.ndarray) -> dict[tuple[int, str], np.ndarray]:
    """What hints say of a figure's parts: of several colours the one that is most like all the others.

    Args:
        figures, shown: `int[N]`, of the regions in which the hints lie.
        colors: `uint8[N, 3]`, RGB.
    """
    found, lab = {}, reach.lab_of(colors)
    for figure, part in {(int(figure), int(part)) for figure, part in zip(figures, shown)}:
        here = np.flatnonzero((figures == figure) & (shown == part))
        apart = np.linalg.norm(lab[here][:, None] - lab[here][None], axis=-1)
        found[figure, NAMES[part]] = colors[here[int(apart.sum(-1).argmin())]]
    return found


def _open_cloth(page: Page, scene: Scene) -> np.ndarray:
    """Pairs of regions that are clearly cloth and open to each other, `int[N, 2]`: a shirt and its hem at a fold."""
    is_cloth = scene.is_shown("cloth") & (scene.chances[:, NAMES.index("cloth")] >= _CLEARLY)
    return page.regions.pairs[is_cloth[page.regions.pairs].all(-1) & (page.regions.costs < _OPEN)]


def _small_things(page: Page, scene: Scene) -> np.ndarray:
    """Pairs of regions, `int[N, 2]`, of small things that stand alone: each with the largest of its own."""
    alone = np.flatnonzero(scene.is_alone)
    order = alone[np.argsort(-page.regions.areas[alone], kind="stable")]
    _, first, which = np.unique(scene.standing[order], return_index=True, return_inverse=True)
    pairs = np.stack([order, order[first[which]]], -1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _mates(asked: np.ndarray, pairs: np.ndarray, is_beside: np.ndarray) -> dict[int, list[int]]:
    """For the regions that are asked for, whose colour each has: of its pairs first, then of what lies beside.

    Args:
        asked: `int[N]`, the regions.
        pairs: `int[M, 2]`, of regions that have one colour; the foremost count first.
        is_beside: `bool[N, N]`; the largest count first.
    """
    numbers = {region: k for k, region in enumerate(asked.tolist())}
    found: dict[int, list[int]] = {}
    for one, other in pairs.tolist():
        if one in numbers and other in numbers:
            found.setdefault(numbers[one], []).append(numbers[other])
            found.setdefault(numbers[other], []).append(numbers[one])
    for one, other in np.argwhere(is_beside).tolist():
        found.setdefault(one, []).append(other)
    return found


def _candidates(page: Page, shown: np.ndarray, homes: np.ndarray, tilings: np.ndarray) -> np.ndarray:
    """Regions that are large enough for a colour of their own and hold no hint, the largest first; `int[N]`.

    Of a tiling there is one at most, whose colour all of it takes. Where there are too many of them, eyes and mouths
    come before the strands of the hair.
    """
    areas = page.regions.areas
    is_small = np.isin(shown, [NAMES.index(name) for name in FACES])
    wanted = areas >= np.where(is_small, _SMALLEST_OF_FACES, _SMALLEST)
    wanted[homes] = False
    for within in each_of(tilings):
        is_hinted, largest = within[homes].any(), areas[within & wanted].max(initial=0.0)
        wanted[within & (is_hinted | (areas < largest))] = False
    found = np.flatnonzero(wanted)
    kept = found[np.lexsort((-areas[found], ~is_small[found]))][:MOST]
    return kept[np.argsort(-areas[kept], kind="stable")]


def _belongs(seen: Seen, view: View, found: reach.Places, own: np.ndarray) -> np.ndarray:
    """What speaks for every cell of a view following each of some hints, where all else together has 1.

    Args:
        own: `float32[S, 1]`, the logarithm of what speaks for a colour of the palette.

    Returns: `float32[S, N]`.
    """
    spots, maps = reach.coordinates(view.shape)[view.cells], seen.maps
    hints, _ = reach.logits(
        np, maps[view.cells][None], maps[found.cells][None], spots[None], found.points[None],
        found.costs[:, view.regions].T[None], np.zeros((1, len(found.cells)), np.float32),
    )
    return np.exp(np.minimum(hints[0] - own, 40.0))


def _shares(belongs: np.ndarray) -> np.ndarray:
    return belongs / (belongs.sum(-1, keepdims=True) + 1.0)


def _middle(page: Page, region: int) -> np.ndarray:
    """The place of a region that is furthest from its border and the page's edge, x and y in [0, 1] of the page."""
    height, width = page.inner
    mask = (page.regions.labels[:height, :width] == region).astype(np.uint8)
    left, top, wide, high = cv2.boundingRect(mask)
    cut = cv2.copyMakeBorder(mask[top : top + high, left : left + wide], 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    row, column = np.unravel_index(cv2.distanceTransform(cut, cv2.DIST_L2, 3).argmax(), cut.shape)
    full = page.lines.shape
    return np.array([(left + column - 0.5) / full[1], (top + row - 0.5) / full[0]], np.float32)
