"""Paintings at the size of the picture that was given: small colours joined to the artist's full-size lines."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from s2p import lineart
from s2p.enlarge import enlarge, enlarge_tonal
from s2p.image import as_sketch
from s2p.overlay import Pen, Shade, composed, ink, overlay, without_lines
from s2p.pipelines.base import Result
from s2p.progress import Reporter
from s2p.schema import Method
from s2p.sizes import min_size, resize_to

# From twice the pixels on it pays to follow the lines; below, a plain resize is as good (measured on flat art).
_WORTH = 2.0


def finished(
    painting: np.ndarray, drawing: np.ndarray, pen: Pen, *, bounds: np.ndarray | None = None,
    shade: Shade | None = None,
    report: Reporter | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The one way in which a painting and the artist's lines become a picture.

    Args:
        painting: `uint8[h, w, 3]`, RGB, of any size. Soft lines of its own are taken out along the drawn ones.
        drawing: `uint8[H, W]`, 255 = paper. The artist's lines at the wanted size.
        pen: what they are drawn with.
        bounds: `uint8[h, w]`, 255 = paper. The lines at which colours end, where the drawing has other ink than that:
            a tone darkens the colour under it, and does not end it.
        shade: what lies on the colours.
        report: told the fraction done and asked between tiles whether the job was cancelled.

    Returns: the picture, and its colours without lines; both `uint8[H, W, 3]`, RGB.
    """
    if bounds is None:
        large = enlarge(painting, drawing, ink=False, report=report)
        is_spent = large.flags.owndata and large.flags.writeable and large is not painting
        return composed(large, drawing, pen, shade=shade, is_spent=is_spent)
    is_small = bounds.shape != drawing.shape
    ends = cv2.resize(bounds, drawing.shape[::-1], interpolation=cv2.INTER_LINEAR) if is_small else bounds
    colors = without_lines(enlarge(painting, ends, ink=False, report=report), ink(ends))
    return overlay(colors, drawing, pen, shade=shade), colors


def drawing_at_result(drawing: np.ndarray, painting: np.ndarray, output_size: str) -> np.ndarray:
    """The drawing, `uint8[H, W]`, at the size of the result: its own, or with the short edge of the painting.

    Args:
        drawing: `uint8[H, W]`.
        painting: `uint8[h, w, 3]`, whose edges the networks' size rule has rounded; so only one of them is kept.
        output_size: of `s2p.pipelines.painter_base.OUTPUT_SIZES`.
    """
    if output_size == "original":
        return drawing
    return resize_to(drawing, min_size(drawing.shape, min(painting.shape[:2])))


def at_drawing(
    result: Result, lines: np.ndarray, *, method: Method = "colorization", guide: np.ndarray | None = None,
    inked: bool = True, pen: Pen | None = None, bounds: np.ndarray | None = None, report: Reporter | None = None,
) -> Result:
    """Brings a painting to the size of the drawing that it was made from, with that drawing as its lines.

    With a pen this is `finished`. Without one the painting holds its lines already: its colours end at the drawing's
    (`s2p.enlarge.enlarge`), which are laid over them; those of a tonal sketch or of an old painting follow its tones
    (`s2p.enlarge.enlarge_tonal`).

    Args:
        result: of `Painter.paint`.
        lines: `uint8[H, W]`, 255 = paper. The artist's lines at the wanted size.
        method: what the painting was made with.
        guide: `uint8[H, W]`. The tones that a `rendering` or `recolorization` follows; `lines` by default.
        inked: whether the lines belong over a painting that is hardly enlarged; V3's networks paint their own.
        pen: what the lines are drawn with over the colours; that of the result by default.
        bounds: with a pen, of `finished`.
        report: told the fraction done and asked between tiles whether the job was cancelled.

    Returns: the result at the new size. A page of 4096 x 4096 needs `s2p.enlarge.WORK_BYTES` besides the pictures.

    Example:
        >>> at_drawing(painter.paint(sketch), scan.min(axis=2)).save("page.psd")  # doctest: +SKIP
    """
    lines, image, pen = as_sketch(lines), result.image, pen or result.pen
    if pen is not None:
        painting = image if result.colors is None else result.colors
        image, colors = finished(painting, lines, pen, bounds=bounds, shade=result.shading, report=report)
        return replace(result, image=image, lines=lines, colors=colors, pen=pen)
    is_larger = lines.size >= _WORTH * image.shape[0] * image.shape[1]
    if is_larger and method == "colorization":
        image = enlarge(image, lines, report=report)
    elif is_larger:
        image = enlarge_tonal(image, lines if guide is None else as_sketch(guide), report=report)
    else:
        image = image if image.shape[:2] == lines.shape else resize_to(image, lines.shape)
        if inked and method == "colorization":
            image = lineart.keep_ink(image, lines)
    return replace(result, image=image, lines=lines)
