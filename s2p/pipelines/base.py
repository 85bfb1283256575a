"""What all pipelines share: the result, and timing of stages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from s2p.errors import InputError, OutputError, shown
from s2p.files import write_whole
from s2p.systems import FILES, PARTS

if TYPE_CHECKING:
    from PIL.Image import Image

    from s2p.export import Layer
    from s2p.overlay import Pen, Shade
    from s2p.strips import Strips

LAYER_FORMATS = (".psd", ".ora")
_BELOW = ("draft", "composition")  # previews that files hold as layers under the colours

@dataclass(frozen=True)
class Result:
    """A finished painting and what it was made of.

    Attributes:
        image: `uint8[H, W, 3]`, RGB. The painting: `lines`, drawn with `pen`, over `colors` where there are any.
        lines: `uint8[H, W]`, 255 = paper. The artist's lines at the painting's size.
        previews: what was made on the way, `uint8[h, w, 3]` RGB, first things first; of these what there was:
            `draft`, the first rough colours, short edge 256; `composition`, the even colours that the painter followed,
            short edge 512; `flats`, the colours that regions were filled with, short edge 512.
        colors: `uint8[H, W, 3]`, RGB. The painting without lines; None where the networks painted those, too (V3's) or
            the drawing is of tones.
        pen: how the lines lie over the colours; None with them.
        shade: `uint8[h, w, 3]`, RGB, of any size. What the colours are multiplied with under the lines
            (`s2p.pipelines.shading`); None for nothing.
        light: `uint8[h, w, 3]`, RGB, of any size. What is screened over the shaded colours, with a shade only; or None.
        timings: seconds by stage; a stage that came from the cache took next to nothing.
        untrained: names of networks that took part and have random weights.
        original: `uint8[h, w, 3]`, RGB. The picture as it was given, or None.
        strips: the picture at the drawing's own size, made strip by strip, where that was wanted (`Request.in_strips`);
            everything else is then of the smaller size that was painted.
        files: whole files by their ending (`s2p.systems.FILES`) that a system makes besides: strokes, or a film.
        corrected: what was corrected in it before (`s2p.intake.SENTENCES`); `s2p.intake.sentence` says it in words.
        unfound: words that were asked for and whose things do not seem to be in the drawing (`s2p.tags`).
        ground: `bool[h, w]`, of any size: what lies behind the figures, where that is asked for and known.
        cover: `uint8[H, W]`, 0 where the painting is bare (`s2p.cutout`); None where it covers everything.
        dpi: dots per inch across and down, written into files that can hold them; None where nobody knows.
    """

    image: np.ndarray
    lines: np.ndarray
    previews: Mapping[str, np.ndarray] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    untrained: tuple[str, ...] = ()
    original: np.ndarray | None = None
    colors: np.ndarray | None = None
    pen: Pen | None = None
    shade: np.ndarray | None = None
    light: np.ndarray | None = None
    corrected: tuple[str, ...] = ()
    unfound: tuple[str, ...] = ()
    ground: np.ndarray | None = None
    cover: np.ndarray | None = None
    dpi: tuple[float, float] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    strips: Strips | None = None

    def __post_init__(self) -> None:
        if unknown := set(self.files) - set(FILES):
            raise OutputError(f"A painting's files are {', '.join(FILES)}. Received: {', '.join(sorted(unknown))}.")

    def __repr__(self) -> str:
        """One line: what there is, not the pixels of it."""
        height, width = self.image.shape[:2]
        words = [f"{width} x {height} px", *(["transparent"] if self.cover is not None else [])]
        words += [f"previews: {', '.join(self.previews)}"] if self.previews else []
        words += [f"files: {', '.join(self.files)}"] if self.files else []
        words += [f"corrected: {', '.join(self.corrected)}"] if self.corrected else []
        words += [f"UNTRAINED: {', '.join(self.untrained)}"] if self.untrained else []
        return f"<Result {'; '.join(words)}; {sum(self.timings.values()):.1f} s>"

    def _repr_png_(self) -> bytes:
        """What notebooks show."""
        from s2p.image import encode_image

        return encode_image(self.shown, "png")

    def to_pil(self) -> Image:
        """The picture as it is saved, an RGB or RGBA image of Pillow."""
        from PIL import Image

        return Image.fromarray(self.shown)

    @property
    def draft(self) -> np.ndarray | None:
        """That preview; None where no draft was made."""
        return self.previews.get("draft")

    @property
    def composition(self) -> np.ndarray | None:
        """That preview; None where no composition was made."""
        return self.previews.get("composition")

    @property
    def colours(self) -> np.ndarray | None:
        """`colors`, by their former name."""
        return self.colors

    @property
    def shown(self) -> np.ndarray:
        """The picture as it is saved: `image`, `uint8[H, W, 3]`, or RGBA without what is bare, `uint8[H, W, 4]`."""
        if self.cover is None:
            return self.image
        from s2p import overlay
        from s2p.cutout import cut_out

        is_drawn = self.pen is not None and self.pen.lines != "none"
        ink = overlay.ink(self.lines) if is_drawn or self.colors is None else np.zeros_like(self.lines)
        return cut_out(self.image, self.image if self.colors is None else self._shaded(), self.cover, ink)

    def part(self, name: str) -> np.ndarray:
        """`colours` without lines, `uint8[H, W, 3 or 4]`, or `lines` on nothing, `uint8[H, W, 4]`.

        Raises:
            InputError: there is no such part.
            OutputError: the networks painted the lines into the colours (V3's, and tonal drawings).
        """
        if name not in PARTS:
            raise InputError(f"The parts of a painting are {' and '.join(PARTS)}. Received: {name!r}.")
        if name == "lines":
            lines = self.layers["lines"].image
            return lines if lines.ndim == 3 else np.dstack([np.zeros((*lines.shape, 3), np.uint8), 255 - lines])
        if self.colors is None:
            raise OutputError("This painting has its lines in its colours, which cannot be saved without them.")
        colors = self._shaded()
        return colors if self.cover is None else np.dstack([colors, self.cover])

    def _shaded(self) -> np.ndarray:
        """The colours under their shade, `uint8[H, W, 3]`."""
        from s2p.overlay import shaded

        assert self.colors is not None
        return shaded(self.colors, self.shading)

    @property
    def shading(self) -> Shade | None:
        """`shade` and `light` together."""
        from s2p.overlay import Shade

        return None if self.shade is None else Shade(self.shade, self.light)

    @property
    def layers(self) -> dict[str, Layer]:
        """As files hold them, at the painting's size, bottom first; of these what there is: `draft`, `composition`,
        `colours`, `shade`, `light` and `lines`.

        The shade is multiplied and the light screened. The lines are `uint8[H, W, 4]` RGBA in their tint, so that the
        layers together are `image`. Where there are no `colors` of their own the painting takes their place, and the
        lines are `uint8[H, W]`, multiplied, and switched off: the painting holds them. On a page much larger than what
        was painted the colours of the lower layers end at the lines, too.
        """
        return {name: self._layer(name, image) for name, image in self._pictures().items()}

    def _pictures(self) -> dict[str, np.ndarray]:
        from s2p.enlarge import enlarge
        from s2p.sizes import resize_to

        def sized(image: np.ndarray) -> np.ndarray:
            is_larger = self.lines.size >= 4 * image.shape[0] * image.shape[1]
            return enlarge(image, self.lines, ink=False) if is_larger else resize_to(image, self.image.shape)

        layers = {name: sized(image) for name, image in self.previews.items() if name in _BELOW}
        if self.colors is None or self.pen is None:
            return layers | {"colours": self.image, "lines": self.lines}
        from s2p.overlay import line_layer, shade_at

        layers["colours"] = self.colors if self.cover is None else np.dstack([self.colors, self.cover])
        for name, small in (("shade", self.shade), ("light", self.light)):
            if small is not None and self.shade is not None:
                large = shade_at(small, self.colors.shape)
                layers[name] = large if self.cover is None else np.dstack([large, self.cover])
        return layers | {"lines": line_layer(self.colors, self.lines, self.pen)}

    def save(
        self, target: str | Path | BinaryIO, format: str | None = None, *, layers: Sequence[str] | None = None,
        quality: int = 95,
    ) -> None:
        """Writes the painting, or its layers.

        Args:
            target: path, whose extension decides: PNG, JPEG, WebP and TIFF get the painting, PSD and ORA the layers,
                that of one of `files` this file; or a binary file that is open for writing.
            format: `png`, `psd` and so on, for an open file, or in place of the extension.
            layers: names of the layers for PSD and ORA, all of them by default.
            quality: int in [1, 100] for JPEG and WebP.

        Raises:
            OutputError: unknown extension, format or layer name, or the file cannot be written.

        Example:
            >>> import io
            >>> gray, file = np.zeros((4, 4, 3), np.uint8), io.BytesIO()
            >>> Result(image=gray, lines=gray[..., 0]).save(file, "png")
            >>> file.getvalue()[1:4]
            b'PNG'
        """
        ending = self._ending(target, format)
        data = self._encoded(ending, layers=layers, quality=quality)
        if isinstance(target, (str, os.PathLike)):
            write_whole(target, data)
            return
        try:
            target.write(data)
        except (OSError, TypeError, ValueError) as error:
            raise OutputError(f"The open file cannot be written: {error}. Open it with 'wb'.") from None

    def _ending(self, target: str | Path | BinaryIO, format: str | None) -> str:
        """`.png` or another that there is, of the file's name or the format."""
        from s2p.image import FORMATS

        is_open = hasattr(target, "write")
        if not is_open and not isinstance(target, (str, os.PathLike)):
            raise OutputError(f"Say where to save: a path, or an open file and its format. Received: {shown(target)}.")
        endings = [*FORMATS, *LAYER_FORMATS, *(f".{ending}" for ending in self.files)]
        if format is not None:
            ending, rule, received = f".{str(format).lower().lstrip('.')}", "The format must be one of", format
        else:
            name = getattr(target, "name", "") if is_open else target
            path = Path(name if isinstance(name, (str, os.PathLike)) else "")
            ending, rule, received = path.suffix.lower(), "The file name must end in", path.name
            if is_open and not ending:
                raise OutputError("An open file has no extension to go by. Name the format: save(file, 'png').")
        if ending not in endings:
            raise OutputError(f"{rule} {', '.join(endings)}. Received: {received!r}.")
        return ending

    def _encoded(self, ending: str, *, layers: Sequence[str] | None, quality: int) -> bytes:
        if ending.lstrip(".") in self.files:
            return self.files[ending.lstrip(".")]
        if ending not in LAYER_FORMATS:
            from s2p.image import FORMATS, encode_image

            return encode_image(self.shown, FORMATS[ending], quality=quality, profile=True, dpi=self.dpi)
        from s2p.export import encode_ora, encode_psd

        available = self.layers
        wanted = tuple(available) if layers is None else tuple(layers)
        if not wanted or not set(wanted) <= set(available):
            raise OutputError(f"Layers can be {', '.join(available)}. Received: {', '.join(wanted) or 'none'}.")
        stack = [layer for name, layer in available.items() if name in wanted]
        return (encode_psd if ending == ".psd" else encode_ora)(stack, dpi=self.dpi)

    def _layer(self, name: str, image: np.ndarray) -> Layer:
        from s2p.export import Layer

        # Switched off where none are wanted, and where the painting below holds them already.
        is_hidden = name == "lines" and (self.colors is None or self.pen is None or self.pen.lines == "none")
        is_hidden |= name in _BELOW and self.cover is not None  # which would fill what is bare
        blend = "multiply" if image.ndim == 2 or name == "shade" else "screen" if name == "light" else "normal"
        return Layer(name, image, blend=blend, visible=not is_hidden)


@contextmanager
def timed(timings: dict[str, float], name: str) -> Iterator[None]:
    """Adds the seconds of its block to `timings[name]`."""
    started = time.perf_counter()
    try:
        yield
    finally:
        timings[name] = timings.get(name, 0.0) + time.perf_counter() - started
