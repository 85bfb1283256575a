"""What painting by strokes can be asked for, as every door says it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from s2p.schema import MAX_SEED, Color, SystemOptions

Renderer = Literal["oilpaintbrush", "watercolor", "markerpen", "rectangle"]
MAX_BUDGET = 600.0  # seconds


class StrokeOptions(SystemOptions):
    """How a picture becomes strokes.

    Attributes:
        renderer: kind of stroke (`s2p.strokes.layouts`).
        max_strokes: int in [10, 5000].
        min_size, max_size: least breadth and largest length of a stroke, shares of the picture's longer side, from 0 to
            1, the smaller one first.
        canvas_color: `#rrggbb` of the ground under the strokes.
        seed: int in [0, 2**31). The same seed gives the same strokes, unless time runs out.
        time_budget: seconds in [0.5, 600], or None. What is laid by then is the painting.
        film: whether a film of its making is wanted, too.
    """

    renderer: Renderer = "oilpaintbrush"
    max_strokes: int = Field(default=500, ge=10, le=5000, strict=True)
    min_size: float = Field(default=0.0, ge=0.0, le=1.0, strict=True, allow_inf_nan=False)
    max_size: float = Field(default=1.0, ge=0.0, le=1.0, strict=True, allow_inf_nan=False)
    canvas_color: Color = "#ffffff"
    seed: int = Field(default=0, ge=0, le=MAX_SEED, strict=True)
    time_budget: float | None = Field(default=None, ge=0.5, le=MAX_BUDGET, strict=True, allow_inf_nan=False)
    film: bool = Field(default=True, strict=True)

    @model_validator(mode="after")
    def _in_order(self) -> StrokeOptions:
        if self.min_size >= self.max_size:
            raise ValueError(f"min_size must be less than max_size. Received: {self.min_size:g} and {self.max_size:g}")
        return self

    def within(self, seconds: float) -> StrokeOptions:
        """Half of the time is left for the film."""
        longest = min(seconds / 2, MAX_BUDGET)
        return self.model_copy(update={"time_budget": min(self.time_budget or longest, longest)})
