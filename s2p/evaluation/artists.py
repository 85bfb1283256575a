"""The simulated artists by name: where they place points, and as which kind of hint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from s2p.evaluation.fills import Point
from s2p.evaluation.person import exact_hints, like_a_person
from s2p.evaluation.simulated import choose_points, to_hints
from s2p.evaluation.target import Target
from s2p.schema import Hints


@dataclass(frozen=True)
class Artist:
    """One way to place hints.

    Attributes:
        place: `(target, count, generator)` to at most `count` points; the first n of them are the choice for n.
        hints: points to hints of the kinds that this artist uses.
    """

    place: Callable[[Target, int, np.random.Generator], list[Point]]
    hints: Callable[[list[Point]], Hints]


ARTISTS = {
    "worst": Artist(lambda target, count, _: choose_points(target.image, target.lines, count), to_hints),
    "person": Artist(like_a_person, exact_hints),
}
