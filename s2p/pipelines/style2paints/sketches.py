"""What is made of a picture before it is painted: the sketches, and the lines that will lie over the painting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2p import image as pictures
from s2p import lineart
from s2p.config import Settings
from s2p.image import as_picture, as_sketch
from s2p.intake import Taken
from s2p.pipelines.painter_base import BasePainter
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints import stages
from s2p.schema import Method


@dataclass(frozen=True)
class Prepared:
    """A picture made ready for painting.

    Attributes:
        improved: `uint8[H, W, 3]`, RGB. Cleaned and enlarged; short edge 1024 at zoom 1.
        sketches: `uint8[h, w]` drawings by name, 255 = paper: `colorization` and `rendering` always,
            `recolorization` (lines taken out of a painting) for that method, and `de_painting` (the same lines)
            when a colourful picture is prepared for `rendering`.
    """

    improved: np.ndarray
    sketches: dict[str, np.ndarray]


@dataclass(frozen=True)
class Drawn:
    """What a picture is painted from.

    Attributes:
        sketches: those of `Prepared`.
        lines: `uint8[H, W]`, 255 = paper. The artist's at the size of the picture, corrected where that was called for.
        taken: the look at it, None where there is none.
    """

    sketches: Mapping[str, np.ndarray]
    lines: np.ndarray
    taken: Taken | None


def prepare(
    painter: BasePainter, call: NetworkRunner, image: np.ndarray, *, method: Method, settings: Settings,
    improved: np.ndarray | None = None, extracted: np.ndarray | None = None,
) -> Prepared:
    """Cleans and enlarges a picture and draws its sketches: `Painter.prepare` beside says with what.

    Args:
        painter: lends its cache.
        call: runs the network `tail`.
    """
    call.report.stage("prepare")
    call.report.check()
    denoise = settings.denoise
    if improved is None:
        image = as_picture(image)
        pictures.working_size(image.shape, settings.zoom)
        key = painter.key("improve", ["tail"], image, settings.zoom, denoise)
        improved = painter.cache.remember(
            key, lambda: stages.improve(call, image, zoom=settings.zoom, denoise=denoise)
        )
    improved = as_picture(improved)
    call.report.update(0.5)
    sketches = {"colorization": lineart.channel_minimum(improved), "rendering": lineart.luminance(improved)}
    is_colorful = method == "rendering" and lineart.colorfulness(improved) > lineart.COLORFUL
    if extracted is not None:
        if method == "recolorization":
            sketches["recolorization"] = as_sketch(extracted)
    elif method == "recolorization" or is_colorful:
        key = painter.key("extract", ["tail"], improved, denoise)
        lines = painter.cache.remember(key, lambda: stages.extract_lines(call, improved, denoise=denoise))
        sketches |= {"recolorization": lines} | ({"de_painting": lines} if is_colorful else {})
    call.report.update(1.0)
    return Prepared(improved, sketches)
