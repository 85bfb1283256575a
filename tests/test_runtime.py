"""Runtimes: every one answers as TensorFlow does, and what none but TensorFlow knows stays there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import zipfile

import keras
import numpy as np
import pytest
from keras import layers
from runtime_cases import answers_agree, every_runtime, needs, network_of, sizes_of, small_model

from s2p import weights
from s2p.config import Settings

# Agreement ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_tensorflow(tmp_path_factory):
    return weights.load_networks(Settings(backend="tensorflow"))


@every_runtime
def test_our_networks_answer_as_with_tensorflow(backend, by_tensorflow):
    networks = weights.load_networks(Settings(backend=backend))
    assert {one.backend for one in networks.values()} == {backend}
    for name, network in networks.items():
        answers_agree(by_tensorflow[name], network, sizes_of(name))


@every_runtime
@pytest.mark.parametrize(
    "name", ["tail", "reader", *(pytest.param(one, marks=pytest.mark.slow) for one in ("baby", "girder", "head"))]
)
def test_networks_of_v3s_size_answer_as_with_tensorflow(backend, name):
    settings = Settings(variant="official", backend=backend)
    model = weights.load_model(weights.find(name, settings))
    network = network_of(model, backend)
    assert network.backend == backend
    answers_agree(network_of(model, "tensorflow"), network, sizes_of(name)[:2])


@every_runtime
def test_users_files_answer_as_with_tensorflow(backend, tmp_path, monkeypatch, root):
    with zipfile.ZipFile(root / "tests" / "golden" / "nets.zip") as archive:
        archive.extractall(tmp_path)
    monkeypatch.setenv("S2P_WEIGHTS", str(tmp_path))
    expected = weights.load_networks(Settings(backend="tensorflow"))
    networks = weights.load_networks(Settings(backend=backend))
    assert {one.backend for one in networks.values()} == {backend}
    for name, network in networks.items():
        answers_agree(expected[name], network, sizes_of(name)[:2])


@every_runtime
def test_callers_from_two_threads_get_their_own_answers(backend):
    model = small_model()
    network, expected = network_of(model, backend), network_of(model, "tensorflow")
    pictures = [np.full((1, 20 + i, 30, 3), i / 4, np.float32) for i in range(4)]
    answers: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        for _ in range(5):
            answers[number] = network(pictures[number])[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, picture in enumerate(pictures):
        assert np.allclose(answers[number], expected(picture)[0], atol=1e-5)


def test_tensorflow_keeps_the_slope_of_an_activation_after_a_sum():
    """Fused by oneDNN, it had another. Where TensorFlow does without oneDNN, this holds by itself."""
    code = """if True:
        import keras, numpy as np
        from keras import layers
        from runtime_cases import network_of
        picture = keras.Input((None, None, 8))
        x = layers.Add()([picture, layers.Conv2D(8, 3, padding="same", bias_initializer="random_normal")(picture)])
        model = keras.Model(picture, layers.LeakyReLU(negative_slope=0.01)(x))
        given = np.random.default_rng(0).standard_normal((1, 16, 16, 8)).astype(np.float32)
        found, = network_of(model, "tensorflow")(given)
        assert abs(found - model(given).numpy()).max() < 1e-4, abs(found - model(given).numpy()).max()
    """
    environment = os.environ | {"TF_ENABLE_ONEDNN_OPTS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]


@needs["openvino"]
def test_an_answer_outlives_the_next_call_and_large_pictures():
    network = network_of(small_model(), "openvino")
    first = network(np.zeros((1, 800, 800, 3), np.float32))[0]
    before = first.copy()
    network(np.ones((1, 800, 800, 3), np.float32))
    assert np.array_equal(first, before)


# Unknown graphs -------------------------------------------------------------------------------------------------------


@needs["onnxruntime"]
def test_a_graph_that_onnx_does_not_know_stays_with_tensorflow_and_says_so(caplog):
    network = network_of(small_model(layers.LayerNormalization(name="odd_one")), "onnxruntime")
    assert network.backend == "tensorflow" and network.identity == "x"
    assert "ONNX Runtime cannot take the network 'tail'" in caplog.text and "odd_one" in caplog.text
    assert network(np.zeros((1, 8, 8, 3), np.float32))[0].shape == (1, 8, 8, 4)


@needs["openvino"]
def test_openvino_takes_such_a_graph_by_way_of_tensorflow():
    keras.utils.set_random_seed(1)
    picture, vector = keras.Input((None, None, 3)), keras.Input((5,))
    x = layers.LayerNormalization()(layers.Conv2D(4, 3, strides=2, padding="same")(picture))
    x = layers.Add()([x, layers.Reshape((1, 1, 4))(layers.Dense(4)(vector))])
    model = keras.Model([picture, vector], [x, layers.Conv2D(2, 1)(x), layers.GlobalAveragePooling2D()(x)])
    network = network_of(model, "openvino")
    assert network.backend == "openvino"
    answers_agree(network_of(model, "tensorflow"), network, [(16, 24), (33, 20)])
