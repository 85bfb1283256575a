"""A model with every layer and operation that can be exported, one output each; the export is proven with it.

    python tests/legacy/export_zoo.py tests/legacy/exported      # then prove_export.py --record, see there
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from s2p.legacy import formulas
from s2p.nn.blocks import Affine

SEED = 11


@keras.saving.register_keras_serializable(package="s2p.tests")
class Contrast(keras.layers.Layer):
    """A layer of our own that says itself what it is made of."""

    def build(self, input_shape: tuple) -> None:
        self.mix = self.add_weight(shape=(1, 1, input_shape[-1], 2), name="mix")

    def call(self, inputs: Any) -> Any:
        return ops.tanh(ops.conv(inputs, self.mix)) * 2.0

    def legacy_form(self) -> keras.Model:
        inputs = keras.Input((None, None, self.mix.shape[2]))
        conv = layers.Conv2D(2, 1, use_bias=False, activation="tanh", name="mix")
        outputs = layers.Rescaling(2.0, name="double")(conv(inputs))
        conv.set_weights([self.mix])
        return keras.Model(inputs, outputs)


def _picture_layers() -> list[Any]:
    return [
        layers.Conv2D(3, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(2, 3, dilation_rate=2, padding="same", use_bias=False),
        layers.Conv2D(4, 3, groups=2, activation="leaky_relu"),
        layers.Conv2D(2, (1, 3), padding="same", activation="hard_sigmoid"),
        layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, dilation_rate=2),
        layers.DepthwiseConv2D(3, strides=2, activation="silu", use_bias=False),
        layers.SeparableConv2D(3, 3, strides=2, padding="same", activation="tanh"),
        layers.SeparableConv2D(3, 3, padding="same", dilation_rate=2),
        layers.Conv2DTranspose(3, 4, strides=2, padding="same"),
        layers.Conv2DTranspose(3, 3, strides=2, padding="valid", activation="relu6", use_bias=False),
        layers.Dense(3, activation="hard_silu"),
        layers.BatchNormalization(),
        layers.BatchNormalization(scale=False, epsilon=1e-5),
        layers.ReLU(),
        layers.ReLU(max_value=1.0),
        layers.ReLU(max_value=0.5, negative_slope=0.1),
        layers.LeakyReLU(negative_slope=0.1),
        layers.ELU(0.5),
        layers.PReLU(shared_axes=[1, 2]),
        formulas.ThresholdedReLU(0.3),
        layers.Activation("sigmoid"),
        layers.Activation(formulas.hard_sigmoid),
        layers.Softmax(),
        layers.Rescaling([1.0, 2.0, 3.0, 4.0], offset=[0.0, -1.0, 1.0, 0.5]),
        Affine(2.0, [0.0, -1.0, 1.0, 0.5]),
        Contrast(),
        layers.UpSampling2D((2, 3)),
        layers.UpSampling2D(2, interpolation="bilinear"),
        layers.UpSampling2D((3, 1), interpolation="bilinear"),
        layers.UpSampling2D((1, 4), interpolation="bilinear"),
        layers.AveragePooling2D(2),
        layers.AveragePooling2D(3, strides=2, padding="same"),
        layers.MaxPooling2D(3, strides=1, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.GlobalMaxPooling2D(),
        layers.ZeroPadding2D(((1, 2), (0, 3))),
        layers.Cropping2D(((1, 0), (2, 1))),
        layers.Reshape((-1, 4)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.GaussianNoise(0.5),
    ]


def zoo() -> keras.Model:
    """Inputs: two maps `float32[B, H, W, 4]`, one map with one channel, one vector of 4; about 70 outputs."""
    keras.utils.set_random_seed(SEED)
    keras.backend.clear_session()
    a, b = keras.Input((None, None, 4), name="a"), keras.Input((None, None, 4), name="b")
    mask, vector = keras.Input((None, None, 1), name="mask"), keras.Input((4,), name="vector")
    outputs = [layer(a) for layer in _picture_layers()]
    outputs += [layer([a, b]) for layer in (
        layers.Add(), layers.Subtract(), layers.Multiply(), layers.Average(), layers.Maximum(), layers.Minimum(),
        layers.Concatenate(),
    )]  # fmt: skip
    row = layers.Reshape((1, 1, 4))(layers.Dense(4, activation="relu")(vector))
    outputs += [layers.Multiply()([a, mask]), layers.Add()([a, row]), layers.Dense(3, activation="softmax")(vector)]
    outputs += [
        a + b, a - b, a * b, a * 2.0, 1.0 - a, a - 0.5, a / 4.0, -a, a + np.array([1.0, 2.0, 3.0, 4.0], "float32"),
        ops.clip(a, -0.5, 0.75), ops.relu(a), ops.sigmoid(a), ops.tanh(a), ops.silu(a), ops.maximum(a, 0.2),
        ops.minimum(a, 0.3), ops.maximum(a, b), ops.abs(a), ops.square(a), ops.softmax(a), ops.leaky_relu(a, 0.3),
        ops.concatenate([a, mask], axis=-1), ops.depth_to_space(a, 2), ops.mean(a, axis=(1, 2)),
        ops.mean(a, axis=(1, 2), keepdims=True), a[..., 1:3], a[:, :, :, :1],
    ]  # fmt: skip
    x = keras.Input((None, None, 4))
    block = keras.Model(x, layers.Conv2D(4, 3, padding="same", name="conv")(x), name="block")
    line = keras.Sequential([layers.Conv2D(4, 1), layers.LeakyReLU()], name="line")
    outputs += [block(a), block(line(b)), line(a)]
    model = keras.Model([a, b, mask, vector], outputs, name="zoo")
    random = np.random.default_rng(SEED)
    for variable in model.weights:
        low = 0.5 if variable.name in ("gamma", "moving_variance") else -0.5
        variable.assign(random.uniform(low, low + 1.0, variable.shape))
    return model


def inputs() -> list[np.ndarray]:
    random = np.random.default_rng(SEED + 1)
    shapes = [(1, 5, 6, 4), (1, 5, 6, 4), (1, 5, 6, 1), (1, 4)]
    return [random.uniform(-2, 2, shape).astype("float32") for shape in shapes]


def write(folder: Path) -> None:
    from s2p import legacy

    model, values = zoo(), inputs()
    results = [ops.convert_to_numpy(result) for result in model(values, training=False)]
    legacy.export(model, folder / "zoo.net")
    arrays = {f"x{i}": value for i, value in enumerate(values)} | {f"y{i}": value for i, value in enumerate(results)}
    np.savez_compressed(folder / "zoo.npz", **arrays)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write(target)
