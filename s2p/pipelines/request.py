"""What is asked of a system, and the one way to have it done: `run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from s2p.config import Settings
from s2p.cutout import cover_of
from s2p.errors import InputError
from s2p.pipelines.base import Result
from s2p.pipelines.painter_base import KeptPainter
from s2p.progress import Reporter
from s2p.runtime import Network
from s2p.schema import Hints, Options, SystemOptions
from s2p.systems import BACKGROUNDS, USES, owners_of, system_of


@dataclass(frozen=True)
class Request:
    """One picture to be painted. What a system makes no use of (`System.uses`) is refused by `run`, but for settings:
    those are the house's own, and each system reads of them what it knows.

    Attributes:
        image: `uint8[H, W, 3]` RGB, `[H, W, 4]` RGBA (laid on white) or `[H, W]` gray.
        hints: the artist's colours, in their order.
        options: method, mix and line colour.
        settings: how it is painted; those of the painter by default.
        reference: `uint8[h, w, 3 or 4]`, RGB(A). Its style is followed by `options.mix`.
        suggest: int. Seed of colours for what has no hint, None for none.
        own: what this system alone can be asked for, of its row's class (`System.options`); as usual for None.
        output_size: `original`, or `painted` for the smaller size that was painted.
        background: what becomes of places that nobody coloured (`s2p.cutout`): `white`, `keep` for the drawing's own
            transparency, or `none`.
        dpi: of the picture, dots per inch across and down; None where nobody knows.
        in_strips: whether the picture is wanted in strips (`Result.strips`), for a page that is too large to be held in
            colour. What is not filled comes whole all the same.
        drawing: `uint8[h, w]`, 255 = paper. Lines that are laid over a picture that has none of its own; or None.
    """

    image: np.ndarray
    hints: Hints = field(default_factory=Hints)
    options: Options = field(default_factory=Options)
    settings: Settings | None = None
    reference: np.ndarray | None = None
    suggest: int | None = None
    own: SystemOptions | None = None
    output_size: str = "original"
    background: str = "white"
    dpi: tuple[float, float] | None = None
    in_strips: bool = False
    drawing: np.ndarray | None = None


class System(Protocol):
    """What `load` of a pipeline returns."""

    networks: dict[str, Network]

    def run(self, request: Request, report: Reporter | None = None) -> Result: ...


class Suggesting(System, Protocol):
    """A system that suggests colours for itself and others, and several choices of them for itself."""

    def suggestions(self, request: Request, report: Reporter | None = None) -> Hints: ...

    def choices_of(self, request: Request, seeds: range, report: Reporter | None = None) -> list[Hints]: ...


def load(name: str, settings: Settings) -> System:
    """Loads a system by its name in `s2p.systems`; raises `NotFoundError`."""
    return import_module(system_of(name).pipeline).load(settings)


@cache
def _kept(name: str) -> KeptPainter:
    return KeptPainter(lambda settings: load(name, settings))


def kept(name: str, settings: Settings) -> System:
    """As `load`, but what was loaded last is kept for the next call with such settings."""
    return _kept(name)(settings)


def forget() -> None:
    """Lets go of all that `kept` keeps."""
    _kept.cache_clear()


def run(
    name: str, request: Request, *, report: Reporter | None = None, painter: System | None = None
) -> Result:
    """Paints with a system, which stays loaded for the next call.

    Args:
        name: of `s2p.systems`.
        request: with its settings.
        report: progress and cancelling.
        painter: of this system, in place of the one that is kept.

    Raises:
        InputError: hints, a reference, a method, a seed or options that the system would leave out.
        HintError: a hint beside the picture.

    Example:
        >>> run("style2paints", Request(image, settings=Settings())).save("painted.png")  # doctest: +SKIP
    """
    request = _checked(name, request)
    settings, helper = request.settings or Settings(), system_of(name).suggests_with
    if request.suggest is not None and helper:
        suggester: Suggesting = kept(helper, settings)  # pyright: ignore[reportAssignmentType]
        found = suggester.suggestions(request, report)
        request = replace(request, hints=Hints([*request.hints, *found]), suggest=None)
    return as_file((painter or kept(name, settings)).run(request, report), request)


def choices(name: str, request: Request, *, seeds: range, report: Reporter | None = None) -> Iterator[Result]:
    """Paints several choices of colours for what has no hint, one after another.

    Args:
        name: of a system that has choices (`System.uses`).
        request: as for `run`; its `suggest` is not read.
        seeds: ints from 0, one for every choice.
        report: progress and cancelling of each.

    Yields: the paintings, that of the likeliest choice first.

    Raises:
        InputError, WeightsMissingError: the system has no choices, or not with these networks.
    """
    request = replace(_checked(name, request, choices=True), suggest=None)
    system: Suggesting = kept(name, request.settings or Settings())  # pyright: ignore[reportAssignmentType]
    for chosen in system.choices_of(request, seeds, report):
        hinted = replace(request, hints=Hints([*request.hints, *chosen]))
        yield as_file(system.run(hinted, report), request)  # what was chosen is nobody's wish


def _checked(name: str, request: Request, *, choices: bool = False) -> Request:
    """The request with hints in shares, before anything heavy begins; raises what `run` raises."""
    own: dict[str, Any] = {}
    if request.own is not None and name not in (owners := owners_of(request.own)):
        own = {field: value for field, value in request.own if field in USES} or {owners[0]: True}
    system_of(name).refuse_unused(
        hints=request.hints, reference=request.reference, mix=request.options.mix, method=request.options.method,
        suggest=request.suggest, choices=choices, background=request.background,
        line_color=request.options.line_color, drawing=request.drawing, **own,
    )
    return replace(request, hints=request.hints.on(request.image.shape))


def as_file(result: Result, request: Request) -> Result:
    """The result with what files of it are to know: its resolution on paper, and what is bare in it."""
    if request.dpi is not None:
        share = (result.strips or result.image).shape[1] / request.image.shape[1]
        result = replace(result, dpi=(request.dpi[0] * share, request.dpi[1] * share))
    if request.background not in BACKGROUNDS:
        raise InputError(f"background must be one of {', '.join(BACKGROUNDS)}. Received: {request.background!r}.")
    if request.background == "white":
        return result
    is_transparent = request.image.ndim == 3 and request.image.shape[2] == 4
    colors = result.image if result.colors is None else result.colors
    alpha = request.image[..., 3] if is_transparent else None
    return replace(result, cover=cover_of(
        colors, request.background, lines=result.lines, alpha=alpha, ground=result.ground,
        is_wished=bool(len(request.hints)),
    ))
