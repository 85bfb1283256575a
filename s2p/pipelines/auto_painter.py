"""Line art into colour with one network: drawing and colour blocks in, painting out (Auto-painter).

    picture ─prepare─▶ drawing, short edge 512, padded ─paint─▶ painting ─finish─▶ doubled, the artist's lines put back

Faster and simpler than the six networks, and without their composition and references. Every size and aspect is taken:
the drawing is padded by mirroring to what the network can divide, and the painting cut back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import numpy as np

from s2p import lineart
from s2p.config import Settings, load_settings
from s2p.errors import InputError
from s2p.hintmap import auto_painter_tensors
from s2p.image import as_picture, load_image
from s2p.pipelines import glue
from s2p.pipelines.base import Result, StageCache, content_key
from s2p.pipelines.painter import OUTPUT_SIZES
from s2p.pipelines.stages import Caller, step
from s2p.progress import NullReporter, Reporter
from s2p.runtime import Network
from s2p.schema import Hint, Hints, Options
from s2p.sizes import min_resize, resize_to, working_size
from s2p.tiling import pad_to_multiple

NETWORKS = ("auto_painter", "tail")

_LOADING = threading.Lock()
STAGES = ("prepare", "paint", "finish")
STAGE_WEIGHTS = {"prepare": 0.1, "paint": 0.7, "finish": 0.2}

SHORT_EDGE, _ZOOM = 512, 0.5  # of the drawing that the network sees, whatever the zoom: it was trained on this size
_MULTIPLE = {"points": 64, "propagated": 64, "blocks": 256, "masked": 256}


class AutoPainter:
    """Paints with the auto-painter and remembers what it has painted.

    Args:
        networks: `auto_painter`, and `tail`, which doubles the half-size paintings of the turbo network (enlarged by
            Lanczos without it).
        settings: kept for callers; the working size does not depend on the zoom.
        cache: may be shared with other painters.
    """

    def __init__(
        self, networks: Mapping[str, Network], *, settings: Settings | None = None, cache: StageCache | None = None
    ) -> None:
        self.networks = dict(networks)
        self.settings = settings or Settings()
        self.cache = StageCache() if cache is None else cache
        self._identities = {
            name: str(getattr(network, "identity", None) or uuid4().hex) for name, network in self.networks.items()
        }

    def colorize(
        self,
        image: np.ndarray,
        *,
        hints: Hints | None = None,
        options: Options | None = None,
        settings: Settings | None = None,
        output_size: str = "network",
        report: Reporter | None = None,
    ) -> Result:
        """Paints a picture of line art.

        Args:
            image: `uint8[H, W, 3]` RGB, `[H, W, 4]` RGBA (laid on white) or `[H, W]` gray.
            hints: colours, drawn as blocks; draft and exact hints are treated alike.
            options, settings: not read; here so that all painters are called alike.
            output_size: `network` (short edge 512) or `original`.
            report: progress and cancelling.

        Raises:
            InputError: unknown output size.
            TooLargeError: the picture is too long and thin.
        """
        if output_size not in OUTPUT_SIZES:
            raise InputError(f"output_size must be one of {', '.join(OUTPUT_SIZES)}. Received: {output_size!r}.")
        call, timings = Caller(self.networks, report or NullReporter()), {}
        original, hints = as_picture(image), hints or Hints()
        with step(call, timings, "prepare"):
            working_size(original.shape, _ZOOM)
            ink = lineart.channel_minimum(original)
            sketch = lineart.stretch(min_resize(ink, SHORT_EDGE))
        with step(call, timings, "paint"):
            key = self._key("auto_paint", ["auto_painter"], sketch, [(hint.x, hint.y, hint.color) for hint in hints])
            painted = self.cache.remember(key, lambda: _paint(call, sketch, hints))
            call.show("paint", painted)
        with step(call, timings, "finish"):
            key = self._key("auto_double", ["tail"], key)
            full = self.cache.remember(key, lambda: _doubled(call, painted, sketch.shape))
            shape = original.shape if output_size == "original" else sketch.shape
            composition, lines = resize_to(full, shape), resize_to(ink, shape)
            result = lineart.keep_ink(composition, lines)
        return Result(
            image=result, composition=composition, draft=None, lines=lines, timings=timings,
            untrained=tuple(name for name, network in self.networks.items() if not network.trained), original=original,
        )

    def _key(self, stage: str, names: list[str], *inputs: object) -> bytes:
        return content_key(stage, [self._identities.get(name) for name in names], *inputs)


def load(settings: Settings | None = None) -> AutoPainter:
    """Finds the weights and returns a painter; without weights it is random and says so."""
    from s2p import weights

    settings = load_settings() if settings is None else settings
    networks = {name: weights.load_network(weights.find(name, settings), settings) for name in NETWORKS}
    return AutoPainter(networks, settings=settings)


def colorize(
    source: str | Path | bytes | np.ndarray,
    *,
    hints: Hints | Iterable[Hint] = (),
    output_size: str = "network",
    settings: Settings | None = None,
    report: Reporter | None = None,
) -> Result:
    """Colours one picture; the networks stay loaded for the next call.

    Args:
        source: path, file content, or array (`uint8[H, W]`, `[H, W, 3]` RGB, `[H, W, 4]` RGBA).
        hints: colours that the artist wants.
        output_size: `network` or `original`.
        settings: defaults, configuration and environment by default.
        report: progress and cancelling.

    Example:
        >>> colorize("girl.png", hints=[Hint(x=0.5, y=0.3, color="#ffe0c0")]).save("girl.png")  # doctest: +SKIP
    """
    settings = load_settings() if settings is None else settings
    # What only concerns the drawing must not load the networks again.
    with _LOADING:  # threads that begin together share one painter
        painter = _painter(Settings(
            backend=settings.backend, device=settings.device, threads=settings.threads, size=settings.size
        ))
    return painter.colorize(
        source if isinstance(source, np.ndarray) else load_image(source),
        hints=hints if isinstance(hints, Hints) else Hints(hints), output_size=output_size, report=report,
    )


def _paint(call: Caller, sketch: np.ndarray, hints: Hints) -> np.ndarray:
    """The network's painting, `uint8[h, w, 3]` RGB, at the drawing's size or half of it."""
    encoding = call.network("auto_painter").encoding
    padded = pad_to_multiple(sketch, _MULTIPLE[encoding])
    down, along = (inner / outer for inner, outer in zip(sketch.shape, padded.shape))
    moved = [hint.model_copy(update={"x": hint.x * along, "y": hint.y * down}) for hint in hints]
    tensors = auto_painter_tensors(encoding, padded, moved)
    call.report.update(0.2)
    painting = call("auto_painter", glue.run_auto_painter, tensors)
    scale = painting.shape[0] / padded.shape[0]
    return painting[: round(sketch.shape[0] * scale), : round(sketch.shape[1] * scale)]


def _doubled(call: Caller, painting: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if painting.shape[0] * 3 < shape[0] * 2 and "tail" in call:
        painting = call("tail", glue.run_tail, painting)
    return resize_to(painting, shape)


@lru_cache(maxsize=1)
def _painter(settings: Settings) -> AutoPainter:
    return load(settings)
