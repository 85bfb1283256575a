"""Line art of a picture: by difference of Gaussians, or by the line extractor. The one way for every door.

    from s2p.pipelines.lines import draw_lines
    lines = draw_lines(image, "learned")
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from s2p import weights, xdog
from s2p.config import Settings
from s2p.errors import InputError, WeightsMissingError
from s2p.lineart import pass_line
from s2p.networks import TURBO, spec_of
from s2p.nn.ink import INK_WEIGHT
from s2p.progress import Reporter
from s2p.runtime import Network
from s2p.sizes import max_resize, min_resize
from s2p.tiling import run_tiled

METHODS = ("xdog", "hard", "pass", "learned")
NETWORK = "line_extractor"
SHORT_EDGE = 768  # the network knows pens of one to ten pixels; a larger scan has wider ones
SKETCHKERAS_EDGE, SKETCHKERAS_DUST = 512, 0.1
_TILE, _OVERLAP = 1024, 128
_FAINT, _FULL = 0.1, 0.7  # chance of ink that becomes white paper and black line; chosen on training pictures


def draw_lines(
    image: np.ndarray, method: str = "xdog", *, settings: Settings | None = None, report: Reporter | None = None
) -> np.ndarray:
    """Draws the lines of a picture.

    Args:
        image: `uint8[H, W, 3]` RGB.
        method: `xdog` (soft), `hard` (black and white), `pass` (V3's dark details of a painting), `learned`.
        settings: where the network runs.
        report: told the fraction done, asked whether to stop.

    Returns:
        `uint8[H, W]`, 255 = paper.

    Raises:
        InputError: unknown method.
        WeightsMissingError: `learned` without weights.

    Example:
        >>> draw_lines(np.full((8, 8, 3), 200, np.uint8), "hard").min()
        np.uint8(255)
    """
    if method not in METHODS:
        raise InputError(f"The way of drawing lines must be one of {', '.join(METHODS)}. Received: {method!r}.")
    if method == "learned":
        return require_extractor(settings)(image, report=report)
    return {"xdog": xdog.SOFT, "hard": xdog.HARD, "pass": pass_line}[method](image)


class LineExtractor:
    """The learned extractor for pictures of any size.

    Args:
        network: takes the whole picture (ours), or one channel's high-pass (sketchKeras).
        channels: 3 or 1, which of the two.
    """

    def __init__(self, network: Network, *, channels: int) -> None:
        self.network, self.channels = network, channels

    def __call__(self, image: np.ndarray, *, report: Reporter | None = None) -> np.ndarray:
        """Takes `uint8[H, W, 3]` RGB, returns `uint8[H, W]`, 255 = paper.

        Large pictures are worked on at a short edge of 768, and their lines enlarged.
        """
        import cv2

        height, width = image.shape[:2]
        small = self._reduced(image)
        ink = self._ours(small, report) if self.channels == 3 else self._sketchkeras(small, report)
        if ink.shape != (height, width):
            ink = cv2.resize(ink, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.rint(255.0 * (1.0 - np.clip(ink, 0.0, 1.0))).astype(np.uint8)

    def _reduced(self, image: np.ndarray) -> np.ndarray:
        if self.channels == 3:
            return min_resize(image, SHORT_EDGE) if min(image.shape[:2]) > SHORT_EDGE else image
        return max_resize(image, SKETCHKERAS_EDGE) if max(image.shape[:2]) != SKETCHKERAS_EDGE else image

    def _ours(self, image: np.ndarray, report: Reporter | None) -> np.ndarray:
        ink = self._run(image.astype(np.float32) / 255.0, report)
        chance = ink / (INK_WEIGHT - (INK_WEIGHT - 1.0) * ink)  # what it learned with ink weighing more than paper
        return (chance - _FAINT) / (_FULL - _FAINT)

    def _sketchkeras(self, image: np.ndarray, report: Reporter | None) -> np.ndarray:
        """As sketchKeras prepares its picture: what is brighter than its surroundings, channel by channel."""
        import cv2

        smooth = cv2.GaussianBlur(image, (0, 0), 3.0)
        relief = (image.astype(np.int32) - smooth.astype(np.int32)) / 128.0
        peak = float(relief.max())
        if peak <= 0.0:
            return np.zeros(image.shape[:2], np.float32)
        relief = (relief / peak).astype(np.float32)
        ink = np.maximum.reduce([self._run(relief[..., channel : channel + 1], report) for channel in range(3)])
        return np.where(ink < SKETCHKERAS_DUST, 0.0, ink).astype(np.float32)

    def _run(self, picture: np.ndarray, report: Reporter | None) -> np.ndarray:
        def network(piece: np.ndarray) -> np.ndarray:
            return self.network(np.ascontiguousarray(piece[None]))[0][0, ..., 0]

        multiple = spec_of(NETWORK).variants[TURBO].multiple
        return run_tiled(network, picture, tile=_TILE, overlap=_OVERLAP, multiple=multiple, report=report)


def load_extractor(settings: Settings | None = None) -> LineExtractor | None:
    """The installed line extractor, loaded once; None where there are no weights for it."""
    settings = settings or Settings()
    found = weights.find(NETWORK, settings)
    return _loaded(settings, found.sha256) if found.trained else None


def require_extractor(settings: Settings | None = None) -> LineExtractor:
    """The installed line extractor.

    Raises:
        WeightsMissingError: there are no weights for it.
    """
    extractor = load_extractor(settings)
    if extractor is None:
        raise WeightsMissingError(
            "The line extractor (network 'line_extractor') has no weights here. Add a file of sketchKeras: "
            "s2p weights add FILE --network line_extractor    Or draw lines with the method xdog."
        )
    return extractor


@lru_cache(maxsize=2)
def _loaded(settings: Settings, _sha256: str) -> LineExtractor:
    network = weights.load_network(weights.find(NETWORK, settings), settings)
    return LineExtractor(network, channels=int(network.inputs[0][-1]))
