"""A simulated artist: line styles, hints, changed colours, and drafts that are wrong in the usual ways.

Everything here takes a `numpy.random.Generator`; the same generator state gives the same sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from s2p import tensors
from s2p.schema import Hint, HintKind, Hints
from s2p.train.encoded import as_jpeg

Points = list[tuple[float, float, tuple[int, int, int]]]


def hints_at(points: Points, *, kind: HintKind = "exact") -> Hints:
    """Points, x and y in [0, 1), as the hints that an artist would give."""
    return Hints([
        Hint(x=x, y=y, color="#{:02x}{:02x}{:02x}".format(*rgb), kind=kind) for x, y, rgb in points
    ])


def draw_lines(flavours: np.ndarray, color: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One gray sketch `uint8[H, W]` in a random style.

    Args:
        flavours: `uint8[H, W, L]`, line art of the same picture in several styles.
        color: `uint8[H, W, 3]`, the picture, whose dark areas are sometimes inked solid as artists do.
    """
    count = flavours.shape[-1]
    first = random.integers(count)
    lines = flavours[..., first]
    if random.random() < 0.25:
        share = random.uniform(0.3, 0.7)
        lines = tensors.mixed(flavours, first, random.integers(count), share)[..., 0]
    lines = np.ascontiguousarray(lines)
    if random.random() < 0.35:
        dark = cv2.cvtColor(color, cv2.COLOR_RGB2GRAY) < random.uniform(30, 60)
        lines = np.where(dark, 0, lines).astype(np.uint8)
    if random.random() < 0.2:
        lines = cv2.erode(lines, np.ones((2, 2), np.uint8))
    if random.random() < 0.5:  # what preparation at half size does to a sketch
        height, width = lines.shape
        small = cv2.resize(lines, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        lines = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    if random.random() < 0.2:
        lines = _break(lines, random)
    values = 255.0 - (255.0 - lines.astype(np.float32)) * np.float32(random.uniform(0.45, 1.0))
    if random.random() < 0.3:
        grain = random.standard_normal((128, 128), np.float32) * random.uniform(1, 5)
        tiles = (-(-lines.shape[0] // 128), -(-lines.shape[1] // 128))
        values = values * random.uniform(0.92, 1.0) + np.tile(grain, tiles)[: lines.shape[0], : lines.shape[1]]
    return np.clip(values, 0, 255).astype(np.uint8)


def _break(lines: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Rubs short gaps into the lines."""
    lines = lines.copy()
    height, width = lines.shape
    for _ in range(random.integers(4, 24)):
        y, x = int(random.integers(height)), int(random.integers(width))
        cv2.circle(lines, (x, y), int(random.integers(2, 9)), 255, -1)
    return lines


def recolor(color: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, tuple[float, float] | None]:
    """Gives one region another colour, so that only a hint can tell it.

    Returns: the picture and a point `(x, y)` inside the region that needs a hint, or None.
    """
    height, width = color.shape[:2]
    x, y = int(random.integers(width)), int(random.integers(height))
    mask = np.zeros((height + 2, width + 2), np.uint8)
    tolerance = (int(random.integers(6, 22)),) * 3
    area, *_ = cv2.floodFill(
        np.ascontiguousarray(color), mask, (x, y), (0, 0, 0), tolerance, tolerance,
        cv2.FLOODFILL_MASK_ONLY | (1 << 8) | cv2.FLOODFILL_FIXED_RANGE | 4,
    )
    if area < 0.004 * height * width or area > 0.7 * height * width:
        return color, None
    soft = cv2.GaussianBlur(mask[1:-1, 1:-1].astype(np.float32), (3, 3), 0)[..., None]
    wanted = random.integers(0, 256, 3).astype(np.float32)
    moved = np.clip(color + (wanted - color[y, x].astype(np.float32)), 0, 255)
    return (color * (1 - soft) + moved * soft).astype(np.uint8), ((x + 0.5) / width, (y + 0.5) / height)


def jitter(color: np.ndarray, random: np.random.Generator, *, hue: float = 12.0) -> np.ndarray:
    """Moves hue (OpenCV degrees, half-scale), saturation and value of a whole picture a little."""
    hsv = cv2.cvtColor(color, cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + random.uniform(-hue, hue)) % 180.0
    hsv[..., 1] *= random.uniform(0.85, 1.2)
    hsv[..., 2] *= random.uniform(0.9, 1.05)
    return cv2.cvtColor(np.clip(hsv, 0, (179, 255, 255)).astype(np.uint8), cv2.COLOR_HSV2RGB)


def as_painted(color: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A flat picture `uint8[H, W, 3]` as somebody with a brush, a camera or a scanner would have it.

    Hues and brightness move as a whole, light falls unevenly, paper or brush leave a grain, edges soften, and now and
    then it went through a lossy file.
    """
    height, width = color.shape[:2]
    values = jitter(color, random, hue=6.0).astype(np.float32)
    values = 255.0 * (values / 255.0) ** np.float32(np.exp(random.normal(0, 0.25)))
    for size, strength in ((4, 0.12), (14, 0.06), (max(height // 3, 2), 0.04)):  # light, strokes, grain
        if random.random() < 0.6:
            field = random.standard_normal((size, max(size * width // height, 1))).astype(np.float32)
            field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
            values = values * (1.0 + random.uniform(0, strength) * field[..., None])
    if random.random() < 0.3:  # toned paper
        values = values * random.uniform([0.86, 0.82, 0.7], 1.0).astype(np.float32)
    if random.random() < 0.5:
        values = cv2.GaussianBlur(values, (0, 0), random.uniform(0.3, 1.5))
    painted = np.clip(values, 0, 255).astype(np.uint8)
    if random.random() < 0.3:
        painted = as_jpeg(painted, int(random.integers(30, 90)))
    return painted


def hint_count(random: np.random.Generator, *, none: float = 0.3, most: int = 12) -> int:
    """How many hints an artist gave: often none, mostly few."""
    if random.random() < none:
        return 0
    return int(np.clip(np.exp(random.uniform(0, np.log(most + 1))), 1, most))


def place_hints(
    color: np.ndarray, lines: np.ndarray, count: int, random: np.random.Generator,
    *, needed: tuple[float, float] | None = None, attentive: bool = False,
) -> Points:
    """Hints as `(x, y, rgb)`, away from lines where possible; colours are medians of 5x5 in the picture.

    An `attentive` artist looks where the colour is unlike that of the nearest hint so far; the other clicks anywhere.
    """
    places: list[tuple[float, float]] = [] if needed is None else [needed]
    wanted = 3 * count if attentive else count
    while len(places) < wanted:
        x, y = random.random(2)
        for _ in range(6):
            if _clear(lines, x, y):
                break
            x, y = random.random(2)
        places.append((float(x), float(y)))
    colors = [_color_at(color, x, y) for x, y in places]
    chosen = _most_unlike(places, colors, count) if attentive else range(count)
    return [(*places[i], colors[i]) for i in chosen]


def _color_at(color: np.ndarray, x: float, y: float) -> tuple[int, int, int]:
    height, width = color.shape[:2]
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    patch = color[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].reshape(-1, 3)
    red, green, blue = (int(v) for v in np.median(patch, axis=0))
    return red, green, blue


def _most_unlike(
    places: Sequence[tuple[float, float]], colors: Sequence[tuple[int, int, int]], count: int
) -> list[int]:
    """Indices of `count` places, the first one first, each next one the furthest from those before in place and hue."""
    if not count:
        return []
    features = np.concatenate([np.array(places) * 1.5, np.array(colors) / 100.0], 1)
    chosen, nearest = [0], np.full(len(places), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, ((features - features[chosen[-1]]) ** 2).sum(1))
        nearest[chosen] = -1.0
        chosen.append(int(nearest.argmax()))
    return chosen


def _clear(lines: np.ndarray, x: float, y: float) -> bool:
    height, width = lines.shape
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    return bool(lines[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].min() > 160)


def degrade(color: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A wrong draft of a picture: regions pasted, warped, sprayed with other colours, washed out and blurred.

    After the refinement data of Zhang et al., "Two-stage Sketch Colorization", ACM TOG 37(6), 2018.
    """
    height, width = color.shape[:2]
    draft = color.copy()
    for _ in range(random.integers(0, 4)):  # paste
        h, w = (int(random.integers(edge // 16 + 1, edge // 4 + 2)) for edge in (height, width))
        y, x = int(random.integers(height - h)), int(random.integers(width - w))
        v, u = int(random.integers(height - h)), int(random.integers(width - w))
        draft[y : y + h, x : x + w] = color[v : v + h, u : u + w]
    if random.random() < 0.7:  # warp
        grid = random.normal(0, 1, (2, 6, 6)).astype(np.float32) * random.uniform(0, 0.04) * min(height, width)
        flow = [cv2.resize(g, (width, height), interpolation=cv2.INTER_CUBIC) for g in grid]
        columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        draft = cv2.remap(draft, columns + flow[0], rows + flow[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    for _ in range(random.integers(0, 5)):  # spray
        y, x = int(random.integers(height)), int(random.integers(width))
        tone = color[int(random.integers(height)), int(random.integers(width))]
        if random.random() < 0.3:
            tone = random.integers(0, 256, 3)
        cv2.circle(draft, (x, y), int(random.uniform(0.02, 0.2) * min(height, width)), [int(v) for v in tone], -1)
    gray = draft.mean((0, 1), keepdims=True)
    draft = draft + (gray - draft) * random.beta(1, 2.5)
    sigma = random.uniform(0.5, 0.03 * min(height, width))
    return cv2.GaussianBlur(draft.astype(np.float32), (0, 0), sigma).clip(0, 255).astype(np.uint8)
