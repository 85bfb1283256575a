"""Layers that runtimes compute in another way than Keras, to the same numbers (`s2p.runtimes.onnx_rewritten`).

Their variables have the names and shapes of the layers that they stand for, so weight files know no difference.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="s2p")
class DoubledConv2D(layers.Conv2D):
    """Every pixel four times, the border mirrored, then a 3x3 convolution: `[B, H, W, C]` to `[B, 2 H, 2 W, filters]`.

    A pixel of the answer sees at most two by two pixels of what was given, so runtimes convolve before they enlarge.
    """

    def __init__(self, filters: int, kernel_size: Any = 3, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, **kwargs)

    def call(self, inputs: Any) -> Any:
        from keras import ops

        x = ops.repeat(ops.repeat(inputs, 2, axis=1), 2, axis=2)
        return super().call(ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect"))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        batch, height, width, _ = input_shape
        return (batch, None if height is None else 2 * height, None if width is None else 2 * width, self.filters)


@keras.saving.register_keras_serializable(package="s2p")
class SquaresConv2D(layers.Conv2D):
    """A convolution with very few filters whose answer has an even height and width.

    Processors multiply for 8 or 16 channels at once: runtimes compute squares of four pixels as channels of one.
    """


@keras.saving.register_keras_serializable(package="s2p")
class Row(layers.Dense):
    """A dense layer whose answer stands beside feature maps: `[B, C]` to `[B, 1, 1, units]`."""

    def call(self, inputs: Any, **kwargs: Any) -> Any:
        from keras import ops

        return ops.reshape(super().call(inputs, **kwargs), (-1, 1, 1, self.units))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (input_shape[0], 1, 1, self.units)
