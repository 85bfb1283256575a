"""Words for colours: the regions that they mean, and paintings that keep to them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from s2p.errors import InputError
from s2p.parts import NAMES
from s2p.pipelines import filling
from s2p.pipelines.looking import Page, page_of
from s2p.pipelines.scene import Scene
from s2p.pipelines.wording import worded
from s2p.schema import Hint, Hints, Options
from s2p.tags import TagOptions
from tests.flat_cases import drawing
from tests.test_filling import painter

# What stands where in the drawing below, rows and columns of a page of 512 px: hair over a face with an eye and a
# mouth, a shirt, a skirt, legs and shoes.
PLACES = {
    "hair": (40, 90, 200, 312), "skin": (90, 160, 200, 312), "iris": (106, 122, 220, 240),
    "mouth": (144, 152, 240, 272), "shirt": (160, 270, 190, 322), "skirt": (270, 350, 190, 322),
    "legs": (350, 440, 210, 302), "shoes": (440, 480, 200, 312),
}  # fmt: skip
SHOWN = {name: name if name in NAMES else "cloth" for name in PLACES}


def figure(last: str = "shoes") -> tuple[Page, Scene]:
    """A figure down to a part, and what it shows."""
    lines, parts = np.full((512, 512), 255, np.uint8), np.zeros((128, 128, len(NAMES)), np.float32)
    shown = np.zeros((512, 512), np.int32)
    for name, (top, bottom, left, right) in PLACES.items():
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(SHOWN[name])
        if name == last:
            break
    parts[:] = np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]]
    page = page_of(lines)
    assert page.lines.shape == (512, 512)
    return page, Scene.of(page, parts)


def where(page: Page, found: dict[int, np.ndarray], name: str) -> str:
    """The colour asked for in the middle of a place, as `rrggbb`; empty for none."""
    top, bottom, left, right = PLACES[name]
    region = int(page.regions.labels[(top + bottom) // 2 + (10 if name == "skin" else 0), (left + right) // 2])
    return bytes(found[region].tolist()).hex() if region in found else ""


def test_words_mean_parts_and_garments_where_they_sit():
    page, scene = figure()
    tags = ("blue_hair", "green_eyes", "red_shirt", "pink_skirt", "black_legwear", "brown_footwear", "grey_background")
    found, unfound = worded(page, scene, tags)
    assert unfound == ()
    assert [where(page, found, name) for name in PLACES] == [
        "4a72c8", "", "4f9c5c", "", "c83c3c", "f0a0bc", "26242c", "7a4a2b",
    ]  # fmt: skip
    assert bytes(found[int(page.regions.labels[5, 5])].tolist()).hex() == "8b8b92"


@pytest.mark.parametrize("around,is_meant", [("skin", True), ("eye white", False)])
def test_an_iris_that_is_hardly_known_is_meant_and_the_white_of_an_eye_is_not(around, is_meant):
    page, known = figure()
    region = int(page.regions.labels[114, 230])
    chances, shown = known.chances.copy(), known.shown.copy()
    chances[region] = 0.0
    chances[region, [NAMES.index("iris"), NAMES.index(around)]] = 0.4, 0.6
    shown[region] = NAMES.index(around)
    found, unfound = worded(page, replace(known, chances=chances, shown=shown), ("green_eyes",))
    assert (region in found) == is_meant and (unfound == ()) == is_meant


def test_a_dress_is_all_but_shoes_and_tights_and_what_is_not_there_is_named():
    page, scene = figure()
    found, unfound = worded(page, scene, ("red_dress", "white_legwear", "blue_hat"))
    assert [where(page, found, name) for name in ("shirt", "skirt", "legs")] == ["c83c3c", "c83c3c", "f8f8f8"]
    assert unfound == ("blue_hat",)


def test_a_figure_cut_at_the_chest_wears_its_shirt():
    page, scene = figure("shirt")
    found, unfound = worded(page, scene, ("red_shirt", "pink_skirt"))
    assert where(page, found, "shirt") == "c83c3c" and unfound == ("pink_skirt",)


def test_arms_wear_no_skirt_and_what_lies_on_a_head_may_be_a_hat():
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)
    places = {**PLACES, "arm": (200, 330, 120, 180), "strand": (90, 160, 180, 200)}
    for name, (top, bottom, left, right) in places.items():
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index({**SHOWN, "strand": "hair"}.get(name, "cloth"))
    cv2.line(lines, (180, 240), (190, 240), 0, 3)  # so that the arm is of the figure
    page = page_of(lines)
    scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
    found, unfound = worded(page, scene, ("black_skirt", "red_hat", "blonde_hair"))
    assert where(page, found, "skirt") == "26242c" and int(page.regions.labels[265, 150]) not in found
    assert where(page, found, "hair") == "c83c3c" and unfound == ()
    assert bytes(found[int(page.regions.labels[125, 190])].tolist()).hex() == "e9c46a", "hair below a hat stays hair"


def test_a_chin_that_is_taken_for_hair_is_of_the_face_around_it():
    lines, shown = np.full((512, 512), 255, np.uint8), np.zeros((512, 512), np.int32)
    for name, (top, bottom, left, right) in {"skin": (100, 400, 120, 400), "hair": (330, 350, 240, 280)}.items():
        cv2.rectangle(lines, (left, top), (right, bottom), 0, 3)
        shown[top:bottom, left:right] = NAMES.index(name)
    page = page_of(lines)
    scene = Scene.of(page, np.eye(len(NAMES), dtype=np.float32)[shown[2::4, 2::4]])
    assert NAMES[scene.shown[page.regions.labels[340, 260]]] == "skin"


def test_painting_keeps_to_words_and_an_artists_hint_goes_before_them():
    words = ("red_dress",)  # the namer takes everything for cloth, and nobody has a face
    plain, said = painter().colorize(drawing()), painter().paint(drawing(), words=words)
    red = np.array(list(bytes.fromhex("c83c3c")))
    inside = np.s_[said.image.shape[0] // 2, said.image.shape[1] // 4]
    assert np.abs(said.colors[inside].astype(int) - red).max() <= 2 and said.unfound == ()
    assert np.abs(plain.colors[inside].astype(int) - red).max() > 2
    hinted = painter().paint(drawing(), words=words, hints=Hints([Hint(x=0.25, y=0.5, color="#2040e0")]))
    assert hinted.colors[inside].tolist() == [0x20, 0x40, 0xE0]
    assert painter().paint(drawing(), words=("blue_hair",)).unfound == ("blue_hair",)


def test_words_are_placed_once_however_often_a_drawing_is_painted(monkeypatch):
    placed = []
    monkeypatch.setattr(filling, "worded", lambda *of: placed.append(of[2]) or worded(*of))
    ours = painter()
    for hints in ((), [Hint(x=0.25, y=0.5, color="#2040e0")]):
        ours.paint(drawing(), words=("red_dress",), hints=Hints(hints))
    assert placed == [("red_dress",)]
    ours.paint(drawing(), words=("blue_dress",))
    assert placed[1:] == [("blue_dress",)]


def test_words_are_for_line_art_that_is_filled():
    with pytest.raises(InputError, match="line art alone"):
        painter().paint(drawing(), words=("red_dress",), options=Options(method="rendering"))


def test_a_request_of_the_usual_system_takes_words():
    from s2p.pipelines.request import Request

    own = TagOptions(tags=("red dress",))
    result = painter().run(Request(np.repeat(drawing()[..., None], 3, -1), own=own))
    assert result.unfound == ()
