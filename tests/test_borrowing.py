"""Colours of another picture, part by part."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.parts import CELL, NAMES
from s2p.pipelines.borrowing import Borrowed, borrowed
from s2p.pipelines.wardrobe import wardrobe
from s2p.schema import Hint, Hints, Options
from tests.flat_cases import drawing
from tests.test_filling import painter

BROWN, BEIGE, RED, GRAY = (90, 50, 30), (240, 205, 175), (200, 40, 50), (120, 118, 116)
WIDTHS = {"hair": (0, 150), "skin": (150, 300), "cloth": (300, 600)}


class Columns:
    """Names what it sees by where it lies across; every second look is at the mirrored picture."""

    name, trained, identity = "parts", True, "columns"

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, ink: np.ndarray) -> list[np.ndarray]:
        self.looks += 1
        logits = np.zeros((1, ink.shape[1] // CELL, ink.shape[2] // CELL, len(NAMES)), np.float32)
        for name, (start, stop) in WIDTHS.items():
            logits[:, :, start * logits.shape[2] // 600 : stop * logits.shape[2] // 600, NAMES.index(name)] = 9.0
        return [logits if self.looks % 2 else logits[:, :, ::-1]]


def picture() -> np.ndarray:
    page = np.zeros((600, 600, 3), np.uint8)
    page[:, :150], page[:, 150:300], page[:, 300:480], page[:, 480:] = BROWN, BEIGE, RED, GRAY
    return page


def near(found: np.ndarray, color: tuple[int, int, int]) -> bool:
    return int(np.abs(found.astype(int) - color).max()) <= 6


def test_every_part_has_the_colour_it_has_there_and_strong_ones_come_first():
    found = borrowed(Columns(), picture()).colors
    assert near(found["hair"][0], BROWN) and near(found["skin"][0], BEIGE) and near(found["cloth"][0], RED)
    assert any(near(one, GRAY) for one in found["cloth"])
    assert near(found["brow"][0], (54, 30, 18)) and np.array_equal(found["thing"], found["cloth"])
    assert not {"iris", "sky", "ground"} & set(found), "what is not to be seen has no colour"


def test_lines_are_not_taken_for_colours_and_hair_is_not_taken_for_skin():
    inked = picture()
    for place in range(0, 600, 30):
        cv2.line(inked, (0, place), (600, place), (0, 0, 0), 4)
    found = borrowed(Columns(), inked).colors
    assert near(found["hair"][0], BROWN) and near(found["cloth"][0], RED)
    same = picture()
    same[:, 150:300] = BROWN
    assert "skin" not in borrowed(Columns(), same).colors
    same[:, 150:300] = 12
    assert "skin" not in borrowed(Columns(), same).colors, "nobody's skin is as black as ink"


def test_a_wardrobe_goes_as_far_as_it_is_asked_to():
    own, theirs = wardrobe(np.random.default_rng(0)), borrowed(Columns(), picture())
    kept = Borrowed.of_arrays(theirs.arrays())
    assert kept.colors.keys() == theirs.colors.keys()
    assert np.array_equal(kept.into(own, 1.0).of("hair"), theirs.colors["hair"])
    assert np.array_equal(kept.into(own, 0.0).of("hair"), own.of("hair"))
    half = kept.into(own, 0.5).of("hair")[0].astype(int)
    low, high = np.minimum(own.of("hair")[0], BROWN), np.maximum(own.of("hair")[0], BROWN)
    assert (half >= low.astype(int) - 12).all() and (half <= high.astype(int) + 12).all()
    assert np.array_equal(kept.into(own, 1.0).of("sky"), own.of("sky"))


def test_a_drawing_is_filled_with_the_colours_of_its_reference_and_hints_go_before_them():
    red = np.full((96, 96, 3), RED, np.uint8)
    followed = painter().paint(drawing(), reference=red, options=Options(mix=0.5))
    inside = np.s_[followed.colors.shape[0] // 2, followed.colors.shape[1] // 4]
    assert near(followed.colors[inside], RED)
    alone = painter().paint(drawing(), reference=red, options=Options(mix=0.0))
    assert not near(alone.colors[inside], RED)
    hinted = painter().paint(
        drawing(), reference=red, options=Options(mix=0.5), hints=Hints([Hint(x=0.25, y=0.5, color="#2040e0")])
    )
    assert hinted.colors[inside].tolist() == [0x20, 0x40, 0xE0]
