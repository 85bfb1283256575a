"""Shadow and light on flat colours, as layers: what turns away from the light is darker, what turns to it shines.

Painters shade in a few steps that need no more than shapes: a soft dark side along the border that is turned away from
the light, a cast shadow of hair on a face and of a face on its neck, a soft light along the border that is turned to
it, a gloss on every strand of hair, and a blush below the eyes. A shape is what has one colour and hangs together; each
of its regions (a strand, a fold) has a small dark side of its own; eyes and buttons are no borders of what they lie in.
Scenery, bare paper and places where several colours run into each other are left alone, and what the artist shaded with
tones stays as the artist shaded it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from s2p.overlay import Shade
from s2p.parts import NAMES
from s2p.pipelines.blush import blush
from s2p.pipelines.layering import Pieces
from s2p.pipelines.looking import Page
from s2p.pipelines.scene import FACES, Scene
from s2p.regions import hanging_together

LIGHT = (-0.83, -0.55)  # where it comes from: down and right, in rows and columns, of length 1
_SCALE = 2  # px of the page in a pixel of the shadow, which is soft
_STEPS = 12  # of the way on which a border is looked for
# Neighbouring pixels look in directions that differ by so much, in radians, `[3, 3]`: all nine together see the border
# as a wide light does. One direction alone draws every corner as a straight edge across cheek or shoulder.
_ASIDE = np.linspace(-0.7, 0.7, 9, dtype=np.float32)[[[4, 0, 7], [2, 8, 3], [6, 1, 5]]]
# How far the dark side reaches: in the largest distance of a shape or a region to its border; at most, in short edges.
_SHAPE, _SHAPE_MOST = 1.3, 0.09
_REGION, _REGION_MOST, _REGION_SHARE = 1.0, 0.04, 0.7
_THIN, _WIDE = 1.5, 5.0  # px of the shadow: shapes up to that far across have none, from the second on all of it
_CEL, _EDGE, _SHARP = 0.45, 0.42, 14.0  # share of the shadow with an edge, where that lies, and how hard it is
_CAST, _CAST_SHARE = 0.028, 0.85  # short edges that hair throws its shadow on skin
# How far a face throws its own on the neck, in roots of its area; which share of the page it has at least; how many do.
_CHIN, _FACE, _FACES = 0.2, 0.002, 6
_WHITE = 248  # the least channel of what counts as bare
# Full shadow: the colour itself, as pure as it can be to that power, times so much red, green and blue.
_PURE, _DARK = 1.3, (0.66, 0.62, 0.70)
# Of the shadow, what is left on skin, where a dark place looks like a stain, and on what is as light as paper; the
# least channel from which on something counts as light.
_SKIN_SHARE, _PALE_SHARE, _PALE = 0.65, 0.5, 200.0
# Light: how far the side that is turned to it reaches, as for the shadow; where in that its middle is and how wide it
# is around, 1 being the border; how strong on hair, skin and all else. The gloss of strands lies further inside.
_LIT, _LIT_MOST, _LIT_AT, _LIT_WIDE = 1.6, 0.16, 0.75, 0.35
_ON_HAIR, _ON_SKIN, _ON_ALL = 0.45, 0.22, 0.45
_FAINT = 0.04  # of the light: less is none
_GLOSS, _GLOSS_MOST, _GLOSS_AT, _GLOSS_WIDE, _GLOSS_SHARE = 1.6, 0.09, 0.55, 0.2, 0.9
# Tones of the artist: how far they are averaged, in short edges; darkness from which on they take from our shadow and
# light, and at which nothing of it is left.
_TONED, _TONE, _TONE_FULL = 1 / 64, 0.05, 0.2
_WARM, _OWN = (1.0, 0.96, 0.88), 0.3  # the colour of the light, and how much of the colour it falls on is in it
_SHINY, _BLACK = 150.0, 0.4  # the largest channel from which on a colour takes all of the light; what black takes


def shadow_and_light(page: Page, flat: np.ndarray, scene: Scene, *, cheeks: np.ndarray | None = None) -> Shade:
    """Shadow and light on a filled page.

    Args:
        page: the drawing.
        flat: `uint8[h, w, 3]`, RGB, of `s2p.pipelines.flats.flats`.
        scene: of the page.
        cheeks: its `s2p.pipelines.blush.cheeks`, where they are known, for no colour changes them.

    Returns: both `uint8[ceil(h / 2), ceil(w / 2), 3]`, RGB; the deepest and the brightest that there is, of which a
        picture shows a part (`weakened`).
    """
    forms = _Forms.of(page, flat, scene)
    dark = _dark(forms, page, scene)
    return Shade(_shadow(forms, page, scene, dark, cheeks), _light(forms, scene, dark))


@dataclass(frozen=True)
class _Forms:
    """What a filled page consists of, in pixels of the shadow.

    Attributes:
        regions: of the page.
        shapes: what of them has one colour and hangs together.
        colors: `float[R, 3]`, RGB, of regions.
        has_shade: `bool[R]`, which of them are shaded at all.
        short: px, the short edge.
    """

    regions: Pieces
    shapes: Pieces
    colors: np.ndarray
    has_shade: np.ndarray
    short: int

    @staticmethod
    def of(page: Page, flat: np.ndarray, scene: Scene) -> _Forms:
        height, width = page.inner
        labels = page.regions.labels[:height:_SCALE, :width:_SCALE]
        colors, is_even = _colors(labels, flat[::_SCALE, ::_SCALE], page.regions.count)
        has_shade = is_even & ~page.regions.grounds & ~scene.is_scenery & (colors.min(-1) < _WHITE)
        shapes, pairs = _shapes(page, colors, is_even), page.regions.pairs
        of_regions, of_shapes = Pieces.of(labels, pairs), Pieces.of(shapes[labels], shapes[pairs])
        return _Forms(of_regions, of_shapes, colors, has_shade, min(labels.shape))

    def tones(self, power: float) -> np.ndarray:
        """The colours of regions as bright as they can be, `float[R, 3]` in [0, 1], and purer with a higher power."""
        return (self.colors / np.maximum(self.colors.max(-1, keepdims=True), 1.0)) ** power


def _dark(forms: _Forms, page: Page, scene: Scene) -> np.ndarray:
    """How deep the shadow is, `float32[h, w]` in [0, 1]."""
    labels, short = forms.regions.labels, forms.short
    where = forms.has_shade[labels]
    by_shape = _side(forms.shapes, where, _SHAPE, _SHAPE_MOST * short)
    by_region = _side(forms.regions, where, _REGION, _REGION_MOST * short)
    dark = cv2.GaussianBlur(np.maximum(by_shape, _REGION_SHARE * by_region), (0, 0), 1.0)
    dark = (1.0 - _CEL) * dark + _CEL / (1.0 + np.exp(-_SHARP * (dark - _EDGE)))
    cast = _cast(scene.is_shown("hair")[labels], _CAST * short) * scene.is_shown("skin")[labels]
    cast = np.maximum(cast, _below_chins(forms, page, scene))
    return np.maximum(dark, _CAST_SHARE * cast) * where * _depth(forms, scene)[labels]


def _shadow(forms: _Forms, page: Page, scene: Scene, dark: np.ndarray, cheeks: np.ndarray | None) -> np.ndarray:
    labels, where = forms.regions.labels, forms.has_shade[forms.regions.labels]
    tones = (forms.tones(_PURE) * _DARK)[labels]
    skin = scene.is_shown("skin")[labels] & where
    layer = (1.0 - dark[..., None] * (1.0 - tones)) * blush(page, scene, skin, cheeks)
    return np.rint(255.0 * layer).astype(np.uint8)


def _below_chins(forms: _Forms, page: Page, scene: Scene) -> np.ndarray:
    """The shadow of faces on necks, `float32[h, w]` in [0, 1]: on other skin that touches them and begins below."""
    labels, pairs, areas, skin = forms.regions.labels, page.regions.pairs, page.regions.areas, scene.is_shown("skin")
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    features = np.isin(scene.shown, [NAMES.index(name) for name in FACES])
    is_face = np.bincount(pairs[features[pairs[:, 0]], 1], minlength=len(skin)) > 0
    faces = np.flatnonzero(is_face & skin & (areas > _FACE))
    result = np.zeros(labels.shape, np.float32)
    for face in faces[np.argsort(-areas[faces])][:_FACES]:
        beside = pairs[pairs[:, 0] == face, 1]
        beside = beside[skin[beside] & ~is_face[beside]]
        if not len(beside):
            continue
        solid = labels == face
        below = _first_row(solid[::-1])
        middle = (_first_row(solid) + len(solid) - 1 - below) / 2.0 if below >= 0 else np.inf
        length = _CHIN * float(np.sqrt(np.count_nonzero(solid)))
        necks = [one for one in np.unique(beside) if _first_row(labels == one) > middle]
        np.maximum(result, _cast(solid, length) * np.isin(labels, necks), out=result)
    return result


def _first_row(where: np.ndarray) -> int:
    """The first row in which something is, of `bool[h, w]`; -1 without any: small regions own no pixel at half size."""
    rows = np.flatnonzero(where.any(1))
    return int(rows[0]) if len(rows) else -1


def _depth(forms: _Forms, scene: Scene) -> np.ndarray:
    """How deep the shadow of every region may be, `float32[R]` in [0, 1]."""
    pale = np.clip((forms.colors.min(-1) - _PALE) / (_WHITE - _PALE), 0.0, 1.0)
    share = 1.0 - (1.0 - _PALE_SHARE) * pale
    return np.where(scene.is_shown("skin"), _SKIN_SHARE, share).astype(np.float32)


def _light(forms: _Forms, scene: Scene, dark: np.ndarray) -> np.ndarray:
    labels = forms.regions.labels
    hair, skin = scene.is_shown("hair")[labels], scene.is_shown("skin")[labels]
    where = forms.has_shade[labels]
    lit = _side(forms.shapes, where, _LIT, _LIT_MOST * forms.short, to_light=True)
    strands = _side(forms.regions, where & hair, _GLOSS, _GLOSS_MOST * forms.short, to_light=True)
    soft = _band(cv2.GaussianBlur(lit, (0, 0), 1.5), _LIT_AT, _LIT_WIDE)
    gloss = _band(cv2.GaussianBlur(strands, (0, 0), 1.0), _GLOSS_AT, _GLOSS_WIDE)
    bright = soft * np.where(hair, _ON_HAIR, np.where(skin, _ON_SKIN, _ON_ALL))
    bright = np.maximum(bright, _GLOSS_SHARE * gloss * hair) * where * (1.0 - dark)  # what is in shadow does not shine
    bright = cv2.GaussianBlur(bright.astype(np.float32), (0, 0), 1.0)
    shine = _BLACK + (1.0 - _BLACK) * np.minimum(forms.colors.max(-1) / _SHINY, 1.0)
    tones = (shine[:, None] * ((1.0 - _OWN) * np.array(_WARM) + _OWN * forms.tones(1.0)))[labels]
    return np.rint(255.0 * bright[..., None] * tones).astype(np.uint8)


def _band(side: np.ndarray, middle: float, wide: float) -> np.ndarray:
    """How much of a light there is at so much of the way to the border, `float32[h, w]` in [0, 1]; faint is none."""
    return np.maximum((np.exp(-(((side - middle) / wide) ** 2)) - _FAINT) / (1.0 - _FAINT), 0.0) * (side > 0)


def weakened(shade: Shade, strength: float) -> Shade:
    """A part of shadow and light; at 0, of `strength` in [0, 1], there is neither."""
    levels = np.arange(256, dtype=np.float32)
    darker, brighter = np.rint(255.0 - strength * (255.0 - levels)), np.rint(strength * levels)
    light = None if shade.light is None else cv2.LUT(shade.light, brighter.astype(np.uint8))
    return Shade(cv2.LUT(shade.shadow, darker.astype(np.uint8)), light)


def beside_tones(shade: Shade, drawing: np.ndarray, walls: np.ndarray) -> Shade:
    """Shadow and light that give way where the artist shaded: two shadows are darker than either means.

    Args:
        shade: of `shadow_and_light`.
        drawing: `uint8[H, W]`, 255 = paper, with its tones.
        walls: `uint8[H, W]`, its lines alone.

    Returns: the shade itself where nothing but lines is drawn.
    """
    tones = cv2.subtract(walls, drawing)
    if not tones.any():
        return shade
    height, width = shade.shadow.shape[:2]
    tones = cv2.resize(tones, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255.0)
    wide = _TONED * min(height, width)
    # Dots and strokes are averaged; what is averaged with the paper beside it counts up to its edge all the same.
    reach = 2 * round(1.5 * wide) + 1
    tones = cv2.dilate(cv2.GaussianBlur(tones, (0, 0), wide), np.ones((reach, reach), np.uint8))
    left = 1.0 - np.clip((tones - _TONE) / (_TONE_FULL - _TONE), 0.0, 1.0)[..., None]
    darker = np.rint(255.0 - left * (255.0 - shade.shadow)).astype(np.uint8)
    return Shade(darker, None if shade.light is None else np.rint(left * shade.light).astype(np.uint8))


def _colors(labels: np.ndarray, flat: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean colour of every region, `float[R, 3]`, and whether it has no other, `bool[R]`."""
    where = labels.ravel()
    weight = np.maximum(np.bincount(where, minlength=count), 1)
    pixels = flat.reshape(-1, 3).astype(np.float64)
    mean = np.stack([np.bincount(where, pixels[:, k], count) / weight for k in range(3)], -1)
    off = np.bincount(where, np.abs(pixels - mean[where]).max(-1), count) / weight
    return mean, off < 2.0


def _shapes(page: Page, colors: np.ndarray, is_even: np.ndarray) -> np.ndarray:
    """Numbers of the shapes that the regions make, `int[R]`: neighbours of one colour."""
    one, other = page.regions.pairs.T
    same = is_even[one] & is_even[other] & (np.abs(colors[one] - colors[other]).max(-1) < 2.0)
    return hanging_together(page.regions.count, one[same], other[same])


def _side(pieces: Pieces, where: np.ndarray, reach: float, most: float, *, to_light: bool = False) -> np.ndarray:
    """How near every pixel is to the border of its piece on the way from the light, `float32[h, w]` in [0, 1].

    Args:
        pieces: of the page.
        where: `bool[h, w]`, the pixels that are asked for; all others are 0.
        reach: how far it looks, in the largest distance of the piece to its border.
        most: px, at most.
        to_light: whether it looks the other way.
    """
    height, width = where.shape
    toward = np.float32(np.arctan2(*LIGHT) + (0.0 if to_light else np.pi))
    flat, places = pieces.labels.ravel(), np.flatnonzero(where)
    own = flat[places]
    way = np.minimum(reach * pieces.largest, np.float32(most))[own]
    rows, columns = np.divmod(places, width)
    angles = toward + _ASIDE[rows % 3, columns % 3]
    down, across = way * np.sin(angles), way * np.cos(angles)
    rows, columns = rows.astype(np.float32) + 0.5, columns.astype(np.float32) + 0.5
    near = np.zeros(len(places), np.float32)
    for step in range(_STEPS, 0, -1):  # what is nearest comes last and stays
        share = np.float32(step / _STEPS)
        row = np.clip(rows + share * down, 0, height - 1).astype(np.int32)
        column = np.clip(columns + share * across, 0, width - 1).astype(np.int32)
        there = flat[row * width + column]
        off = np.flatnonzero(there != own)
        near[off[~pieces.lies[own[off], there[off]]]] = 1.0 - (step - 1) / _STEPS
    found = np.zeros(where.size, np.float32)
    found[places] = near * np.clip((pieces.largest - _THIN) / (_WIDE - _THIN), 0.0, 1.0)[own]
    return cv2.blur(found.reshape(where.shape), _ASIDE.shape)


def _cast(caster: np.ndarray, length: float) -> np.ndarray:
    """Where the shadow of something falls, `float32[h, w]` in [0, 1], that lies a little in front.

    Args:
        caster: `bool[h, w]`.
        length: px.
    """
    height, width = caster.shape
    solid, result = caster.astype(np.float32), np.zeros(caster.shape, np.float32)
    for step in range(1, 7):
        way = length * step / 6
        move = np.array([[1, 0, -LIGHT[1] * way], [0, 1, -LIGHT[0] * way]], np.float32)
        result = np.maximum(result, cv2.warpAffine(solid, move, (width, height)))
    return cv2.GaussianBlur(result, (0, 0), 0.7)
