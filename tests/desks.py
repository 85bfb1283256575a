"""Photographs of a sheet that lies on something, with a shadow over both, and where its figure is then."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from s2p.schema import Hint, Hints
from tests import brought as drawn

BROWN, GREEN, GRAY, BLUE = (120, 95, 75), (60, 95, 70), (140, 140, 142), (70, 95, 150)
BLACK, RED, PINE = (30, 28, 27), (165, 60, 50), (214, 178, 130)


@dataclass(frozen=True)
class Lying:
    """How a sheet lies in a photograph.

    Attributes:
        color: of what it lies on.
        degrees: by which it is turned to the left.
        size: of the sheet, as a share of the photograph.
        shift: by which it is moved to the right and down, as shares of the photograph; so it leaves it.
        leaning: how much smaller its upper edge is, as the camera does not look straight down.
        wood: how uneven the ground is, with grain along it.
        shadow: `corner`, `hand`, `arm`, `edge` (of a telephone), `across`, `most` of it, or none; `telephone`, `head`
            and `tablet` reach no edge of the page.
        depth, soft: share of the light that the shadow takes, and px by which its edge is blurred.
        grain: spread of the grain of paper, as a share of its light.
        quality: of JPEG, or none.
    """

    color: tuple[int, int, int] = BROWN
    degrees: float = 3.0
    size: float = 0.88
    shift: tuple[float, float] = (0.0, 0.0)
    leaning: float = 0.0
    wood: float = 0.0
    shadow: str = ""
    depth: float = 0.38
    soft: float = 2.0
    grain: float = 0.012
    quality: int = 90

    def move(self, shape: tuple[int, ...]) -> np.ndarray:
        """From places on the sheet to places in the photograph, `float64[3, 3]`."""
        height, width = shape[:2]
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), self.degrees, self.size)
        there = corners @ turn[:, :2].T + turn[:, 2] + np.array(self.shift) * (width, height)
        there[0, 0] += self.leaning * width / 2
        there[1, 0] -= self.leaning * width / 2
        return cv2.getPerspectiveTransform(corners, there.astype(np.float32))

    def photograph(self, sheet: np.ndarray, *, seed: int = 0) -> np.ndarray:
        """What a telephone makes of a sheet, `uint8[H, W, 3]` RGB, that fills a page."""
        height, width = sheet.shape[:2]
        random = np.random.default_rng(seed)
        desk = np.empty(sheet.shape, np.float32)
        desk[...] = self.color
        if self.wood:
            planks = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 40, sigmaY=1.5)
            desk *= (1.0 + self.wood * planks / planks.std())[..., None]
        move = self.move(sheet.shape)
        there = cv2.warpPerspective(np.ones((height, width), np.float32), move, (width, height), flags=cv2.INTER_AREA)
        page = cv2.warpPerspective(
            sheet.astype(np.float32), move, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        picture = desk + (0.97 * page - desk) * there[..., None]
        noise = cv2.GaussianBlur(random.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 0.9)
        light = (1.0 - 0.15 * np.linspace(1, 0, width)) * (1.0 + self.grain * noise / noise.std())
        if self.shadow:
            light *= 1.0 - self.depth * cv2.GaussianBlur(_shadow(self.shadow, sheet.shape), (0, 0), self.soft)
        picture = np.clip(picture * light[..., None], 0, 255).astype(np.uint8)
        if not self.quality:
            return picture
        _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])

    def hints(self, shape: tuple[int, ...]) -> Hints:
        """The figure's hints, where they are then."""
        height, width = shape[:2]
        found = []
        for hint in drawn.HINTS:
            x, y, scale = self.move(shape) @ (hint.x * width, hint.y * height, 1.0)
            found.append(Hint(x=x / scale / width, y=y / scale / height, color=hint.color))
        return Hints(found)

    def flat(self, image: np.ndarray) -> np.ndarray:
        """A painting of the photograph, `uint8[H, W, 3]`, as the sheet alone again."""
        height, width = image.shape[:2]
        return cv2.warpPerspective(
            image, self.move(image.shape), (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )


def _shadow(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Where it is, `float32[H, W]`."""
    mask = np.zeros(shape[:2], np.float32)
    height, width = mask.shape
    outlines = {
        "corner": [(1.0, 1.0), (0.47, 1.0), (1.0, 0.48)],
        "edge": [(0.0, 0.0), (0.42, 0.0), (0.34, 1.0), (0.0, 1.0)],
        "across": [(0.0, 0.62), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)],
        "most": [(0.0, 0.0), (1.0, 0.0), (1.0, 0.85), (0.0, 0.35)],
        "arm": [(1.0, 0.42), (0.5, 0.4), (0.42, 0.49), (0.5, 0.58), (1.0, 0.7)],
        "hand": [
            (1.0, 1.0), (1.0, 0.42), (0.72, 0.42), (0.42, 0.36), (0.40, 0.42), (0.7, 0.52), (0.36, 0.5),
            (0.35, 0.57), (0.66, 0.62), (0.33, 0.64), (0.34, 0.71), (0.62, 0.74), (0.6, 1.0),
        ],
        "telephone": [(0.35, 0.42), (0.62, 0.4), (0.66, 0.78), (0.38, 0.8)],
        "tablet": [(0.2, 0.15), (0.8, 0.2), (0.75, 0.75), (0.22, 0.7)],
        "head": [
            (0.5 + 0.22 * np.cos(angle), 0.48 + 0.2 * np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 60)
        ],
    }  # fmt: skip
    cv2.fillPoly(mask, [np.round(np.array(outlines[kind]) * (width, height)).astype(np.int32)], 1.0)
    return mask
