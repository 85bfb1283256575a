"""What tests of `s2p.intake` share: one figure in the states in which people bring drawings, and a painter for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from PIL import Image

from s2p.config import Settings
from s2p.image import load_image
from s2p.pipelines import style2paints
from s2p.pipelines.base import Result
from tests import brought as drawn
from tests.desks import Lying

figure = drawn.figure
Photographed = tuple[Callable[[], np.ndarray], Lying, tuple[str, ...]]  # what, how it lies, what must be found


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """What JPEG makes of a picture."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "jpeg", quality=quality)
    return load_image(buffer.getvalue())


def photographed_ruling() -> np.ndarray:
    sheet = drawn.on_paper(np.full(drawn.SIZE, 255, np.uint8), (235, 230, 215), grain=3)
    ruled = drawn.ruled(figure(), (170, 195, 235), margin=(240, 150, 160))
    return (sheet.astype(np.uint16) * ruled // 255).astype(np.uint8)


def light_blue() -> np.ndarray:
    dark = 255 - figure(width=1).astype(np.float32)
    return np.dstack([255 - dark * share for share in (0.35, 0.2, 0.08)]).astype(np.uint8)


# Every drawing, and what must be found in it.
STATES: dict[str, tuple[Callable[[], np.ndarray], tuple[str, ...]]] = {
    "kraft paper": (lambda: drawn.on_paper(figure(seed=1), (178, 142, 100), grain=6, soft=0.8), ("paper", "pencil")),
    "shadow of a hand": (lambda: drawn.cast(drawn.on_paper(figure(seed=2), (238, 232, 220))), ("paper", "pencil")),
    "blue paper": (
        lambda: drawn.on_paper(figure(seed=3, width=2), (190, 205, 225), grain=8, shadow=0.3, strength=0.7),
        ("paper", "pencil"),
    ),
    "gray ground": (lambda: drawn.on_paper(figure(), (205, 205, 205), grain=0, shadow=0), ("paper",)),
    "pastel areas": (
        lambda: drawn.painted(figure(), {"face": (250, 225, 205), "sky": (200, 230, 250), "house": (230, 200, 160)}),
        ("paper", "coloured"),
    ),
    "areas with gaps": (
        lambda: drawn.painted(figure(), {"dress": (220, 60, 90), "hat": (90, 160, 60)}, gap=4, texture=6), ("coloured",)
    ),
    "dark areas": (
        lambda: drawn.painted(figure(), {"dress": (40, 50, 120), "ball": (160, 30, 30), "house": (90, 60, 30)}),
        ("coloured",),
    ),
    "gray ruling": (lambda: drawn.ruled(figure(), (200, 200, 200)), ("ruling",)),
    "tilted ruling": (
        lambda: drawn.ruled(figure(), (160, 190, 240), tilt=0.02, step=40, margin=(250, 150, 150)), ("ruling",)
    ),
    "squared paper": (lambda: drawn.ruled(figure(), (180, 215, 190), squared=True, step=28), ("ruling",)),
    "photographed ruling": (photographed_ruling, ("paper", "ruling", "pencil")),
    "ruling and margin in gray": (
        lambda: drawn.in_gray(drawn.ruled(figure(), (170, 195, 235), margin=(240, 150, 160))), ("ruling",)
    ),
    "tilted ruling and red margin in gray": (
        lambda: drawn.in_gray(drawn.ruled(figure(), (160, 190, 240), tilt=0.015, step=40, margin=(235, 90, 90))),
        ("ruling",),
    ),
    "double margin in gray": (
        lambda: cv2.line(drawn.in_gray(drawn.ruled(figure(), (190, 200, 220), margin=(240, 170, 170))),
                         (97, 0), (97, 999), 180, 2),  # pyright: ignore[reportArgumentType]
        ("ruling",),
    ),
    "photographed ruling in gray": (lambda: drawn.in_gray(photographed_ruling()), ("paper", "ruling", "pencil")),
    "blueprint": (lambda: drawn.negative(figure(), (20, 40, 110)), ("inverted", "paper")),
    "blackboard": (
        lambda: drawn.negative(figure(seed=4), (50, 80, 65), (235, 235, 220), grain=5), ("inverted", "paper", "pencil")
    ),
    "white on gray": (lambda: drawn.negative(figure(), (120, 120, 125), (255, 250, 235)), ("inverted", "paper")),
    "yellow on nearly black": (lambda: drawn.negative(figure(), (12, 10, 14), (250, 230, 90)), ("inverted",)),
    "compressed blueprint": (
        lambda: jpeg(drawn.negative(figure(width=2), (24, 60, 130), (215, 225, 240), grain=3), 60),
        ("inverted", "paper", "pencil"),
    ),
    "light blue lines": (light_blue, ()),
    "gray hairlines": (lambda: figure(width=1, ink=190), ()),
    "thin lines on a large page": (lambda: figure(scale=3, width=2, ink=200), ()),
    "faint pencil": (
        lambda: drawn.on_paper(figure(seed=5), (225, 225, 225), grain=6, strength=0.25), ("paper", "pencil")
    ),
    "white ink in alpha": (lambda: drawn.in_alpha(figure(), (255, 255, 255)), ("alpha",)),
    "yellow ink in alpha": (lambda: drawn.in_alpha(figure(), (255, 240, 120)), ("alpha",)),
    "half transparent white ink": (
        lambda: (drawn.in_alpha(figure(), (250, 250, 250)) * np.array([1, 1, 1, 0.5])).astype(np.uint8), ("alpha",)
    ),
    "black ink in alpha": (lambda: drawn.in_alpha(figure(), (0, 0, 0)), ()),
}
COLORS = {
    "face": (244, 212, 180), "hat": (192, 48, 48), "dress": (48, 96, 192), "ball": (232, 192, 32),
    "house": (160, 104, 48),
}
SKY = {"sky": (168, 216, 240)}


def grainy(seed: int = 2, **light) -> np.ndarray:
    return drawn.on_paper(figure(seed=seed), (238, 232, 220), **light)


# As people photograph and colour them.
STATES |= {
    "sharp shadow": (lambda: drawn.cast(grainy(), depth=0.35, soft=2), ("paper", "pencil")),
    "shadow of fingers": (lambda: drawn.under_hand(grainy()), ("paper", "pencil")),
    "sharp shadow of fingers over ink": (
        lambda: drawn.under_hand(drawn.on_paper(figure(), (245, 243, 238), grain=3), depth=0.3, soft=1.2),
        ("paper", "pencil"),
    ),
    "shadow of fingers, compressed": (
        lambda: jpeg(drawn.under_hand(grainy(3, soft=0.7, grain=3), depth=0.45), 80), ("paper", "pencil")
    ),
    "folded across": (lambda: drawn.folded(grainy(0, grain=3, shadow=0.1), at=0.47), ("paper", "pencil")),
    "folded upright, tilted": (
        lambda: drawn.folded(grainy(2), upright=True, depth=0.25, soft=3, tilt=0.02), ("paper", "pencil")
    ),
    "folded twice": (
        lambda: drawn.folded(drawn.folded(grainy(0, grain=5, soft=0.8), depth=0.4), at=0.52, upright=True, depth=0.3),
        ("paper", "pencil"),
    ),
    "large photograph, dark in a corner": (
        lambda: drawn.on_paper(cv2.GaussianBlur(figure(scale=3, width=9, seed=0), (0, 0), 1.2), (228, 222, 210),
                               grain=6, soft=1.2, shadow=0.3, strength=0.6), ("paper", "pencil")
    ),
    "ruling and margin under a lamp": (
        lambda: drawn.under_light(drawn.ruled(figure(seed=3), (170, 195, 235), margin=(240, 150, 160))),
        ("paper", "ruling", "pencil"),
    ),
    "markers": (lambda: drawn.stroked(figure(), COLORS, step=14, thick=10), ("coloured",)),
    "markers with wide gaps": (lambda: drawn.stroked(figure(), COLORS, step=18, thick=11), ("coloured",)),
    "thin markers": (lambda: drawn.stroked(figure(), COLORS, step=8, thick=5), ("coloured",)),
    "photographed markers": (
        lambda: drawn.under_light(drawn.stroked(figure(), COLORS, step=14, thick=10)), ("paper", "coloured", "pencil")
    ),
    "coloured pencils": (lambda: drawn.stroked(figure(), COLORS, step=7, thick=6, pencil=0.6), ("coloured",)),
    "from light to dark": (lambda: drawn.shaded(figure(), COLORS), ("coloured",)),
    "watercolour": (lambda: drawn.washed(figure(), COLORS), ("coloured",)),
    "watercolour over the page": (
        lambda: drawn.washed(figure(), COLORS | SKY), ("paper", "coloured", "pencil", "tones")
    ),
    "photographed watercolour": (
        lambda: drawn.under_light(drawn.washed(figure(), COLORS | SKY)), ("paper", "coloured", "pencil", "tones")
    ),
}


@lru_cache(maxsize=1)
def painter() -> style2paints.Painter:
    """The painter with our own weights, at the smallest zoom."""
    return style2paints.load(Settings(zoom=0.25, denoise="off"))


def painted(image: np.ndarray, **settings: Any) -> Result:
    """A drawing painted with the figure's hints, without shadow and light unless these are asked for."""
    wanted = Settings(**{"zoom": 0.25, "denoise": "off", "shading": 0.0, **settings})
    return painter().colorize(image, hints=drawn.HINTS, settings=wanted)


def assert_filled(case: Photographed) -> None:
    """Every hint fills its region of a figure that was photographed, and what was corrected is said."""
    make, lying, found = case
    picture = lying.photograph(make())
    wanted = Settings(zoom=0.25, denoise="off", shading=0.0)
    result = painter().colorize(picture, hints=lying.hints(picture.shape), settings=wanted)
    assert result.corrected == found
    assert drawn.worst(lying.flat(result.image))[1] < 15, drawn.worst(lying.flat(result.image))
