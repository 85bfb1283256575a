"""The cache of converted networks: found again by what they were made from, proven, and made anew when damaged."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from runtime_cases import every_runtime, small_model

from s2p import networks, runtime, weights
from s2p.config import Settings
from s2p.pipelines import style2paints
from s2p.runtime import choose
from s2p.runtimes import converted


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
def test_a_warm_start_imports_neither_keras_nor_tensorflow(backend, root):
    style2paints.load(Settings(backend=backend))  # fills the cache
    program = (
        "import sys; from s2p.config import Settings; from s2p.pipelines.style2paints import load;"
        f"painter = load(Settings(backend={backend!r}));"
        "print({one.backend for one in painter.networks.values()});"
        "heavy = [name for name in ('tensorflow', 'keras') if name in sys.modules];"
        "print(heavy, sys.modules.get('openvino_telemetry'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, cwd=root, env=os.environ
    )
    assert done.stdout.splitlines() == [f"{{{backend!r}}}", "[] None"], done.stderr


@every_runtime
@pytest.mark.parametrize("name", [name for name in networks.names() if name not in networks.SIX])
def test_networks_that_work_alone_are_converted_too(backend, name, caplog):
    """Their inputs have several sizes, so one square of noise for all of them proves nothing."""
    network = weights.load_network(weights.find(name), Settings(backend=backend))
    assert network.backend == backend and not caplog.records
    random, edges = np.random.default_rng(1), {"reach": (256, 64, 64), "tag2pix": (128, 32, 1)}.get(name, (128, 64, 32))
    inputs = [
        random.random((1, edge, 2 * edge, shape[-1]) if len(shape) == 4 else (1, shape[-1]), np.float32)
        for edge, shape in zip(edges, network.inputs)
    ]
    expected = weights.load_model(weights.find(name))(inputs if len(inputs) > 1 else inputs[0])
    expected = np.asarray(expected[0] if isinstance(expected, (list, tuple)) else expected)
    assert np.abs(network(*inputs)[0] - expected).max() < np.ptp(expected) / 255


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
