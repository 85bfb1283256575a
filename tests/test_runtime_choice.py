"""Runtimes are chosen for good reasons, and where a wish cannot be met a sentence says why."""

from __future__ import annotations

import pytest
from runtime_cases import OTHERS, answers_agree, every_runtime, needs, network_of, small_model

from s2p import runtime
from s2p.config import Settings
from s2p.runtime import choose


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

    monkeypatch.setattr(openvino, "load_library", broken)
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


def test_openvino_makes_a_network_ready_when_it_is_asked_and_not_before(monkeypatch):
    """Of eight networks line art needs two."""
    if runtime.version("openvino") is None:
        pytest.skip("needs OpenVINO")
    from s2p.runtimes import openvino

    made, compile_ = [], openvino.compile_graph
    monkeypatch.setattr(openvino, "compile_graph", lambda *words: made.append(words[1]) or compile_(*words))
    monkeypatch.setattr(runtime, "_proven", lambda network, *_: network)
    model = small_model()
    network = network_of(model, "openvino")
    assert made == [] and network.inputs
    answers_agree(network_of(model, "tensorflow"), network, [(9, 9), (5, 12)])
    assert len(made) == 1 and "CPU" in network.device


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
