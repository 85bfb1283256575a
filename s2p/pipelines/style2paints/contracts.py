"""The six networks' tensor contracts: pictures in, one network call, pictures out.

They see **B, G, R** and one picture at a time, NHWC, float32. Everything outside this file and `s2p.pipelines.glue` is
RGB; the order is turned here, exactly where a contract wants it. Outputs are truncated to uint8, not rounded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2p.colors import VGG_MEANS, rgb_of_yuv
from s2p.lineart import trunc8
from s2p.pipelines import glue
from s2p.runtime import Network

# Weights of the inverted gray that the neck repaints from, in R, G, B. The original meant R .30, B .11 and applied
# them to B, G, R.
_GRAY = np.array([0.11, 0.59, 0.30], np.float32)


def run_baby(network: Network, tensor: np.ndarray) -> np.ndarray:
    """Makes a small colour draft.

    Args:
        network: `baby`.
        tensor: `float32[1, H, W, 4+]`, see `s2p.hintmap.draft_tensor`; H and W multiples of 16.

    Returns: `uint8[H, W, 3]`, RGB.
    """
    return rgb_of_yuv(glue.one_picture(network, network(tensor)[0], tensor.shape[1:3]))


def run_choice(network: Network, tensor: np.ndarray, count: int) -> np.ndarray:
    """How likely a draft network holds the first `count` colours of its palette: logits `float32[H, W, count]`.

    Args:
        network: of `s2p.weights.load_choice`.
        tensor: as for `run_baby`.
        count: int. Colours of the palette.
    """
    return network(tensor)[0][0, ..., :count]


def run_girder(network: Network, sketch: np.ndarray, draft: np.ndarray) -> np.ndarray:
    """Turns a draft into an even composition that follows the lines.

    Args:
        network: `girder`.
        sketch: `uint8[H, W]`, 255 = paper; H and W multiples of 64.
        draft: `[H, W, 3]`, RGB, 0..255, uint8 or float.

    Returns: `uint8[H, W, 3]`, RGB.
    """
    no_hint = np.zeros((1, *sketch.shape, 4), np.float32)  # this pipeline never gives girder a hint
    latent = (1.0 - draft[..., ::-1] / 255.0).astype(np.float32)[None]
    output = glue.one_picture(network, network(glue.ink_tensor(sketch), no_hint, latent)[0], sketch.shape)
    return glue.to_rgb(trunc8((1.0 - output) * 255.0))


def run_reader(network: Network, picture: np.ndarray) -> list[np.ndarray]:
    """Reads the style of a picture as one vector per feature map.

    Args:
        network: `reader`.
        picture: `uint8[H, W, 3]`, RGB, short edge 224.

    Returns: list of `float32[1, C_i]`; as many as the network has outputs.
    """
    features = network((picture[..., ::-1] / 255.0).astype(np.float32)[None])
    return [feature.mean(axis=(1, 2)) for feature in features]


def mix_styles(
    composition: Sequence[np.ndarray], reference: Sequence[np.ndarray] | None, mix: float
) -> list[np.ndarray]:
    """Mixes two lists of style vectors linearly; `mix` = 1 is all reference, None is no reference."""
    if reference is None:
        return list(composition)
    own = np.float32(1.0 - mix)
    return [own * ours + (np.float32(1.0) - own) * theirs for ours, theirs in zip(composition, reference)]


def run_painter(network: Network, sketch: np.ndarray, hint: np.ndarray, styles: Sequence[np.ndarray]) -> np.ndarray:
    """Runs `head` or `neck` once; only the third output is used.

    Args:
        network: the painter.
        sketch: `float32[1, H, W, 1]`, 1 = ink; H and W multiples of 64.
        hint: `float32[1, H, W, 3]`, see `s2p.hintmap.painter_tensor`.
        styles: vectors of `run_reader` or `mix_styles`.

    Returns: `float32[H / 2, W / 2, 3]`, RGB 0..255, neither clipped nor quantised.
    """
    outputs = network(sketch, hint, *styles)
    half = (sketch.shape[1] // 2, sketch.shape[2] // 2)
    # The mean's order makes the network's own output R, G, B: the one place where nothing has to be turned.
    return glue.one_picture(network, outputs[2], half) + np.array(VGG_MEANS, np.float32)


def inverted_gray(painting: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What the neck repaints from after the head: the first painting's gray, inverted, at the drawing's size.

    Args:
        painting: `float32[h, w, 3]`, RGB 0..255, of `run_painter`.
        shape: `(height, width)` of the drawing.

    Returns: `float32[1, H, W, 1]` in [0, 1].
    """
    gray = (painting / np.float32(255.0)) @ _GRAY
    return np.clip(1.0 - legacy_bilinear(gray, shape), 0.0, 1.0)[None, ..., None]


def legacy_bilinear(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Resizes as TensorFlow 1 did: bilinear, source coordinate `i * in / out` without half-pixel centres.

    Today's resizers shift by up to half a pixel against it, and the neck was trained behind it.

    Args:
        image: `float32[h, w]`.
        shape: `(height, width)` of the result.

    Returns: `float32[H, W]`.
    """
    top, bottom, down = _neighbours(image.shape[0], shape[0])
    left, right, along = _neighbours(image.shape[1], shape[1])
    wide = image[:, left] + (image[:, right] - image[:, left]) * along
    return wide[top] + (wide[bottom] - wide[top]) * down[:, None]


def _neighbours(source: int, target: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    position = np.arange(target, dtype=np.float32) * np.float32(source / target)
    low = np.minimum(position.astype(np.intp), source - 1)
    return low, np.minimum(low + 1, source - 1), position - low.astype(np.float32)
