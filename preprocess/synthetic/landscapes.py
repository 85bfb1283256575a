"""Places: sky, clouds, mountains, trees, houses, flowers, water, and rooms. Unit: the short edge of the sheet."""

from __future__ import annotations

import numpy as np

from . import patterns
from .canvas import Canvas
from .curves import ellipse, limb, smooth
from .paints import Paint, mixed, paint, pick


def draw_landscape(canvas: Canvas, *, is_busy: bool = True) -> None:
    """Sky, horizon and ground over the whole sheet, with more or fewer things on it."""
    with canvas.part("ground"):
        _landscape(canvas, is_busy=is_busy)


def _landscape(canvas: Canvas, *, is_busy: bool) -> None:
    random = canvas.random
    wide, high = canvas.width / min(canvas.width, canvas.height), canvas.height / min(canvas.width, canvas.height)
    horizon = high * float(random.uniform(0.4, 0.75))
    sky = pick("sky", random)
    is_night = sum(sky.base) < 330
    below = (
        mixed(sky.base, (255, 250, 240), float(random.uniform(0.2, 0.75)))
        if not is_night
        else mixed(sky.base, (90, 90, 150), 0.5)
    )
    canvas.fill(_band(-0.1, high + 0.1, wide), sky, line=0, is_shaded=False, fade=below, wobble=False,
                part="sky")  # fmt: skip
    with canvas.part("sky"):
        _heaven(canvas, wide, horizon, is_night)
    tint = below
    for number in range(int(random.integers(0, 3))):
        _ridge(canvas, wide, horizon - 0.1 + 0.05 * number, tint, peak=0.3 - 0.08 * number)
    if random.random() < 0.2:
        canvas.fill(
            _band(horizon, high + 0.1, wide),
            pick("sky", random),
            line=0.6,
            is_shaded=False,
            fade=mixed(sky.base, (40, 90, 150), 0.5),
        )
        for _ in range(int(random.integers(3, 12))):
            x, y = random.uniform(0, wide), random.uniform(horizon + 0.03, high)
            size = 0.03 + 0.12 * (y - horizon)
            canvas.stroke(smooth([(x - size, y), (x, y - 0.1 * size), (x + size, y)], closed=False), line=0.6)
        horizon = high * 0.85
    grounds = int(random.integers(1, 4))
    ground = pick("ground", random)
    for number in range(grounds):
        y = horizon + (high - horizon) * number / grounds
        _hill(
            canvas,
            wide,
            high,
            y,
            paint(mixed(ground.base, below, 0.45 * (1 - number / grounds)) if is_busy else ground.base),
        )
        if is_busy:
            _plant(canvas, wide, y, 0.3 + 0.7 * (number + 1) / grounds)
    if is_busy and random.random() < 0.4:
        _path(canvas, wide, high, horizon)
    if is_busy and random.random() < 0.45:
        draw_house(canvas, float(random.uniform(0.2, 0.8)) * wide, horizon + 0.06, float(random.uniform(0.18, 0.34)))
    if is_busy:
        for _ in range(int(random.integers(0, 9))):
            draw_flower(
                canvas,
                float(random.uniform(0, wide)),
                float(random.uniform(horizon + 0.12, high)),
                float(random.uniform(0.03, 0.09)),
            )
        if random.random() < 0.35:
            _fence(canvas, wide, horizon + 0.1)


def draw_room(canvas: Canvas) -> None:
    """A wall with a window or pictures, and a floor."""
    with canvas.part("ground"):
        _room(canvas)


def _room(canvas: Canvas) -> None:
    random = canvas.random
    wide, high = canvas.width / min(canvas.width, canvas.height), canvas.height / min(canvas.width, canvas.height)
    wall = pick("wall", random)
    figures = patterns.random_pattern(random, color=wall.shade) if random.random() < 0.4 else None
    canvas.fill(_band(-0.1, high + 0.1, wide), wall, line=0, is_shaded=False, pattern=figures, wobble=False)
    floor = high * float(random.uniform(0.68, 0.85))
    canvas.fill(_band(floor, high + 0.1, wide), pick("wood", random), is_shaded=False, wobble=False)
    for x in np.linspace(-0.5, wide + 0.5, int(random.integers(5, 11))):
        canvas.stroke(
            np.array([(wide / 2 + 0.6 * (x - wide / 2), floor), (wide / 2 + 1.4 * (x - wide / 2), high)]),
            line=0.5,
            taper=0,
        )
    canvas.fill(_band(floor - 0.05, floor, wide), pick("wood", random), line=0.6, is_shaded=False, wobble=False)
    with canvas.part("thing"):
        _furnish(canvas, wide, high, floor)


def _furnish(canvas: Canvas, wide: float, high: float, floor: float) -> None:
    """A window with or without curtains, and a table."""
    random = canvas.random
    x, y, size = wide * float(random.uniform(0.15, 0.6)), high * 0.12, float(random.uniform(0.25, 0.4))
    canvas.fill(_box(x - 0.03, y - 0.03, size + 0.06, size * 1.1 + 0.06), pick("wood", random), wobble=False)
    pane = pick("sky", random)
    canvas.fill(_box(x, y, size, size * 1.1), pane, is_shaded=False, fade=pane.light, wobble=False)
    canvas.fill(_box(x + size / 2 - 0.012, y, 0.024, size * 1.1), "#f2ece0", line=0.6, wobble=False)
    canvas.fill(_box(x, y + size / 2, size, 0.024), "#f2ece0", line=0.6, wobble=False)
    if random.random() < 0.6:
        cloth = pick("cloth", random)
        for side in (0, 1):
            edge = x - 0.06 if side == 0 else x + size + 0.06
            sign = 1 if side == 0 else -1
            fall = canvas.fill(smooth([(edge, y - 0.05), (edge + sign * 0.16, y - 0.05), (edge + sign * 0.12,
                y + 0.3 * size), (edge + sign * 0.03, y + 0.7 * size),
                                       (edge + sign * 0.08, y + 1.3 * size), (edge - sign * 0.03, y + 1.3 * size)],
                                       corners=(0, 1, 4, 5)), cloth)  # fmt: skip
            canvas.stroke(
                smooth(
                    [(edge + sign * 0.08, y), (edge + sign * 0.05, y + 0.5 * size), (edge, y + 0.7 * size)],
                    closed=False,
                ),
                line=0.6,
                inside=fall,
            )
    if random.random() < 0.5:
        left = float(random.uniform(0, wide - 0.4))
        canvas.fill(_box(left, floor - 0.22, 0.4, 0.05), pick("wood", random), wobble=False)
        for dx in (0.03, 0.33):
            canvas.fill(_box(left + dx, floor - 0.17, 0.04, 0.25), pick("wood", random), wobble=False)
        draw_flower(canvas, left + 0.2, floor - 0.21, 0.12)


def draw_backdrop(canvas: Canvas) -> None:
    """Something calm behind a person: a colour, a pattern, a shape, or a place."""
    with canvas.part("ground"):
        _backdrop(canvas)


def _backdrop(canvas: Canvas) -> None:
    random = canvas.random
    kind = random.random()
    wide, high = canvas.width / min(canvas.width, canvas.height), canvas.height / min(canvas.width, canvas.height)
    if kind < 0.3:
        return
    plain = pick("plain", random) if random.random() < 0.6 else pick("sky", random)
    if kind < 0.5:
        canvas.fill(_band(-0.1, high + 0.1, wide), plain, line=0, is_shaded=False, wobble=False,
                    fade=pick("plain", random).base if random.random() < 0.6 else None)  # fmt: skip
    elif kind < 0.62:
        canvas.fill(_band(-0.1, high + 0.1, wide), plain, line=0, is_shaded=False, wobble=False,
                    pattern=patterns.random_pattern(random, color=plain.shade))  # fmt: skip
        if random.random() < 0.5:
            canvas.fill(ellipse(wide / 2, high / 2, 0.44), pick("plain", random), is_shaded=False)
    elif kind < 0.87:
        draw_landscape(canvas, is_busy=bool(random.random() < 0.5))
    else:
        draw_room(canvas)


def draw_tree(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A tree of one of four kinds whose trunk stands at `(x, y)`; `size` is its height."""
    with canvas.part("thing"):
        _tree(canvas, x, y, size)


def _tree(canvas: Canvas, x: float, y: float, size: float) -> None:
    random = canvas.random
    trunk, leaf = pick("wood", random), pick("leaf", random)
    kind = random.random()
    with canvas.frame(x, y, size):
        if kind < 0.3:  # conifer
            canvas.fill(limb([(0, -0.2), (0, 0.02)], [0.08, 0.1]), trunk)
            for level in range(3):
                low, half = -0.12 - 0.25 * level, 0.3 - 0.07 * level
                tier = [
                    (0, low - 0.42),
                    (half, low),
                    (0.3 * half, low - 0.03),
                    (0, low + 0.03),
                    (-0.3 * half, low - 0.03),
                    (-half, low),
                ]
                canvas.fill(smooth(tier, corners=(0, 1, 5)), leaf)
            return
        canvas.fill(limb([(0, -0.55), (0.02, -0.25), (0, 0.02)], [0.07, 0.1, 0.17]), trunk)
        canvas.stroke(np.array([(0.02, -0.4), (0.01, -0.15)]), line=0.6)
        if kind < 0.65:  # round crowns, one over the other
            for _ in range(int(random.integers(3, 6))):
                cx, cy = random.uniform(-0.2, 0.2), random.uniform(-0.85, -0.55)
                canvas.fill(_cloud(random, float(cx), float(cy), 0.26, 0.2), leaf)
            return
        crown = canvas.fill(_cloud(random, 0, -0.68, 0.36, 0.32), leaf)
        for _ in range(int(random.integers(3, 8))):
            cx, cy = random.uniform(-0.25, 0.2), random.uniform(-0.9, -0.5)
            canvas.stroke(
                smooth([(cx, cy), (cx + 0.04, cy + 0.03), (cx + 0.08, cy)], closed=False), line=0.7, inside=crown
            )
        if kind > 0.85:
            for _ in range(6):
                cx, cy = random.uniform(-0.25, 0.25), random.uniform(-0.85, -0.5)
                canvas.fill(ellipse(float(cx), float(cy), 0.04), "#d83a3a", line=0.7)


def draw_house(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A house with roof, door, window and chimney; its base is at `(x, y)`."""
    with canvas.part("thing"):
        _house(canvas, x, y, size)


def _house(canvas: Canvas, x: float, y: float, size: float) -> None:
    random = canvas.random
    wall, roof, wood = pick("wall", random), pick("cloth", random), pick("wood", random)
    with canvas.frame(x, y, size):
        canvas.fill(_box(0.18, -1.15, 0.14, 0.4), pick("stone", random), wobble=False)
        canvas.fill(_box(-0.5, -0.65, 1.0, 0.65), wall)
        top = (
            [(-0.66, -0.6), (-0.3, -1.1), (0.3, -1.1), (0.66, -0.6)]
            if random.random() < 0.6
            else [(-0.66, -0.6), (0, -1.25), (0.66, -0.6)]
        )
        tiles = patterns.random_pattern(random, color=roof.shade) if random.random() < 0.5 else None
        canvas.fill(np.array(top), roof, pattern=tiles)
        canvas.fill(
            smooth([(-0.32, 0), (-0.32, -0.32), (-0.2, -0.42), (-0.08, -0.32), (-0.08, 0)], corners=(0, 4)), wood
        )
        canvas.fill(_box(0.1, -0.48, 0.26, 0.24), "#ffe9a0" if random.random() < 0.4 else "#bfe0ef", is_shaded=False)
        canvas.stroke(np.array([(0.23, -0.48), (0.23, -0.24)]), line=0.7, taper=0)
        canvas.stroke(np.array([(0.1, -0.36), (0.36, -0.36)]), line=0.7, taper=0)


def draw_flower(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A flower that grows from `(x, y)`; `size` is its height."""
    with canvas.part("thing"):
        _flower(canvas, x, y, size)


def _flower(canvas: Canvas, x: float, y: float, size: float) -> None:
    random = canvas.random
    petal, leaf = pick("toy", random), pick("leaf", random)
    sway = float(random.uniform(-0.2, 0.2))
    with canvas.frame(x, y, size):
        canvas.stroke(
            smooth([(0, 0), (0.5 * sway, -0.5), (sway, -1)], closed=False), line=1.6, color=leaf.shade, taper=0.1
        )
        canvas.fill(smooth([(0, -0.15), (0.2, -0.4), (0.42, -0.45), (0.3, -0.2)], corners=(0, 2)), leaf, line=0.7)
        count = int(random.integers(4, 8))
        for turn in np.linspace(0, 2 * np.pi, count, endpoint=False):
            canvas.fill(
                ellipse(sway + 0.26 * np.cos(turn), -1 + 0.26 * np.sin(turn), 0.22, 0.15, angle=float(turn), detail=20),
                petal,
                line=0.7,
            )
        canvas.fill(ellipse(sway, -1, 0.15, detail=20), "#f3c83a", line=0.7)


def draw_cloud(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A white cloud, half of them without lines."""
    line = 0.8 if canvas.random.random() < 0.5 else 0.0
    canvas.fill(_cloud(canvas.random, x, y, size, 0.38 * size), paint("#fbfdff", contrast=0.4), line=line)


def draw_rock(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A stone with a crack."""
    random = canvas.random
    turns = np.linspace(np.pi, 2 * np.pi, 7)
    radius = size * random.uniform(0.75, 1.1, 7)
    points = np.stack([x + radius * np.cos(turns), y + 0.8 * radius * np.sin(turns)], 1)
    rock = canvas.fill(smooth(points, corners=(0, 2, 4, 6), detail=4), pick("stone", random))
    canvas.stroke(
        np.array([(x - 0.2 * size, y - 0.6 * size), (x, y - 0.35 * size), (x - 0.05 * size, y - 0.15 * size)]),
        line=0.7,
        inside=rock,
    )


def _heaven(canvas: Canvas, wide: float, horizon: float, is_night: bool) -> None:
    random = canvas.random
    x, y, size = random.uniform(0.1, 0.9) * wide, random.uniform(0.1, 0.3), float(random.uniform(0.05, 0.11))
    if is_night:
        for _ in range(int(random.integers(10, 50))):
            spot = ellipse(
                random.uniform(0, wide), random.uniform(0, horizon), float(random.uniform(0.001, 0.005)), detail=8
            )
            canvas.dab(spot, (255, 252, 230), is_flat=True)
    if random.random() < 0.5:
        canvas.fill(
            ellipse(float(x), float(y), size),
            "#fdf6d0" if is_night else "#fff3b0",
            line=0.7 * (random.random() < 0.5),
            is_shaded=False,
        )
    for _ in range(int(random.integers(0, 5))):
        draw_cloud(
            canvas,
            float(random.uniform(0, wide)),
            float(random.uniform(0.05, 0.8 * horizon)),
            float(random.uniform(0.08, 0.22)),
        )


def _ridge(canvas: Canvas, wide: float, base: float, air: tuple[int, int, int], *, peak: float) -> None:
    random = canvas.random
    count = int(random.integers(5, 11))
    xs = np.linspace(-0.2, wide + 0.2, count)
    ys = base - peak * random.uniform(0.1, 1, count) * (np.arange(count) % 2)
    points = np.vstack([np.stack([xs, ys], 1), [(wide + 0.2, base + 0.6), (-0.2, base + 0.6)]])
    color = mixed(pick("stone" if random.random() < 0.5 else "leaf", random).base, air, 0.5)
    is_sharp = random.random() < 0.5
    outline = smooth(points, corners=range(len(points)) if is_sharp else (count - 1, count, count + 1, 0), detail=4)
    canvas.fill(outline, color, line=0.7)


def _hill(canvas: Canvas, wide: float, high: float, y: float, color: Paint) -> None:
    random = canvas.random
    xs = np.linspace(-0.2, wide + 0.2, 5)
    ys = y + random.uniform(-0.05, 0.05, 5)
    points = np.vstack([np.stack([xs, ys], 1), [(wide + 0.2, high + 0.2), (-0.2, high + 0.2)]])
    canvas.fill(smooth(points, corners=(0, 4, 5, 6)), color, is_shaded=False)
    for _ in range(int(random.integers(0, 14))):
        x, top = random.uniform(0, wide), random.uniform(y + 0.04, high)
        size = 0.012 + 0.02 * random.random()
        tuft = [
            (x - size, top - size),
            (x - 0.3 * size, top),
            (x, top - 1.5 * size),
            (x + 0.3 * size, top),
            (x + size, top - size),
        ]
        canvas.stroke(np.array(tuft), line=0.6)


def _plant(canvas: Canvas, wide: float, y: float, near: float) -> None:
    random = canvas.random
    for x in np.sort(random.uniform(0, wide, int(random.integers(0, 6)))):
        kind = random.random()
        if kind < 0.6:
            draw_tree(canvas, float(x), y + 0.03, near * float(random.uniform(0.25, 0.6)))
        elif kind < 0.8:
            canvas.fill(_cloud(random, float(x), y + 0.01, 0.12 * near, 0.07 * near), pick("leaf", random))
        else:
            draw_rock(canvas, float(x), y + 0.05, 0.1 * near)


def _path(canvas: Canvas, wide: float, high: float, horizon: float) -> None:
    random = canvas.random
    far, near = random.uniform(0.3, 0.7) * wide, random.uniform(0.2, 0.8) * wide
    left = [(far - 0.01, horizon + 0.06), ((far + near) / 2 - 0.12, (horizon + high) / 2), (near - 0.16, high + 0.05)]
    right = [(near + 0.16, high + 0.05), ((far + near) / 2 + 0.02, (horizon + high) / 2), (far + 0.01, horizon + 0.06)]
    canvas.fill(smooth([*left, *right], corners=(0, 2, 3, 5)), "#dcc49a", line=0.8, is_shaded=False)


def _fence(canvas: Canvas, wide: float, y: float) -> None:
    wood = pick("wood", canvas.random)
    canvas.fill(_box(-0.1, y - 0.06, wide + 0.2, 0.02), wood)
    for x in np.arange(0.0, wide, 0.09):
        canvas.fill(
            np.array([(x, y + 0.03), (x, y - 0.11), (x + 0.02, y - 0.14), (x + 0.04, y - 0.11), (x + 0.04, y + 0.03)]),
            wood,
        )


def _cloud(random: np.random.Generator, x: float, y: float, rx: float, ry: float) -> np.ndarray:
    """A round outline with bulges."""
    count = int(random.integers(7, 12))
    turns = np.linspace(0, 2 * np.pi, 12 * count, endpoint=False)
    bulge = (
        1
        + 0.16 * np.abs(np.sin(turns * count / 2 + random.uniform(0, 3)))
        + 0.05 * np.sin(3 * turns + random.uniform(0, 6))
    )
    return np.stack([x + rx * bulge * np.cos(turns), y + ry * bulge * np.sin(turns)], 1)


def _band(top: float, bottom: float, wide: float) -> np.ndarray:
    return np.array([(-0.1, top), (wide + 0.1, top), (wide + 0.1, bottom), (-0.1, bottom)])


def _box(x: float, y: float, wide: float, high: float) -> np.ndarray:
    return np.array([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)])
