"""Light lines on a dark ground with a light frame around it: blackboards, scans with a margin, prints."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p.intake import take_in
from tests import brought as drawn
from tests.desks import Lying
from tests.intake_cases import Photographed, assert_filled, figure

WOOD, PAINTED, METAL, PAPER = (190, 150, 100), (235, 233, 228), (185, 187, 190), (255, 255, 255)
SCANNED = {"grain": 0, "quality": 0}
CHALK, LINES = ("inverted", "frame", "paper", "pencil"), ("inverted", "frame")


def board(ground: tuple[int, int, int] = (50, 80, 65), seed: int | None = 4) -> np.ndarray:
    """A figure in chalk."""
    return drawn.negative(figure(seed=seed), ground, (235, 235, 220), grain=5)


def black() -> np.ndarray:
    return drawn.negative(figure(), (0, 0, 0))


# What is framed, how it lies in its frame, and what must be found.
FRAMED: dict[str, Photographed] = {
    "blackboard in wood": (board, Lying(WOOD, 2, 0.9), CHALK),
    "in grained wood": (lambda: board((35, 50, 45), 1), Lying(WOOD, 3, 0.8, wood=0.08), CHALK),
    "in white wood, from aside": (lambda: board(seed=2), Lying(PAINTED, -1.5, 0.88, leaning=0.05), CHALK),
    "in metal": (lambda: board((40, 42, 45), None), Lying(METAL, 0, 0.92, quality=70), CHALK),
    "gray board": (lambda: board((90, 95, 95), 5), Lying(PAINTED, 2, 0.85), CHALK),
    "ledge below alone": (board, Lying(WOOD, 0, 1, shift=(0, -0.04), wood=0.05), CHALK),
    "narrow frame": (lambda: board(seed=3), Lying(PAINTED, 0, 0.97), CHALK),
    "scan with a margin": (black, Lying(PAPER, 0, 0.9, **SCANNED), LINES),
    "askew": (black, Lying(PAPER, 2.5, 0.9, **SCANNED), LINES),
    "narrow margin": (black, Lying(PAPER, 0, 0.96, **SCANNED), LINES),
    "blueprint with a margin": (
        lambda: drawn.negative(figure(), (20, 40, 110)), Lying(PAPER, 0, 0.88, **SCANNED), (*LINES, "paper")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMED)
def test_every_hint_fills_its_region(name):
    assert_filled(FRAMED[name])


@pytest.mark.parametrize("invert", ["auto", "yes"])
def test_the_frame_becomes_paper(invert):
    page = cv2.copyMakeBorder(255 - figure(), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,))
    taken = take_in(page, invert=invert)
    assert taken.found == LINES
    assert (taken.drawing[:50] == 255).all() and (taken.drawing[:, :50] == 255).all()
    inside = taken.drawing[60:-60, 60:-60] > 128
    assert (inside == (figure() > 128))[20:-20, 20:-20].mean() > 0.999


def test_no_means_no():
    page = cv2.copyMakeBorder(255 - figure(), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,))
    assert not {"inverted", "frame"} & set(take_in(page, invert="no").found)


def framed(page: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(page, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255,))


def night() -> np.ndarray:
    """A figure before a black sky."""
    page = figure()
    page[drawn.regions()["sky"]] = 0
    return page


def window() -> np.ndarray:
    """A black window with bars in it, and somebody behind it, in a wall of planks."""
    page = np.full(drawn.SIZE, 255, np.uint8)
    cv2.rectangle(page, (90, 110), (610, 870), 0, -1)
    for place in (240, 430):
        page[110:870, place : place + 6] = 255
    page[500:506, 90:610] = 255
    page[110:380, 90:610] |= (255 - figure()[110:380, 90:610])
    for place in (40, 920, 950):
        cv2.line(page, (30, place), (670, place + 8), 0, 3)
    return page


def moon() -> np.ndarray:
    """Stars in a black sky over a white hill."""
    page, random = np.zeros(drawn.SIZE, np.uint8), np.random.default_rng(0)
    for x, y, radius in zip(*(random.integers(*ends, 200) for ends in ((20, 680), (20, 500), (1, 5))), strict=True):
        cv2.circle(page, (int(x), int(y)), int(radius), 255, -1)
    cv2.ellipse(page, (350, 1000), (340, 320), 0, 0, 360, 255, -1)
    return page


@pytest.mark.parametrize("make", [night, window, lambda: window()[15:-15, 15:-15], moon, lambda: figure(width=9)])
def test_black_that_was_drawn_within_a_margin_stays(make):
    assert not {"inverted", "frame"} & set(take_in(framed(make())).found)
