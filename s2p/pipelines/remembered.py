"""What painters of regions make of a drawing first, kept by what it was made from: its page, its scene, its shade."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.overlay import Shade
from s2p.parts import name_parts
from s2p.pipelines.blush import cheeks
from s2p.pipelines.looking import Page, page_of, sized
from s2p.pipelines.painter_base import BasePainter
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.scene import Scene
from s2p.pipelines.shading import beside_tones, shadow_and_light

PARTS = "parts"


def of_one_size(shown: np.ndarray, walls: np.ndarray) -> np.ndarray:
    """Lines and tones `uint8[., .]` at the size of what bounds colour, `uint8[H, W]`."""
    if shown.shape == walls.shape:
        return shown
    return cv2.resize(shown, walls.shape[::-1], interpolation=cv2.INTER_AREA)


def page(painter: BasePainter, walls: np.ndarray) -> Page:
    """A drawing divided into regions.

    Args:
        painter: whose cache keeps it.
        walls: `uint8[H, W]`, 255 = paper: what bounds colour.
    """
    return painter.cache.remember(painter.key("page", [], walls), lambda: page_of(walls))


def scene(painter: BasePainter, call: NetworkRunner, walls: np.ndarray, shown: np.ndarray) -> Scene:
    """What the regions of a drawing show.

    Args:
        painter: whose cache keeps it.
        call: runs the network `parts`.
        walls: as for `page`.
        shown: `uint8[H, W]`, its lines and tones.
    """
    divided = page(painter, walls)

    def made() -> Scene:
        return Scene.of(divided, call(PARTS, name_parts, sized(shown)[0], divided.grid.shape))

    return painter.cache.remember(painter.key("scene", [PARTS], walls, shown), made)


def shade(
    painter: BasePainter, call: NetworkRunner, walls: np.ndarray, shown: np.ndarray, colors: np.ndarray, key: bytes
) -> Shade:
    """Shadow and light on the colours of a page, the deepest and the brightest that there are.

    Args:
        painter, call, walls, shown: as for `scene`.
        colors: `uint8[h, w, 3]`, RGB.
        key: under which they are kept.
    """

    def made() -> list[np.ndarray]:
        divided, what = page(painter, walls), scene(painter, call, walls, shown)
        known = painter.cache.remember(painter.key("cheeks", [PARTS], walls, shown), lambda: cheeks(divided, what))
        layers = shadow_and_light(divided, colors, what, cheeks=known)
        return [layer for layer in beside_tones(layers, shown, walls) if layer is not None]

    return Shade(*painter.cache.remember(painter.key("shade", [PARTS], key), made))
