"""Flat colours from hints: regions are filled whole, what nobody coloured stays paper; and what is chosen for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.choose import choose
from s2p.pipelines.flats import flats
from s2p.pipelines.looking import Page, look, page_of
from s2p.pipelines.parting import settled
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import colors_of, wardrobe
from s2p.regions import Regions

RED, BLUE, COAL = (200, 30, 40), (40, 60, 200), (60, 60, 64)


class Plain:
    """A network that knows nothing of pictures: it trusts walls, and holds hints likelier than its palette."""

    def __init__(self, *, palette: float = -4.0, wall: float = 3.0) -> None:
        self.palette, self.wall = palette, wall

    def __call__(self, ink: np.ndarray, planes: np.ndarray, parts: np.ndarray) -> list[np.ndarray]:
        maps = np.zeros((1, *planes.shape[1:3], reach.CHANNELS), np.float32)
        start = 2 * reach.KEYS + reach.PALETTE
        maps[..., 2 * reach.KEYS : start] = self.palette
        maps[..., start : start + reach.GATES] = (1.5, self.wall, 2.0)
        return [maps, np.zeros((*maps.shape[:3], 3), np.float32)]


def drawing(size: int = 600) -> np.ndarray:
    """A house of two rooms on white paper."""
    page = np.full((size, size), 255, np.uint8)
    low, high, middle, pen = size // 6, 5 * size // 6, size // 2, max(size // 150, 2)
    cv2.rectangle(page, (low, low), (high, high), 0, pen)
    cv2.line(page, (middle, low), (middle, high), 0, pen)
    return page


def pale() -> np.ndarray:
    """A palette of a light gray alone, to which paper is nearer than any hint."""
    return np.tile(np.array([0.92, 0.0, 0.0], np.float32), (reach.PALETTE, 1))


def painted(
    page: np.ndarray, *hints: tuple[float, float, tuple[int, int, int]], network=None, names=("cloth",), palette=None
) -> np.ndarray:
    ready = page_of(page)
    points = np.array([hint[:2] for hint in hints], np.float32).reshape(-1, 2)
    colors = np.array([hint[2] for hint in hints], np.uint8).reshape(-1, 3)
    scene = Scene.of(ready, parts(ready, *names))
    seen = look(network or Plain(), ready, points, scene.cells)
    return flats(ready, seen, colors, pale() if palette is None else palette, scene)


def at(picture: np.ndarray, x: float, y: float) -> list[int]:
    return picture[int(y * picture.shape[0]), int(x * picture.shape[1])].astype(int).tolist()


def test_a_hint_fills_its_region_to_the_last_pixel_and_no_other():
    found = painted(drawing(), (0.3, 0.5, RED))
    room = found[90:420, 92:250]
    assert (room == RED).all(axis=2).mean() == 1.0
    assert at(found, 0.05, 0.5) == [255, 255, 255]
    assert at(found, 0.7, 0.5) == [255, 255, 255]


def test_white_is_a_colour_like_any_other():
    found = painted(drawing(), (0.3, 0.5, (255, 255, 255)), (0.7, 0.5, RED))
    assert at(found, 0.3, 0.5) == [255, 255, 255]
    assert at(found, 0.7, 0.5) == list(RED)


def test_two_hints_share_a_room_and_meet_softly():
    found = painted(drawing(), (0.3, 0.25, RED), (0.3, 0.75, BLUE))
    assert np.abs(np.array(at(found, 0.3, 0.22)) - RED).max() < 12
    assert np.abs(np.array(at(found, 0.3, 0.78)) - BLUE).max() < 12
    column = found[100:420, 150].astype(int)
    assert np.abs(np.diff(column, axis=0)).max() < 60, "no hard edge in the open"


def hall_and_corridor() -> np.ndarray:
    """Open to each other without any narrow place between, on the left a hall, on the right a corridor."""
    page = np.zeros((600, 600), np.uint8)
    page[50:550, 50:300] = page[280:320, 300:550] = 255
    return page


def test_hints_in_a_hall_and_in_the_corridor_behind_it_end_where_it_gets_narrow():
    found = painted(hall_and_corridor(), (0.25, 0.3, RED), (0.8, 0.5, BLUE))
    hall, corridor = found[60:450, 60:230], found[245:267, 275:450]
    assert (hall == RED).all(axis=2).mean() == 1.0 and (corridor == BLUE).all(axis=2).mean() > 0.95
    is_mixed = ~((found == RED).all(axis=2) | (found == BLUE).all(axis=2) | (found == 255).all(axis=2))
    assert is_mixed.mean() < 0.01, "no smoke between them"


def test_a_piece_without_a_hint_goes_with_what_it_is_open_to():
    page = hall_and_corridor()
    page[500:550, 170:190] = 0  # cuts a room off the hall, open upwards
    page[350:430, 300:560] = 255
    found = painted(page, (0.25, 0.3, RED), (0.8, 0.5, BLUE))
    assert at(found, 0.6, 0.65) == list(RED) and at(found, 0.15, 0.9) == at(found, 0.4, 0.9) == list(RED)


@pytest.mark.parametrize("beside", [0.0, 0.002, 0.004, 0.012])
def test_a_hint_on_or_beside_a_line_is_not_lost(beside):
    found = painted(drawing(), (1 / 6 + beside, 0.5, RED))
    filled = [at(found, 0.3, 0.5) == list(RED), at(found, 0.05, 0.5) == list(RED)]
    assert sum(filled) == 1


@pytest.mark.parametrize("size", [300, 600, 1200, 2400])
def test_the_same_hints_give_the_same_picture_at_every_size(size):
    found = painted(drawing(size), (0.3, 0.5, RED))
    assert found.shape[:2] == (512, 512)
    assert np.abs((found == RED).all(axis=2).mean() - 0.22) < 0.02


def test_no_hints_leave_the_paper_and_long_pages_keep_their_proportions():
    found = painted(np.full((300, 700), 255, np.uint8))
    assert found.shape == (512, 1195, 3) and found.min() == 255


def parts(page: Page, *names: str) -> np.ndarray:
    """What cells show: the left and the right room (or both, for one name), and paper around them."""
    chances = np.full((*page.grid.shape, len(NAMES)), 0.01, np.float32)
    high, wide = page.grid.shape
    chances[..., NAMES.index("paper")] = 0.5
    for side, name in enumerate((names[0], names[-1])):
        half = slice(wide // 6, wide // 2) if side == 0 else slice(wide // 2, 5 * wide // 6)
        chances[high // 6 : 5 * high // 6, half, NAMES.index(name)] = 5.0
    return chances / chances.sum(-1, keepdims=True)


PALETTE = np.random.default_rng(0).uniform(0.2, 0.8, (reach.PALETTE, 3)).astype(np.float32)
NO_POINTS, NO_COLORS = np.zeros((0, 2), np.float32), np.zeros((0, 3), np.uint8)


def chosen(*names: str, seeds: Sequence[int] = (1,), points=NO_POINTS, colors=NO_COLORS, palette: float = 0.0):
    page = page_of(drawing())
    network = Plain(palette=palette)
    return choose(network, page, points, colors, PALETTE, Scene.of(page, parts(page, *names)), seeds=seeds)


def color_at(choice, side: int) -> list[list[int]]:
    inside = (choice.points[:, 1] > 1 / 6) & (choice.points[:, 1] < 5 / 6)
    low, high = ((1 / 6, 1 / 2), (1 / 2, 5 / 6))[side]
    return choice.colors[inside & (choice.points[:, 0] > low) & (choice.points[:, 0] < high)].tolist()


def test_choices_colour_what_nobody_coloured_and_another_seed_chooses_otherwise():
    one, same, other = chosen("cloth", seeds=(1, 1, 2))
    assert (one.colors == same.colors).all() and (one.colors != other.colors).any()
    assert len(color_at(one, 0)) == len(color_at(one, 1)) == 1
    (kept,) = chosen("cloth", points=np.array([[0.3, 0.5]], np.float32), colors=np.array([RED], np.uint8))
    assert not color_at(kept, 0) and color_at(kept, 1), "the artist's room is theirs"


@pytest.mark.parametrize("part", ["skin", "hair"])
def test_skin_and_hair_have_one_colour_on_a_figure_and_paper_stays_paper(part):
    for seed in range(5):
        (one,) = chosen(part, seeds=(seed,))
        assert color_at(one, 0) == color_at(one, 1) and len(color_at(one, 0)) == 1
        outside = [c for p, c in zip(one.points, one.colors.tolist()) if not (1 / 6 < p[0] < 5 / 6)]
        assert all(c == [255, 255, 255] for c in outside)
    red, green, blue = np.array(color_at(chosen("skin")[0], 0)[0]).astype(int)
    assert red > green > blue


def test_an_animal_has_one_coat_and_so_has_what_looks_like_hair_without_a_head():
    coats = colors_of("creature").tolist()
    for names in (("creature",), ("creature", "hair"), ("hair", "creature"), ("hair",)):
        for seed in range(4):
            (one,) = chosen(*names, seeds=(seed,))
            assert color_at(one, 0) == color_at(one, 1) and color_at(one, 0)[0] in coats
    blue = np.array([BLUE], np.uint8)
    (told,) = chosen("creature", points=np.array([[0.3, 0.5]], np.float32), colors=blue)
    assert color_at(told, 1) == blue.tolist(), "what the artist says of a part of it is said of all"


def test_hair_and_skin_differ_and_what_the_artist_says_of_a_part_is_the_figures():
    (one,) = chosen("skin", "hair")
    assert color_at(one, 0) != color_at(one, 1)
    (told,) = chosen("skin", points=np.array([[0.3, 0.5]], np.float32), colors=np.array([(90, 60, 40)], np.uint8))
    assert color_at(told, 1) == [[90, 60, 40]]


def test_a_flower_that_is_taken_for_hair_does_not_dye_the_hair():
    brown, pink, dark = (120, 80, 50), (240, 180, 190), (110, 70, 45)
    points = np.array([[0.3, 0.3], [0.3, 0.5], [0.3, 0.7]], np.float32)
    for colors in ((pink, brown, dark), (brown, pink, dark), (brown, dark, pink)):
        (told,) = chosen("hair", points=points, colors=np.array(colors, np.uint8))
        assert color_at(told, 1) in ([list(brown)], [list(dark)])


def test_cloth_that_belongs_together_is_drawn_once():
    def alike(palette: float) -> list[bool]:
        return [color_at(one, 0) == color_at(one, 1) for one in chosen("cloth", seeds=range(6), palette=palette)]

    apart, together = alike(9.0), alike(-20.0)
    assert all(together) and not all(apart)


def test_a_wardrobe_has_something_for_every_part():
    clothes = wardrobe(np.random.default_rng(3))
    assert all(clothes.of(part).shape[1:] == (3,) and clothes.of(part).dtype == np.uint8 for part in NAMES)
    assert (wardrobe(np.random.default_rng(3)).of("cloth") == clothes.of("cloth")).all()


def test_skin_spreads_over_a_figure_and_not_to_its_clothes():
    """The network holds it possible (about one in five) that the other room is the same; parts decide."""
    unsure = Plain(palette=-11.3, wall=1.0)
    skin = painted(drawing(), (0.3, 0.5, RED), network=unsure, names=("skin",))
    assert at(skin, 0.7, 0.5) == list(RED) and at(skin, 0.05, 0.5) == [255, 255, 255]
    for names in (("skin", "cloth"), ("hair", "cloth"), ("cloth",)):
        assert at(painted(drawing(), (0.3, 0.5, RED), network=unsure, names=names), 0.7, 0.5) == [255, 255, 255]
    usual = at(painted(drawing(), (0.3, 0.5, RED), network=unsure, names=("hair", "skin")), 0.7, 0.5)
    assert usual in colors_of("skin").tolist(), "a figure that somebody coloured has skin"


def test_who_colours_a_face_means_the_hands_whatever_the_network_thinks():
    denies = Plain(palette=-2.0, wall=9.0)
    for part, there in (("skin", list(RED)), ("hair", [255, 255, 255]), ("cloth", [255, 255, 255])):
        assert at(painted(drawing(), (0.3, 0.5, RED), network=denies, names=(part,)), 0.7, 0.5) == there
    own = painted(drawing(), (0.3, 0.5, RED), (0.7, 0.5, BLUE), network=denies, names=("skin",))
    assert at(own, 0.7, 0.5) == list(BLUE), "who has a colour keeps it"


@pytest.mark.parametrize(("face", "color", "there"), [
    ("skin", BLUE, (255, 255, 255)), ("skin", RED, RED), ("cloth", BLUE, BLUE),
    ("skin", COAL, (255, 255, 255)), ("cloth", COAL, COAL),
])  # fmt: skip
def test_what_seems_to_be_a_hand_takes_no_blue_or_black_of_a_coat_if_there_is_a_face(face, color, there):
    page = page_of(cv2.line(drawing(), (100, 300), (300, 300), 0, 4))
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    for x, y, name, chance in ((0.3, 0.3, face, 0.9), (0.7, 0.5, "skin", 0.25)):
        region = page.regions.labels[int(y * 512), int(x * 512)]
        chances[region] = (1 - chance) / len(NAMES)
        chances[region, NAMES.index(name)], shown[region] = chance, NAMES.index(name)
    seen = look(Plain(palette=-30.0, wall=0.0), page, np.array([[0.3, 0.7]], np.float32), scene.cells)
    found = flats(page, seen, np.array([color], np.uint8), pale(), replace(scene, chances=chances, shown=shown))
    assert at(found, 0.7, 0.5) == list(there)


@pytest.mark.parametrize(("sure", "is_skin"), [(-7.0, True), (-30.0, False)])
def test_an_arm_that_is_taken_for_a_sleeve_is_rather_skin_than_a_wild_guess(sure, is_skin):
    page = page_of(cv2.line(drawing(), (100, 300), (300, 300), 0, 4))
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    face, arm = (int(page.regions.labels[int(y * 512), int(x * 512)]) for x, y in ((0.3, 0.3), (0.7, 0.5)))
    chances[face] = np.eye(len(NAMES))[NAMES.index("skin")]
    shown[face] = NAMES.index("skin")
    chances[arm] = 0.4 * np.eye(len(NAMES))[NAMES.index("skin")] + 0.6 * np.eye(len(NAMES))[NAMES.index("cloth")]
    seen = look(Plain(palette=sure), page, np.array([[0.3, 0.7], [0.02, 0.02]], np.float32), scene.cells)
    colors = np.array([RED, (120, 170, 80)], np.uint8)
    found = at(flats(page, seen, colors, pale(), replace(scene, chances=chances, shown=shown)), 0.7, 0.5)
    assert (found in colors_of("skin").tolist()) == is_skin


@pytest.mark.parametrize(("color", "goes_on"), [((194, 85, 45), True), ((250, 250, 250), False)])
def test_half_a_leaf_that_is_taken_for_skin_goes_with_the_other_half_but_no_hand_with_a_cuff(color, goes_on):
    page = page_of(cv2.line(drawing(), (300, 300), (500, 300), 0, 4))
    cells = parts(page, "skin")  # a face on the left, and on the right two halves that may be anything
    right = cells[:, cells.shape[1] // 2 :]
    right[right[..., NAMES.index("skin")] > 0.5] = 0.7 / len(NAMES) + 0.3 * np.eye(len(NAMES))[NAMES.index("skin")]
    scene = Scene.of(page, cells)
    seen = look(Plain(palette=-8.9, wall=0.0), page, np.array([[0.7, 0.4], [0.02, 0.02]], np.float32), scene.cells)
    brown = np.tile(np.array([0.5, 0.15, 0.2], np.float32), (reach.PALETTE, 1))
    found = at(flats(page, seen, np.array([color, (120, 170, 80)], np.uint8), brown, scene), 0.7, 0.6)
    assert (found == list(color)) == goes_on


def test_a_small_face_takes_no_colour_of_what_it_is_open_to():
    """A dark coat below, what may be skin or coat above it, and in that a small face whose outline has a gap."""
    dark, lines = (50, 35, 30), cv2.line(drawing(), (100, 300), (300, 300), 0, 4)
    cv2.rectangle(lines, (180, 180), (210, 210), 0, 3)
    cv2.line(lines, (190, 210), (193, 210), 255, 5)
    page = page_of(lines)
    scene = Scene.of(page, parts(page, "cloth"))
    chances, shown = scene.chances.copy(), scene.shown.copy()
    upper, face = (int(page.regions.labels[int(y * 512), int(x * 512)]) for x, y in ((0.2, 0.4), (0.325, 0.325)))
    assert upper != face
    for region, chance in ((upper, 0.3), (face, 0.9)):
        chances[region] = (1 - chance) / len(NAMES)
        chances[region, NAMES.index("skin")], shown[region] = chance, NAMES.index("skin")
    seen = look(Plain(palette=-30.0, wall=0.0), page, np.array([[0.3, 0.7]], np.float32), scene.cells)
    found = flats(page, seen, np.array([dark], np.uint8), pale(), replace(scene, chances=chances, shown=shown))
    assert at(found, 0.2, 0.4) == list(dark) and at(found, 0.325, 0.325) in colors_of("skin").tolist()


def test_bare_ground_takes_no_colour_of_a_figure_however_sure_the_network_is():
    sure = Plain(palette=-30.0, wall=0.0)
    inside, outside = (0.3, 0.5, RED), (0.05, 0.05, RED)
    assert at(painted(drawing(), inside, network=sure), 0.05, 0.5) == [255, 255, 255]
    assert at(painted(drawing(), inside, outside, network=sure), 0.95, 0.5) == list(RED)


def test_a_hint_on_the_ground_fills_it_though_the_network_holds_it_for_paper():
    white, sure = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (reach.PALETTE, 1)), Plain(palette=9.0)
    found = painted(drawing(), (0.02, 0.02, BLUE), network=sure, palette=white)
    assert at(found, 0.95, 0.95) == at(found, 0.95, 0.05) == at(found, 0.02, 0.02) == list(BLUE)
    assert at(found, 0.7, 0.5) == [255, 255, 255]


def test_what_is_no_paper_stays_white_on_white_pages_alone():
    white, lawn = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (reach.PALETTE, 1)), (120, 170, 80)

    def other_room(ground: tuple[int, int, int] | None, palette: np.ndarray | None = None) -> list[int]:
        hints = [(0.3, 0.5, RED)] + ([] if ground is None else [(0.05, 0.05, ground)])
        return at(painted(drawing(), *hints, network=Plain(palette=-9.0), palette=palette), 0.7, 0.5)

    found, red = reach.lab_of(np.array([other_room(lawn), RED], np.uint8))
    hues = np.degrees(np.arctan2([found[2], red[2]], [found[1], red[1]]))
    assert abs(hues[0] - hues[1]) < 8 and 0.1 < np.hypot(*found[1:]) < 0.5 * np.hypot(*red[1:]), "a guess: a quiet red"
    cloud = cv2.circle(drawing(), (50, 50), 24, 0, 4)
    hints = ((0.3, 0.5, RED), (0.05, 0.95, lawn))
    assert at(painted(cloud, *hints, network=Plain(palette=-9.0)), 0.083, 0.083) == [255, 255, 255], "it stands alone"
    assert other_room(None) == other_room((255, 255, 255)) == other_room(lawn, palette=white) == [255, 255, 255]


def test_a_figure_that_nobody_touched_has_skin_where_hints_fill_the_ground():
    def face(*hints):
        return at(painted(drawing(), *hints, network=Plain(palette=-9.0), names=("cloth", "skin")), 0.7, 0.5)

    lawn = (0.05, 0.05, (120, 170, 80))
    assert face(lawn) in colors_of("skin").tolist()
    assert face((0.05, 0.05, (255, 255, 255))) == [255, 255, 255]


def test_a_face_takes_its_usual_colour_however_sure_the_network_is_of_the_wall_behind_it():
    sure = Plain(palette=-30.0, wall=0.0)
    assert at(painted(drawing(), (0.3, 0.5, BLUE), network=sure, names=("cloth",)), 0.7, 0.5) == list(BLUE)
    assert at(painted(drawing(), (0.3, 0.5, BLUE), network=sure, names=("cloth", "skin")), 0.7, 0.5) in (
        colors_of("skin").tolist()
    )


def sleeves() -> np.ndarray:
    """A coat with a sleeve on either side, on white paper."""
    page = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(page, (200, 120), (312, 400), 0, 4)
    for left in (150, 312):
        cv2.rectangle(page, (left, 130), (left + 50, 330), 0, 4)
    return page


def test_a_sleeve_without_a_hint_is_like_the_other_one():
    knows_nothing = Plain(palette=-2.0, wall=9.0)
    found = painted(sleeves(), (175 / 512, 0.45, RED), (0.5, 0.5, BLUE), network=knows_nothing, names=("cloth",))
    assert at(found, 337 / 512, 0.45) == list(RED) and at(found, 0.5, 0.5) == list(BLUE)
    assert at(found, 0.1, 0.1) == [255, 255, 255]
    alone = painted(sleeves(), (0.5, 0.5, BLUE), network=knows_nothing, names=("cloth",))
    assert at(alone, 337 / 512, 0.45) == [255, 255, 255], "a sleeve is no coat"
    own = painted(
        sleeves(), (175 / 512, 0.45, RED), (337 / 512, 0.45, BLUE), network=knows_nothing, names=("cloth",)
    )
    assert at(own, 337 / 512, 0.45) == list(BLUE), "who has a colour keeps it"


def strand(opening: int) -> Page:
    """A corridor of three pieces between lines; what opens between them is so many px of its 10 wide."""
    labels, room = np.repeat(np.arange(3), 20)[:, None].repeat(14, 1).astype(np.int32), np.zeros((60, 14), np.float32)
    room[:, 2:12] = np.minimum(np.arange(1, 11), np.arange(10, 0, -1))
    room[[19, 39], 2 : 12 - opening] = 0
    pairs = np.array([[0, 1], [1, 2]], np.int32)
    regions = Regions(labels, room, pairs, np.full(2, 0.05, np.float32), 3)
    return Page(np.full((60, 14), 255, np.uint8), (60, 14), regions, labels[::4, ::4])


def test_a_piece_of_a_strand_goes_on_as_the_strand_does_unless_it_is_hardly_open_to_it():
    belief, is_free = np.log(np.array([[0.9, 0.1], [0.4, 0.5], [0.9, 0.1]], np.float32)), np.array([False, True, False])
    state = np.array([0, 1, 0])
    assert settled(strand(10), state, belief, is_free).tolist() == [0, 0, 0]
    assert settled(strand(0), state, belief, is_free).tolist() == [0, 1, 0], "behind a line"
    assert settled(strand(10), np.array([-1, 1, -1]), belief, is_free).tolist() == [-1, 1, -1], "nobody says anything"
    belief[1] = np.log([0.01, 0.9])
    assert settled(strand(10), state, belief, is_free).tolist() == [0, 1, 0], "what is surely something else stays it"
    assert settled(strand(10), state, belief, ~is_free)[1] == 1, "what is not free stays"


class Bare(Plain):
    """Holds the first colour of its palette likely, wherever no hint lies."""

    def __init__(self) -> None:
        super().__init__(palette=-4.0)

    def __call__(self, ink: np.ndarray, planes: np.ndarray, parts: np.ndarray) -> list[np.ndarray]:
        maps, mean = super().__call__(ink, planes, parts)
        maps[..., 2 * reach.KEYS] = 4.0
        return [maps, mean]


def test_a_figure_that_is_open_to_bare_ground_does_not_flood_it():
    page = np.full((512, 512), 255, np.uint8)
    cv2.ellipse(page, (256, 256), (50, 150), 0, 6, 354, 0, 4)  # open to the right, wider than any gap
    hint = (256 / 512, 256 / 512, RED)
    flooded = painted(page, hint)
    assert at(flooded, 0.1, 0.1) == list(RED), "without a palette that knows paper it is one region, and filled"
    paper = pale()
    paper[0] = (1.0, 0.0, 0.0)
    found = painted(page, hint, network=Bare(), palette=paper)
    assert at(found, 0.1, 0.1) == [255, 255, 255] and at(found, 0.9, 0.9) == [255, 255, 255]
    assert at(found, 0.5, 0.5) == list(RED) and at(found, 0.5, 0.35) == list(RED)


def test_who_points_at_the_ground_means_it_however_likely_paper_is():
    page = np.full((512, 512), 255, np.uint8)
    cv2.ellipse(page, (256, 256), (50, 150), 0, 6, 354, 0, 4)
    paper = pale()
    paper[0] = (1.0, 0.0, 0.0)
    found = painted(page, (0.15, 0.2, BLUE), network=Bare(), palette=paper)
    assert at(found, 0.9, 0.9) == list(BLUE)
