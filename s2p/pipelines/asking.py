"""Python's own door: what a caller wrote of pictures, hints and wishes becomes a `Request` and is painted.

    s2p.colorize("girl.png", hints=[(0.5, 0.3, "#ffe0c0")], tags="red dress")     # any system, by `model=`
    painter.colorize("girl.png", hints=[(0.5, 0.3, "#ffe0c0")])                   # one that is held
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, TypeVar

import cv2
import numpy as np

from s2p import systems
from s2p.config import Settings, settings_of
from s2p.errors import HintError, InputError, shown
from s2p.hints import read_hint
from s2p.image import as_picture
from s2p.pipelines.base import Result
from s2p.pipelines.painter_base import BasePainter, Source, brought_of
from s2p.pipelines.request import Request, run
from s2p.progress import Reporter
from s2p.reading import MAX_PIXELS
from s2p.schema import METHODS, Hint, Hints, Method, Options, parse_color
from s2p.sizes import MAX_SIDE, resize_to
from s2p.tags import TagOptions, read_tags

if TYPE_CHECKING:
    from typing_extensions import Unpack

HintLike = Hint | dict[str, Any] | Sequence[Any] | str
_HINTS = ("Hint(x=0.5, y=0.3, color='#ffe0c0'), (0.5, 0.3, '#ffe0c0'), {'x': 0.5, 'y': 0.3, 'color': '#ffe0c0'} or "
          "'0.5,0.3,#ffe0c0'")
_LEAST = 16  # pixels of a longer side

Function = TypeVar("Function", bound=Callable[..., Any])


class Wishes(TypedDict, total=False):
    """What a painting can be asked for.

    Attributes:
        hints: colours that the artist wants, in their order: `Hints`, a file of them, or a list of `Hint`, of
            `(x, y, "#rrggbb")` with or without `"draft"`, of dictionaries, or of texts as on the command line.
        tags: words for the colours of what no hint reaches, as `s2p.tags.read_tags` reads them.
        reference: picture that is followed: line art has its colours, part by part, all else its style.
        mix: float in [0, 1]. How far the reference is followed; 0.5 by default if there is one.
        method: `colorization` for line art, `rendering` for tonal sketches, `recolorization` for paintings.
        suggest: seed of colours for the large regions without a hint, None for none.
        size: `original` for that of the source, `painted` for the smaller one that was painted, or an int: pixels of
            the longer side, at which the drawing is painted and all layers are.
        background: `white`; or what nobody coloured is transparent in files: `keep` as far as the drawing was, `none`
            the ground behind the figures.
        weights_set: name of a set of one's own, made by `s2p train finetune`; line art has its colours.
        line_color: `#rrggbb` to draw the lines in; V3's networks emphasise the outlines in it.
        lines: `tinted`, `as-drawn`, `coloured` or `none`; overrides the settings, as do the next five.
        shading: float in [0, 1], how strong the shadow on filled drawings is.
        zoom: float in [0.25, 2], the working size.
        super_resolution: whether the network that doubles finishes the picture.
        intake: `auto` looks at the drawing first and corrects it, `off` takes it as it is.
        invert: whether light lines lie on a dark ground: `yes`, `no`, or `auto` to look.
        page: of a file with several pages or frames, counted from 1; the first by default.
        layer: name of the layer of a PSD, ORA or KRA file, `""` for all; by default the one that is lines.
        options: method, mix and line colour in one; what is named beside goes before.
        output_size: `size`, by its former name.
        settings: those of the painter, or of configuration and environment, by default.
    """

    hints: Hints | str | Path | Iterable[HintLike] | None
    tags: str | Iterable[str]
    reference: Source | None
    mix: float | None
    method: Method | None
    suggest: int | None
    size: str | int | None
    background: str
    weights_set: str | None
    line_color: str | None
    lines: str | None
    shading: float | None
    zoom: float | None
    super_resolution: bool | None
    intake: str | None
    invert: str | None
    page: int | None
    layer: str | None
    options: Options | None
    output_size: str | None
    settings: Settings | None


_SETTINGS = ("zoom", "super_resolution", "lines", "shading", "intake", "invert", "weights_set")
_USUAL: dict[str, Any] = {"hints": (), "tags": (), "background": "white"}  # None else


def _spelled_out(function: Function) -> Function:
    """Shows the wishes in a function's signature and help, where it takes `**wishes`."""
    kind = inspect.Parameter.KEYWORD_ONLY
    own = inspect.signature(function)
    kinds = {name: getattr(about, "__forward_arg__", about) for name, about in Wishes.__annotations__.items()}
    wished = [inspect.Parameter(name, kind, default=_USUAL.get(name), annotation=kinds[name]) for name in kinds]
    plain = [one for one in own.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    function.__signature__ = own.replace(parameters=[*plain, *wished])  # pyright: ignore[reportFunctionMemberAccess]
    about = inspect.cleandoc(Wishes.__doc__ or "").partition("Attributes:\n")[2]
    function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace("    **wishes: see `Wishes`.", about.rstrip())
    return function


@_spelled_out
def colorize(
    source: Source, *, model: str = systems.DEFAULT, report: Reporter | None = None, **wishes: Unpack[Wishes]
) -> Result:
    """Colours one picture; the networks stay loaded for the next call.

    Args:
        source: path, file content, open file, array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA) or PIL image.
        model: which system paints, of `s2p.systems.names()`.
        report: progress and cancelling.
        **wishes: see `Wishes`.

    Raises:
        InputError: a source, hint or wish that cannot be used; also what the system would leave out.
        S2PError: any other sentence of `s2p.errors`.

    Example:
        >>> colorize("girl.png", hints=[(0.5, 0.3, "#ffe0c0")]).save("girl.psd")  # doctest: +SKIP
    """
    systems.system_of(model).refuse_unused(weights_set=wishes.get("weights_set"))
    return run(model, request_of(source, **wishes), report=report)


class Colorizing(BasePainter):
    """A painter that takes what `colorize` takes."""

    system: ClassVar[str]

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        raise NotImplementedError

    @_spelled_out
    def colorize(self, source: Source, *, report: Reporter | None = None, **wishes: Unpack[Wishes]) -> Result:
        """Colours one picture with this painter, as `s2p.colorize` does with the one that is installed.

        Args:
            source: path, file content, open file, array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA) or PIL
                image.
            report: progress and cancelling.
            **wishes: see `Wishes`.

        Returns: the painting. `Result.lines` are those of `source` itself, neither cleaned nor denoised, unless they
        had to be taken out of a painting or corrected (`Result.corrected`).
        """
        if wishes.get("weights_set") not in (None, self.settings.weights_set):
            raise InputError("A painter keeps its networks. Load one with s2p.Settings(weights_set=NAME).")
        wishes["settings"] = wishes.get("settings") or self.settings
        return run(self.system, request_of(source, **wishes), report=report, painter=self)


def request_of(source: Source, **wishes: Unpack[Wishes]) -> Request:
    """What a caller asks for, checked as far as it can be without the networks; raises as `colorize`."""
    if unknown := set(wishes) - set(Wishes.__annotations__):
        raise TypeError(f"colorize() got an unexpected keyword argument {min(unknown)!r}")
    brought = brought_of(source, layer=wishes.get("layer"), page=wishes.get("page"))
    suggest, reference = wishes.get("suggest"), wishes.get("reference")
    followed = None if reference is None else brought_of(reference, layer="").image
    if suggest is not None and (isinstance(suggest, bool) or not isinstance(suggest, (int, np.integer)) or suggest < 0):
        raise InputError(f"suggest must be a whole number from 0. Received: {shown(suggest)}.")
    settings = settings_of(wishes.get("settings")).merged(**{name: wishes.get(name) for name in _SETTINGS})
    image, output_size = brought.image, wishes.get("size", wishes.get("output_size"))
    hints = hints_of(wishes.get("hints"))
    if isinstance(output_size, (int, np.integer)) and not isinstance(output_size, bool):
        hints = hints.on(image.shape)  # those in pixels mean the picture as it was brought
        image, output_size = _of_size(image, int(output_size)), "original"
    elif not isinstance(output_size, (str, type(None))):
        wanted = "original, painted, or pixels of the longer side"
        raise InputError(f"size must be {wanted}. Received: {shown(output_size)}.")
    dpi = brought.dpi if image is brought.image else None
    return Request(
        image, hints=hints, options=_options(wishes, has_reference=followed is not None), settings=settings,
        reference=followed if followed is None or followed.ndim == 3 else as_picture(followed),
        suggest=None if suggest is None else int(suggest), output_size=output_size or "original",
        background=wishes.get("background") or "white", dpi=dpi, own=_words(wishes.get("tags", ())),
    )


def _options(wishes: Wishes, *, has_reference: bool) -> Options:
    given = wishes.get("options")
    if given is not None and not isinstance(given, Options):
        raise InputError(f"options must be s2p.Options(mix=0.5) or left out. Received: {shown(given)}.")
    mix, method, color = (wishes.get(name) for name in ("mix", "method", "line_color"))
    if mix is None:
        mix = given.mix if given else 0.5 if has_reference else 0.0
    if isinstance(mix, bool) or not isinstance(mix, (int, float)) or not 0.0 <= mix <= 1.0:
        raise InputError(f"mix must be between 0 and 1. Received: {mix!r}.")
    method = method if method is not None else given.method if given else METHODS[0]
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}. Received: {method!r}.")
    color = parse_color(color) if color is not None else given.line_color if given else None  # pyright: ignore[reportArgumentType]
    return Options(method=method, mix=mix, line_color=color)


def _words(tags: str | Iterable[str] | None) -> TagOptions | None:
    names = read_tags(tags or ())
    return TagOptions(tags=names) if names else None


def _of_size(image: np.ndarray, size: int) -> np.ndarray:
    """The picture with its longer side at `size` pixels."""
    if not _LEAST <= size <= MAX_SIDE:
        raise InputError(f"size must be between {_LEAST} and {MAX_SIDE} pixels. Received: {size}.")
    height, width = image.shape[:2]
    scale = size / max(height, width)
    shape = max(round(height * scale), 1), max(round(width * scale), 1)
    if shape[0] * shape[1] > MAX_PIXELS:
        raise InputError(f"A picture of {shape[1]} x {shape[0]} px is over {MAX_PIXELS // 10**6} million pixels.")
    return np.ascontiguousarray(resize_to(image, shape))


def hints_of(hints: Hints | str | Path | Iterable[HintLike] | None) -> Hints:
    """Hints as a caller may write them.

    Args:
        hints: `Hints`; the path of a file of them, s2p's or V3's, or what such a file holds; or an iterable of `Hint`,
            of `(x, y, "#rrggbb")` with or without a kind, of dictionaries, or of texts as on the command line
            (`0.5,0.3,#ffe0c0`); or a single one, but of text.

    Raises:
        HintError: names the place in the list, and what is taken.

    Example:
        >>> hints_of([(0.5, 0.25, "#f0c8a0"), {"x": 0.1, "y": 0.2, "color": "7e0"}])[1].color
        '#77ee00'
    """
    if hints is None or isinstance(hints, Hints):
        return hints or Hints()
    if isinstance(hints, (str, Path)):
        try:
            return Hints.loads(Path(hints).read_bytes())
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "is not a path"
            raise HintError(f"The file of hints {shown(str(hints))} cannot be read ({reason}).") from None
    if isinstance(hints, dict) and not {"x", "y"} & set(hints):
        return Hints.from_data(hints)
    try:
        items = [hints] if _is_one(hints) else list(hints)
    except TypeError:
        raise HintError(f"hints must be a list of {_HINTS}. Received: {shown(hints)}.") from None
    return Hints([_hint(item, place) for place, item in enumerate(items)])


def _is_one(hints: Any) -> bool:
    """Whether a single hint was given where a list of them is meant."""
    is_point = isinstance(hints, (tuple, list)) and len(hints) in (3, 4) and isinstance(hints[0], (int, float))
    return is_point or isinstance(hints, (Hint, dict))


def _hint(item: Any, place: int) -> Hint:
    if isinstance(item, Hint):
        return item
    if isinstance(item, (tuple, list)) and len(item) in (3, 4):
        item = dict(zip(("x", "y", "color", "kind"), item))
    if isinstance(item, dict):
        return read_hint(item, f"hints[{place}]")
    try:
        if isinstance(item, str):
            return Hint.parse(item)
    except HintError as error:
        raise HintError(f"hints[{place}]: {error}") from None
    raise HintError(f"hints[{place}] must be {_HINTS}. Received: {shown(item)}.")


def lines(
    source: Source, *, method: str = "xdog", page: int | None = None, layer: str | None = "",
    settings: Settings | None = None, report: Reporter | None = None,
) -> Result:
    """Draws the line art of a picture.

    Args:
        source: as for `colorize`.
        method: `xdog` (soft), `hard` (black and white), `pass` (V3's dark details of a painting), `learned`.
        page, layer: as for `colorize`; all layers together by default.
        settings: where the network of `learned` runs.
        report: progress and cancelling.

    Returns: a result whose `lines` are `uint8[H, W]`, 255 = paper, and whose `image` shows them.

    Raises:
        InputError: a source or method that cannot be used.
        WeightsMissingError: `learned` without weights.

    Example:
        >>> lines(np.full((8, 8, 3), 200, np.uint8)).lines.shape
        (8, 8)
    """
    from s2p.pipelines.lines import draw_lines

    brought = brought_of(source, layer=layer, page=page)
    picture = as_picture(brought.image)
    drawn = draw_lines(picture, method, settings=settings_of(settings), report=report)
    return Result(image=cv2.cvtColor(drawn, cv2.COLOR_GRAY2RGB), lines=drawn, original=picture, dpi=brought.dpi)
