"""One figure in the states in which people bring drawings, with what a painting of each must show. Drawn by code."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from s2p.schema import Hint, Hints

SIZE = (1000, 700)
HINTS = Hints([
    Hint(x=0.36, y=0.24, color="#f4d2b4"), Hint(x=0.5, y=0.115, color="#c03030"), Hint(x=0.5, y=0.55, color="#3060c0"),
    Hint(x=0.82, y=0.775, color="#e8c020"), Hint(x=0.15, y=0.7, color="#a06830"), Hint(x=0.9, y=0.2, color="#a8d8f0"),
])  # fmt: skip
NAMES = ("face", "hat", "dress", "ball", "house", "sky")
DRESS = [(294, 380), (406, 380), (490, 720), (210, 720)]


def figure(*, scale: float = 1.0, width: float = 3.0, ink: int = 0, seed: int | None = None) -> np.ndarray:
    """Black lines on white paper, `uint8[H, W]`.

    Args:
        scale: of `SIZE`.
        width: px of the lines at that scale.
        ink: gray of the lines.
        seed: lets the strokes break and vary as pencil does.
    """
    height, across = round(SIZE[0] * scale), round(SIZE[1] * scale)
    page = np.full((height, across), 255, np.uint8)
    thick = max(round(width), 1)

    def at(points) -> np.ndarray:
        return np.round(np.array(points, np.float64) * scale * 16).astype(np.int32).reshape(-1, 1, 2)

    def line(points, *, closed: bool = False) -> None:
        cv2.polylines(page, [at(points)], closed, ink, thick, cv2.LINE_AA, 4)

    def oval(centre, radii, *, fill: bool = False) -> None:
        angles = np.linspace(0, 2 * np.pi, 120)
        points = np.stack([centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)], -1)
        if fill:
            cv2.fillPoly(page, [at(points)], ink, cv2.LINE_AA, 4)
        else:
            line(points, closed=True)

    oval((350, 240), (126, 132))
    line([(252, 60), (448, 60), (468, 170), (232, 170)], closed=True)
    for eye in (302, 398):
        oval((eye, 240), (22, 32))
        oval((eye, 246), (9, 14), fill=True)
    line([(316, 302), (332, 312), (350, 315), (368, 312), (384, 302)])
    line(DRESS, closed=True)
    line([(294, 402), (154, 562), (176, 598), (282, 470)])
    line([(406, 402), (546, 562), (524, 598), (420, 470)])
    for leg in (294, 330, 370, 406):
        line([(leg, 720), (leg, 900)])
    line([(36, 900), (36, 548), (106, 450), (176, 548)])
    line([(0, 900), (330, 900)])
    line([(370, 900), (700, 900)])
    oval((574, 820), (70, 70))
    oval((574, 820), (70, 26))
    if seed is not None:
        page = _as_pencil(page, seed)
    return page


def regions(*, scale: float = 1.0) -> dict[str, np.ndarray]:
    """The region of every hint, `bool[H, W]`, without its border."""
    page = figure(scale=scale, width=3 * scale)
    is_open = cv2.erode(page, np.ones((5, 5), np.uint8)) > 200
    _, parts = cv2.connectedComponents(is_open.astype(np.uint8), connectivity=4)
    height, width = page.shape
    return {
        name: parts == parts[int(hint.y * height), int(hint.x * width)] for name, hint in zip(NAMES, HINTS, strict=True)
    }


def dress(*, scale: float = 1.0) -> np.ndarray:
    """The dress, `bool[H, W]`, up to its outline."""
    mask = np.zeros((round(SIZE[0] * scale), round(SIZE[1] * scale)), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(DRESS) * scale).astype(np.int32)], 1)
    return mask > 0


def worst(image: np.ndarray) -> tuple[str, float]:
    """The hint that is followed worst: the Delta E (CIE76) of nine tenths of its region are below the number."""
    found = {}
    for hint, (name, mask) in zip(HINTS, regions(scale=image.shape[0] / SIZE[0]).items(), strict=True):
        lab = cv2.cvtColor((image[mask].astype(np.float32) / 255).reshape(1, -1, 3), cv2.COLOR_RGB2Lab)[0]
        own = cv2.cvtColor(np.array([[hint.rgb]], np.float32) / 255, cv2.COLOR_RGB2Lab)[0, 0]
        found[name] = float(np.percentile(np.linalg.norm(lab - own, axis=-1), 90))
    name = max(found, key=lambda name: found[name])
    return name, found[name]


# States ---------------------------------------------------------------------------------------------------------------


def on_paper(page: np.ndarray, color: tuple[int, int, int], *, grain: float = 4.0, soft: float = 0.0,
             shadow: float = 0.15, strength: float = 1.0, seed: int = 0) -> np.ndarray:
    """A drawing on coloured, shaded and grainy paper, `uint8[H, W, 3]`.

    Args:
        color: of the paper where light falls on it.
        grain: its spread in levels.
        soft: px by which the grain is blurred.
        shadow: share of the light that is lost in the lower right corner.
        strength: share of the ink that is there.
    """
    random = np.random.default_rng(seed)
    height, width = page.shape
    noise = random.normal(0, 1, page.shape).astype(np.float32)
    if soft:
        noise = cv2.GaussianBlur(noise, (0, 0), soft)
        noise /= noise.std()
    rows, columns = np.linspace(0, 1, height)[:, None], np.linspace(0, 1, width)[None]
    light = 1.0 - shadow * (0.6 * columns + 0.4 * rows) ** 1.5
    ink = 1.0 - strength * (1.0 - page.astype(np.float32) / 255.0)
    picture = np.array(color, np.float32) * (light * ink)[..., None] + (grain * noise)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """A picture turned about its middle, to the left; what is not known is white."""
    height, width = picture.shape[:2]
    move = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    return cv2.warpAffine(picture, move, (width, height), borderValue=(255,) * 3)


def photographed(page: np.ndarray, color: tuple[int, int, int], *, grain: float, shadow: float, blur: float,
                 degrees: float, soft: float = 0.7, seed: int = 0) -> np.ndarray:
    """A drawing as a phone sees it, `uint8[H, W, 3]`: turned, not quite sharp, on shaded and grainy paper.

    Args:
        color, grain, shadow, soft, seed: of `on_paper`.
        blur: its spread in px.
        degrees: by which it is turned to the left.
    """
    seen = cv2.GaussianBlur(turned(page, degrees), (0, 0), blur)
    return on_paper(seen, color, grain=grain, soft=soft, shadow=shadow, strength=0.92, seed=seed)


def in_gray(picture: np.ndarray) -> np.ndarray:
    """The luminance of `uint8[H, W, 3]`, `uint8[H, W]`, as a gray scan has it."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def cast(picture: np.ndarray, *, depth: float = 0.2, soft: float = 25.0) -> np.ndarray:
    """The shadow of a hand over one corner."""
    mask = np.zeros(picture.shape[:2], np.float32)
    height, width = picture.shape[:2]
    cv2.fillPoly(mask, [np.array([(0, height), (0, height * 5 // 9), (width * 2 // 3, height)])], 1.0)
    return (picture * (1.0 - depth * cv2.GaussianBlur(mask, (0, 0), soft))[..., None]).astype(np.uint8)


def ruled(page: np.ndarray, color: tuple[int, int, int], *, step: int = 32, tilt: float = 0.0, squared: bool = False,
          margin: tuple[int, int, int] | None = None) -> np.ndarray:
    """A drawing on ruled paper, `uint8[H, W, 3]`."""
    sheet = np.full((*page.shape, 3), 255, np.uint8)
    height, width = page.shape
    for place in range(step + 8, height, step):
        cv2.line(sheet, (0, place), (width, round(place + tilt * width)), color, 1, cv2.LINE_AA)
    if squared:
        for place in range(step, width, step):
            cv2.line(sheet, (place, 0), (round(place - tilt * height), height), color, 1, cv2.LINE_AA)
    if margin:
        cv2.line(sheet, (90, 0), (90, height), margin, 2)
    return np.minimum(sheet, page[..., None])


def painted(page: np.ndarray, colors: dict[str, tuple[int, int, int]], *, gap: int = 0,
            texture: float = 0.0) -> np.ndarray:
    """A drawing some of whose regions are coloured, `uint8[H, W, 3]`; with a gap of white px before the lines."""
    picture = np.repeat(page[..., None], 3, axis=2)
    for name, color in colors.items():
        mask = regions()[name]
        mask = mask.astype(np.uint8)
        mask = cv2.erode(mask, np.ones((2 * gap + 1,) * 2)) if gap else cv2.dilate(mask, np.ones((9, 9)))
        paint = np.array(color, np.float32) + np.random.default_rng(1).normal(0, texture, (*page.shape, 1))
        multiplied = picture * np.clip(paint, 0, 255) / 255.0
        picture = np.where(mask[..., None] > 0, multiplied, picture).astype(np.uint8)
    return picture


def _cloud(soft: float, seed: int) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, SIZE).astype(np.float32), (0, 0), soft)
    return noise / noise.std()


def shaded(page: np.ndarray, colors: dict[str, tuple[int, int, int]], *, depth: float = 60.0,
           texture: float = 6.0) -> np.ndarray:
    """A drawing some of whose regions are painted from light to dark, `uint8[H, W, 3]`."""
    picture = np.full((*page.shape, 3), 255, np.float32)
    for place, (name, color) in enumerate(colors.items()):
        mask = cv2.dilate(regions()[name].astype(np.uint8), np.ones((9, 9))) > 0
        rows = np.flatnonzero(mask.any(1))
        light = depth * (0.5 - (np.arange(len(page)) - rows[0]) / len(rows))[:, None] + texture * _cloud(3.0, place)
        picture = np.where(mask[..., None], np.array(color, np.float32) + light[..., None], picture)
    return (np.clip(picture, 0, 255) * (page[..., None] / 255.0)).astype(np.uint8)


def stroked(page: np.ndarray, colors: dict[str, tuple[int, int, int]], *, step: float, thick: float,
            pencil: float = 0.0) -> np.ndarray:
    """A drawing some of whose regions are filled with strokes side by side, `uint8[H, W, 3]`.

    Args:
        step, thick: px from one stroke to the next, and of a stroke; the paper is seen between them.
        pencil: how far strokes skip where the paper is low, 0 for a marker.
    """
    picture = np.full((*page.shape, 3), 255, np.float32)
    rows, columns = np.mgrid[: page.shape[0], : page.shape[1]].astype(np.float32)
    for place, (name, color) in enumerate(colors.items()):
        mask = cv2.erode(regions()[name].astype(np.uint8), np.ones((7, 7)))
        angle = 0.6 + 0.5 * place
        across = columns * np.sin(angle) + rows * np.cos(angle) + 2.5 * _cloud(25.0, place)
        laid = mask * (across % step < thick) * np.clip(1.0 - pencil * (0.5 + 0.5 * _cloud(1.2, place)), 0, 1)
        picture -= laid[..., None] * (255.0 - np.array(color, np.float32))
    return (cv2.GaussianBlur(picture, (0, 0), 0.8) * (page[..., None] / 255.0)).astype(np.uint8)


def washed(page: np.ndarray, colors: dict[str, tuple[int, int, int]], *, strength: float = 0.75) -> np.ndarray:
    """A drawing in watercolour, `uint8[H, W, 3]`: uneven, with a darker rim, and not quite up to the lines."""
    picture = np.full((*page.shape, 3), 255, np.float32)
    for place, (name, color) in enumerate(colors.items()):
        mask = regions()[name].astype(np.float32)
        edge = cv2.GaussianBlur(mask, (0, 0), 6.0) + 0.12 * _cloud(9.0, place)
        rim = 0.2 * np.clip(1.0 - 6.0 * np.abs(edge - 0.55), 0, 1)
        laid = np.clip(strength * (0.75 + 0.25 * _cloud(30.0, place + 20)) + rim, 0.1, 1)
        laid *= np.clip(12.0 * (edge - 0.42), 0, 1)
        picture *= 1.0 - laid[..., None] * (1.0 - np.array(color, np.float32) / 255.0)
    picture = picture * (page[..., None] / 255.0) + 3.0 * _cloud(0.8, 0)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def under_light(picture: np.ndarray, color: tuple[int, int, int] = (238, 234, 226)) -> np.ndarray:
    """A coloured drawing as a phone sees it, `uint8[H, W, 3]`."""
    sheet = on_paper(np.full(SIZE, 255, np.uint8), color, grain=3.5, soft=0.7, shadow=0.25)
    return (cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32) * sheet / 255.0).astype(np.uint8)


def under_hand(picture: np.ndarray, *, depth: float = 0.4, soft: float = 3.0) -> np.ndarray:
    """The shadow of a hand with its fingers, that comes in from the right, over the dress; `uint8[H, W, 3]`."""
    mask = np.zeros(picture.shape[:2], np.float32)
    palm = [(700, 1000), (700, 420), (560, 500), (470, 640), (430, 1000)]
    cv2.fillPoly(mask, [np.array(palm, np.int32)], 1.0)
    for root, tip in (((560, 520), (330, 380)), ((500, 620), (260, 520)), ((470, 720), (230, 640))):
        cv2.line(mask, root, tip, 1.0, 58)
    return (picture * (1.0 - depth * cv2.GaussianBlur(mask, (0, 0), soft))[..., None]).astype(np.uint8)


def folded(
    picture: np.ndarray, *, at: float = 0.5, upright: bool = False, depth: float = 0.35, soft: float = 2.0,
    tilt: float = 0.0,
) -> np.ndarray:
    """The fold of a photographed sheet: a dark crease, and one half a little darker; `uint8[H, W, 3]`."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    along, across, edge = (rows, columns, rows.shape[1]) if upright else (columns, rows, rows.shape[0])
    away = across - at * edge - tilt * (along - along.mean())
    light = 1.0 - depth * np.exp(-0.5 * (away / soft) ** 2) - 0.06 * (away > 0) * np.exp(-np.maximum(away, 0) / 90)
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)


def toned(page: np.ndarray, kind: str) -> np.ndarray:
    """A drawing whose dress has a tone, `uint8[H, W]`: dots, fine dots, dark, hatching, lines, gray or others."""
    rows, columns = np.mgrid[: page.shape[0], : page.shape[1]]

    def stripes(angle: float, step: float, thick: float) -> np.ndarray:
        return (columns * np.sin(angle) + rows * np.cos(angle)) % step < thick

    def spots(step: float, radius: float, angle: float = np.pi / 4) -> np.ndarray:
        one, other = (columns * np.cos(a) + rows * np.sin(a) for a in (angle, angle + np.pi / 2))
        return np.hypot(one % step - step / 2, other % step - step / 2) <= radius

    masks: dict[str, Callable[[], np.ndarray]] = {
        "dots": lambda: spots(9, 2.6), "fine dots": lambda: spots(6, 1.6, 0.0), "dark": lambda: ~spots(8, 2.9),
        "hatching": lambda: stripes(np.pi / 4, 9, 2), "lines": lambda: stripes(0.0, 7, 2),
        "cross": lambda: stripes(np.pi / 3, 10, 2) | stripes(-np.pi / 6, 10, 2), "wide": lambda: stripes(1.0, 13, 2),
        "gray": lambda: np.ones(page.shape, bool),
        "touching dots": lambda: spots(10, 4.6), "large touching dots": lambda: spots(12, 5.7, 0.5),
        "wide cross": lambda: stripes(np.pi / 4, 14, 2) | stripes(-np.pi / 4, 14, 2),
        "cross aslant": lambda: stripes(np.pi / 4, 15, 2) | stripes(-np.pi / 6, 15, 2),
    }  # fmt: skip
    inked = dress() & masks[kind]()
    return np.where(inked, np.minimum(page, 170 if kind == "gray" else 0), page).astype(np.uint8)


def graded(page: np.ndarray, *, step: float = 9.0, ends: tuple[float, float] = (0.08, 0.85), angle: float = np.pi / 4,
           across: bool = False) -> np.ndarray:
    """A drawing whose dress has dots that get denser until gaps between them are left, `uint8[H, W]`.

    Args:
        step: px from one dot to the next.
        ends: share of ink at the upper end of the dress and at the lower one.
        angle: radians by which the dots are turned.
        across: whether it gets denser to the right, instead.
    """
    fine = 4
    rows, columns = np.mgrid[: fine * page.shape[0], : fine * page.shape[1]].astype(np.float32) / fine
    along, edge = (columns, np.flatnonzero(dress().any(0))) if across else (rows, np.flatnonzero(dress().any(1)))
    share = ends[0] + (ends[1] - ends[0]) * np.clip((along - edge[0]) / len(edge), 0, 1)
    phases = [2 * np.pi / step * (columns * np.cos(a) + rows * np.sin(a)) for a in (angle, angle + np.pi / 2)]
    height = np.cos(phases[0]) + np.cos(phases[1])
    waves = np.cos(np.linspace(0, 2 * np.pi, 200, endpoint=False))
    least = np.quantile(waves[:, None] + waves, np.linspace(0, 1, 256))
    ink = (np.searchsorted(least, height) >= 256 * (1 - share)).astype(np.float32)
    ink = cv2.resize(ink, page.shape[::-1], interpolation=cv2.INTER_AREA) * dress()
    return np.minimum(page, 255 * (1 - ink)).astype(np.uint8)


def negative(page: np.ndarray, ground: tuple[int, int, int], ink: tuple[int, int, int] = (255, 255, 255), *,
             grain: float = 0.0) -> np.ndarray:
    """Light lines on a darker ground, `uint8[H, W, 3]`."""
    share = (page.astype(np.float32) / 255.0)[..., None]
    noise = np.random.default_rng(0).normal(0, grain, (*page.shape, 1)) if grain else 0.0
    return np.clip(share * np.array(ground) + (1 - share) * np.array(ink) + noise, 0, 255).astype(np.uint8)


def in_alpha(page: np.ndarray, ink: tuple[int, int, int]) -> np.ndarray:
    """Ink on nothing, `uint8[H, W, 4]`."""
    return np.dstack([np.broadcast_to(np.array(ink, np.uint8), (*page.shape, 3)), 255 - page])


def _as_pencil(page: np.ndarray, seed: int) -> np.ndarray:
    """Strokes that skip where the paper is low."""
    random = np.random.default_rng(seed)
    tooth = cv2.GaussianBlur(random.random(page.shape).astype(np.float32), (0, 0), 1.6)
    tooth = (tooth - tooth.mean()) / tooth.std()
    pressure = np.clip(0.75 + 0.45 * tooth, 0.0, 1.0)
    return (255.0 - (255.0 - page) * pressure).astype(np.uint8)
