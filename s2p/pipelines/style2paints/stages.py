"""The steps of a painting, each computed from what it is given and nothing else; `Painter` caches them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from s2p import image as pictures
from s2p import lineart
from s2p.hintmap import draft_tensor, painter_tensor
from s2p.networks import encoding_of
from s2p.pipelines import glue
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints import contracts
from s2p.schema import Hints, Method

STYLE_SCALE = 14  # pictures are read for their style at a short edge of 16 * 14 = 224
_BLUR_ROUNDS = 16


def improve(call: NetworkRunner, image: np.ndarray, *, zoom: float, denoise: str) -> np.ndarray:
    """Cleans a picture, `uint8[H, W, 3]` RGB, and brings its short edge to about 1024 * zoom."""
    small = pictures.min_resize(image, int(512 * zoom))
    clean = lineart.stretch(lineart.denoise(small, how=denoise))
    call.report.update(0.3)
    return call("tail", glue.run_tail, clean)


def extract_lines(call: NetworkRunner, improved: np.ndarray, *, denoise: str) -> np.ndarray:
    """Takes the lines, `uint8[H, W]`, out of an improved painting."""
    lines = lineart.min_pool(lineart.pass_line(improved), 2)
    clean = lineart.denoise(np.repeat(lines[..., None], 3, axis=2), how=denoise)
    call.report.update(0.8)
    return lineart.channel_minimum(lineart.stretch(call("tail", glue.run_tail, clean)))


def draft_lines(lines: np.ndarray) -> np.ndarray:
    """The hard drawing, 0 or 255, short edge 128, that the draft is made on."""
    return lineart.hard_norm(pictures.fit16(lineart.min_pool(lines, 4), 32))


def composition_lines(lines: np.ndarray) -> np.ndarray:
    """The pale drawing, 175 to 255, short edge 256, that the composition is made on."""
    return lineart.mini_norm(pictures.fit64(lineart.min_pool(lines, 2), 16))


def draft_walls(lines: np.ndarray) -> np.ndarray:
    """The drawing, short edge 128, that stops spreading hints: softer than `draft_lines`, so small regions survive."""
    height, width = pictures.fit16_size(lines.shape, 32)
    pooled = lineart.min_pool(lines, max(round(min(lines.shape) / 256), 1))
    return cv2.resize(pooled, (width, height), interpolation=cv2.INTER_AREA)


def draft(call: NetworkRunner, lines: np.ndarray, hints: Hints, *, walls: np.ndarray | None = None) -> np.ndarray:
    """First rough colours, `uint8[2H, 2W, 3]` RGB, on the drawing of `draft_lines`, with no lines left in them."""
    tensor = draft_tensor(call.network("baby").encoding, lines, hints, walls=walls)
    colors = call("baby", contracts.run_baby, tensor)
    call.report.update(0.5)
    colors = lineart.blur_into_lines(lineart.whiten_lines(colors, lines), lines, times=_BLUR_ROUNDS)
    return call("tail", glue.run_tail, colors)


def compose(
    call: NetworkRunner,
    draft: np.ndarray,
    lines: np.ndarray,
    *,
    outline: np.ndarray | None = None,
    line_color: tuple[int, int, int] = (0, 0, 0),
) -> np.ndarray:
    """Even colours, `uint8[H, W, 3]` RGB. The composition is what the tail makes of them.

    Args:
        call: runs the networks.
        draft: of `draft`.
        lines: of `composition_lines`, H and W.
        outline: `uint8[h, w]`, of any size. Lines that are drawn over the colours, or None.
        line_color: R, G, B of the outlines.
    """
    latent = pictures.resize_to(lineart.clip_15(draft), lines.shape, 1)
    colors = call("girder", contracts.run_girder, lines, latent)
    call.report.update(0.5)
    if outline is None:
        return colors
    return lineart.emphasize_lines(colors, pictures.resize_to(outline, colors.shape, 1), line_color)


def style_picture(image: np.ndarray, *, is_reference: bool = False) -> np.ndarray:
    """Brings an RGB picture to the size at which its style is read; a reference gets twice its saturation before."""
    if is_reference:
        pictures.reference_size(image.shape)
        image = lineart.boost_saturation(image)
    return pictures.fit64(image, STYLE_SCALE)


def paint(
    call: NetworkRunner, sketch: np.ndarray, composition: np.ndarray, hints: Hints, styles: Sequence[np.ndarray], *,
    method: Method,
) -> np.ndarray:
    """The painting, `uint8[H / 2, W / 2, 3]` RGB.

    Args:
        call: runs the networks.
        sketch: `uint8[H, W]`, 255 = paper, multiples of 64.
        composition: `uint8[h, w, 3]`, RGB; read only where a network's hint encoding wants it.
        hints: all hints; exact ones count.
        styles: vectors of `contracts.run_reader`.
        method: see `run_painters`.
    """

    def hint_tensor(encoding: str, guess: np.ndarray) -> np.ndarray:
        return painter_tensor(encoding, sketch, hints, guess, tonal=method == "rendering")

    return run_painters(call, sketch, composition, hint_tensor, styles, method=method)


def run_painters(
    call: NetworkRunner, sketch: np.ndarray, composition: np.ndarray,
    hint_tensor: Callable[[str, np.ndarray], np.ndarray], styles: Sequence[np.ndarray], *, method: Method,
) -> np.ndarray:
    """Runs head and neck in the order of their method.

    For `rendering` the neck paints from the tonal sketch. Otherwise the head paints from the lines, and V3's neck then
    paints again from the inverted gray of that. A head that reads `layered` hints does without: the second pass cost
    it 0.9 dB at 16 and 64 hints.

    Args:
        call, composition, styles: as in `paint`.
        sketch: `uint8[H, W]`, 255 = paper, multiples of 64, as large as the networks shall see it.
        hint_tensor: makes a network's hint input of its hint encoding and of the colours to be followed where there
            is no hint, `uint8[h, w, 3]` RGB.
        method: see above.

    Returns: `uint8[H / 2, W / 2, 3]`, RGB.
    """

    def run(name: str, ink: np.ndarray, guess: np.ndarray) -> np.ndarray:
        return call(name, contracts.run_painter, ink, hint_tensor(call.network(name).encoding, guess), styles)

    ink, guess = glue.ink_tensor(sketch), composition
    if method != "rendering":
        first = run("head", ink, guess)
        if not encoding_of(call.network("head").encoding).needs_second_pass:
            return lineart.trunc8(first)
        call.report.update(0.6)
        ink, guess = contracts.inverted_gray(first, sketch.shape), lineart.trunc8(first)
    return lineart.trunc8(run("neck", ink, guess))
