"""How one artist differs from another: lines, shades and grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .paints import Color

TOOLS = ("ink", "hairline", "brush", "pencil", "sketch")


@dataclass(frozen=True)
class Style:
    """How a hand draws and paints.

    Attributes:
        width: float. Width of a usual line in pixels at a short edge of 512.
        taper: float in [0, 1]. How much lines thin out at their ends; outlines get thinner toward the light.
        line_color: `black`, `own` (a dark version of the paint), or a colour for all lines.
        broken: float in [0, 1]. Share of lines that have gaps, mostly at corners and joints.
        sketch: int. Strokes that an outline is made of at each place: 0 for a clean line, 1 to 3 for a sketch.
        wobble: float in pixels at 512. How unsteady the hand is.
        hatch: float in [0, 1]. Share of shapes whose shadow is hatched.
        solid: float in [0, 1]. Share of black hair and cloth that is filled with ink.
        tone: float in (0, 1]. Darkness of a line; pencils are paler than ink.
        tooth: float in [0, 1]. How much of a line the grain of the paper takes away.
        shading: `flat`, `cel`, `soft` or `gradient`.
        depth: float. How far shadows reach into a shape.
        light: direction toward the light, x and y.
        shine: float in [0, 1]. Share of shapes with a light edge.
        texture: float in [0, 1]. Strength of the grain of the whole paint.
        detail: float in [0, 1]. Share of the folds, strands and ornaments that are drawn.
    """

    width: float = 2.0
    taper: float = 0.6
    line_color: str | Color = "black"
    broken: float = 0.0
    sketch: int = 0
    wobble: float = 0.3
    hatch: float = 0.0
    solid: float = 0.0
    tone: float = 1.0
    tooth: float = 0.0
    shading: str = "cel"
    depth: float = 0.16
    light: tuple[float, float] = (-0.6, -0.8)
    shine: float = 0.2
    texture: float = 0.0
    detail: float = 0.7


def random_style(generator: np.random.Generator) -> Style:
    """A style as of one more artist."""
    tool = str(generator.choice(TOOLS, p=[0.4, 0.16, 0.14, 0.14, 0.16]))
    low, high = {"ink": (0.9, 2.6), "hairline": (0.45, 0.9), "brush": (2.2, 5.0), "pencil": (0.8, 2.4),
                 "sketch": (0.6, 1.5)}[tool]  # fmt: skip
    angle = generator.uniform(-2.6, -0.5)
    is_gray = tool == "pencil" or (tool == "sketch" and generator.random() < 0.5)
    return Style(
        width=float(np.exp(generator.uniform(np.log(low), np.log(high)))),
        taper=float(generator.uniform(0.5, 1.0) if tool in ("brush", "sketch") else generator.uniform(0.0, 0.95)),
        line_color=_line_color(generator, is_gray),
        broken=float(generator.choice([0.0, 0.2, 0.5], p=[0.6, 0.28, 0.12])),
        sketch=int(generator.integers(1,
                                      4)) if tool == "sketch" else int(tool == "pencil" and generator.random() < 0.4),
        wobble=float(generator.uniform(0.0, 0.9)),
        hatch=float(generator.choice([0.0, 0.3, 0.7], p=[0.72, 0.18, 0.1])),
        solid=float(generator.choice([0.0, 0.5, 1.0])) if tool in ("ink", "brush") else 0.0,
        tone=float(generator.uniform(0.45, 0.9)) if is_gray else 1.0,
        tooth=float(generator.uniform(0.1, 0.6)) if is_gray else 0.0,
        shading=str(generator.choice(["flat", "cel", "soft", "gradient"], p=[0.25, 0.4, 0.22, 0.13])),
        depth=float(generator.uniform(0.08, 0.26)), light=(float(np.cos(angle)), float(np.sin(angle))),
        shine=float(generator.choice([0.0, 0.25, 0.6])), texture=float(generator.choice([0.0, 0.0, 0.3, 0.8])),
        detail=float(generator.uniform(0.25, 1.0)),
    )  # fmt: skip


def _line_color(generator: np.random.Generator, is_gray: bool) -> str | Color:
    if is_gray:
        level = int(generator.integers(30, 90))
        return level, level, level + int(generator.integers(0, 10))
    color = str(generator.choice(["black", "own", "tint"], p=[0.6, 0.25, 0.15]))
    return tuple(int(v) for v in generator.integers(10, 110, 3)) if color == "tint" else color  # type: ignore[return-value]
