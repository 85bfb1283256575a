"""Layers written as ONNX compute what Keras computes, at even and odd sizes; unknown ones are refused by name."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from s2p.errors import WeightsError
from s2p.nn.blocks import Affine, ReflectPad, clip01
from s2p.nn.resnext import InstanceNorm, PixelShuffle, Spread
from s2p.nn.rewritten import DoubledConv2D, Row, SquaresConv2D
from s2p.runtimes.onnx_file import Graph
from s2p.runtimes.onnx_graph import translate

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

SIZES = ((8, 12), (9, 13), (7, 8))


def answer(model: keras.Model, path: Path, inputs: list[np.ndarray]) -> list[np.ndarray]:
    translate(model).write(path / "network.onnx")
    session = onnxruntime.InferenceSession(str(path / "network.onnx"), providers=["CPUExecutionProvider"])
    return session.run(None, {f"input{i:02}": one for i, one in enumerate(inputs)})


def check(model: keras.Model, path: Path, sizes=SIZES) -> None:
    random = np.random.default_rng(0)
    for variable in model.variables:  # zeros and ones would hide mistakes
        variable.assign(random.uniform(0.2, 1.0, variable.shape))
    for height, width in sizes:
        inputs = [
            random.normal(size=(1, height, width, t.shape[-1]) if len(t.shape) == 4 else (1, t.shape[-1]))
            .astype("float32") for t in model.inputs
        ]
        expected = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        expected = expected if isinstance(expected, (list, tuple)) else [expected]
        found = answer(model, path, inputs)
        assert len(found) == len(expected)
        for one, other in zip(expected, found):
            assert np.allclose(np.asarray(one), other, atol=1e-4, rtol=1e-4), f"{height} x {width}"


def chain(*steps) -> keras.Model:
    picture = x = keras.Input((None, None, 4))
    for step in steps:
        x = step(x)
    return keras.Model(picture, x)


@pytest.mark.parametrize(
    "layer",
    [
        *(lambda k=k, s=s, p=p: layers.Conv2D(5, k, strides=s, padding=p)
          for k, s, p in ((3, 1, "same"), (4, 2, "same"), (3, 2, "same"), (5, 2, "valid"), (1, 2, "same"))),
        lambda: layers.Conv2D(6, 3, dilation_rate=2, padding="same", use_bias=False),
        lambda: layers.Conv2D(6, (3, 1), groups=2, padding="same", activation="tanh"),
        *(lambda k=k, s=s, p=p: layers.Conv2DTranspose(3, k, strides=s, padding=p)
          for k, s, p in ((4, 2, "same"), (3, 2, "same"), (3, 1, "same"), (2, 3, "same"), (5, 2, "same"),
                          (4, 2, "valid"))),
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same"),
        lambda: layers.BatchNormalization(epsilon=0.1), lambda: layers.BatchNormalization(scale=False, center=False),
        *(lambda kind=kind, p=p: kind(3, strides=2, padding=p)
          for kind in (layers.AveragePooling2D, layers.MaxPooling2D) for p in ("same", "valid")),
        lambda: layers.UpSampling2D(2), lambda: layers.UpSampling2D((3, 2), interpolation="bilinear"),
        lambda: layers.ZeroPadding2D(((1, 2), (0, 3))), lambda: layers.Cropping2D(((1, 0), (2, 1))),
        lambda: ReflectPad(4), lambda: ReflectPad(1),
        lambda: layers.ReLU(), lambda: layers.ReLU(max_value=0.5, negative_slope=0.2), lambda: clip01_layer(),
        lambda: layers.LeakyReLU(negative_slope=0.3), lambda: layers.ELU(0.7), lambda: layers.PReLU(shared_axes=[1, 2]),
        lambda: layers.Softmax(), lambda: layers.Dropout(0.5), lambda: layers.Rescaling(2.0, offset=-1.0),
        lambda: Affine(-2.0, [1.0, 2.0, 3.0, 4.0]), lambda: PixelShuffle(), lambda: InstanceNorm(),
        *(lambda name=name: layers.Activation(name) for name in ("sigmoid", "elu", "softplus", "leaky_relu", "softmax",
                                                                 "linear")),
    ],
)  # fmt: skip
def test_layers_of_pictures(layer, tmp_path):
    check(chain(layer()), tmp_path)


def clip01_layer():
    return lambda x: clip01(x, name="clip")


def test_vectors_merges_nested_and_shared_models(tmp_path):
    picture, other, vector = keras.Input((None, None, 4)), keras.Input((None, None, 4)), keras.Input((6,))
    shared = keras.Sequential([keras.Input((None, None, 4)), layers.Conv2D(4, 3, padding="same", activation="relu")])
    inner_input = keras.Input((None, None, 4))
    inner = keras.Model(inner_input, [shared(inner_input), layers.MaxPooling2D(2, padding="same")(inner_input)])
    one, small = inner(picture)
    two = shared(other)
    code = layers.Dense(4, activation="sigmoid")(layers.Concatenate()([vector, layers.GlobalAveragePooling2D()(one)]))
    shift = layers.Reshape((1, 1, 4))(code)
    merged = [
        layers.Add()([one, shift, two]), layers.Subtract()([one, two]), layers.Multiply()([one, shift]),
        layers.Average()([one, two, other]), layers.Maximum()([one, two]), layers.Minimum()([one, other]),
        layers.Concatenate(axis=-1)([one, two]), layers.Concatenate(axis=1)([one, two]),
        layers.Concatenate(axis=2)([one, two]), layers.GlobalMaxPooling2D(keepdims=True)(one), code, small,
    ]
    check(keras.Model([picture, other, vector], merged), tmp_path)


def test_vectors_become_maps_and_join_the_features_of_every_place(tmp_path):
    vector, picture = keras.Input((5,)), keras.Input((None, None, 4))
    placed = layers.Reshape((2, 3, 4))(layers.Dense(24)(vector))
    check(keras.Model([vector, picture], [placed, Spread()([picture, vector])]), tmp_path)


def test_layers_that_are_computed_in_another_way_give_the_same_numbers(tmp_path):
    doubled = [keras.Input((None, None, 4))]
    plain = layers.Conv2D(5, 3, use_bias=False)
    doubled_layer = DoubledConv2D(5, use_bias=False)
    model = keras.Model(doubled, doubled_layer(doubled[0]))
    check(model, tmp_path)
    as_before = plain(ReflectPad(1)(layers.UpSampling2D(2)(doubled[0])))
    plain.set_weights(doubled_layer.get_weights())
    picture = np.random.default_rng(1).normal(size=(2, 7, 9, 4)).astype("float32")
    assert np.array_equal(np.asarray(model(picture)), np.asarray(keras.Model(doubled, as_before)(picture)))
    check(chain(SquaresConv2D(3, 5, use_bias=False, activation="tanh")), tmp_path, sizes=((8, 12), (10, 6)))
    vector, picture = keras.Input((6,)), keras.Input((None, None, 4))
    check(keras.Model([vector, picture], layers.Multiply()([picture, Row(4, use_bias=False)(vector)])), tmp_path)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (lambda: layers.LayerNormalization(name="odd"), "no translation"),
        (lambda: layers.Lambda(lambda x: x * 2, output_shape=lambda s: s, name="odd"), "no translation"),
        (lambda: layers.Activation("gelu", name="odd"), "'gelu'"),
        (lambda: layers.ReLU(threshold=0.5, name="odd"), "threshold"),
        (lambda: layers.Dense(3, name="odd"), "pictures"), (lambda: DoubledConv2D(3, name="odd"), "bias"),
        (lambda: layers.Reshape((36, 4, 1), name="odd"), "a vector can be made a picture"),
        (lambda: layers.BatchNormalization(axis=1, name="odd"), "channels"),
        (lambda: layers.UpSampling2D(2, interpolation="bicubic", name="odd"), "bicubic"),
        (lambda: layers.Softmax(axis=1, name="odd"), "channels"),
        (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=1, name="odd"), "output padding"),
    ],
)
def test_what_has_no_translation_is_refused_by_name(layer, reason):
    picture = keras.Input((6, 6, 4))
    with pytest.raises(WeightsError, match=f"'odd'.*{reason}"):
        translate(keras.Model(picture, layer()(picture)))


def test_files_hold_long_names_large_and_negative_numbers(tmp_path):
    graph = Graph("n" * 300)
    graph.inputs.append(("input00", [None, 3]))
    name = graph.add("Slice", "input00", np.int64([-200]), np.int64([2**62]), np.int64([1]))
    name = graph.add("LeakyRelu", graph.add("Concat", name, name, axis=-1), alpha=0.25)
    graph.add_as("output00", "Mul", name, np.float32([4.0]))
    graph.outputs.append(("output00", [None, 6]))
    graph.write(tmp_path / "a.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "a.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input00": np.float32([[1, -2, 3]])})
    assert found.tolist() == [[4, -2, 12, 4, -2, 12]]
    assert [one.shape for one in session.get_inputs()] == [["input00_0", 3]]
