"""How a picture is to be painted by strokes: what was asked for, and the levels that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2p.errors import InputError, shown
from s2p.hints import is_number
from s2p.strokes.layouts import layout_of

_PER_BLOCK = 9  # strokes; 500 of them divide a picture five times, 1,836 eight times
_MOST_DIVISIONS = 16  # blocks along a side


@dataclass(frozen=True)
class Plan:
    """How a picture is painted.

    Attributes:
        renderer: kind of stroke.
        max_strokes: int in [1, 20000].
        max_divide: int in [1, 64]. Blocks along a side of the finest level; a square picture is meant.
        flat: only the finest level, instead of all from 1 on.
        canvas: `#rrggbb`, the colour under the strokes.
        candidates: int in [1, 1024]. Guesses for a stroke.
        iters: int in [0, 200]. Gradient steps for a stroke.
        min_size, max_size: least breadth and largest length of a stroke, shares of the picture's longer side.
        opaque: alpha is 1.
        single_color: one colour for strokes that could have two.
        eight_bit: upright opaque boxes, for `rectangle`.
        seed: int. The same seed gives the same strokes, unless time runs out.
        time_budget: seconds, or None. What is laid by then is the painting.
        backend, network: what draws strokes with gradients while they are searched (`s2p.strokes.backends`).
        transport: weight of carrying paint (`s2p.strokes.transport`), of the backend `analytic`; 0 for none.
    """

    renderer: str = "oilpaintbrush"
    max_strokes: int = 500
    max_divide: int = 5
    flat: bool = False
    canvas: str = "#ffffff"
    candidates: int = 32
    iters: int = 6
    min_size: float = 0.0
    max_size: float = 1.0
    opaque: bool = False
    single_color: bool = False
    eight_bit: bool = False
    seed: int = 0
    time_budget: float | None = None
    backend: str = "analytic"
    network: str = "zou-fusion-net-light"
    transport: float = 0.0

    def __post_init__(self) -> None:
        layout_of(self.renderer)
        for name, least, most in (("max_strokes", 1, 20_000), ("max_divide", 1, 64), ("candidates", 1, 1024),
                                  ("iters", 0, 200), ("seed", 0, 2**63 - 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InputError(f"{name} must be a whole number from {least} to {most}. Received: {value!r}.")
        for name in ("min_size", "max_size", "transport", *(["time_budget"] if self.time_budget is not None else [])):
            if not is_number(getattr(self, name)):
                raise InputError(f"{name} must be a number. Received: {shown(getattr(self, name))}.")
        if not 0.0 <= self.min_size < self.max_size <= 1.0:
            raise InputError(
                "min_size and max_size are shares of the picture's longer side, from 0 to 1, the smaller one first. "
                f"Received: {self.min_size!r} and {self.max_size!r}."
            )
        if self.time_budget is not None and not self.time_budget > 0:
            raise InputError(f"time_budget must be more than 0 seconds. Received: {self.time_budget!r}.")
        if not 0.0 <= self.transport <= 100.0 or (self.transport and self.backend == "neural"):
            raise InputError(
                "transport must be from 0 to 100, and is part of the analytic backend. Received: "
                f"{self.transport!r} with {self.backend}."
            )
        if self.eight_bit and self.renderer != "rectangle":
            raise InputError(f"8-bit pictures are painted with rectangles. Received: {self.renderer}.")

    def levels(self, aspect: float) -> list[tuple[int, int, int]]:
        """Rows, columns and number of strokes of every level, coarse to fine.

        Raises:
            InputError: there are more blocks than strokes.
        """
        grids = [_grid(side, aspect) for side in ((self.max_divide,) if self.flat else range(1, self.max_divide + 1))]
        blocks = sum(rows * columns for rows, columns in grids)
        each = self.max_strokes // blocks
        if each < 1:
            raise InputError(
                f"max_divide {self.max_divide} makes {blocks} blocks, and each needs a stroke. Received: max_strokes "
                f"{self.max_strokes}. Give more strokes or fewer divisions."
            )
        return [(rows, columns, each * rows * columns) for rows, columns in grids]


def blocks_of(max_divide: int, aspect: float) -> int:
    """Blocks of all levels of a progressive plan, each of which needs a stroke."""
    return sum(rows * columns for rows, columns in (_grid(side, aspect) for side in range(1, max_divide + 1)))


def divisions(max_strokes: int, aspect: float) -> int:
    """How finely a picture of an aspect (height by width) is divided for that many strokes (`Plan.max_divide`).

    Example:
        >>> divisions(500, 1.0), divisions(1836, 1.0), divisions(10, 1.0)
        (5, 8, 1)
    """
    fitting = (n for n in range(_MOST_DIVISIONS, 1, -1) if _PER_BLOCK * blocks_of(n, aspect) <= max_strokes)
    return next(fitting, 1)


def _grid(side: int, aspect: float) -> tuple[int, int]:
    root = float(np.sqrt(aspect))
    return max(1, round(side * root)), max(1, round(side / root))
