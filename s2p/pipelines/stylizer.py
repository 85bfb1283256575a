"""A picture in the style of a painting, or of a mixture of several (`s2p.models.stylizer`).

    picture ─prepare─▶ at the scale of the strokes ─paint─▶ one pass of the network, large pages in strips
            ─finish──▶ its own size; strength, its own colours, its transparency, a drawing's lines on top

Whatever picture is given is painted: photographs, illustrations, and paintings of the other systems.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from s2p import weights
from s2p.config import Settings, settings_of
from s2p.errors import InputError, TooLargeError
from s2p.image import as_picture
from s2p.lineart import channel_minimum
from s2p.overlay import Pen
from s2p.pipelines.base import Result
from s2p.pipelines.pages import at_drawing
from s2p.pipelines.painter_base import BasePainter, brought_of, check_output_size
from s2p.pipelines.request import Request, run
from s2p.pipelines.runner import NetworkRunner, step
from s2p.pipelines.whole_norm import StylePages
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.sizes import MAX_SIDE, resize_to
from s2p.style_options import StyleOptions, read_mix, row_of
from s2p.style_shelf import NETWORK, names_of
from s2p.tiling import pad_to_multiple

ALL = "all"
_MULTIPLE, _LEAST = 4, 12  # px; mirroring at a quarter of the size needs two pixels there
_SAME_SHAPE = 0.03  # by how much proportions may differ: small pictures are rounded to whole pixels
# Pixels of a picture that the network takes in one piece; of larger ones a runtime would need gigabytes.
_ONE_PIECE = {"official": 900_000, "turbo": 1_800_000, "light": 3_600_000}


class StylePainter(BasePainter):
    """Paints in styles and remembers what it has painted.

    Networks are opened when they are first asked for, and again when their file has changed: styles can be added while
    a server runs.

    Args:
        networks: by variant, instead of those that are installed; for tests.
        styles: names of their styles.
        settings: where and how networks are computed.
    """

    def __init__(
        self, networks: Mapping[str, Network] | None = None, *, styles: Sequence[str] = (),
        settings: Settings | None = None,
    ) -> None:
        super().__init__({NETWORK: next(iter(networks.values()))} if networks else {}, settings=settings)
        self._given, self._styles = networks, tuple(styles)
        self._found: dict[str, weights.Found] = {}
        self._pages: StylePages | None = None

    def run(self, request: Request, report: Reporter | None = None) -> Result:
        """Paints what is asked for (`s2p.pipelines.request`).

        Args:
            request: of it the image, `own` (`StyleOptions`), the drawing, `output_size`, and of options and settings
                what they say of lines are read. `painted` is the size at the scale of the strokes.
            report: progress and cancelling.

        Raises:
            InputError: unknown style or output size, shares that make no sense, or a drawing of other proportions.
            TooLargeError: the picture is too large, or too thin at the scale of the strokes.
        """
        asked = request.own if isinstance(request.own, StyleOptions) else StyleOptions()
        is_original = check_output_size(request.output_size) == "original"
        timings: dict[str, float] = {}
        names = self.open(asked.width)
        row = row_of(asked.styles, names, normalise=asked.normalise, extrapolate=asked.extrapolate)
        call = NetworkRunner(self.networks, report or NullReporter())
        with step(call, timings, "prepare"):
            original = as_picture(request.image)
            _check_drawing(request.drawing, original)
            picture = _at_scale(original, 1.0 / asked.stroke_size)
        with step(call, timings, "paint"):
            key = self.key("stylize", [NETWORK], picture, row, asked.width)
            painted = self.cache.remember(key, lambda: self._painted(call, picture, row, asked.width))
            call.show("paint", painted)
        with step(call, timings, "finish"):
            ground = original if is_original else picture
            image = finished(resize_to(painted, ground.shape), ground, asked)
            result = Result(
                image=image, lines=np.full(image.shape[:2], 255, np.uint8), timings=timings, original=original,
                untrained=self.untrained(self.networks), cover=_alpha(request.image, image.shape),
            )
            lines = channel_minimum(original) if request.drawing is None and asked.keep_lines else request.drawing
            if lines is None:
                return result
            pen = Pen.of(request.settings or self.settings, request.options)
            return at_drawing(result, resize_to(lines, image.shape), pen=pen, report=report)

    def open(self, variant: str = "light") -> tuple[str, ...]:
        """Opens the network of a variant where it is not; returns the names of its styles."""
        if self._given is not None:
            self.networks[NETWORK] = self._given[variant]
            return self._styles
        found = weights.find(NETWORK, self.settings, variant=variant)
        if self._found.get(NETWORK) != found:
            self.networks[NETWORK] = weights.load_network(found, self.settings)
            self._found[NETWORK], self._pages = found, None
            self._identities[NETWORK] = f"{variant} {found.sha256}"
        return names_of(found)

    def _painted(self, call: NetworkRunner, picture: np.ndarray, row: Sequence[float], variant: str) -> np.ndarray:
        """The network's picture, `uint8[H, W, 3]`, of the same size."""
        height, width = picture.shape[:2]
        padded = _padded(picture).astype(np.float32) / 255.0
        found = self._found.get(NETWORK)
        if found is not None and found.path is not None and padded.size > 3 * _ONE_PIECE[variant]:
            self._pages = self._pages or StylePages(found.path, self.settings)
            painted = self._pages.paint(padded, row, call.report)
        else:
            call.report.check()
            painted = call.network(NETWORK)(padded[None], np.array([row], np.float32))[0][0]
        return np.rint(painted[:height, :width] * 255.0).clip(0, 255).astype(np.uint8)


def load(settings: Settings | None = None) -> StylePainter:
    """A painter with the network of the usual width; without weights it is random and says so."""
    painter = StylePainter(settings=settings_of(settings))
    painter.open()
    return painter


def stylize(
    source: Any, style: str | int | Mapping[str, float] | Sequence[Any] = "", *, strength: float = 1.0,
    keep_color: bool = False, keep_lines: bool = False, stroke_size: float = 1.0, normalise: bool = False,
    extrapolate: bool = False, width: str = "light", drawing: np.ndarray | None = None,
    settings: Settings | None = None, report: Reporter | None = None,
) -> Any:
    """Paints pictures in the styles of paintings; the network stays loaded for the next call.

    Args:
        source: path, bytes or `uint8[H, W(, 3 or 4)]`; or a list of them.
        style: a name, its number, a mixture such as `{"starry-night": 0.6, "great-wave": 0.4}` or the same as text, or
            `"all"`; of several pictures also a list with one for each. By default the first style.
        strength, keep_color, keep_lines, stroke_size, normalise, extrapolate, width: see
            `s2p.style_options.StyleOptions`.
        drawing: `uint8[h, w]`, 255 = paper. Lines that are laid on top.
        settings, report: as in `s2p.colorize`.

    Returns: a `Result`; for `"all"` a dictionary of them by style; for a list of pictures a list.

    Raises:
        InputError: unknown style, or shares that make no sense.

    Example:
        >>> stylize("photo.jpg", "starry-night").save("night.png")  # doctest: +SKIP
    """
    more: dict[str, Any] = {
        "strength": strength, "keep_color": keep_color, "keep_lines": keep_lines, "stroke_size": stroke_size,
        "normalise": normalise, "extrapolate": extrapolate, "width": width,
    }
    settings = settings_of(settings)
    if isinstance(source, (list, tuple)):
        styles = style if isinstance(style, (list, tuple)) else [style] * len(source)
        return [
            stylize(one, chosen, drawing=drawing, settings=settings, report=report, **more)
            for one, chosen in zip(source, styles, strict=True)
        ]
    brought = brought_of(source)
    names = style_names(width, settings)

    def painted(shares: Mapping[str, float]) -> Result:
        own = StyleOptions(styles=dict(shares), **more)
        request = Request(brought.image, own=own, settings=settings, drawing=drawing, dpi=brought.dpi)
        return run("stylizer", request, report=report)

    if style == ALL:
        return {name: painted({name: 1.0}) for name in names}
    return painted(_shares_of(style, names))


def style_names(width: str = "light", settings: Settings | None = None) -> tuple[str, ...]:
    """Names of the styles that are there, in their order; of untrained networks one that says so."""
    return names_of(weights.find(NETWORK, settings, variant=width))


def finished(painted: np.ndarray, picture: np.ndarray, asked: StyleOptions) -> np.ndarray:
    """The painting with the picture's own colours, if they are kept, and as strong as is asked for.

    Args:
        painted, picture: `uint8[H, W, 3]`, RGB, of one size.
    """
    if asked.keep_color:
        own = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
        own[..., 0] = cv2.cvtColor(painted, cv2.COLOR_RGB2YCrCb)[..., 0]
        painted = cv2.cvtColor(own, cv2.COLOR_YCrCb2RGB)
    if asked.strength >= 1.0:
        return painted
    return cv2.addWeighted(painted, asked.strength, picture, 1.0 - asked.strength, 0.0)


def _shares_of(style: Any, names: Sequence[str]) -> Mapping[str, float]:
    if isinstance(style, int):
        if not 0 <= style < len(names):
            raise InputError(f"There are {len(names)} styles, counted from 0. Received: {style}.")
        return {names[style]: 1.0}
    return read_mix(style) if isinstance(style, str) else dict(style)


def _check_drawing(drawing: np.ndarray | None, picture: np.ndarray) -> None:
    if drawing is None:
        return
    (height, width), (own_height, own_width) = drawing.shape[:2], picture.shape[:2]
    if abs(height * own_width / (width * own_height) - 1.0) > _SAME_SHAPE:
        raise InputError(
            f"Lines are laid over a picture of their own proportions. Received: a drawing of {width} x {height} pixels "
            f"for a picture of {own_width} x {own_height}. Cut one of them."
        )


def _at_scale(picture: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(round(side * scale), 1) for side in picture.shape[:2])
    if max(height, width) > MAX_SIDE:
        raise TooLargeError(
            f"At this size of strokes the picture would have {width} x {height} pixels; a side can have {MAX_SIDE}. "
            "Take larger strokes."
        )
    return resize_to(picture, (height, width))


def _padded(picture: np.ndarray) -> np.ndarray:
    """At least 12 px high and wide, and both multiples of 4; mirrored, or repeated where it is too small for that."""
    lacking = [max(_LEAST - side, 0) for side in picture.shape[:2]]
    if any(lacking):
        picture = np.pad(picture, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="symmetric")
    return pad_to_multiple(picture, _MULTIPLE)


def _alpha(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The given transparency, `uint8[H, W]`; None where there is none."""
    if image.ndim != 3 or image.shape[2] != 4 or image[..., 3].min() == 255:
        return None
    return resize_to(np.ascontiguousarray(image[..., 3]), shape)
