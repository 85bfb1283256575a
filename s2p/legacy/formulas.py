"""Layers and functions whose formula Keras 2 had and Keras 3 has changed or dropped."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_register = keras.saving.register_keras_serializable(package="s2p.legacy")


@_register
def hard_sigmoid(x: Any) -> Any:
    """Keras 2: `clip(0.2 x + 0.5, 0, 1)`. Keras 3 uses `clip(x / 6 + 0.5, 0, 1)`."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@_register
class ThresholdedReLU(keras.layers.Layer):
    """`x` where `x > theta`, else 0. Keras 3 has no such layer."""

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = float(theta)

    def call(self, inputs: Any) -> Any:
        return inputs * ops.cast(inputs > self.theta, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "theta": self.theta}


@_register
class LegacyBilinear(keras.layers.Layer):
    """Bilinear enlargement as standalone Keras 2.2.3 to 2.3 did it: corner-anchored, source coordinate `i / factor`.

    Keras 3's `UpSampling2D(interpolation="bilinear")` samples at pixel centres and gives other numbers.

    Inputs:  `float32[B, H, W, C]`.
    Returns: `float32[B, H * size[0], W * size[1], C]`.
    """

    def __init__(self, size: tuple[int, int] = (2, 2), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = (int(size[0]), int(size[1]))

    def call(self, inputs: Any) -> Any:
        return self._stretch(self._stretch(inputs, axis=1), axis=2)

    def _stretch(self, x: Any, axis: int) -> Any:
        factor = self.size[axis - 1]
        if factor == 1:
            return x
        index = [slice(None)] * 4
        index[axis] = slice(-1, None)
        last = x[tuple(index)]
        index[axis] = slice(1, None)
        following = ops.concatenate([x[tuple(index)], last], axis=axis)
        phases = [x + (following - x) * (step / factor) for step in range(factor)]
        merged = ops.stack(phases, axis=axis + 1)
        shape = list(ops.shape(x))
        shape[axis] = shape[axis] * factor
        return ops.reshape(merged, shape)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        batch, height, width, channels = input_shape
        rows, columns = self.size
        return (batch, None if height is None else height * rows, None if width is None else width * columns, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@_register
class LocallyConnected(keras.layers.Layer):
    """A convolution with other weights at every place (1D and 2D). Keras 3 has no such layer.

    Inputs:  `float32[B, *space, C]` with sizes known; padding is always `valid`.
    Returns: `float32[B, *places, filters]`.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, ...],
        strides: tuple[int, ...],
        *,
        use_bias: bool = True,
        activation: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.strides = tuple(strides)
        self.use_bias = use_bias
        self.activation = keras.activations.get(activation)

    def places(self, input_shape: tuple) -> tuple[int, ...]:
        """Number of positions along each axis of space."""
        return places(input_shape, self.kernel_size, self.strides)

    def build(self, input_shape: tuple) -> None:
        positions = self.places(input_shape)
        count, width = 1, input_shape[-1]
        for size, kernel in zip(positions, self.kernel_size):
            count, width = count * size, width * kernel
        self.kernel = self.add_weight(shape=(count, width, self.filters), name="kernel", initializer="zeros")
        if self.use_bias:
            self.bias = self.add_weight(shape=(*positions, self.filters), name="bias", initializer="zeros")

    def call(self, inputs: Any) -> Any:
        positions = self.places(inputs.shape)
        flat_is_line = len(positions) == 1
        grid = ops.expand_dims(inputs, 2) if flat_is_line else inputs
        kernel, strides = (*self.kernel_size, 1)[:2], (*self.strides, 1)[:2]
        rows, columns = (*positions, 1)[:2]
        reach = (rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1
        taps = [
            grid[:, i : i + reach[0] : strides[0], j : j + reach[1] : strides[1]]
            for i in range(kernel[0])
            for j in range(kernel[1])
        ]
        patches = ops.reshape(ops.concatenate(taps, axis=-1), (-1, rows * columns, self.kernel.shape[1]))
        result = ops.reshape(ops.einsum("bpk,pkf->bpf", patches, self.kernel), (-1, *positions, self.filters))
        return self.activation(result + self.bias if self.use_bias else result)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], *self.places(input_shape), self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
            "activation": keras.activations.serialize(self.activation),
        }


def places(input_shape: tuple, kernel_size: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """Positions of a `valid` window along each axis of space of `(batch, *space, channels)`."""
    return tuple((size - kernel) // step + 1 for size, kernel, step in zip(input_shape[1:-1], kernel_size, strides))


@_register
class TimeDistributed(keras.layers.Layer):
    """Applies a layer or model to every slice along axis 1, all slices at once.

    Keras 3's layer of the same name unrolls one copy for every slice: a small file could make the build endless.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: tuple) -> None:
        if not self.layer.built:
            self.layer.build((None, *input_shape[2:]))

    def call(self, inputs: Any) -> Any:
        shape = ops.shape(inputs)
        result = self.layer(ops.reshape(inputs, (-1, *shape[2:])))
        return ops.reshape(result, (-1, shape[1], *ops.shape(result)[1:]))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        inner = self.layer.compute_output_shape((None, *input_shape[2:]))
        return (input_shape[0], input_shape[1], *inner[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": keras.saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TimeDistributed:
        layer = keras.saving.deserialize_keras_object(config.pop("layer"))
        return cls(layer, **config)
