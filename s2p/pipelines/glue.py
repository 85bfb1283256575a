"""Pictures into tensors and back: what several painters ask of a network.

Networks of Style2Paints V3 see **B, G, R** and one picture at a time, NHWC, float32; so does the refiner, which other
painters use, too. Outputs are truncated to uint8, not rounded.
"""

from __future__ import annotations

import numpy as np

from s2p.errors import WeightsError
from s2p.lineart import trunc8
from s2p.runtime import Network

# The tail loses 7 px a side and doubles the rest, so 7 are added before and 14 cut off after.
TAIL_PADDING = 7


def run_tail(network: Network, picture: np.ndarray) -> np.ndarray:
    """Doubles and cleans a picture.

    Args:
        network: `tail`.
        picture: `uint8[H, W, 3]`, RGB, any size from 1 x 1.

    Returns: `uint8[2H, 2W, 3]`, RGB.
    """
    height, width = picture.shape[:2]
    pad = TAIL_PADDING
    # NumPy reflects as often as a picture smaller than the padding needs.
    padded = np.pad(picture[..., ::-1], ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
    output = network((padded / np.float32(255.0))[None])[0]
    output = one_picture(network, output, (2 * (height + 2 * pad), 2 * (width + 2 * pad)))
    inner = output[2 * pad : 2 * (pad + height), 2 * pad : 2 * (pad + width)]
    return to_rgb(trunc8(inner * np.float32(255.0)))


def ink_tensor(sketch: np.ndarray) -> np.ndarray:
    """`float32[1, H, W, 1]` in [0, 1], 1 = ink, of a `uint8[H, W]` drawing with 255 = paper."""
    return (1.0 - sketch / 255.0).astype(np.float32)[None, ..., None]


def one_picture(network: Network, output: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Checks that an output is one three-channel picture of the contract's size and takes it out of its batch."""
    if output.shape != (1, *size[:2], 3):
        raise WeightsError(
            f"The network {network.name!r} must answer {size[0]} rows, {size[1]} columns and 3 channels here. "
            f"Received: {list(output.shape)}. Its weights belong to another network or system; choose others."
        )
    return output[0]


def to_rgb(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[..., ::-1])
