"""How one artist differs from another: lines, shades and grain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from preprocess.synthetic.paints import Color


@dataclass(frozen=True)
class Style:
    """How a hand draws and paints.

    Attributes:
        width: float. Width of a usual line in pixels at a short edge of 512.
        taper: float in [0, 1]. How much lines thin out at their ends; outlines get thinner toward the light.
        line_color: `black`, `own` (a dark version of the paint), or a colour for all lines.
        broken: float in [0, 1]. Share of lines that have gaps.
        double: float in [0, 1]. Share of lines that are drawn twice, as in a sketch.
        wobble: float in pixels at 512. How unsteady the hand is.
        shading: `flat`, `cel`, `soft` or `gradient`.
        depth: float. How far shadows reach into a shape.
        light: direction toward the light, x and y.
        shine: float in [0, 1]. Share of shapes with a light edge.
        texture: float in [0, 1]. Strength of the grain of the whole paint.
    """

    width: float = 2.0
    taper: float = 0.6
    line_color: str | Color = "black"
    broken: float = 0.0
    double: float = 0.0
    wobble: float = 0.3
    shading: str = "cel"
    depth: float = 0.16
    light: tuple[float, float] = (-0.6, -0.8)
    shine: float = 0.2
    texture: float = 0.0


def random_style(generator: np.random.Generator) -> Style:
    """A style as of one more artist."""
    angle = generator.uniform(-2.6, -0.5)
    tint: Color = tuple(int(v) for v in generator.integers(10, 110, 3))  # type: ignore[assignment]
    color = generator.choice(["black", "own", "tint"], p=[0.5, 0.3, 0.2])
    return Style(
        width=float(np.exp(generator.uniform(np.log(0.9), np.log(4.2)))), taper=float(generator.uniform(0.0, 0.95)),
        line_color=tint if color == "tint" else str(color),
        broken=float(generator.choice([0.0, 0.15, 0.5], p=[0.65, 0.2, 0.15])),
        double=float(generator.choice([0.0, 0.35], p=[0.88, 0.12])), wobble=float(generator.uniform(0.0, 0.9)),
        shading=str(generator.choice(["flat", "cel", "soft", "gradient"], p=[0.15, 0.45, 0.25, 0.15])),
        depth=float(generator.uniform(0.08, 0.26)), light=(float(np.cos(angle)), float(np.sin(angle))),
        shine=float(generator.choice([0.0, 0.25, 0.6])), texture=float(generator.choice([0.0, 0.0, 0.3, 0.8])),
    )  # fmt: skip
