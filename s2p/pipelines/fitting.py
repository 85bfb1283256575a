"""What parts say of a colour that comes from another region: hair is no skin, a face no part of the sky behind it."""

from __future__ import annotations

import numpy as np

from s2p import reach
from s2p.parts import NAMES, SCENERY
from s2p.pipelines.scene import FACES, Scene

# Share that counts between regions that show different things, agreement from which on all of it does; agreement on
# skin or hair from which on a share that is heard at all is raised by so much.
_UNLIKE, _AGREED, _CLEARLY, _ADDED = 0.3, 0.4, 0.62, 0.25
_SKIN, WHATEVER = 0.5, 0.6  # agreement on skin from which on both have the colour of one hint; what that is worth
_SHADES = 0.35  # Lab / 100, within which colours are shades of one
_ONE_COLORED = [NAMES.index(name) for name in ("skin", "hair")]  # of a figure
_SCENERY = [NAMES.index(name) for name in SCENERY]
_COLOURED, _WARM = 0.07, (-30.0, 100.0)  # Lab / 100 and degrees: colourfulness from which on hue counts; that of skin
_GRAY, _DARK = 0.05, 0.5  # Lab / 100: colourfulness and lightness of a dark gray
_LARGELY = 0.5  # chance from which on a region, or a place, is taken for what it shows
_BLACK, _NO_GUESS = 0.2, (0.35, 0.5)  # Lab / 100; share from which on black is no guess, for what is alike and else
_SURELY, _BODILY = 0.8, 0.6  # the same of cloth for sure, and of skin and hair together


def fitting_of(
    found: reach.Places, kind: np.ndarray, colors: np.ndarray, parts: np.ndarray, figures: np.ndarray,
    on_spot: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What parts say of a colour that comes from another region.

    Args:
        found: of the hints.
        kind: `int[N]`, which of the colours each of them has.
        colors: `float32[kinds, 3]`, Lab / 100.
        parts, figures: of the regions, as `Scene.chances` and `Scene.figures`.
        on_spot: `bool[N]`, of `is_spot`.

    Returns: `float32[R, kinds]`, how much of its share counts, little where one region is clearly skin, or hair, and
        the other is not; and `float32[R, kinds]`, what is added where both are skin, or hair, of one figure, and most
        hints there have about that colour: a flower in the hair is taken for hair now and then. The third is added
        whatever the network thinks: who gives a face its colour means the hands as well.
    """
    kinds, apart = len(colors), np.linalg.norm(colors[kind][:, None] - colors[kind][None], axis=-1)
    told = parts[:, _ONE_COLORED]
    of_hints = np.where(on_spot[:, None] & (np.array(_ONE_COLORED) == NAMES.index("skin")), 0.0, told[found.homes])
    same, skin = told @ of_hints.T, np.outer(told[:, 0], of_hints[:, 0])
    alike = same + np.outer(1.0 - told.sum(-1), 1.0 - of_hints.sum(-1))
    beside = of_hints @ of_hints.T
    usual = (beside * (apart < _SHADES)).sum(-1) >= 0.5 * beside.sum(-1)
    is_theirs = (figures[:, None] == figures[found.homes][None]) & usual[None]

    def most(values: np.ndarray) -> np.ndarray:
        """The largest over all hints of a colour, `float32[R, kinds]`."""
        result = np.zeros((len(parts), kinds), np.float32)
        for hint, which in enumerate(kind):
            result[:, which] = np.maximum(result[:, which], values[:, hint])
        return result

    return (
        np.minimum(_UNLIKE + most(alike) / _AGREED, 1.0),
        np.where(most(same * is_theirs) > _CLEARLY, np.float32(_ADDED), np.float32(0.0)),
        np.where(most(skin * is_theirs) > _SKIN, np.float32(WHATEVER), np.float32(0.0)),
    )


def aliens(
    scene: Scene, parents: np.ndarray, before: np.ndarray, found: reach.Places, kind: np.ndarray, colors: np.ndarray,
    has_usual: np.ndarray, mean: np.ndarray,
) -> np.ndarray:
    """Which colours each piece of a page takes from no other one, however likely the network holds them: `bool[R, K]`.

    What has a usual colour takes that of a hint in its like alone: a face is no part of the wall behind it. What else
    seems to be skin of such a figure takes no green, nor white. What is cloth for sure takes none that only skin or
    hair was given, and nothing but eyes and mouths one that only those were: who blackens an eye does not mean the
    hair. A body takes no colour that only the ground was given, and bare ground none that only figures were, however
    open they are. Nothing but hair, and clothes of black ones, is black by a guess: no other colour is as bad where it
    is wrong.

    Args:
        scene: of the page.
        parents: `int[R]`, the regions that the pieces belong to.
        before: `bool[R]`, which pieces are ground.
        found: of the hints, in pieces.
        kind: `int[N]`, which of the colours each of them has.
        colors: `float32[K, 3]`, Lab / 100.
        has_usual: `bool[regions]`, of `s2p.pipelines.leftover.usual_colors`.
        mean: `float32[R, K]`, how likely the network holds every colour.
    """
    shown, parts = scene.shown[parents], scene.chances[parents]
    skin = scene.is_shown("skin")
    skin_of_some = (skin & np.isin(scene.figures, scene.figures[skin & has_usual]))[parents]
    is_strange = has_usual[parents][:, None] | (skin_of_some[:, None] & _is_no_skin(colors))
    alike = _of_their_like(shown, found.homes, kind)
    alien = (is_strange & ~alike) | _black_by_a_guess(shown, alike, colors, mean)
    is_body = _is_body(parts, scene.figures[parents])
    alien |= is_body[:, None] & _of_ground(scene, found, kind, before)
    is_cloth, of_bodies = parts[:, NAMES.index("cloth")] >= _SURELY, parts[:, _ONE_COLORED].sum(-1) >= _BODILY
    alien |= is_cloth[:, None] & _only_where(of_bodies[found.homes], kind)
    of_faces = np.isin(shown, [NAMES.index(name) for name in FACES])
    alien |= ~of_faces[:, None] & _only_where(of_faces[found.homes], kind)
    is_bare = before & (shown == NAMES.index("paper"))
    return alien | (is_bare[:, None] & _only_where(~before[found.homes], kind))


def _black_by_a_guess(shown: np.ndarray, alike: np.ndarray, colors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Where black would be a guess, `bool[R, K]`: neither hair, nor cloth like that of a hint, nor held likely enough.

    Args:
        shown: `int[R]`, what regions show.
        alike: `bool[R, K]`, of `_of_their_like`.
        colors, mean: as for `aliens`.
    """
    is_hair, is_cloth = (shown[:, None] == NAMES.index(name) for name in ("hair", "cloth"))
    is_guess = (colors[:, 0] < _BLACK) & (mean < np.where(alike, *_NO_GUESS))
    return is_guess & ~is_hair & ~(is_cloth & alike)


def _only_where(is_there: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Which colours no hint has but those of some, `bool[N]`: `bool[K]`; `kind` as for `aliens`."""
    return np.bincount(kind, ~is_there) == 0


def _of_their_like(shown: np.ndarray, homes: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Whether a hint of a colour lies in what shows the same as a region, `bool[R, K]`."""
    found = np.zeros((len(NAMES), int(kind.max()) + 1), bool)
    found[shown[homes], kind] = True
    return found[shown]


def _is_no_skin(lab: np.ndarray) -> np.ndarray:
    """Whether colours, `float32[K, 3]` Lab / 100, are none that skin has: cold, white or dark gray."""
    hue, strength = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])), np.hypot(lab[:, 1], lab[:, 2])
    is_cold = (strength > _COLOURED) & ((hue < _WARM[0]) | (hue > _WARM[1]))
    return is_cold | reach.is_paper(lab) | ((strength < _GRAY) & (lab[:, 0] < _DARK))


def weighed(shares: np.ndarray, fitting: np.ndarray) -> np.ndarray:
    """Shares of colours, `float32[R, K]`, as far as they fit, and as much of everything as before."""
    found = shares * fitting
    return found * (shares.sum(-1, keepdims=True) / np.maximum(found.sum(-1, keepdims=True), 1e-6))


def _is_body(parts: np.ndarray, figures: np.ndarray) -> np.ndarray:
    """Which regions are skin, or hair of somebody who has skin: `bool[R]`. What is hair alone may be grass.

    Args:
        parts, figures: of the regions, as `Scene.chances` and `Scene.figures`.
    """
    skin, hair = (parts[:, part] >= _LARGELY for part in _ONE_COLORED)
    return skin | (hair & (np.bincount(figures, skin) > 0)[figures])


def _of_ground(scene: Scene, found: reach.Places, kind: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Which colours were given to the ground alone, `bool[kinds]`: no hint of them lies in a figure, or where one is.

    Args:
        scene: of the page.
        found: of the hints.
        kind: `int[N]`, which of the colours each of them has.
        before: `bool[R]`, which regions are ground.
    """
    return _only_where(before[found.homes], kind) & (np.bincount(kind, _mean_ground(scene, found, before)) > 0)


def meant_as_ground(scene: Scene, found: reach.Places, before: np.ndarray) -> np.ndarray:
    """Which ground all hints in it mean, `bool[R]`: none of them lies where a figure is that it is open to.

    Args:
        scene, found, before: as for `aliens`.
    """
    count = len(before)
    means_it = _mean_ground(scene, found, before)
    return (np.bincount(found.homes, means_it, count) > 0) & (np.bincount(found.homes, ~means_it, count) == 0)


def paper_like(parts: np.ndarray) -> np.ndarray:
    """How far regions, `float32[R, P]`, that are scenery may be paper, `float32[R]`: not at all where they are sky."""
    paper = parts[:, NAMES.index("paper")]
    return np.minimum(2.0 * paper / np.maximum(parts[:, _SCENERY].sum(-1), 1e-6), 1.0)


def _mean_ground(scene: Scene, found: reach.Places, before: np.ndarray) -> np.ndarray:
    """Which hints lie on ground, and where some is: `bool[N]`."""
    cells = scene.cells.reshape(-1, scene.cells.shape[-1])[found.cells]
    return before[found.homes] & (cells[:, _SCENERY].sum(-1) >= _LARGELY)
