"""What hair is made of: tapered strands, tails, braids and curls, in the frame of `heads`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .canvas import Canvas, Shape
from .curves import Points, blade, ellipse, moved, smooth
from .paints import pick

if TYPE_CHECKING:
    from .hair import Hair


def draw_lock(
    canvas: Canvas, hair: Hair, bone: Points, wide: float, *, over: Shape | None = None, root: float = 0.22,
) -> None:  # fmt: skip
    """A strand whose root melts into the hair below it, while its edges and its tip are lines.

    Args:
        canvas: with the frame of the head.
        hair: paint and tips.
        bone: points from the root to the tip.
        wide: float. At its widest.
        over: throws a shadow on this.
        root: float in [0, 1). Share of its length that has no lines.
    """
    random = canvas.random
    middle, left, right = blade(bone, [0.55 * wide, wide, 0.85 * wide, 0.5 * wide, 0.0])
    outline = np.vstack([left, right[::-1]])
    if over is not None:
        canvas.shadow(outline, over, by=(0.03, 0.07))
    shape = canvas.fill(outline, hair.paint, line=0, is_shaded=False, fade=hair.tips, wobble=False)
    _shade(canvas, hair, shape, middle, left, right)
    first = int(root * len(middle))
    for edge in (left, right):
        start = max(0, first + int(random.integers(-2, 3)))
        canvas.stroke(edge[start:], line=0.9)
    for _ in range(int(random.integers(0, round(1 + 3.5 * canvas.style.detail * min(1.0, 4 * wide))))):
        share = float(random.uniform(0.25, 0.75))
        inner = left + share * (right - left)
        ends = np.sort(random.integers(first, len(middle), 2))
        if ends[1] - ends[0] > 3:
            canvas.stroke(inner[ends[0] : ends[1]], line=0.5, inside=shape)


def draw_tail(canvas: Canvas, hair: Hair, side: int) -> None:
    """A tail of several strands that leave one ribbon."""
    random = canvas.random
    length, reach = 0.9 + hair.length, float(random.uniform(0.2, 0.9))
    root = np.array([side * 0.95, -0.72])
    for number in range(int(random.integers(3, 7))):
        spread = 0.22 * (number - 2) + float(random.uniform(-0.1, 0.1))
        bone = [root, moved(root, side * (0.45 + 0.4 * spread), -0.05 + 0.1 * spread),
                moved(root, side * (0.5 + 0.5 * reach + spread), 0.5 * length),
                moved(root, side * (0.3 + 0.9 * reach + 0.8 * spread), length * random.uniform(0.8, 1.1))]  # fmt: skip
        bone = waved(bone, 1.6 * hair.wave, random, is_path=False)
        draw_lock(canvas, hair, bone, float(random.uniform(0.35, 0.6)), root=0.04)
    with canvas.part("thing"):
        ribbon = pick("cloth", random)
        if random.random() < 0.4:
            for angle in (-0.9, 0.9):
                with canvas.frame(float(root[0]), float(root[1]), angle=angle + 0.3 * side):
                    canvas.fill(smooth([(0, 0), (0.2 * side, -0.18), (0.5 * side, -0.16), (0.48 * side, 0.14),
                                        (0.2 * side, 0.14)], corners=(0,)), ribbon)  # fmt: skip
        canvas.fill(ellipse(float(root[0]), float(root[1]), 0.14, 0.17), ribbon)


def draw_braid(canvas: Canvas, hair: Hair, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A braid of leaves that overlap in turn, a ribbon and a tuft."""
    first, last = np.array(start), np.array(end)
    count = max(4, int(np.hypot(*(last - first)) / 0.22))
    way = (last - first) / count
    across = np.array([-way[1], way[0]]) / max(np.hypot(*way), 1e-9)
    for number in range(count):
        side = 1 if number % 2 else -1
        wide = 0.24 * (1 - 0.35 * number / count)
        place = first + number * way
        leaf = [place - side * 0.7 * wide * across, place + side * wide * across + 0.3 * way,
                place + side * 0.8 * wide * across + 1.3 * way,
                place - side * 0.3 * wide * across + 1.9 * way]  # fmt: skip
        shape = canvas.fill(smooth(leaf, corners=(0, 3)), hair.paint)
        canvas.stroke(smooth([leaf[0], place + 0.4 * side * wide * across + 0.6 * way, leaf[3]], closed=False),
                      line=0.5,
                      inside=shape)  # fmt: skip
    for spread in (-0.12, 0.12, 0.0):
        draw_lock(canvas, hair, [last, last + 1.2 * way, last + 3 * way + spread * across], 0.2, root=0.0)
    canvas.fill(ellipse(float(last[0]), float(last[1]) + 0.05, 0.13, 0.09), pick("cloth", canvas.random), part="thing")


def draw_cloud(canvas: Canvas, hair: Hair, x: float, y: float, size: float) -> None:
    """A ball of curls: a bumpy outline with small arcs inside."""
    random = canvas.random
    count = int(random.integers(9, 15)) if size > 0.6 else 6
    turns = np.linspace(0, 2 * np.pi, 10 * count, endpoint=False)
    radius = size * (1 + 0.1 * np.abs(np.sin(turns * count / 2 + random.uniform(0, 3))))
    shape = canvas.fill(np.stack([x + radius * np.cos(turns), y + radius * np.sin(turns)], 1), hair.paint,
                        line=1.0)  # fmt: skip
    for _ in range(int(random.integers(1, round(2 + 40 * canvas.style.detail * size**2)))):
        angle, far = random.uniform(0, 2 * np.pi), size * np.sqrt(random.uniform(0.1, 0.9))
        place = np.array([x + far * np.cos(angle), y + far * np.sin(angle)])
        bow = 0.1 * size * random.uniform(0.6, 1.3)
        curl = [moved(place, -bow, 0), moved(place, 0, -bow), moved(place, bow, 0), moved(place, 0.3 * bow, 0.6 * bow)]
        canvas.stroke(smooth(curl, closed=False), line=0.6, inside=shape)


def waved(bone: Points, amount: float, random: np.random.Generator, *, is_path: bool = True) -> np.ndarray:
    """A bone with waves, smoothed for strokes, or as more points for strands."""
    line = smooth(bone, closed=False, detail=8 if is_path else 3)
    if amount:
        along = np.gradient(line, axis=0)
        along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        phase = np.linspace(0, np.pi * (2 + 2 * random.random()), len(line)) + random.uniform(0, 6)
        line = line + (amount * np.linspace(0, 1, len(line)) * np.sin(phase))[:, None] * along[:, ::-1] * (-1, 1)
    return line


def _shade(
    canvas: Canvas, hair: Hair, shape: Shape, middle: np.ndarray, left: np.ndarray, right: np.ndarray
) -> None:  # fmt: skip
    """The side of a strand that lies away from the light, thin at root and tip."""
    if canvas.style.shading == "flat" or canvas.random.random() < 0.25:
        return
    across = right[len(right) // 2] - left[len(left) // 2]
    if canvas.is_mirrored:
        across = across * (-1, 1)
    dark = right if float(across @ np.array(canvas.style.light)) < 0 else left
    share = (0.9 * np.sin(np.pi * np.linspace(0.1, 1, len(middle))) ** 0.8)[:, None]
    inner = dark + share * (middle - dark)
    strength = 0.9 if canvas.style.shading == "cel" else 0.55
    canvas.dab(np.vstack([dark, inner[::-1]]), hair.paint.shade, inside=shape, strength=strength)
