"""Weights that pack small: of large kernels most numbers are zero, and the rest have few digits.

The smallest numbers of a kernel are taken away little by little while it learns, so that the others take over (Zhu and
Gupta 2017, arXiv:1710.01878). What remains keeps two bits behind the point. The file still holds whole arrays of
float16; its packing does the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2p.nn.gradients import to_numpy
from s2p.weight_files import rounded

LEAST = 200_000  # numbers; smaller kernels stay whole
_BITS = 2  # behind the point


def share_at(progress: float, share: float, *, begin: float = 0.3, end: float = 0.8) -> float:
    """Which share of the numbers is zero at this point of a run, in [0, 1]: fast at first, then ever slower."""
    done = min(max((progress - begin) / (end - begin), 0.0), 1.0)
    return share * (1.0 - (1.0 - done) ** 3)


def thin(model: Any, share: float) -> None:
    """Sets the smallest numbers of every large kernel to zero, in place.

    Args:
        model: Keras model.
        share: of the numbers, in [0, 1].
    """
    for variable in _kernels(model) if share > 0 else ():
        values = to_numpy(variable)
        sizes = np.abs(values).ravel()
        border = np.partition(sizes, int(share * sizes.size))[int(share * sizes.size)]
        variable.assign(np.where(np.abs(values) < border, np.float32(0), values))


def shorten(model: Any) -> None:
    """Rounds every large kernel's numbers to a few bits of mantissa, in place."""
    for variable in _kernels(model):
        variable.assign(rounded(to_numpy(variable), _BITS))


def _kernels(model: Any) -> list[Any]:
    return [variable for variable in model.trainable_variables if int(np.prod(variable.shape)) >= LEAST]
