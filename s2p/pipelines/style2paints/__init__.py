"""Line art into colour with the six networks of Style2Paints V3.

    sketch ─prepare─▶ clean lines ─draft─▶ rough colours ─compose─▶ even colours ─paint─▶ painting ─finish─▶ result

The way in: `colorize` for one picture, `load` for a `Painter` to keep.
"""

from __future__ import annotations

from s2p.aside import convert_aside
from s2p.config import Settings, settings_of
from s2p.errors import InputError
from s2p.image import as_picture
from s2p.networks import encoding_of
from s2p.pipelines.asking import colorize
from s2p.pipelines.borrowing import Borrowed
from s2p.pipelines.filling import NETWORKS as FILLING
from s2p.pipelines.painter_base import OUTPUT_SIZES
from s2p.pipelines.style2paints.painter import Painter, Prepared

__all__ = [
    "OUTPUT_SIZES", "Painter", "Prepared", "as_picture", "colorize", "load",
]  # fmt: skip


def load(settings: Settings | None = None) -> Painter:
    """Finds the weights of all networks and returns a painter; networks without weights are random and say so.

    Where the painters are our own, `reach` fills line art; with V3's files the six paint as V3 does. A set of one's own
    (`Settings.weights_set`) brings its colours and, if it has one, its `reach`.

    Example:
        >>> painter = load(Settings(zoom=0.5))  # doctest: +SKIP
    """
    settings = settings_of(settings)
    convert_aside("reader", f"{__name__}:_opened", settings)
    return _opened(settings)


def _opened(settings: Settings) -> Painter:
    from s2p import own_sets, weights

    networks, reach = weights.load_networks(settings), weights.find("reach", settings)
    path = reach.path if not encoding_of(networks["head"].encoding).paints_lines else None
    if path is None:
        if settings.weights_set:
            raise InputError("A set of weights colours line art that is filled; with these networks it is not.")
        is_ours = not encoding_of(networks["head"].encoding).paints_lines  # with V3's files nothing is missing
        lacks = ("reach",) if is_ours and networks["head"].trained else ()
        return Painter(networks, settings=settings, choice=lambda: weights.load_choice(settings), lacks=lacks)
    for name in FILLING:
        networks[name] = weights.load_network(weights.find(name, settings), settings)
    painter = Painter(networks, settings=settings, palette=lambda: weights.palette_in(path))
    if settings.weights_set:
        painter.closet = [Borrowed(colors) for colors in own_sets.colors_of(settings.weights_set)]
    return painter
