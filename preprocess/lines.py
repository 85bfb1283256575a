"""Line art of a coloured picture in several hands, so that a network does not learn one of them by heart.

Every flavour is drawn from the picture alone and from a seed that comes from its content hash. Values are
`uint8[H, W]`, 255 = paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from s2p.config import Settings
from s2p.errors import InputError, WeightsMissingError
from s2p.lineart import pass_line
from s2p.xdog import BOLD, XdogStyle, random_style

Extractor = Callable[[np.ndarray], np.ndarray]


def draw(image: np.ndarray, flavour: str, *, seed: int = 0, extractor: Extractor | None = None) -> np.ndarray:
    """Draws one flavour of lines.

    Args:
        image: `uint8[H, W, 3]` RGB.
        flavour: `xdog` (soft, width and weight vary with the seed), `hard` (two values, Tag2Pix's range), `gradient`
            (V3's pass-line: pencil-like tones), `bold` (Liu et al. 2017), `mixed` (a learned or soft drawing with
            some XDoG in it), `extracted` (the learned extractor).
        seed: int.
        extractor: function from RGB to lines; needed for `extracted`, used for `mixed` where given.

    Returns:
        `uint8[H, W]`, 255 = paper.

    Example:
        >>> draw(np.full((8, 8, 3), 200, np.uint8), "hard").min()
        np.uint8(255)
    """
    generator = np.random.default_rng(seed)
    if flavour == "xdog":
        style = random_style(generator)
        return _visible(XdogStyle(style.sigma, style.k, style.gamma, style.epsilon, style.phi)(image))
    if flavour == "hard":
        return tag2pix_lines(image, generator)
    if flavour == "gradient":
        return gradient(image)
    if flavour == "bold":
        return BOLD(image)
    if flavour == "mixed":
        base = gradient(image) if extractor is None else extractor(image)
        return blend(tag2pix_lines(image, generator), base, float(generator.uniform(0.2, 0.8)))
    if flavour == "extracted":
        if extractor is None:
            raise WeightsMissingError(
                "The line flavour 'extracted' needs the learned extractor, and no weights were found for it. "
                "Add them: s2p weights add FILE --network line_extractor    Or leave this flavour out."
            )
        return extractor(image)
    raise InputError(f"Unknown line flavour: {flavour!r}.")


def draw_all(
    image: np.ndarray, flavours: Sequence[str], *, seed: int = 0, extractor: Extractor | None = None
) -> np.ndarray:
    """Stacks flavours to `uint8[H, W, L]`, in the given order; each has a seed of its own."""
    planes = [
        draw(image, flavour, seed=seed * 31 + number, extractor=extractor) for number, flavour in enumerate(flavours)
    ]
    return np.stack(planes, axis=2)


def load_extractor() -> Extractor | None:
    """The learned extractor on one core (a run has as many processes), or None where there are no weights for it."""
    from s2p.pipelines import lines

    return lines.load_extractor(Settings(threads=1))


def tag2pix_lines(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Two-valued XDoG with Tag2Pix's random widths: sigma in [0.35, 0.45], k in [2, 3], gamma 0.95."""
    style = XdogStyle(
        sigma=float(generator.uniform(0.35, 0.45)), k=float(generator.uniform(2.0, 3.0)), gamma=0.95, hard=True
    )
    return style(image)


def gradient(image: np.ndarray) -> np.ndarray:
    """V3's lines of a painting: what is darker than its neighbourhood, as pencil tones."""
    return pass_line(image)


def blend(xdog_lines: np.ndarray, sketch: np.ndarray, share: float) -> np.ndarray:
    """Tag2Pix's mixture of XDoG with a pencil drawing (spec section 1.3 C).

    Args:
        xdog_lines: `uint8[H, W]`.
        sketch: `uint8[h, w]`, resized to match.
        share: float in [0, 1]. Share of the XDoG lines, 0 for none.
    """
    pencil = darken(sketch, 1.7).astype(np.float32)
    if share > 0:
        size = xdog_lines.shape[::-1]
        if pencil.shape != xdog_lines.shape:
            pencil = cv2.resize(pencil, size, interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(xdog_lines, (5, 5), 1.0).astype(np.float32)
        pencil = share * (0.75 * soft + 0.25 * xdog_lines) + (1 - share) * pencil
    return darken(np.clip(pencil, 0, 255).astype(np.uint8), 1 / 1.5)


def darken(lines: np.ndarray, exponent: float) -> np.ndarray:
    """`255 * (v / 255) ** exponent`, truncated; above 1 the lines get stronger, below 1 fainter.

    Example:
        >>> darken(np.array([[64, 128, 192]], np.uint8), 1.4).tolist()
        [[36, 97, 171]]
    """
    table = (255.0 * (np.arange(256) / 255.0) ** exponent).astype(np.uint8)
    return table[lines]


def vary(lines: np.ndarray, *, thickness: float = 1.0, strength: float = 1.0) -> np.ndarray:
    """Changes the pen, not the drawing.

    Args:
        lines: `uint8[H, W]` or `uint8[H, W, L]`.
        thickness: float, about 0.5 to 3 px. Above 1 lines grow by the difference, below 1 they shrink.
        strength: float in [0, 2]. 1 leaves the tones, 0 gives white paper, above 1 the ink gets blacker.

    Returns:
        An array of the same shape and type.
    """
    if thickness > 1:
        lines = _fraction(lines, cv2.erode, thickness - 1)
    elif thickness < 1:
        lines = _fraction(lines, cv2.dilate, 1 - thickness)
    if strength == 1:
        return lines
    return 255 - np.clip(np.rint((255.0 - lines) * strength), 0, 255).astype(np.uint8)


def _visible(lines: np.ndarray) -> np.ndarray:
    """Strengthens lines that hardly show, up to three times: dark pictures give soft XDoG next to nothing."""
    ink = 255.0 - float(np.percentile(lines[::4, ::4], 1))
    return lines if ink >= 96 else vary(lines, strength=min(3.0, 160.0 / max(ink, 1.0)))


def _fraction(lines: np.ndarray, operation: Callable[..., np.ndarray], amount: float) -> np.ndarray:
    """Applies whole 3 x 3 steps and a weighted last one, so that half a pixel is possible."""
    kernel = np.ones((3, 3), np.uint8)
    whole, part = int(amount), amount - int(amount)
    for _ in range(whole):
        lines = operation(lines, kernel).reshape(lines.shape)
    if part <= 0:
        return lines
    step = operation(lines, kernel).reshape(lines.shape)
    return np.rint(lines * (1 - part) + step * part).astype(np.uint8)

