"""What becomes of regions that no hint lies in and none surely reaches: the colour that is expected to be nearest.

The network holds many colours likely for such a region: those of hints elsewhere, those of its palette, paper. The mean
of them is beige; what is painted instead is the one colour, of the hints or paper, that is expected to lie nearest to
what the region is. So ground that is likely bare stays bare, and a bench goes with the bench. Parts have a say: skin
takes no colour of a dress, and a face no colour of anything. Skin, hair, irises and mouths of a figure that somebody
coloured get their usual colours where nothing is said of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from s2p.parts import NAMES, SCENERY
from s2p.pipelines.looking import likeness
from s2p.pipelines.scene import FACES, Scene
from s2p.pipelines.wardrobe import USUAL, colors_of
from s2p.reach import lab_of
from s2p.regions import Regions, hanging_together

BETTER = 0.1  # Lab / 100: by how much a hint's colour has to be nearer than paper, or paper where the ground is none
_UNSURE = 0.4  # chance of its likeliest part up to which a region may be anything
_CLEARLY, _HAIRY = 0.6, 0.5  # chance of skin, and of hair beside it, from which on a region is that
_BESIDE = 0.4  # the same beside what is: a chin and a nose are small, and less is known of them
_PERHAPS = 0.3  # chance of skin from which on a limb that would stay bare is skin
_WILD = 0.25  # share of a guess below which such a limb is rather skin
_AS_MUCH = 3.0  # times the size of a region up to which its neighbour is the other half of one thing
_COULD_BE = 0.2  # chance of skin from which on a hint of a usual colour says what skin there is
_LIKE = 0.1  # Lab / 100: a colour so near to a usual one is one
_LARGELY, _SPOT = 0.5, 0.15  # chance of skin of a face; the share of it that a spot on it has
_AS_LARGE = 0.4  # of the largest iris, or mouth, of a figure: what is smaller lies on it
_COATED = 0.3  # share of an animal that is painted, from which on all of it is
_COMMON = 0.9  # how much rarer each next one of the usual colours of a part is
_ANYTHING, _SKIN, _HAIR, _SCENERY, _FACE = range(5)  # kinds of parts, between which no colour is passed on
_KINDS = {"skin": _SKIN, "hair": _HAIR, **dict.fromkeys(SCENERY, _SCENERY), **dict.fromkeys(FACES, _FACE)}
_NO_PAPER, _TINTED = 0.92, 0.12  # Lab / 100: lightness below which a ground has a colour, and strength from which on
PAPER, _FULL = 0.5, 0.6  # chance of paper from which on ground is some; share of a page that is none, and coloured
_PAPERLESS, _MUCH = 0.1, 0.4  # share of a page that may be paper, up to which it has none; that has to be coloured then
_MOSTLY = 0.6  # share of the ground that has a colour from which on nothing before it is bare paper
_CREATURE = NAMES.index("creature")
_KIND = np.array([_KINDS.get(name, _ANYTHING) for name in NAMES])


def nearest_expected(
    shares: np.ndarray, own: np.ndarray, colors: np.ndarray, palette: np.ndarray, parts: np.ndarray,
    has_coat: np.ndarray, may_take: np.ndarray, homes: np.ndarray, kind: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The colour of the hints that is expected to be nearest to what each region is, and how much nearer than paper.

    Args:
        shares: `float32[R, K]`, how likely regions follow the hints of each colour.
        own: `float32[R, PALETTE]`, of `palette_shares`, for all that follows none.
        colors: `float32[K, 3]`, Lab / 100, of the hints.
        palette: `float32[PALETTE, 3]`, Lab / 100.
        parts: `float32[R, P]`, how likely every region shows each part.
        has_coat: `bool[R, N]`, of `coats`.
        may_take: `bool[R, N]`, of `Scene.may_take`.
        homes, kind: `int[N]`, region and colour of every hint.

    Returns: `int[R]`, which colour, and `float32[R]`, by how much it is nearer than paper, Lab / 100; -inf where none
        suits the part or may be taken at all.
    """
    rest = np.maximum(1.0 - shares.sum(-1, keepdims=True), 0.0) * own
    candidates, could_be = np.concatenate([colors, [[1.0, 0.0, 0.0]]]), np.concatenate([colors, palette])
    apart = np.linalg.norm(candidates[:, None] - could_be[None], axis=-1)
    expected = np.concatenate([shares, rest], -1) @ apart.T
    shown, is_unsure = _KIND[parts.argmax(-1)], parts.max(-1) < _UNSURE
    suits = np.zeros((len(parts), len(colors)), bool)
    may = np.zeros((len(parts), len(colors)), bool)
    for hint, (home, which) in enumerate(zip(homes, kind)):
        is_like = (shown == shown[home]) | ((is_unsure | is_unsure[home]) & (shown != _FACE))
        suits[:, which] |= np.where(has_coat.any(-1), has_coat[:, hint], is_like)
        may[:, which] |= may_take[:, hint]
    suits &= (shown != _FACE)[:, None]
    of_hints = np.where(suits, expected[:, :-1], np.inf)
    nearest = of_hints.argmin(-1)
    return nearest, np.where(may[np.arange(len(parts)), nearest], expected[:, -1] - of_hints.min(-1), -np.inf)


def as_hinted(scene: Scene, homes: np.ndarray, colors: np.ndarray) -> Scene:
    """What a drawing shows once hints have a say: of one colour are parts of one kind.

    An arm that is taken for a sleeve is none if it has the colour of the other arm, and so no sleeve takes after it. A
    strand that is taken for skin is none if it has the colour of the hair, and so no face takes after it.

    Args:
        scene: of the drawing.
        homes: `int[N]`, the regions of the hints.
        colors: `uint8[N, 3]`, RGB, theirs.
    """
    colors = np.asarray(colors).reshape(-1, 3)
    is_skin, kind = is_usual("skin", colors), _KIND[scene.shown[homes]]
    chances, shown = scene.chances.copy(), scene.shown.copy()
    for name, may, mistaken in (("skin", is_skin, _ANYTHING), ("hair", ~is_skin, _SKIN)):
        part = NAMES.index(name)
        clear = np.unique(colors[may & (shown[homes] == part) & (chances[homes, part] >= _CLEARLY)], axis=0)
        found = homes[(colors[:, None] == clear[None]).all(-1).any(-1) & (kind == mistaken)]
        chances[found], shown[found] = np.eye(len(NAMES), dtype=chances.dtype)[part], part
    return replace(scene, chances=chances, shown=shown)


def coats(parts: np.ndarray, figures: np.ndarray, homes: np.ndarray) -> np.ndarray:
    """Which hints give the animals that regions belong to their coat, the only one that each has; `bool[R, N]`.

    Args:
        parts: `float32[R, P]`, how likely every region shows each part.
        figures: `int[R]`, numbers of the figures that they belong to.
        homes: `int[N]`, the regions of the hints.
    """
    is_animal = parts.argmax(-1) == _CREATURE
    return is_animal[:, None] & is_animal[homes] & (figures[:, None] == figures[homes])


def share_their_coat(
    parts: np.ndarray, figures: np.ndarray, areas: np.ndarray, wanted: np.ndarray, cover: np.ndarray,
    is_free: np.ndarray,
) -> None:
    """Gives what is bare of an animal the colour that most of the rest of it has; `wanted` and `cover` in place.

    Args:
        parts, figures: as of `coats`.
        areas: `float32[R]`.
        wanted: `float32[R, K]`, the colour of every region.
        cover: `float32[R]`, how far it is painted.
        is_free: `bool[R]`, which may change.
    """
    is_animal = parts.argmax(-1) == _CREATURE
    for figure in np.unique(figures[is_animal & is_free & (cover == 0)]):
        whole = is_animal & (figures == figure)
        painted = whole & (cover > 0)
        if areas[painted].sum() > _COATED * areas[whole].sum():
            bare = whole & is_free & (cover == 0)
            wanted[bare] = np.eye(wanted.shape[1])[(areas[painted] @ wanted[painted]).argmax()]
            cover[bare] = 1.0


def usual_colors(
    scene: Scene, regions: Regions, own: np.ndarray, palette: np.ndarray, homes: np.ndarray, colors: np.ndarray, *,
    of_all: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skin, hair, irises and mouths of the figures in which hints lie, where nobody said anything of them.

    Whoever gave an eye its colour has coloured eyes, and what is small beside the iris is a highlight on it.

    Args:
        scene: of the page.
        regions: its regions.
        own: `float32[R, PALETTE]`, of `palette_shares`.
        palette: `float32[PALETTE, 3]`, Lab / 100.
        homes: `int[N]`, the regions of the hints.
        colors: `uint8[N, 3]`, RGB, of the hints.
        of_all: whether of the other figures as well.

    Returns: `uint8[R, 3]`, RGB; `bool[R]`, which regions have one; and `bool[R]`, which have one if they stay bare: of
        an arm that is taken for a sleeve, where no hint means that sleeve, or a forehead for hair.
    """
    found, has = np.zeros((len(own), 3), np.uint8), np.zeros(len(own), bool)
    perhaps, areas = np.zeros(len(own), bool), regions.areas
    touched = np.unique(scene.figures if of_all else scene.figures[homes])
    for name in USUAL:
        number = NAMES.index(name)
        is_shown = _clearly(name, scene, regions)
        is_said = scene.is_shown(name)[homes] & ((scene.chances[homes, number] >= _CLEARLY) | is_usual(name, colors))
        if name == "skin":
            is_said &= ~is_spot(areas, homes, colors, scene.chances, scene.figures)
        could_be = (scene.chances[homes, number] >= _COULD_BE) & is_usual(name, colors)
        for figure in touched:
            here, is_own = np.flatnonzero(is_shown & (scene.figures == figure)), scene.figures[homes] == figure
            if not len(here) or (name in FACES and (is_said & is_own).any()):
                continue
            said = np.concatenate([colors[is_said & is_own], colors[is_said], colors[could_be]])
            here = here[areas[here] >= _AS_LARGE * areas[here].max()] if name in FACES else here
            found[here] = said[0] if len(said) else _likeliest(name, own[here].mean(0), palette)
            has[here] = True
            if name == "skin":
                perhaps_skin = np.where(scene.is_shown(name), _COULD_BE, _PERHAPS)
                bare = (scene.figures == figure) & ~has & (scene.chances[:, number] >= perhaps_skin)
                bare &= np.isin(scene.shown, [NAMES.index(one) for one in ("cloth", "thing", "hair", name)])
                found[bare], perhaps[bare] = found[here[0]], True
    return found, has, perhaps


def rather_skin(
    regions: Regions, parts: np.ndarray, given: np.ndarray, nearest: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Which regions that may be skin rather are than that they have the colour nearest to them: `bool[R]`.

    What is taken for skin is, and so is a sleeve of which that colour is a wild guess. But half a leaf that is taken
    for skin goes with the other half, taken for it as well, to which a hint gave that colour; a hand is no half of the
    gown beside it.

    Args:
        regions: of the page.
        parts: `float32[R, P]`, how likely each shows each part.
        given: `bool[R, K]`, the colours of the hints in it; those of skin and white ones left out, which are a cuff's.
        nearest: `int[R]`, of `nearest_expected`.
        shares: `float32[R, K]`, how likely regions have every colour, those like it counted.
    """
    is_wild = np.take_along_axis(shares, nearest[:, None], 1)[:, 0] < _WILD
    is_taken, goes_on = parts.argmax(-1) == NAMES.index("skin"), np.zeros(len(parts), bool)
    for one, other in (regions.pairs.T, regions.pairs.T[::-1]):
        is_half = is_taken[other] & (regions.areas[other] < _AS_MUCH * regions.areas[one])
        goes_on[one[is_half & given[other, nearest[one]]]] = True
    return is_wild | (is_taken & ~goes_on)


def is_tinted(colors: np.ndarray) -> np.ndarray:
    """Which colours, `float32[K, 3]` in Lab / 100, no paper has that was left bare: `bool[K]`."""
    return (colors[:, 0] < _NO_PAPER) | (np.linalg.norm(colors[:, 1:], axis=-1) > _TINTED)


def mostly(which: np.ndarray, ground: np.ndarray) -> bool:
    """Whether some regions, `bool[R]`, are most of the ground, given as the areas of what is ground, `float32[R]`."""
    return bool(ground[which].sum() > _MOSTLY * ground.sum())


def has_colors(
    areas: np.ndarray, tinted: np.ndarray, blank: np.ndarray, before: np.ndarray, white: np.ndarray
) -> bool:
    """Whether most of the ground has a colour, or of a page full of drawing most: what stays white is no paper then.

    Less has to have one on a page of which hardly anything can be paper.

    Args:
        areas: `float32[R]`, shares of the page.
        tinted: `bool[R]`, what has a colour that no bare paper has.
        blank: `float32[R]`, chance of paper.
        before: `bool[R]`, which regions are ground.
        white: `bool[R]`, what somebody gave the colour of bare paper.
    """
    drawn = areas * (blank < PAPER)
    is_paperless = areas @ np.where(white, 1.0, blank) < _PAPERLESS * areas.sum()
    most = _MUCH if is_paperless else _FULL
    return mostly(tinted, areas * before) or bool(drawn.sum() > _FULL and drawn[tinted].sum() > most * drawn.sum())


def hints_fill_ground(regions: Regions, homes: np.ndarray, colors: np.ndarray) -> bool:
    """Whether hints, `uint8[N, 3]`, RGB, give most of the ground a colour: nobody before it is left bare then."""
    is_filled = np.zeros(regions.count, bool)
    is_filled[homes[is_tinted(lab_of(colors))]] = True
    return mostly(is_filled, regions.areas * regions.grounds)


def _clearly(name: str, scene: Scene, regions: Regions) -> np.ndarray:
    """Which regions show a part for certain, `bool[R]`: hair that hangs together with hair beside skin, for one."""
    shown, chance = scene.is_shown(name), scene.chances[:, NAMES.index(name)]
    found = shown & (chance >= (_HAIRY if name == "hair" else _CLEARLY))
    if name == "skin":
        found |= _beside(regions, found) & shown & (chance >= _BESIDE)
    if name == "hair":
        whole = hanging_together(regions.count, *regions.pairs[found[regions.pairs].all(-1)].T)
        found &= np.isin(whole, whole[found & _beside(regions, _clearly("skin", scene, regions))])
    return found


def _beside(regions: Regions, which: np.ndarray) -> np.ndarray:
    """The neighbours of some regions, `bool[R]`."""
    found = np.zeros(regions.count, bool)
    for one, other in (regions.pairs.T, regions.pairs.T[::-1]):
        found[other[which[one]]] = True
    return found


def is_spot(
    areas: np.ndarray, homes: np.ndarray, colors: np.ndarray, parts: np.ndarray, figures: np.ndarray
) -> np.ndarray:
    """Which hints lie in what is small beside the skin around it, and say nothing of that: in a pupil; `bool[N]`.

    Args:
        areas: `float32[R]`, of the regions.
        homes: `int[N]`, regions of the hints.
        colors: `uint8[N, 3]`, RGB, theirs; that of skin is said of skin wherever it lies.
        parts, figures: of the regions, as `Scene.chances` and `Scene.figures`.
    """
    skin, largest = parts[:, NAMES.index("skin")] > _LARGELY, np.zeros(int(figures.max()) + 1)
    np.maximum.at(largest, figures[skin], areas[skin])
    return (areas[homes] < _SPOT * largest[figures[homes]]) & ~is_usual("skin", colors)


def is_usual(name: str, colors: np.ndarray) -> np.ndarray:
    """Whether colours, `uint8[N, 3]` RGB, are like a usual one of a part: `bool[N]`."""
    apart = np.linalg.norm(lab_of(colors)[:, None] - lab_of(colors_of(name))[None], axis=-1)
    return apart.min(-1) < _LIKE


def _likeliest(name: str, chances: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Of the usual colours of a part the one that the network holds likeliest; `uint8[3]`."""
    offered = colors_of(name)
    fit = likeness(offered, palette) @ chances
    return offered[int((fit * _COMMON ** np.arange(len(offered))).argmax())]
