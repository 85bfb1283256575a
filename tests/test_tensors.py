"""The last operations of a batch: the same on arrays and in TensorFlow's graph, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from s2p import tensors

PICTURES = np.random.default_rng(0).integers(0, 256, (2, 32, 48, 3), np.uint8)
SOFT = np.random.default_rng(1).random((2, 32, 48, 3), np.float32) * 255


@pytest.mark.parametrize(("operation", "given"), [
    (lambda one: tensors.ink(one[..., 0]), PICTURES), (tensors.light, PICTURES), (tensors.light, SOFT),
    (tensors.signed, PICTURES), (tensors.centred, PICTURES), (tensors.centred, SOFT), (tensors.mirrored, PICTURES),
    (tensors.quartered, PICTURES), (lambda one: tensors.quartered(tensors.quartered(one)), PICTURES),
    (lambda one: tensors.faded(one[..., 0], np.array([1.0, 3.3], np.float32)[:, None, None]), PICTURES),
    (lambda one: tensors.resized(one[0], (20, 31)), PICTURES),
    (lambda one: tensors.resized(one[0], (64, 50)), PICTURES),
    (lambda one: tensors.resized(one[0, ..., 1], (20, 31), is_averaged=False), PICTURES),
    (lambda one: tensors.resized(one[0], (32, 48)), PICTURES), (lambda one: tensors.mixed(one[0], 2, 0, 0.3), PICTURES),
    (lambda one: tensors.joined(tensors.light(one), one), SOFT), (lambda one: tensors.cast(one, "uint8"), SOFT),
])  # fmt: skip
def test_arrays_and_tensors_give_the_same(operation, given):
    tf = pytest.importorskip("tensorflow")
    plain = operation(given)
    (graph,) = tf.data.Dataset.from_tensors(given).map(operation)
    assert isinstance(plain, np.ndarray) and plain.dtype == graph.numpy().dtype
    assert plain.shape == graph.shape and np.array_equal(plain, graph.numpy())


def test_what_they_mean():
    page = np.array([[[0, 51], [255, 204]]], np.uint8)
    assert tensors.ink(page)[0, :, :, 0].tolist() == [[1.0, pytest.approx(0.8)], [0.0, pytest.approx(0.2)]]
    assert tensors.signed(page).min() == -1.0 and tensors.signed(page).max() == 1.0
    assert tensors.faded(np.array([[0, 50, 200]], np.uint8), 3.0).tolist() == [[0, 150, 255]]
    blocks = PICTURES.astype(np.float64).reshape(2, 8, 4, 12, 4, 3).mean((2, 4))
    assert np.array_equal(tensors.quartered(PICTURES), blocks)
    thin = np.full((64, 64, 1), 255, np.uint8)
    thin[:, 20] = 0
    small, rough = (tensors.resized(thin, (16, 16), is_averaged=one) for one in (True, False))
    assert small.shape == (16, 16, 1) and (small[:, 5] == 191).all() and small.mean() < rough.mean(), "no line is lost"
    assert tensors.resized(thin, (64, 64)) is thin
    some = np.array([[[0, 100, 200]]], np.uint8)
    assert [tensors.mixed(some, 1, 2, share).item() for share in (0.25, 1.0)] == [175, 100]
    red, green, blue = tensors.centred(np.zeros(3, np.uint8)).tolist()
    assert (red, green, blue) == pytest.approx((-103.939, -116.779, -123.68))
