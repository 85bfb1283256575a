"""Flat colours from hints: regions are filled whole, what nobody coloured stays paper."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.pipelines.choose import choose
from s2p.pipelines.flats import flats, look, page_of
from s2p.pipelines.wardrobe import PARTS, wardrobe

RED, BLUE = (200, 30, 40), (40, 60, 200)


class Plain:
    """A network that knows nothing of pictures: it trusts walls, holds hints likelier than its palette, sees cloth."""

    def __init__(self, *, palette: float = -4.0, wall: float = 3.0, part: str = "cloth") -> None:
        self.palette, self.wall, self.part = palette, wall, PARTS.index(part)

    def __call__(self, ink: np.ndarray, planes: np.ndarray) -> list[np.ndarray]:
        maps = np.zeros((1, *planes.shape[1:3], reach.CHANNELS), np.float32)
        start = 2 * reach.KEYS + reach.PALETTE
        maps[..., 2 * reach.KEYS : start] = self.palette
        maps[..., start : start + reach.GATES] = (1.5, self.wall, 2.0)
        maps[..., self.part - reach.PARTS] = 5.0
        return [maps, np.zeros((*maps.shape[:3], 3), np.float32)]


def drawing(size: int = 600) -> np.ndarray:
    """A house of two rooms on white paper."""
    page = np.full((size, size), 255, np.uint8)
    low, high, middle, pen = size // 6, 5 * size // 6, size // 2, max(size // 150, 2)
    cv2.rectangle(page, (low, low), (high, high), 0, pen)
    cv2.line(page, (middle, low), (middle, high), 0, pen)
    return page


def painted(page: np.ndarray, *hints: tuple[float, float, tuple[int, int, int]], network: Plain | None = None):
    ready = page_of(page)
    points = np.array([hint[:2] for hint in hints], np.float32).reshape(-1, 2)
    colors = np.array([hint[2] for hint in hints], np.uint8).reshape(-1, 3)
    return flats(ready, look(network or Plain(), ready, points), colors, np.full((reach.PALETTE, 3), 0.5, np.float32))


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


def test_choices_colour_what_nobody_coloured_and_another_seed_chooses_otherwise():
    page = page_of(drawing())
    palette = np.random.default_rng(0).uniform(0.2, 0.8, (reach.PALETTE, 3)).astype(np.float32)
    network, nothing = Plain(palette=0.0), np.zeros((0, 2))
    one, same, other = choose(network, page, nothing, palette, seeds=(1, 1, 2))
    assert len(one.points) == 3 and (one.colors == same.colors).all() and (one.colors != other.colors).any()
    assert {int(x * 2) for x, y in one.points if 1 / 6 < x < 5 / 6 and 1 / 6 < y < 5 / 6} == {0, 1}
    (kept,) = choose(network, page, np.array([[0.3, 0.5]]), palette, seeds=(1,))
    assert not any(1 / 6 < x < 1 / 2 and 1 / 6 < y < 5 / 6 for x, y in kept.points), "the artist's room is theirs"


def test_skin_gets_a_tone_of_skin_and_paper_stays_paper():
    page, palette = page_of(drawing()), np.full((reach.PALETTE, 3), 0.5, np.float32)
    for seed in range(5):
        (one,) = choose(Plain(palette=0.0, part="skin"), page, np.zeros((0, 2)), palette, seeds=(seed,))
        red, green, blue = one.colors.astype(int).T
        assert (red > green).all() and (green > blue).all() and len({tuple(color) for color in one.colors}) == 1
    (one,) = choose(Plain(palette=0.0, part="paper"), page, np.zeros((0, 2)), palette, seeds=(0,))
    assert one.colors.min() == 255


def test_a_wardrobe_has_something_for_every_part():
    clothes = wardrobe(np.random.default_rng(3))
    assert all(clothes.of(part).shape[1:] == (3,) and clothes.of(part).dtype == np.uint8 for part in PARTS)
    assert len(PARTS) == reach.PARTS
    assert (wardrobe(np.random.default_rng(3)).of("cloth") == clothes.of("cloth")).all()
