"""Drawings of a house of two rooms, and a network that knows nothing, on which flat colours are tested."""

from __future__ import annotations

import cv2
import numpy as np

from s2p import reach
from s2p.parts import NAMES
from s2p.pipelines.flats import flats
from s2p.pipelines.looking import Page, look, page_of
from s2p.pipelines.scene import Scene

RED, BLUE, COAL, HAZE = (200, 30, 40), (40, 60, 200), (60, 60, 64), (171, 204, 206)
PALETTE = np.random.default_rng(0).uniform(0.2, 0.8, (reach.PALETTE, 3)).astype(np.float32)
NO_POINTS, NO_COLORS = np.zeros((0, 2), np.float32), np.zeros((0, 3), np.uint8)


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


def parts(page: Page, *names: str) -> np.ndarray:
    """What cells show: the left and the right room (or both, for one name), and paper around them."""
    chances = np.full((*page.grid.shape, len(NAMES)), 0.01, np.float32)
    high, wide = page.grid.shape
    chances[..., NAMES.index("paper")] = 0.5
    for side, name in enumerate((names[0], names[-1])):
        half = slice(wide // 6, wide // 2) if side == 0 else slice(wide // 2, 5 * wide // 6)
        chances[high // 6 : 5 * high // 6, half, NAMES.index(name)] = 5.0
    return chances / chances.sum(-1, keepdims=True)


def color_at(choice, side: int) -> list[list[int]]:
    inside = (choice.points[:, 1] > 1 / 6) & (choice.points[:, 1] < 5 / 6)
    low, high = ((1 / 6, 1 / 2), (1 / 2, 5 / 6))[side]
    return choice.colors[inside & (choice.points[:, 0] > low) & (choice.points[:, 0] < high)].tolist()
