"""Small models for every runtime that is installed, and what agreement means."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from s2p import runtime
from s2p.config import Settings
from s2p.runtime import make_network

OTHERS = ("openvino", "onnxruntime")
needs = {
    backend: pytest.mark.skipif(runtime.version(backend) is None, reason=f"{backend} is not installed")
    for backend in OTHERS
}
every_runtime = pytest.mark.parametrize("backend", [pytest.param(one, marks=needs[one]) for one in OTHERS])


def answers_agree(one, other, sizes, *, seed: int = 0) -> None:
    """Two networks answer the same within 1/255 of the answer's range, for random pictures of every size."""
    random = np.random.default_rng(seed)
    for height, width in sizes:
        inputs = [
            random.random((1, height, width, shape[-1]), dtype=np.float32) * (255 if one.name == "baby" else 1)
            if len(shape) == 4 else random.random((1, shape[-1]), dtype=np.float32)
            for shape in one.inputs
        ]
        expected, found = one(*inputs), other(*inputs)
        assert len(expected) == len(found)
        for wanted, got in zip(expected, found):
            assert wanted.shape == got.shape and got.dtype == np.float32
            reach = max(float(np.ptp(wanted)), 1e-3)
            assert np.abs(wanted - got).max() <= reach / 255, f"{one.name} at {height} x {width}"


def sizes_of(name: str) -> tuple[tuple[int, int], ...]:
    return ((17, 30), (64, 51)) if name == "tail" else ((64, 64), (192, 128), (64, 320))


def small_model(*more: layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(3)
    picture = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(picture)
    for layer in more:
        x = layer(x)
    return keras.Model(picture, x)


def network_of(model: keras.Model, backend: str, **about):
    settings = Settings(backend=backend, **about)
    return make_network(model, name="tail", encoding="points", trained=True, identity="x", settings=settings)
