"""How far a picture is from a painting, and from the photograph that it was made of (Gatys et al. 2016; Johnson et al.
2016, arXiv:1603.08155).

A painting is known by the second moments of its features at every scale: Gram matrices, with the means beside them.
Features are first brought to mean 0 and deviation 1 on ordinary pictures, and a painting's distance from these is
counted as 1 at every scale, so that no painting and no scale outweighs the others and a loss of 0.3 means the same
everywhere: 70 % of the way from photographs to the painting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from s2p.nn.gradients import to_numpy
from s2p.train.style_features import StyleFeatures

_QUIET = 0.1  # of the usual deviation of a map: those that hardly ever answer would drown the others


class StyleLoss:
    """The losses of one set of paintings.

    Args:
        features: the network that looks.
        pictures: `float32[B, H, W, 3]`, RGB in [0, 1]. Ordinary ones, of which scale and distance are taken.
        paintings: `float32[1, H, W, 3]` each, of any size.
    """

    def __init__(self, features: StyleFeatures, pictures: np.ndarray, paintings: Sequence[np.ndarray]) -> None:
        self._network, self.content_of = features.network, features.content
        ordinary = [to_numpy(maps) for maps in self._network(pictures, training=False)]
        self._means = [maps.mean((0, 1, 2)) for maps in ordinary]
        deviations = [maps.std((0, 1, 2)) for maps in ordinary]
        self._scales = [1.0 / np.maximum(one, _QUIET * np.median(one) + 1e-6) for one in deviations]
        usual = [to_numpy(one).mean(0) for one in self.moments(self.look(pictures))]
        painted = [[to_numpy(one)[0] for one in self.moments(self.look(painting))] for painting in paintings]
        # By scale: `float32[styles, C + 1, C + 1]`, and what the distance of ordinary pictures from it is.
        self.wanted = [np.stack(one).astype(np.float32) for one in zip(*painted)]
        self._distances = [
            np.square(wanted - one).sum((1, 2)).astype(np.float32) for wanted, one in zip(self.wanted, usual)
        ]

    def look(self, pictures: Any) -> list[Any]:
        """Features `float32[B, h, w, C]` at every scale, normalised."""
        maps = self._network(pictures, training=False)
        return [
            (one - ops.convert_to_tensor(mean)) * ops.convert_to_tensor(scale)
            for one, mean, scale in zip(maps, self._means, self._scales)
        ]

    def moments(self, features: Sequence[Any]) -> list[Any]:
        """`float32[B, C + 1, C + 1]` at every scale: the Gram matrix by the number of places, and the means."""
        made = []
        for maps in features:
            flat = ops.reshape(maps, (ops.shape(maps)[0], -1, maps.shape[-1]))
            flat = ops.concatenate([flat, ops.ones_like(flat[..., :1])], axis=-1)
            places = ops.cast(ops.shape(flat)[1], flat.dtype)
            made.append(ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / places)
        return made

    def style(self, features: Sequence[Any], shares: Any) -> Any:
        """Distance of pictures from their paintings, `float32[B]`; about 1 for a photograph.

        Args:
            features: of `look`.
            shares: `float32[B, styles]`, one-hot.
        """
        total = 0.0
        for moments, wanted, distances in zip(self.moments(features), self.wanted, self._distances):
            width = wanted.shape[-1]
            own = ops.reshape(ops.matmul(shares, wanted.reshape(len(wanted), -1)), (-1, width, width))
            distance = ops.matmul(shares, distances[:, None])[:, 0]
            total = total + ops.sum(ops.square(moments - own), axis=(1, 2)) / distance
        return total / len(self.wanted)

    def content(self, features: Sequence[Any], kept: Sequence[Any]) -> Any:
        """Mean squared difference of what is where, `float32[B]`; about 2 between pictures of different things."""
        return ops.mean(ops.square(features[self.content_of] - kept[self.content_of]), axis=(1, 2, 3))


def variation(pictures: Any) -> Any:
    """Mean absolute difference of neighbours, `float32[B]`."""
    down = ops.mean(ops.abs(pictures[:, 1:] - pictures[:, :-1]), axis=(1, 2, 3))
    return down + ops.mean(ops.abs(pictures[:, :, 1:] - pictures[:, :, :-1]), axis=(1, 2, 3))
