"""`s2p bench`: a quick run with real networks, its figures, its table, and how it is stopped."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest

from s2p import benchmark, cli, networks
from s2p.benchmark import Plan, machine
from s2p.benchmark.plan import TASKS, Configuration
from s2p.benchmark.process import TimedProcess
from s2p.benchmark.rounds import _compare, stages
from s2p.errors import CancelledError, DependencyMissingError, InputError, S2PError
from s2p.progress import FractionReporter, NullReporter
from s2p.runtime import version

QUICK = {"zooms": (0.25,), "variants": ("turbo",), "repeat": 1, "reference": False, "width": 64, "height": 64,
         "denoise": "off"}


@pytest.fixture(scope="module")
def quick():
    backend = "openvino" if version("openvino") else "tensorflow"
    plan = Plan(backends=(backend,), **QUICK)
    seen: list[str] = []

    class Watcher(FractionReporter):
        def changed(self):
            seen.append(self.current)

    result = benchmark.run(plan, report=Watcher(stages(plan)))
    return result, seen, plan


def test_a_quick_run_measures_every_task(quick):
    result, seen, plan = quick
    assert result["complete"] and set(seen) == set(stages(plan))
    (row,) = result["rows"]
    assert (row["variant"], row["zoom"], row["rounds"], "error" in row) == ("turbo", 0.25, 1, False)
    assert row["ready"] > 0.1 and row["peak_mb"] > 50
    assert {one["name"] for one in row["networks"]} == {*networks.SIX, "reach", "parts"}
    assert {one["backend"] for one in row["networks"]} == {row["backend"]}
    assert list(row["tasks"]) == list(TASKS)
    for task in row["tasks"].values():
        assert task["seconds"] > 0 and task["cpu"] > 0 and len(task["each"]) == 1
    assert result["machine"]["matrix_product_gflops"] > 0.1 and result["machine"]["cores"] >= 1


def test_tasks_do_what_they_are_called(quick):
    tasks = quick[0]["rows"][0]["tasks"]
    used = {name: set(task["networks"]) for name, task in tasks.items()}
    assert used["exact"] == used["draft"] == {"reach"}  # our own networks fill line art, whatever kind its hints are of
    assert used["first"] == used["cold"] == used["draft"] | used["prepare"] | {"parts"}
    assert set(tasks["first"]["stages"]) == {"prepare", "draft", "paint", "finish"}
    assert tasks["first"]["gflop"] > tasks["draft"]["gflop"] == tasks["exact"]["gflop"] > 1
    for name, network in tasks["first"]["networks"].items():
        assert network["gflop"] > 0 and network["share_of_peak"] > 0, name


def test_the_table_and_the_file_say_the_same(quick, tmp_path):
    result = quick[0]
    benchmark.write(result, tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text(encoding="utf-8")) == json.loads(json.dumps(result))
    text = benchmark.table(result)
    assert result["machine"]["date"] in text and "64 x 64" in text
    (line,) = [line for line in text.splitlines() if line.startswith("| turbo") and "MB" in line]
    assert f"{result['rows'][0]['tasks']['first']['seconds']:.2f}" in line and line.count("|") == 14


def test_ratios_are_against_the_original_way():
    def row(line: Configuration, seconds: float) -> dict:
        network = {"calls": 1, "gflop": 10.0, "seconds": seconds / 2, "cpu": seconds}
        told = {"seconds": seconds, "cpu": seconds * 2, "gflop": 10.0, "networks": {"tail": network}}
        return {"variant": line.variant, "backend": line.backend, "zoom": line.zoom, "ready": 1.0, "first_start": None,
                "peak_mb": 500.0, "networks": [], "tasks": {task: {**told, "networks": {"tail": dict(network)}}
                                                            for task in TASKS}}

    plan = Plan()
    result = {
        "machine": {**machine.describe(), "matrix_product_gflops": 100.0}, "complete": True,
        "plan": {"repeat": 3, "sketch": "girl.png", "width": 708, "height": 1000},
        "rows": [row(Configuration("turbo", "openvino", 0.5), 0.25), row(plan.expected, 10.0)],
    }
    _compare(result, plan)
    fast, reference = result["rows"]
    assert fast["tasks"]["first"]["ratio"] == fast["tasks"]["exact"]["cpu_ratio"] == 40.0
    assert reference["tasks"]["first"]["ratio"] == 1.0
    assert fast["tasks"]["first"]["share_of_peak"] == pytest.approx(0.4)
    assert fast["tasks"]["first"]["networks"]["tail"]["share_of_peak"] == pytest.approx(0.8)
    assert "40.0 / 40.0 (40.0 / 40.0)" in benchmark.table(result) and "Keras `predict`" in benchmark.table(result)


def test_the_reference_calls_keras_predict():
    import numpy as np

    from s2p.benchmark.child import PredictNetwork
    from s2p.models import build
    from s2p.runtimes.tensorflow import TensorFlowNetwork

    about = {"name": "tail", "encoding": "points", "trained": True, "identity": "x"}
    network = TensorFlowNetwork(build("tail"), **about)
    picture = np.random.default_rng(0).random((1, 20, 30, 3), dtype=np.float32)
    called = []
    model = network.model
    predict = model.predict
    model.predict = lambda *a, **k: called.append(k) or predict(*a, **k)
    assert np.allclose(PredictNetwork(network)(picture)[0], network(picture)[0], atol=1e-5)
    assert called == [{"batch_size": 1, "verbose": 0}]
    assert Plan().expected in Plan().configurations() and Plan().expected.backend == "predict"


def test_a_configuration_that_fails_is_told_in_its_line(tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    result = benchmark.run(Plan(sketch=bad, backends=("tensorflow",), **QUICK))
    (row,) = result["rows"]
    assert "tasks" not in row and "ended by itself" in row["error"] and "bad.png" in row["error"]
    assert row["error"] in benchmark.table(result)


def test_cancelling_ends_the_process_at_once_and_keeps_what_is_there(monkeypatch):
    started: list[subprocess.Popen] = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])
    report = NullReporter()
    report.stage = lambda name: setattr(report, "cancelled", True)  # type: ignore[method-assign]
    before = time.monotonic()
    result = benchmark.run(Plan(backends=("tensorflow",), **QUICK), report=report)
    assert time.monotonic() - before < 30 and not result["complete"]
    assert started and all(process.poll() is not None for process in started)
    assert "stopped before its end" in benchmark.table(result)


def test_a_process_that_ends_or_stays_silent_is_never_waited_for(tmp_path, monkeypatch):
    with pytest.raises(S2PError, match="ended by itself"):
        TimedProcess({"variant": "turbo"}, cache=tmp_path, check=lambda: None)
    monkeypatch.setattr("s2p.benchmark.process.PATIENCE", 0.1)
    about = {"variant": "turbo", "backend": "tensorflow", "zoom": 0.25, "threads": 0, "denoise": "off"}
    with pytest.raises(S2PError, match="did not answer"):
        TimedProcess(about, cache=tmp_path, check=lambda: None)

    def stop() -> None:
        raise CancelledError("The job was cancelled.")

    with pytest.raises(CancelledError):
        TimedProcess(about, cache=tmp_path, check=stop)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--zoom", "half"], "--zoom takes numbers"), (["--zoom", "9"], "between 0.25 and 2"),
        (["--variant", "huge"], "--variant takes"), (["--runtime", "jax"], "--runtime takes"),
        (["--repeat", "0"], "--repeat must be"),
    ],
)
def test_wrong_options_are_one_sentence(arguments, words, capsys):
    assert cli.main(["bench", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_runtime_that_is_asked_for_and_missing_names_the_install_line(monkeypatch):
    monkeypatch.setattr("s2p.runtime.version", lambda backend: None)
    with pytest.raises(DependencyMissingError, match="pip install openvino"):
        Plan(backends=("openvino",)).configurations()
    assert {line.backend for line in Plan().configurations()} == {"tensorflow", "predict"}
    with pytest.raises(InputError):
        Plan(repeat=0)


def test_the_command_prints_the_table_and_writes_json(quick, monkeypatch, tmp_path, capsys):
    result = quick[0]
    plans: list[Plan] = []
    monkeypatch.setattr("s2p.benchmark.rounds.run", lambda plan, *, report: plans.append(plan) or result)
    out = tmp_path / "out.json"
    assert cli.main(["bench", "--zoom", "0.5", "--size", "turbo", "--runtime", "tensorflow", "--repeat", "2",
                     "--sketch", "a.png", "--no-reference", "--json", str(out)]) == 0
    assert capsys.readouterr().out.strip() == benchmark.table(result).strip()
    assert json.loads(out.read_text(encoding="utf-8"))["rows"]
    wanted = Plan(sketch=Path("a.png"), width=0, height=0, zooms=(0.5,), variants=("turbo",), backends=("tensorflow",),
                  repeat=2, reference=False)
    assert plans == [wanted]
