"""Shadow, light and blush on flat colours."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.blush import blush, cheeks
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.shading import LIGHT, beside_tones, shadow_and_light, weakened


def ball(color: tuple[int, int, int] = (220, 120, 60)):
    drawing = np.full((512, 512), 255, np.uint8)
    cv2.circle(drawing, (256, 256), 150, 0, 4)
    cv2.circle(drawing, (256, 256), 20, 0, 3)  # a button in its middle
    page = page_of(drawing)
    flat = np.full((512, 512, 3), 255, np.uint8)
    flat[page.regions.labels == page.regions.labels[180, 256]] = color
    chances = np.zeros((*page.grid.shape, len(NAMES)), np.float32)
    chances[..., NAMES.index("cloth")] = 1.0
    return page, flat, Scene.of(page, chances)


def test_the_shadow_lies_away_from_the_light_and_never_on_paper():
    page, flat, scene = ball()
    layer = shadow_and_light(page, flat, scene).shadow.astype(int)
    assert layer.shape == (256, 256, 3)
    step = np.array(LIGHT) * 62
    lit, dark = ((128 + sign * step).astype(int) for sign in (1, -1))
    assert layer[tuple(lit)].min() > 250 and layer[tuple(dark)].max() < 225
    assert layer[10, 10].min() == 255 and layer[128, 128].min() == 255, "neither paper nor the bare button"
    before = (128 + np.array(LIGHT) * 18).astype(int)
    assert layer[tuple(before)].min() > 235, "a button is no border"
    assert (shadow_and_light(page, np.full_like(flat, 255), scene).shadow == 255).all()


def test_what_stands_before_a_disc_is_no_border_of_it():
    drawing = np.full((512, 512), 255, np.uint8)
    cv2.circle(drawing, (256, 256), 200, 0, 4)
    for left, right in ((236, 250), (250, 276)):  # a leaf in two halves
        cv2.rectangle(drawing, (left, 236), (right, 276), 0, 3)
    page = page_of(drawing)
    flat = np.full((512, 512, 3), (200, 180, 120), np.uint8)
    labels = page.regions.labels
    flat[labels == labels[256, 243]], flat[labels == labels[256, 263]] = (200, 60, 40), (160, 40, 40)
    chances = np.zeros((*page.grid.shape, len(NAMES)), np.float32)
    chances[..., NAMES.index("cloth")] = 1.0
    layer = shadow_and_light(page, flat, Scene.of(page, chances)).shadow.astype(int)
    assert min(layer[107:112, 118:138].min(), layer[144:149, 118:138].min()) == 255, "nothing above and below the leaf"
    assert min(layer[118:138, 107:112].min(), layer[118:138, 144:149].min()) == 255, "nor beside it"
    assert layer.min() < 220, "the disc itself is round"
    of_one = shadow_and_light(page, np.full_like(flat, 90), Scene.of(page, chances)).shadow
    assert of_one.shape == layer.shape and of_one[107:112, 118:138].min() == 255, "one shape is enough"


def test_a_corner_draws_no_straight_edge_across_what_lies_behind_it():
    drawing = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(drawing, (60, 60), (450, 450), 0, 4)
    cv2.rectangle(drawing, (300, 200), (480, 260), 255, -1)  # an arm before it, from outside
    cv2.rectangle(drawing, (300, 200), (480, 260), 0, 4)
    page = page_of(drawing)
    labels, flat = page.regions.labels, np.full((512, 512, 3), 255, np.uint8)
    flat[labels == labels[120, 150]], flat[labels == labels[230, 400]] = (90, 130, 200), (200, 90, 60)
    chances = np.zeros((*page.grid.shape, len(NAMES)), np.float32)
    chances[..., NAMES.index("cloth")] = 1.0
    shade = shadow_and_light(page, flat, Scene.of(page, chances))
    assert shade.light is not None
    is_free = (cv2.resize(drawing, (256, 256), interpolation=cv2.INTER_AREA) > 250).astype(np.uint8)
    off_lines = cv2.distanceTransform(is_free, cv2.DIST_L2, 3) > 4
    for layer, most in ((shade.shadow, 12), (shade.light, 17)):
        steps = np.abs(np.diff(layer[..., 0].astype(int), axis=1)) * (off_lines[:, 1:] & off_lines[:, :-1])
        assert np.ptp(layer[..., 0][off_lines]) > 50 and steps.max() <= most


def test_skin_and_what_is_nearly_paper_take_less_shadow():
    def depth(color: tuple[int, int, int], part: str) -> float:
        page, flat, _ = ball(color)
        chances = np.zeros((*page.grid.shape, len(NAMES)), np.float32)
        chances[..., NAMES.index(part)] = 1.0
        return 255.0 - float(shadow_and_light(page, flat, Scene.of(page, chances)).shadow[..., 0].min())

    shirt = depth((220, 120, 60), "cloth")
    assert 0.55 * shirt < depth((220, 120, 60), "skin") < 0.75 * shirt
    assert 0.4 * shirt < depth((246, 245, 240), "cloth") < 0.65 * shirt


def test_a_chin_throws_its_shadow_on_the_neck_alone():
    drawing = np.full((512, 512), 255, np.uint8)
    shown = np.full((512, 512), NAMES.index("paper"), np.int32)
    cv2.rectangle(drawing, (206, 300), (306, 480), 0, 4)
    cv2.rectangle(shown, (206, 300), (306, 480), NAMES.index("skin"), -1)
    cv2.circle(drawing, (256, 200), 140, 255, -1)
    cv2.circle(drawing, (256, 200), 140, 0, 4)
    cv2.circle(shown, (256, 200), 140, NAMES.index("skin"), -1)
    for x in (196, 316):
        cv2.circle(drawing, (x, 190), 20, 0, 3)
        cv2.circle(shown, (x, 190), 20, NAMES.index("iris"), -1)
    page = page_of(drawing)
    flat = np.full((512, 512, 3), (240, 190, 160), np.uint8)
    flat[page.regions.labels == page.regions.labels[5, 5]] = 255

    def shadow_of(shown: np.ndarray) -> np.ndarray:
        scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
        return shadow_and_light(page, flat, scene).shadow.astype(int)

    layer, bald = shadow_of(shown), shadow_of(np.where(shown == NAMES.index("iris"), NAMES.index("skin"), shown))
    below = (slice(178, 182), slice(122, 128))
    assert layer[below].max() < 225 and layer[below].max() < bald[below].min(), "only of a face"
    assert layer[225:230, 122:128].min() > layer[below].max() + 10, "it ends"
    assert (layer[205:, :98] == 255).all(), "and paper beside the neck has none"


def test_skin_that_is_smaller_than_a_pixel_of_the_shadow_stops_nothing():
    page, scene = face()
    count, pairs = page.regions.count, page.regions.pairs
    skin = int(np.flatnonzero(scene.is_shown("skin"))[0])
    labels = page.regions.labels.copy()
    labels[301, 257] = count  # every other row and column is left out
    regions = replace(
        page.regions, labels=labels, count=count + 1, pairs=np.concatenate([pairs, [[skin, count]]]),
        costs=np.append(page.regions.costs, np.float32(0.1)),
    )  # fmt: skip
    shown = np.append(scene.shown, NAMES.index("skin"))
    more = {name: np.append(getattr(scene, name), getattr(scene, name)[skin]) for name in (
        "figures", "is_scenery", "standing", "is_alone", "tilings")}
    scene = replace(scene, shown=shown, chances=np.concatenate([scene.chances, scene.chances[skin : skin + 1]]), **more)
    flat = np.full((512, 512, 3), (240, 190, 160), np.uint8)
    assert shadow_and_light(replace(page, regions=regions), flat, scene).shadow.shape == (256, 256, 3)


def test_a_shadow_keeps_the_hue_and_its_strength_is_a_scale():
    page, flat, scene = ball((220, 120, 60))
    shade = shadow_and_light(page, flat, scene)
    layer = shade.shadow
    deepest = layer.reshape(-1, 3)[layer.sum(-1).argmin()].astype(int)
    assert deepest[0] > deepest[1] > deepest[2], "orange in shadow is a deeper orange"
    half, none = weakened(shade, 0.5), weakened(shade, 0.0)
    assert np.abs((255 - half.shadow.astype(int)) * 2 - (255 - layer.astype(int))).max() <= 1
    assert shade.light is not None and half.light is not None and none.light is not None
    assert np.abs(half.light.astype(int) * 2 - shade.light.astype(int)).max() <= 1
    assert (none.shadow == 255).all() and (none.light == 0).all()


def test_shadow_and_light_give_way_to_the_artists_tones():
    page, flat, scene = ball()
    shade = shadow_and_light(page, flat, scene)
    lines = page.lines
    assert beside_tones(shade, lines, lines) is shade, "clean ink is shaded bit for bit as before"
    tones = lines.copy()
    tones[:, 256::6], tones[:, 257::6] = 0, 0  # a third of the right half
    mended = beside_tones(shade, tones, lines)
    assert mended.light is not None and shade.light is not None
    for one, own, none in ((mended.shadow, shade.shadow, 255), (mended.light, shade.light, 0)):
        assert (one[:, 146:] == none).all() and not (own[:, 146:] == none).all()
        assert (one[:, :108] == own[:, :108]).all(), "where no tone is, nothing changes"
    faint = np.where(tones < lines, lines - np.minimum(lines, 8), lines).astype(np.uint8)  # as cleaned lines differ
    assert (beside_tones(shade, faint, lines).shadow == shade.shadow).all()


def test_the_light_lies_on_the_other_side_and_hair_has_a_gloss():
    page, flat, scene = ball()
    light = shadow_and_light(page, flat, scene).light
    assert light is not None and light.shape == (256, 256, 3)
    lit, dark = ((128 + sign * np.array(LIGHT) * 62).astype(int) for sign in (1, -1))
    assert light[tuple(lit)].min() > 40 and light[tuple(dark)].max() < 12 and light[10, 10].max() == 0
    chances = np.zeros((*page.grid.shape, len(NAMES)), np.float32)
    chances[..., NAMES.index("hair")] = 1.0
    gloss = shadow_and_light(page, flat, Scene.of(page, chances)).light
    assert gloss is not None and gloss.max() > 1.5 * light.max()
    assert shadow_and_light(page, np.full_like(flat, 255), scene).light.max() == 0, "bare paper does not shine"
    page, flat, scene = ball((26, 22, 20))
    dull = shadow_and_light(page, flat, scene).light
    assert dull is not None and 0.3 * light.max() < dull.max() < 0.6 * light.max(), "black cloth is no chrome"


def face(*, tilt: float = 0.0, eyes: int = 2) -> tuple[Page, Scene]:
    drawing = np.full((512, 512), 255, np.uint8)
    cv2.circle(drawing, (256, 256), 140, 0, 4)
    shown = np.full((512, 512), NAMES.index("paper"), np.int32)
    cv2.circle(shown, (256, 256), 140, NAMES.index("skin"), -1)
    for side in (-60, 60)[:eyes]:
        x, y = (256 + side * np.cos(tilt), 240 + side * np.sin(tilt))
        cv2.circle(drawing, (round(x), round(y)), 20, 0, 3)
        cv2.circle(shown, (round(x), round(y)), 20, NAMES.index("iris"), -1)
    page = page_of(drawing)
    return page, Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])


@pytest.mark.parametrize("tilt", [0.0, 0.3, -0.3])
def test_cheeks_are_below_the_eyes_and_blush_on_skin_alone(tilt):
    page, scene = face(tilt=tilt)
    found = cheeks(page, scene)
    assert len(found) == 2
    across, down = np.array([np.cos(tilt), np.sin(tilt)]), np.array([-np.sin(tilt), np.cos(tilt)])
    for row, column, between in found:
        away = np.array([column - 256, row - 240])
        assert abs(between - 120) < 8 and 55 < abs(away @ across) < 90 and 30 < away @ down < 75
    skin = scene.is_shown("skin")[page.regions.labels[::2, ::2]]
    layer = blush(page, scene, skin)
    assert layer.shape == (256, 256, 3) and (layer[..., 0] == 1).all() and layer[..., 1].min() < 0.8
    assert (layer[~skin] == 1).all()


def test_one_eye_is_no_face_and_nobody_blushes_on_a_ball():
    assert not len(cheeks(*face(eyes=1)))
    page, _, scene = ball()
    assert not len(cheeks(page, scene)) and (blush(page, scene, np.ones((256, 256), bool)) == 1).all()
