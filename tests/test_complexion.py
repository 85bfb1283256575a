"""Skin by the colour of faces, in pictures whose parts only a network named."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.train.complexion import bare_and_clothed
from s2p.train.decoded import UNKNOWN_PART
from s2p.train.pages import FIRST_CLOTH

SKIN, BLUE, WOOD, HAIR = (224, 168, 130), (60, 90, 180), (214, 160, 126), (60, 40, 30)
NUMBER = {name: number for number, name in enumerate(NAMES)}


def picture(*, face: bool = True):
    """A head with hair and eyes, a bare arm, a sleeve, and far below a wooden floor; what a network thinks of it."""
    color, lines = np.full((400, 300, 3), 255, np.uint8), np.full((400, 300), 255, np.uint8)
    shown = np.zeros((400, 300), np.int32)

    def draw(name: str, paint: tuple[int, int, int], left: int, top: int, right: int, bottom: int) -> None:
        for values, value in ((color, paint), (shown, NUMBER[name])):
            cv2.rectangle(values, (left, top), (right, bottom), value, -1)
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)

    draw("hair", HAIR, 110, 20, 190, 50)
    draw("skin" if face else "cloth", SKIN, 120, 50, 180, 110)
    if face:
        for left in (130, 158):
            draw("iris", (40, 60, 120), left, 70, left + 10, 80)
    draw("cloth", BLUE, 110, 115, 190, 200)
    draw("cloth", SKIN, 70, 115, 100, 190)  # an arm that the network takes for a sleeve
    draw("skin", BLUE, 200, 115, 230, 190)  # and a sleeve that it takes for an arm
    draw("ground", WOOD, 0, 380, 299, 399)
    chances = np.full((*shown.shape, len(NAMES)), 0.01, np.float32)
    np.put_along_axis(chances, shown[..., None], 0.9, -1)
    named = np.where(shown == NUMBER["cloth"], FIRST_CLOTH, shown).astype(np.uint8)
    return named, chances[::4, ::4], color, lines


def test_what_has_the_faces_colour_is_skin_and_the_rest_is_not():
    found = bare_and_clothed(*picture())
    assert found.shape == (400, 300) and found.dtype == np.uint8
    assert found[90, 150] == found[150, 85] == NUMBER["skin"], "the face, and the arm"
    assert found[160, 150] == FIRST_CLOTH, "the shirt"
    assert found[150, 215] == UNKNOWN_PART, "blue is no skin, and the network sees no cloth"
    assert found[35, 150] == NUMBER["hair"] and found[75, 135] == NUMBER["iris"] and found[10, 10] == 0
    assert found[390, 150] not in (NUMBER["skin"], FIRST_CLOTH), "wood of that colour is in doubt"


def test_without_a_face_nothing_is_said_of_skin_and_cloth():
    found = bare_and_clothed(*picture(face=False))
    assert not np.isin(found, (NUMBER["skin"], FIRST_CLOTH)).any()
    assert found[35, 150] == NUMBER["hair"]
