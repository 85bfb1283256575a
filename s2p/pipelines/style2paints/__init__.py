"""Line art into colour with the six networks of Style2Paints V3.

    sketch ─prepare─▶ clean lines ─draft─▶ rough colours ─compose─▶ even colours ─paint─▶ painting ─finish─▶ result

The way in: `colorize` for one picture, `load` for a `Painter` to keep.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from s2p.aside import convert_aside
from s2p.config import Settings, load_settings
from s2p.errors import InputError
from s2p.image import as_picture
from s2p.networks import encoding_of
from s2p.pipelines.base import Result
from s2p.pipelines.filling import NETWORKS as FILLING
from s2p.pipelines.painter_base import OUTPUT_SIZES, brought_of
from s2p.pipelines.request import Request, run
from s2p.pipelines.style2paints.painter import Painter, Prepared
from s2p.progress import Reporter
from s2p.schema import METHODS, Hint, Hints, Method, Options, parse_color
from s2p.tags import TagOptions, read_tags

__all__ = [
    "OUTPUT_SIZES", "Painter", "Prepared", "as_picture", "colorize", "load",
]  # fmt: skip


def load(settings: Settings | None = None) -> Painter:
    """Finds the weights of all networks and returns a painter; networks without weights are random and say so.

    Where the painters are our own, `reach` fills line art; with V3's files the six paint as V3 does.

    Example:
        >>> painter = load(Settings(zoom=0.5))  # doctest: +SKIP
    """
    settings = load_settings() if settings is None else settings
    convert_aside("reader", f"{__name__}:_opened", settings)
    return _opened(settings)


def _opened(settings: Settings) -> Painter:
    from s2p import weights

    networks, reach = weights.load_networks(settings), weights.find("reach", settings)
    path = reach.path if not encoding_of(networks["head"].encoding).paints_lines else None
    if path is None:
        return Painter(networks, settings=settings, choice=lambda: weights.load_choice(settings))
    for name in FILLING:
        networks[name] = weights.load_network(weights.find(name, settings), settings)
    return Painter(networks, settings=settings, palette=lambda: weights.palette_in(path))


def colorize(
    source: str | Path | bytes | np.ndarray,
    *,
    hints: Hints | Iterable[Hint] = (),
    reference: str | Path | bytes | np.ndarray | None = None,
    method: Method = "colorization",
    mix: float | None = None,
    line_color: str | None = None,
    zoom: float | None = None,
    super_resolution: bool | None = None,
    lines: str | None = None,
    shading: float | None = None,
    output_size: str = "original",
    background: str = "white",
    suggest: int | None = None,
    tags: str | Iterable[str] = (),
    intake: str | None = None,
    invert: str | None = None,
    page: int | None = None,
    layer: str | None = None,
    settings: Settings | None = None,
    report: Reporter | None = None,
) -> Result:
    """Colours one picture; the networks stay loaded for the next call.

    Args:
        source: path, file content, or array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA).
        hints: colours that the artist wants, in their order.
        reference: picture that is followed: line art has its colours, part by part, all else its style.
        method: `colorization` for line art, `rendering` for tonal sketches, `recolorization` for paintings.
        mix: float in [0, 1]. How far the reference is followed; 0.5 by default if there is one.
        line_color: `#rrggbb` to draw the lines in; V3's networks emphasise the outlines in it.
        zoom, super_resolution: override `settings`.
        lines: `tinted`, `as-drawn`, `coloured` or `none`; overrides `settings`.
        shading: float in [0, 1], how strong the shadow on filled drawings is; overrides `settings`.
        output_size: `original` for the size of `source`, or `painted` for the smaller one that was painted.
        background: `white`; or what nobody coloured is transparent in files: `keep` as far as the drawing was, `none`
            the ground behind the figures.
        suggest: seed of colours for the large regions without a hint (`Painter.suggest`), None for none.
        tags: words for the colours of what no hint reaches, as `s2p.tags.read_tags` reads them.
        intake: `auto` looks at the drawing first and corrects it, `off` takes it as it is; overrides `settings`.
        invert: whether light lines lie on a dark ground: `yes`, `no`, or `auto` to look; overrides `settings`.
        page: of a file with several pages or frames, counted from 1; the first by default.
        layer: name of the layer of a PSD, ORA or KRA file, `""` for all; by default the one that is lines.
        settings: defaults, configuration and environment by default.
        report: progress and cancelling.

    Example:
        >>> colorize("girl.png", hints=[Hint(x=0.5, y=0.3, color="#ffe0c0")]).save("girl.psd")  # doctest: +SKIP
    """
    settings = load_settings() if settings is None else settings
    settings = settings.merged(zoom=zoom, super_resolution=super_resolution, lines=lines, shading=shading,
                               intake=intake, invert=invert)
    mix = (0.0 if reference is None else 0.5) if mix is None else mix
    if not 0.0 <= mix <= 1.0:
        raise InputError(f"mix must be between 0 and 1. Received: {mix!r}.")
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}. Received: {method!r}.")
    color = None if line_color is None else parse_color(line_color)
    options = Options(method=method, mix=mix, line_color=color)
    brought = brought_of(source, layer=layer, page=page)
    request = Request(
        brought.image, hints=hints if isinstance(hints, Hints) else Hints(hints), options=options, settings=settings,
        reference=None if reference is None else brought_of(reference, layer="").image, suggest=suggest,
        output_size=output_size, background=background, dpi=brought.dpi, own=TagOptions(tags=read_tags(tags)),
    )
    return run("style2paints", request, report=report)
