"""Pictures and painters for the tests of the judge."""

from __future__ import annotations

import numpy as np

from s2p.config import Settings
from s2p.evaluation.fills import baseline
from s2p.pipelines.base import Result

RED, BLUE = (220, 30, 40), (30, 60, 200)


def two_rooms(size: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """A red and a blue half with a wall between them that has no gap."""
    image = np.full((size, size, 3), RED, np.uint8)
    image[:, size // 2 :] = BLUE
    lines = np.full((size, size), 255, np.uint8)
    image[:, size // 2 - 1 : size // 2 + 1] = 0
    lines[:, size // 2 - 1 : size // 2 + 1] = 0
    return image, lines


class Oracle:
    """Knows the originals of one picture; paints them, or gray where it has no hint."""

    networks: dict = {}  # noqa: RUF012

    def __init__(self, paint) -> None:
        self.settings, self.calls, self._paint = Settings(), [], paint

    def run(self, request, report=None) -> Result:
        report.check()
        self.calls.append((request.hints, request.settings))
        image, painted = request.image, self._paint(request.image, request.hints)
        return Result(image=painted, lines=image)


def fill_painter(image, hints):
    points = [(hint.x, hint.y, hint.rgb) for hint in hints.of("exact")]
    return baseline("geodesic", image, points, image.shape)
