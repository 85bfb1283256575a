"""Labels of drawings of our own: every pixel has one, lines change none, and they lie where they belong."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from preprocess import records
from preprocess.__main__ import main
from preprocess.inspection import known_planes
from preprocess.synthetic import draw
from preprocess.synthetic.canvas import Canvas
from preprocess.synthetic.curves import ellipse
from preprocess.synthetic.hair import random_hair
from preprocess.synthetic.parts import CLOTHS, FIRST_CLOTH, NUMBERS, Labels, name_of
from preprocess.synthetic.people import draw_person, random_person
from preprocess.synthetic.strands import draw_lock
from preprocess.synthetic.style import Style
from s2p.color_words import color_name
from s2p.errors import InputError
from s2p.tags import vocabulary

SEEDS = range(40, 64)


def page(size: int = 100, **style) -> Canvas:
    return Canvas(size, size, style=Style(shading="flat", wobble=0, **style), generator=np.random.default_rng(0))


def beside(mask: np.ndarray) -> np.ndarray:
    """`bool[H, W]`: the pixels around a mask."""
    return (cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~mask


def test_every_pixel_has_a_label_of_the_table():
    known = {*NUMBERS.values(), *range(FIRST_CLOTH, FIRST_CLOTH + CLOTHS)}
    for seed in SEEDS:
        picture = draw(seed, (128, 128))
        assert picture.parts.dtype == np.uint8 and picture.parts.shape == picture.lines.shape
        assert set(np.unique(picture.parts)) <= known
        assert ((picture.parts == 0) == (picture.regions == 0)).all(), "paper is where nothing was painted"


def test_names_and_numbers_agree():
    assert [name_of(number) for number in NUMBERS.values()] == list(NUMBERS)
    labels = Labels()
    first, second = labels.number("cloth top"), labels.number("cloth shoes")
    assert labels.number("cloth top") == first != second and name_of(first) == "cloth 1"
    labels.next_wearer()
    assert labels.number("cloth top") not in (first, second), "another person's shirt"
    assert all(FIRST_CLOTH <= labels.number(f"cloth {n}") < FIRST_CLOTH + CLOTHS for n in range(200))
    assert name_of(255) == "unknown"


def test_white_paper_is_white():
    count = 0
    for seed in SEEDS:
        picture = draw(seed, (128, 128), "portrait")
        paper = picture.parts == 0
        if not paper.any() or picture.color[paper].min() < 250:
            continue
        count += 1
        assert (picture.color[paper] == 255).all() and (picture.flat[paper] == 255).all()
        assert (picture.painted[paper & (picture.lines == 255)] == 255).all()
    assert count > len(SEEDS) / 2, "most people are drawn on white"


def test_lines_change_no_label():
    canvas = page()
    shape = canvas.fill(ellipse(0.5, 0.5, 0.3), "#ff0000", part="skin")
    canvas.stroke(np.array([(0.0, 0.5), (1.0, 0.5)]), line=4)
    canvas.stroke(np.array([(0.5, 0.0), (0.5, 1.0)]), inside=shape, line=4)
    parts = canvas.finish()[5]
    assert set(np.unique(parts)) == {0, NUMBERS["skin"]}
    assert parts[50, 50] == NUMBERS["skin"] and parts[50, 5] == 0


def test_strands_are_hair_and_cover_what_lies_below():
    canvas = page(200)
    skin = canvas.fill(ellipse(0.5, 0.5, 0.4), "#ffe0d0", part="skin")
    with canvas.part("hair"):
        draw_lock(canvas, random_hair(canvas.random), [(0.5, 0.05), (0.45, 0.4), (0.55, 0.9)], 0.1, over=skin)
    _, _, lines, _, regions, parts = canvas.finish()
    assert parts[80, 91] == NUMBERS["hair"] and parts[80, 140] == NUMBERS["skin"]
    assert len(np.unique(regions[parts == NUMBERS["hair"]])) == 1 and (lines[parts == NUMBERS["hair"]] < 200).any()


def test_parts_are_inherited_and_can_be_told_for_one_shape():
    canvas = page()
    with canvas.part("creature"):
        canvas.fill(ellipse(0.3, 0.5, 0.2), "#808080")
        canvas.fill(ellipse(0.3, 0.5, 0.05), "#000000", part="iris")
    canvas.fill(ellipse(0.8, 0.5, 0.1), "#808080")
    parts = canvas.finish()[5]
    assert [int(parts[50, x]) for x in (15, 30, 80)] == [NUMBERS[n] for n in ("creature", "iris", "thing")]


def test_an_iris_lies_in_an_eye_white_or_under_hair_or_lids():
    around = np.zeros(256, int)
    for seed in range(40):
        picture = draw(seed, (320, 320), "portrait")
        around += np.bincount(picture.parts[beside(picture.parts == NUMBERS["iris"])], minlength=256)
    # lids end at skin; glasses and hats may lie over an eye, and dots have no white
    usual = sum(around[NUMBERS[name]] for name in ("eye white", "hair", "skin", "brow"))
    assert around[NUMBERS["eye white"]] > 0.5 * around.sum() and usual > 0.97 * around.sum(), around


def test_people_have_skin_hair_eyes_and_garments_of_their_own():
    garments = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        canvas = Canvas(256, 256, style=Style(), generator=random)
        for x in (0.3, 0.75):
            with canvas.frame(x, 0.1, 0.3):
                draw_person(canvas, random_person(random))
        parts = canvas.finish()[5]
        assert (parts == NUMBERS["skin"]).any() and (parts == NUMBERS["hair"]).any()
        left, right = (set(np.unique(side[side >= FIRST_CLOTH])) for side in (parts[:, :70], parts[:, 215:]))
        garments.append(len(left & right))
    assert np.mean(garments) < 0.5, "two people do not wear the same garment"


def test_black_hair_can_be_filled_with_ink_and_keeps_white_gaps():
    canvas = page(200, width=6)
    canvas.fill(ellipse(0.5, 0.5, 0.4), "#202020", part="hair")
    canvas.stroke(np.array([(0.2, 0.5), (0.8, 0.5)]), taper=0)
    canvas.blacken("hair", 1)
    _, _, lines, _, _, parts = canvas.finish()
    assert lines[60, 100] < 20 and lines[100, 100] > 200 and lines[5, 5] == 255
    assert parts[100, 100] == NUMBERS["hair"]


def test_tags_are_words_of_the_vocabulary():
    tagged = [draw(seed, (64, 64), kind).tags for seed in range(6) for kind in ("portrait", "figure", "group")]
    assert all(tags and set(tags) <= vocabulary().ids.keys() for tags in tagged)
    assert any(tag.endswith("_hair") for tag in tagged[0]), tagged[0]
    assert draw(1, (64, 64), "objects").tags == ()


def test_a_garment_s_word_is_the_colour_of_its_part():
    told, right = 0, 0
    for seed in range(12):
        drawing = draw(seed, (192, 128), "figure")
        assert set(drawing.garments) <= set(drawing.tags)
        things = [tag.rpartition("_")[2] for tag in drawing.garments]
        assert len(set(things)) == len(things), "of two shirts neither is told"
        for tag, number in drawing.garments.items():
            colors, counts = np.unique(drawing.flat[drawing.parts == number], axis=0, return_counts=True)
            red, green, blue = (int(value) for value in colors[counts.argmax()])
            told, right = told + 1, right + (color_name((red, green, blue)) == tag.rpartition("_")[0])
    assert told >= 10 and right >= 0.9 * told, (told, right)
    assert draw(3, (64, 64), "group").garments == {}, "whose they are nobody says"


def test_records_keep_parts_and_tags(tmp_path):
    out = str(tmp_path)
    assert main(["synthetic", "2", out, "--size", "64", "--eval-share", "0", "--executor", "local"]) == 0
    for example in records.read_hdf5(out):
        again = draw(int(example["key"][10:-4]), example["lines"].shape[:2])
        assert np.array_equal(example["parts"], again.parts) and tuple(example["tags"]) == again.tag_ids
    assert known_planes(out, records.read_index(out), "train") == ["regions", "parts"]
    index = records.read_index(out)
    for shard in records.shards_of(index, "train", "hdf5"):
        for record in records.decode_hdf5((tmp_path / shard["name"]).read_bytes()):
            again = draw(int(record.key[10:-4]), (record.height, record.width))
            assert json.loads(record.garments or b"{}") == again.garments
    with pytest.raises(InputError, match="uint8"):
        records.encode_parts(np.zeros((2, 2), np.int32))
