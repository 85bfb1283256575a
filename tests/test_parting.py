"""Regions parted by width: whose pieces they are, and what those without a hint take."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.parts import NAMES
from s2p.pipelines.choose import choose
from s2p.pipelines.fitting import paper_like
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.parting import between, instead_of_paper, settled
from s2p.pipelines.scene import Scene
from s2p.pipelines.wardrobe import colors_of
from s2p.regions import Regions, divide
from s2p.subdivision import divide_again, divide_by
from tests.flat_cases import (
    BLUE,
    NO_COLORS,
    NO_POINTS,
    PALETTE,
    RED,
    Plain,
    at,
    color_at,
    drawing,
    painted,
    parts,
)


def test_pieces_keep_to_the_regions_that_they_are_pieces_of():
    """Two halls with a corridor each, and a gap between the halls that parts them at a cost."""
    page = np.zeros((256, 400), np.uint8)
    page[20:180, 20:196] = page[20:180, 204:380] = 255
    page[180:240, 60:76] = page[180:240, 320:336] = 255
    page[98:102, 196:204] = 255
    whole = divide(page)
    left, right = whole.labels[60, 60], whole.labels[60, 330]
    assert left != right
    parted, parents = divide_again(whole, page, np.ones(whole.count, bool))
    is_open = page == 255
    assert (parents[parted.labels[is_open]] == whole.labels[is_open]).all()
    assert parted.labels[60, 60] != parted.labels[60, 330] and parted.labels[60, 60] != parted.labels[230, 68]


def test_what_is_too_narrow_for_any_ball_stays_a_piece_of_its_own():
    page = np.zeros((256, 400), np.uint8)
    page[20:180, 20:196] = 255
    for left in (210, 240, 270):
        page[20:180, left : left + 4] = 255
    whole = divide(page)
    assert whole.count == 4
    parted, parents = divide_again(whole, page, np.ones(4, bool))
    is_open = page == 255
    assert sorted(set(parents.tolist())) == [0, 1, 2, 3]
    assert (parents[parted.labels[is_open]] == whole.labels[is_open]).all()
    slit = whole.labels[100, 212]
    alone = np.arange(4) == slit
    assert divide_again(whole, page, alone)[0].count == 4
    shown = np.zeros(page.shape, np.int32)
    shown[20:100, 210:214] = 1
    assert divide_by(whole, page, np.ones(4, bool), shown)[0].count == 4


def chain(*openings: int) -> Page:
    """Pieces one below the other, 12 px wide; so much of every border is open."""
    count = len(openings) + 1
    labels = np.repeat(np.arange(count), 20)[:, None].repeat(14, 1).astype(np.int32)
    room = np.zeros(labels.shape, np.float32)
    room[:, 1:13] = 5.0
    for border, opening in enumerate(openings):
        room[20 * border + 19, 1 : 13 - opening] = 0
    pairs = np.stack([np.arange(count - 1), np.arange(1, count)], -1).astype(np.int32)
    regions = Regions(labels, room, pairs, np.full(count - 1, 0.05, np.float32), count)
    return Page(np.full(labels.shape, 255, np.uint8), labels.shape, regions, labels[::4, ::4])


def test_pieces_between_hints_take_the_colours_beside_them_and_what_leads_into_the_open_none():
    own = np.zeros((5, 2), bool)
    own[0, 0] = own[3, 1] = True
    may = np.array([False, True, True, False, True])
    found = between(chain(12, 12, 12, 4), own, may)
    assert found[1].tolist() == [True, False] and found[2, 1], "each what it is open to"
    assert found[4].tolist() == [False, True], "a dead end behind a hint is the hint's"
    assert not found[[0, 3]].any(), "who has a hint takes nothing"
    own[3] = False
    assert not between(chain(2, 12, 12, 12), own, may)[1].any(), "mostly open to what nobody hinted"
    assert not between(chain(12, 12, 12, 12), own, np.zeros(5, bool)).any()


def test_regions_are_parted_where_what_they_show_changes_at_the_narrowest_place():
    page = np.full((128, 192), 255, np.uint8)
    page[:40, 96] = page[88:, 96] = 0
    whole, shown = divide(page), np.zeros(page.shape, np.int32)
    assert whole.count == 1
    shown[:, :40], shown[:, 180:] = 1, 2
    parted, parents = divide_by(whole, page, np.ones(1, bool), shown)
    assert parents.tolist() == [0, 0] and abs(int(np.flatnonzero(np.diff(parted.labels[64]))[0]) - 95) <= 2
    assert divide_by(whole, page, np.ones(1, bool), np.zeros_like(shown))[0].count == 1
    assert divide_by(whole, page, np.zeros(1, bool), shown)[0].count == 1


def halves(names: tuple[str, str], hint: tuple[int, int, int]) -> tuple[list[int], list[int]]:
    """What a region that shows two things becomes with a hint in its left half, in which nothing parts it."""
    page = np.full((600, 600), 255, np.uint8)
    cv2.rectangle(page, (100, 100), (500, 500), 0, 4)
    page[100:200, 298:302] = page[400:500, 298:302] = 0
    found = painted(page, (0.3, 0.5, hint), network=Plain(palette=-11.3, wall=1.0), names=names)
    return at(found, 0.3, 0.5), at(found, 0.7, 0.5)


def test_hair_that_is_open_to_a_face_does_not_dye_it():
    skins = colors_of("skin").tolist()
    hair, face = halves(("hair", "skin"), BLUE)
    assert hair == list(BLUE) and face in skins
    arm, sleeve = halves(("skin", "cloth"), tuple(skins[1]))
    assert arm == skins[1] and sleeve != skins[1]
    hand, fingers = halves(("skin", "thing"), tuple(skins[1]))
    assert hand == fingers == skins[1], "what may be anything is parted from no hand"
    assert halves(("skin", "hair"), BLUE) == (list(BLUE), list(BLUE)), "no skin is blue: the parts are wrong here"
    assert halves(("hair", "skin"), tuple(skins[1])) == (skins[1], skins[1]), "nor is that a colour of hair on a face"
    assert halves(("hair", "cloth"), BLUE) == (list(BLUE), list(BLUE)), "a colour does not tell hair from cloth"


@pytest.mark.parametrize("names", [("cloth",), ("cloth", "skin"), ("hair", "cloth")])
def test_a_shirt_goes_with_the_hem_that_it_is_open_to(names):
    """The fold between them leaves a gap, which parts them; the network holds it possible that they are one."""
    page = np.full((600, 600), 255, np.uint8)
    cv2.rectangle(page, (100, 100), (500, 500), 0, 4)
    page[100:298, 298:302] = page[302:500, 298:302] = 0
    found = painted(page, (0.3, 0.5, RED), network=Plain(palette=-11.3, wall=1.0), names=names)
    assert (at(found, 0.7, 0.5) == list(RED)) == (names == ("cloth",)) and at(found, 0.05, 0.5) == [255, 255, 255]


def test_hair_takes_no_colour_that_the_ground_alone_was_given_however_sure_the_network_is():
    sure = Plain(palette=-30.0, wall=0.0)
    ground, room = (0.05, 0.5, BLUE), (0.3, 0.5, BLUE)
    for names, is_blue in ((("thing",), True), (("skin",), False), (("hair", "skin"), False), (("hair",), True)):
        found = painted(drawing(), ground, network=sure, names=names)
        assert (at(found, 0.3, 0.5) == list(BLUE)) == is_blue, f"{names}: hair alone may be grass"
    both = painted(drawing(), ground, room, network=sure, names=("hair", "skin"))
    assert at(both, 0.3, 0.5) == list(BLUE), "what a figure wears, too, it may have"


@pytest.mark.parametrize("beside", [0.0, 0.002])
def test_a_hint_on_a_line_means_the_side_that_has_its_colour(beside):
    on_line = 1 / 6 + beside
    found = painted(drawing(), (on_line, 0.3, BLUE), (0.05, 0.5, BLUE), (0.3, 0.5, RED))
    assert at(found, 0.3, 0.3) == list(RED) and at(found, 0.05, 0.9) == list(BLUE)
    found = painted(drawing(), (on_line, 0.3, BLUE), (0.05, 0.5, RED))
    assert at(found, 0.3, 0.5) == list(BLUE), "else the figure"


@pytest.mark.parametrize(("gap", "name", "is_one"), [(6, "cloth", True), (1, "cloth", False), (6, "thing", False)])
def test_choices_colour_a_shirt_and_its_hem_as_one(gap, name, is_one):
    page = np.full((512, 512), 255, np.uint8)
    cv2.rectangle(page, (85, 85), (427, 427), 0, 4)
    page[85 : 256 - gap // 2, 254:258] = page[256 + (gap + 1) // 2 : 427, 254:258] = 0
    ready = page_of(page)
    scene = Scene.of(ready, parts(ready, name))
    assert scene.chances.shape[0] == 3, "ground and two"
    apart = Plain(palette=9.0)
    choices = choose(apart, ready, NO_POINTS, NO_COLORS, PALETTE, scene, seeds=range(6))
    same = [color_at(one, 0) == color_at(one, 1) for one in choices]
    assert all(same) if is_one else not all(same)


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


def test_a_sky_is_no_bare_paper_and_what_is_half_paper_may_be():
    chances = np.full((3, len(NAMES)), 0.01)
    some = ({"sky": 0.6, "ground": 0.2, "paper": 0.05}, {"paper": 0.9}, {"paper": 0.4, "sky": 0.4})
    for region, of in enumerate(some):
        for name, chance in of.items():
            chances[region, NAMES.index(name)] = chance
    sky, paper, either = paper_like(chances)
    assert sky < 0.15 and paper == 1.0 and either > 0.9


def test_ground_that_is_no_paper_takes_its_hints_whatever_it_was_parted_into():
    labels = np.repeat(np.repeat(np.arange(4, dtype=np.int32).reshape(2, 2), 16, 0), 16, 1)
    pairs, costs = np.array([[0, 1], [0, 2], [1, 3], [2, 3]], np.int32), np.full(4, 0.05, np.float32)
    regions = Regions(labels, np.ones(labels.shape, np.float32), pairs, costs, 4)
    parents, ground = np.array([0, 0, 0, 1]), np.array([True, True, False, True])
    own = np.array([[True, False], [False, False], [False, False], [False, True]])

    def taken(*blank: float) -> list[list[bool]]:
        return instead_of_paper(regions, parents, own, np.array(blank, np.float32), ground).tolist()

    nothing = [False, False]
    assert taken(0.02, 0.06, 0.01, 0.01) == [nothing, [True, False], nothing, nothing], "ground without a hint"
    assert taken(0.02, 0.4, 0.01, 0.01) == [nothing] * 4, "it may be paper"
