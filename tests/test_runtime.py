"""Runtimes: every one answers as TensorFlow does, is chosen for good reasons, and falls back with a sentence."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from s2p import runtime, weights
from s2p.config import Settings
from s2p.runtime import choose, make_network
from s2p.runtimes import converted

ROOT = Path(__file__).resolve().parent.parent
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
    settings = Settings(size="official", backend=backend)
    model = weights.load_model(weights.find(name, settings))
    network = network_of(model, backend)
    assert network.backend == backend
    answers_agree(network_of(model, "tensorflow"), network, sizes_of(name)[:2])


@every_runtime
def test_users_files_answer_as_with_tensorflow(backend, tmp_path, monkeypatch):
    with zipfile.ZipFile(ROOT / "tests" / "golden" / "nets.zip") as archive:
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


@every_runtime
def test_a_conversion_that_answers_differently_is_not_used(backend, caplog, fresh_cache, monkeypatch):
    module = {"openvino": "openvino", "onnxruntime": "onnx"}[backend]
    target = f"s2p.runtimes.{module}.convert"
    convert = importlib.import_module(f"s2p.runtimes.{module}").convert

    def wrong(model: keras.Model, folder: Path) -> None:
        other = keras.models.clone_model(model)
        other.set_weights([value * 1.1 for value in model.get_weights()])
        convert(other, folder)

    monkeypatch.setattr(target, wrong)
    network = opened([], backend=backend, key=["a"])
    assert network.backend == "tensorflow" and "of their range" in caplog.text
    assert not [path for path in fresh_cache.iterdir() if not path.name.startswith(".")]


# Choosing -------------------------------------------------------------------------------------------------------------


def pretend(monkeypatch, **versions: str | None) -> None:
    monkeypatch.setattr(runtime, "version", lambda backend: versions.get(backend))


def test_auto_takes_the_fastest_that_is_installed(monkeypatch):
    monkeypatch.setattr(runtime, "_is_usable", lambda backend, notes: True)
    pretend(monkeypatch, openvino="1", onnxruntime="1")
    assert choose(Settings()) == runtime.Runtime("openvino", "CPU")
    pretend(monkeypatch, onnxruntime="1")
    assert choose(Settings()).backend == "onnxruntime"
    pretend(monkeypatch)
    assert choose(Settings()) == runtime.Runtime("tensorflow", "/cpu:0")


def test_a_runtime_that_is_missing_is_told_in_one_sentence_and_tensorflow_computes(monkeypatch):
    pretend(monkeypatch)
    chosen = choose(Settings(backend="openvino"))
    assert chosen.backend == "tensorflow"
    assert chosen.notes == ("OpenVINO is not installed (pip install openvino). TensorFlow computes instead.",)


@needs["openvino"]
def test_a_runtime_that_does_not_start_is_told_and_left_out(monkeypatch):
    from s2p.runtimes import openvino

    def broken():
        raise ImportError("libopenvino.so: cannot open shared object file")

    monkeypatch.setattr(openvino, "library", broken)
    chosen = choose(Settings(backend="openvino"))
    assert chosen.backend == "tensorflow" and "does not start (libopenvino.so" in chosen.notes[0]
    assert choose(Settings()).backend != "openvino"
    assert runtime.devices("openvino") == []


@pytest.mark.parametrize("backend", ["auto", "tensorflow", *(pytest.param(o, marks=needs[o]) for o in OTHERS)])
def test_without_a_gpu_the_cpu_computes_and_a_sentence_says_why(backend, monkeypatch):
    for module in ("tensorflow", "openvino", "onnx"):
        monkeypatch.setattr(f"s2p.runtimes.{module}.gpus", lambda: [])
    chosen = choose(Settings(backend=backend, device="gpu"))
    assert not chosen.is_gpu
    assert len(chosen.notes) == 1 and "No GPU is seen by" in chosen.notes[0] and "CPU" in chosen.notes[0]


@needs["openvino"]
def test_a_gpu_is_chosen_by_its_number(monkeypatch):
    monkeypatch.setattr("s2p.runtimes.openvino.gpus", lambda: ["GPU.0", "GPU.1"])
    assert choose(Settings(backend="openvino", device="gpu")) == runtime.Runtime("openvino", "GPU.0")
    assert choose(Settings(backend="openvino", device="gpu:1")).device == "GPU.1"
    third = choose(Settings(backend="openvino", device="gpu:2"))
    assert third.device == "CPU" and "GPU number 2" in third.notes[0]


@needs["onnxruntime"]
def test_directml_gets_the_number_of_the_gpu(monkeypatch):
    monkeypatch.setattr("s2p.runtimes.onnx.devices", lambda: ["DmlExecutionProvider", "CPUExecutionProvider"])
    chosen = choose(Settings(backend="onnxruntime", device="gpu:1"))
    assert chosen == runtime.Runtime("onnxruntime", "DmlExecutionProvider:1")


@every_runtime
def test_a_gpu_that_fails_at_work_leaves_the_network_to_the_cpu(backend, caplog):
    device = {"openvino": "GPU.7", "onnxruntime": "DmlExecutionProvider:7"}[backend]
    model = small_model()
    network = runtime.open_network(
        lambda: model, name="tail", encoding="points", trained=True, identity=None,
        runtime=runtime.Runtime(backend, device), settings=Settings(),
    )
    assert "CPU" in network.device and "the CPU computes it" in caplog.text
    answers_agree(network_of(model, "tensorflow"), network, [(9, 9)])


def test_threads_reach_the_runtimes():
    for backend in OTHERS:
        if runtime.version(backend) is None:
            continue
        network = network_of(small_model(), backend, threads=1)
        if backend == "openvino":
            assert network._compiled.get_property("INFERENCE_NUM_THREADS") == 1
        else:
            assert network._session.get_session_options().intra_op_num_threads == 1


@every_runtime
def test_runtimes_are_told_apart_in_the_stage_cache(backend):
    assert network_of(small_model(), backend).identity == f"x:{backend}"
    assert network_of(small_model(), "tensorflow").identity == "x"


# The cache of converted networks --------------------------------------------------------------------------------------


@every_runtime
def test_a_warm_start_imports_neither_keras_nor_tensorflow(backend):
    weights.load_networks(Settings(backend=backend))  # fills the cache
    program = (
        "import sys; from s2p.config import Settings; from s2p.pipelines.style2paints import load;"
        f"painter = load(Settings(backend={backend!r}));"
        "print({one.backend for one in painter.networks.values()});"
        "heavy = [name for name in ('tensorflow', 'keras') if name in sys.modules];"
        "print(heavy, sys.modules.get('openvino_telemetry'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, cwd=ROOT, env=os.environ
    )
    assert done.stdout.splitlines() == [f"{{{backend!r}}}", "[] None"], done.stderr


def opened(calls: list[str], *, backend: str, key: list[str]):
    def load() -> keras.Model:
        calls.append("loaded")
        return small_model()

    return runtime.open_network(
        load, name="tail", encoding="points", trained=True, identity="x", runtime=choose(Settings(backend=backend)),
        settings=Settings(), key=key,
    )


@pytest.fixture
def fresh_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("S2P_CACHE", str(tmp_path / "cache"))
    return converted.store()


def entry(store: Path) -> Path:
    (found,) = [path for path in store.iterdir() if not path.name.startswith(".")]
    return found


@every_runtime
@pytest.mark.parametrize("harm", ["torn", "flipped", "missing", "note", "list", "empty"])
def test_a_damaged_conversion_is_made_again(backend, harm, fresh_cache, caplog):
    calls: list[str] = []
    picture = np.random.default_rng(0).random((1, 12, 9, 3), dtype=np.float32)
    expected = opened(calls, backend=backend, key=["a"])(picture)[0]
    opened(calls, backend=backend, key=["a"])
    assert calls == ["loaded"]
    files = [path for path in entry(fresh_cache).iterdir() if path.suffix != ".json"]
    file = max(files, key=lambda path: path.stat().st_size)
    note, data = entry(fresh_cache) / "note.json", bytearray(file.read_bytes())
    if harm == "torn":
        file.write_bytes(data[:-7])
    elif harm == "flipped":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif harm == "missing":
        file.unlink()
    elif harm == "note":
        note.write_text("{")
    elif harm == "list":
        note.write_text("[1]")
    else:
        for path in entry(fresh_cache).iterdir():
            path.unlink()
    again = opened(calls, backend=backend, key=["a"])
    assert calls == ["loaded", "loaded"] and "is not kept" in caplog.text
    assert np.array_equal(again(picture)[0], expected)
    opened(calls, backend=backend, key=["a"])
    assert len(calls) == 2 and not [path for path in fresh_cache.iterdir() if path.name.startswith(".")]


@every_runtime
def test_another_file_version_or_graph_is_converted_anew(backend, fresh_cache, monkeypatch):
    calls: list[str] = []
    for key in (["a"], ["b"], ["a"]):
        opened(calls, backend=backend, key=key)
    assert len(calls) == 2
    real = runtime.version
    monkeypatch.setattr(runtime, "version", lambda backend: f"{real(backend)}.1")
    opened(calls, backend=backend, key=["a"])
    assert len(calls) == 3


def test_a_changed_weight_file_is_not_found_in_the_cache(tmp_path):
    found = weights.find("tail")
    assert found.path is not None
    other = tmp_path / "tail.weights.h5"
    other.write_bytes(found.path.read_bytes() + b" ")
    same = weights._ingredients(found, None)
    changed = weights._ingredients(weights.Found(**{**vars(found), "path": other}), None)
    assert same == weights._ingredients(found, None) != changed


def test_functions_that_a_program_registered_are_never_kept(monkeypatch):
    from s2p import legacy

    found = weights.find("tail")
    legacy.register_lambda("lambda_1", lambda x: x)
    try:
        assert weights._ingredients(found, None) is None
    finally:
        legacy.unregister_lambda("lambda_1")


def test_two_at_the_same_time_leave_one_whole_network(fresh_cache):
    meet, found = threading.Barrier(2, timeout=60), []

    def write(folder: Path) -> None:
        (folder / "network.bin").write_bytes(b"x" * 1000)
        meet.wait()  # both are at work before either is done

    def work() -> None:
        found.append(converted.keep("k", write, name="tail", inputs=[(None, 3)], outputs=[(None, 2)]))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [converted.find("k")] * 2 and found[0] is not None
    assert [path.name for path in fresh_cache.iterdir()] == ["k"]


def test_nothing_is_left_of_a_conversion_that_failed(fresh_cache):
    def write(folder: Path) -> None:
        (folder / "half").write_bytes(b"x")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        converted.keep("k", write, name="tail", inputs=[], outputs=[])
    assert list(fresh_cache.iterdir()) == [] and converted.find("k") is None


def test_the_cache_stays_within_its_limit_and_drops_what_was_not_used(fresh_cache):
    for number, name in enumerate("abc"):
        converted.keep(
            name, lambda folder: (folder / "network.bin").write_bytes(b"x" * 10_000) and None, name="tail",
            inputs=[], outputs=[],
        )
        os.utime(fresh_cache / name / "note.json", (number, number))
    (fresh_cache / ".making-old").mkdir()
    os.utime(fresh_cache / ".making-old", (0, 0))
    assert converted.find("a") is not None  # used just now
    converted.tidy(max_bytes=25_000)
    assert sorted(path.name for path in fresh_cache.iterdir()) == ["a", "c"]
    converted.tidy(keep_key="c", max_bytes=0)
    assert [path.name for path in fresh_cache.iterdir()] == ["c"]


@every_runtime
def test_a_cache_that_cannot_be_written_only_costs_time(backend, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("S2P_CACHE", str(tmp_path / "file"))
    network = opened([], backend=backend, key=["a"])
    assert network.backend == backend and "cannot be kept" in caplog.text
    assert network(np.zeros((1, 5, 5, 3), np.float32))[0].shape == (1, 5, 5, 4)
